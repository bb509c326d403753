"""Every documented strategy can rank a batch, by the command and by the setting."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import RadsieveError
from backend.labels.core.labels import Slice
from backend.review.core.ranking.strategies import MIXED, STRATEGIES, StrategyNeed
from backend.review.loop.push import plan_batch, push_material
from backend.review.loop.rank import rank
from backend.review.loop.studio.connect import TaskProjects
from benchmarks.review.made_review import made_archive, publish_made
from scripts import main
from tasks import load_detector_tasks

FILMS = 60
ROTATION = load_detector_tasks()["rotation"]
RANKED = {Slice.LIKELY, Slice.UNCERTAIN, Slice.OUTLIER}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """Films with the predictions of two versions, and with features kept."""
    workspace = made_archive(tmp_path_factory.mktemp("strategies"), FILMS)
    publish_made(workspace, ROTATION, seed=1)
    publish_made(workspace, ROTATION, seed=2)
    return workspace


@pytest.fixture
def with_features(monkeypatch):
    """Features as the frozen network keeps them; it is not asked for noise."""
    features = np.random.default_rng(5).normal(size=(FILMS, 8)).astype(np.float32)
    monkeypatch.setattr(
        "backend.review.loop.strategy_inputs.kept_features", lambda _, rows: features[rows]
    )
    return features


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_ranks_a_batch_by_its_own_scores(workspace, with_features, name):
    picks = rank(workspace, ROTATION, count=20, seed=1, strategy=name)
    ranked = [pick for pick in picks if pick.slice in RANKED]
    assert len(ranked) == 15
    assert ranked[0].slice is STRATEGIES[name].slice
    assert ranked[0].reason.startswith(f"{name}: ")
    own = [float(pick.reason.split()[1]) for pick in ranked if pick.reason.startswith(f"{name}:")]
    assert own == sorted(own, reverse=True)


def test_the_audit_is_drawn_whatever_ranks(workspace):
    for name in (MIXED, "entropy"):
        picks = rank(workspace, ROTATION, count=20, seed=1, strategy=name)
        assert sum(pick.slice is Slice.AUDIT for pick in picks) == 5


def test_an_unknown_strategy_is_refused_in_one_line_that_lists_them(workspace, tmp_path):
    where = ["--workspace", str(workspace.root), "--out", str(tmp_path / "out.csv")]
    result = CliRunner().invoke(main, ["rank", "rotation", *where, "--strategy", "luck"])
    assert result.exit_code == 1
    (line,) = result.output.strip().splitlines()
    assert all(name in line for name in (MIXED, *STRATEGIES))


def test_the_setting_ranks_what_is_pushed_and_the_option_overrides_it(workspace, monkeypatch):
    monkeypatch.setenv("RADSIEVE_RANKING_STRATEGY", "positive_first")
    again = Workspace(workspace.root)
    by_setting = rank(again, ROTATION, count=20, seed=1)
    assert by_setting == rank(workspace, ROTATION, count=20, seed=1, strategy="positive_first")
    assert rank(again, ROTATION, count=20, seed=1, strategy=MIXED) != by_setting
    material = push_material(again, ROTATION, TaskProjects(sheet=1, single=2))
    assert material.strategy is STRATEGIES["positive_first"]


def test_a_push_with_an_unknown_strategy_stops_before_it_plans(workspace, monkeypatch):
    monkeypatch.setenv("RADSIEVE_RANKING_STRATEGY", "luck")
    with pytest.raises(RadsieveError, match="there is no ranking strategy 'luck'"):
        push_material(Workspace(workspace.root), ROTATION, TaskProjects(sheet=1, single=2))


def test_a_push_plans_the_batch_that_its_strategy_ranks(tmp_path, monkeypatch):
    monkeypatch.setenv("RADSIEVE_RANKING_STRATEGY", "entropy")
    workspace = made_archive(tmp_path, FILMS)
    publish_made(workspace, ROTATION)
    material = push_material(workspace, ROTATION, TaskProjects(sheet=1, single=2))
    assert plan_batch(material, count=20, single=False)
    with workspace.database.connect() as connection:
        reasons = connection.exec_driver_sql("SELECT reason FROM picks").scalars().all()
    assert sum(reason.startswith("entropy: ") for reason in reasons) == 15


def test_what_a_strategy_needs_and_is_not_there_is_said(tmp_path):
    workspace = made_archive(tmp_path, FILMS)
    publish_made(workspace, ROTATION)
    for name, strategy in STRATEGIES.items():
        if strategy.need is not StrategyNeed.NOTHING:
            with pytest.raises(RadsieveError, match=f"ranking strategy {name}"):
                rank(workspace, ROTATION, count=20, seed=1, strategy=name)


def test_every_strategy_is_documented():
    page = (Path(__file__).parents[3] / "docs" / "ranking.md").read_text()
    assert [name for name in (MIXED, *STRATEGIES) if f"`{name}`" not in page] == []
