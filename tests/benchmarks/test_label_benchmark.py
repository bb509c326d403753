"""The simulated campaigns of benchmarks/ranking/label_efficiency.py, on made-up features."""

import functools
import json
import warnings

import numpy as np
import pytest

from backend.certificate.core.bound import Run, RunEnd
from benchmarks.ranking import (
    label_archive,
    label_arms,
    label_campaign,
    label_efficiency,
    label_plot,
)

pytestmark = pytest.mark.trains

QUESTION = "not a frontal chest (real)"
NEVER_WRONG = label_campaign.Oracle(0.0, 0.0)


@pytest.fixture(scope="module")
def archive():
    """A place in feature space for every kind of film, and 400 patients."""
    rng = np.random.default_rng(5)
    kinds = np.repeat(
        ["frontal", *label_campaign._STRANGE], [6000] + [240] * len(label_campaign._STRANGE)
    )
    middles = {kind: 3 * rng.normal(size=130) for kind in np.unique(kinds)}
    features = np.stack([middles[kind] for kind in kinds]) + rng.normal(size=(len(kinds), 130))
    return label_archive.Archive(
        features.astype(np.float32),
        rng.integers(0, 255, (len(kinds), 256), dtype=np.uint8),
        np.array([f"patient{number}" for number in rng.integers(0, 400, len(kinds))]),
        kinds,
    )


@pytest.fixture(scope="module")
def world(archive):
    return label_campaign.draw_world(archive, QUESTION, 200, np.random.default_rng(1))


@pytest.fixture(scope="module")
def outcome_of(world):
    """Return a function that runs the campaign of an arm, once for all tests."""

    @functools.cache
    def run(name):
        arm = label_arms.arms()[name]()
        return label_campaign.run(world, arm, NEVER_WRONG, np.random.default_rng(2))

    return run


def test_an_archive_holds_as_many_bad_films_as_asked_for(world):
    assert (len(world.bad), world.bad.sum()) == (label_campaign.FILMS, 20)
    assert world.test_bad.sum() == label_campaign.TEST_BAD


def test_no_patient_of_the_test_is_in_the_archive(archive, world):
    inside = set(world.patients)
    assert len(inside) == 300
    assert inside < set(archive.patients)


@pytest.mark.parametrize("name", [n for n in label_arms.arms() if "activeml" not in n])
def test_every_arm_looks_at_every_bad_film_once(outcome_of, name):
    outcome = outcome_of(name)
    assert len(set(outcome.found_after)) == 20
    assert outcome.looks_until(1.0) <= label_campaign.FILMS
    assert outcome.looks_until(0.9) == outcome.found_after[17]
    assert list(outcome.auprc) == list(label_campaign.JUDGED_AT)


def test_outliers_are_found_sooner_than_by_chance(outcome_of):
    ours = outcome_of("radsieve")
    chance = outcome_of("random; Label Studio, two annotators")
    assert ours.looks_until(0.9) < chance.looks_until(0.9) / 5
    assert ours.at_most is not None
    assert chance.at_most is None


def test_the_certificate_holds_at_least_what_is_left(world):
    outcome = label_campaign.run(
        world, label_arms.Radsieve(), NEVER_WRONG, np.random.default_rng(3)
    )
    assert outcome.at_most >= 20 - outcome.found_within(label_campaign.CERTIFIED_AT)


def test_a_strategy_of_scikit_activeml_runs(world):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("skactiveml", reason="scikit-activeml is not installed")
        arm = label_arms.arms()["scikit-activeml: DropQuery"]()
        outcome = label_campaign.run(world, arm, NEVER_WRONG, np.random.default_rng(2))
    assert len(set(outcome.found_after)) == 20


def test_runs_of_an_audit_end_with_its_finds():
    assert label_arms._runs([False, True, False, False], 100, 7) == [
        Run(100, 7, 1, RunEnd.FIND),
        Run(98, 8, 2),
    ]
    assert label_arms._runs([True], 10, 0) == [Run(10, 0, 0, RunEnd.FIND)]
    assert label_arms._runs([], 10, 0) == []


def test_a_reviewer_slips_as_often_as_told():
    bad = np.repeat([True, False], 20_000)
    called = label_campaign.Oracle(0.05, 0.01).calls(bad, np.random.default_rng(1))
    # Standard deviations 31 and 14: six of them on either side.
    assert abs((~called[:20_000]).sum() - 1000) < 186
    assert abs(called[20_000:].sum() - 200) < 84


def test_an_interval_over_seeds_holds_the_figure():
    value, low, high = label_efficiency._interval([10, 20, 30, 40, 50], np.median)
    assert low <= value == 30 <= high
    assert label_efficiency._interval([7, 7, 7], np.mean) == [7, 7, 7]


def test_the_same_runs_make_the_same_plot(world):
    runs = {
        f"{question}, 1 in 500": {
            "radsieve": [
                {
                    "found_after": [10, 20],
                    "bad": 2,
                    "auprc": dict.fromkeys(map(str, label_campaign.JUDGED_AT), 0.5),
                }
            ]
            * 3
        }
        for question in label_campaign.QUESTIONS
    }
    assert label_plot.plot_svg(runs) == label_plot.plot_svg(runs)
    assert "radsieve" in label_plot.plot_svg(runs)


def test_a_run_that_was_stopped_goes_on_with_the_next_seed(tmp_path):
    kept = {"a question, 1 in 50": {"one arm": [{"bad": 1}, {"bad": 2}]}}
    path = tmp_path / "runs.json"
    path.write_text(json.dumps(kept))
    found = label_efficiency._kept_runs(path, list(kept), ["one arm"])
    assert (found, label_efficiency._seeds_of(found)) == (kept, 2)
    other = label_efficiency._kept_runs(path, list(kept), ["another arm"])
    assert label_efficiency._seeds_of(other) == 0
