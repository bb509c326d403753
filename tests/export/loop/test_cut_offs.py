"""The cut-offs of rules: report, lists, status and audit say which hold and what has set them."""

import csv
from dataclasses import replace
from html import unescape

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from shared_fixtures.workspaces import copied

from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.detectors.adapters.versions.registry import record_publication, register_version
from backend.detectors.adapters.versions.rule_judgement import check_facts, cut_offs_in_use
from backend.detectors.loop.rule_predictions import sweep_by_rule
from backend.export.loop.again import export_again
from backend.export.loop.export import export
from backend.labels.core.suspicion import CutOffSource
from backend.phantoms.core.chest import chest_phantom
from scripts import main
from tasks import detector_task

QUALITY = detector_task("quality")
TASKS = {"quality": QUALITY}
SENTENCE = "Of 10 cut-offs, 9 by default and 1 learnt from answers (washed out: 63)."


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Four phantoms, one of them pale."""
    folder = tmp_path_factory.mktemp("films")
    for number in range(4):
        film = chest_phantom(np.random.default_rng([79, number]), 300) * 255
        film = film * 0.3 + 90 if number == 3 else film
        cv2.imwrite(str(folder / f"{number}.png"), film.astype(np.uint8))
    return folder


@pytest.fixture(scope="module")
def swept(archive, tmp_path_factory):
    made = Workspace.open_or_make(tmp_path_factory.mktemp("swept") / "workspace")
    index(made, [archive])
    sweep_by_rule(made, QUALITY)
    return made


@pytest.fixture
def workspace(swept, tmp_path):
    return copied(swept.root, tmp_path / "workspace")


def learn(workspace):
    """Publish a version whose cut-off of washed-out films was learnt from 63 answers."""
    in_use = cut_offs_in_use(workspace.database, TASKS)["quality"]
    moved = [
        replace(
            one,
            scale=replace(one.scale, cut_off=one.scale.cut_off + 0.1, source=CutOffSource.ANSWERS),
            answers=63,
        )
        if one.label == "washed_out"
        else one
        for one in in_use
    ]
    checks = {"checks": check_facts(moved)}
    register_version(
        workspace.database, "quality", "rule-learnt", reviewer_labels=63, judgement=checks
    )
    record_publication(workspace.database, "quality", "rule-learnt", reason="test")


def suspicion(out):
    with (out / "suspects.csv").open() as file:
        return next(row["suspicion"] for row in csv.DictReader(file) if "3.png" in row["file"])


def said(workspace, *arguments):
    result = CliRunner().invoke(main, [*arguments, "--workspace", str(workspace.root)])
    return result.output


def test_what_a_version_keeps_of_its_cut_offs_is_read_back_as_it_was(workspace):
    swept = sweep_by_rule(workspace, QUALITY)
    assert cut_offs_in_use(workspace.database, TASKS) == {"quality": swept.cut_offs}
    assert len(swept.cut_offs) == len(QUALITY.rule.checks) - 1


def test_a_version_that_does_not_say_where_its_cut_offs_began_tells_none(workspace):
    facts = {"washed_out": {"typical": 1.0, "spread": 1.0, "distance": 3.5, "set_by": "start"}}
    register_version(
        workspace.database, "quality", "rule-old", reviewer_labels=0, judgement={"checks": facts}
    )
    record_publication(workspace.database, "quality", "rule-old", reason="test")
    assert cut_offs_in_use(workspace.database, TASKS) == {}


def test_report_and_list_say_what_holds_and_an_earlier_list_is_rebuilt_as_it_was(
    workspace, tmp_path
):
    first = export(workspace, TASKS, tmp_path / "first", with_pictures=False)
    assert suspicion(tmp_path / "first") == (
        "quality: washed_out (a rule: grey_range below 0.5, the default)"
    )
    learn(workspace)
    export(workspace, TASKS, tmp_path / "second", with_pictures=False)
    assert suspicion(tmp_path / "second") == (
        "quality: washed_out (a rule: grey_range below 0.452, learnt from 63 answers)"
    )
    page = unescape((tmp_path / "second" / "report.html").read_text())
    assert SENTENCE in page
    assert "It began at 0.5: films between 0.5 and 0.452 are not suspected any more" in page
    assert "From 59 answers on, they move it; there is no answer so far." in page
    export_again(workspace, TASKS, first.ledger_row, tmp_path / "again")
    for name in ("suspects.csv", "report.html"):
        again = (tmp_path / "again" / name).read_bytes()
        assert again == (tmp_path / "first" / name).read_bytes()


def test_status_and_rules_say_the_same(workspace):
    learn(workspace)
    status = said(workspace, "status")
    assert SENTENCE in status
    assert "washed out: grey_range below 0.452. It was learnt from 63 answers." in status
    assert "none is excluded until somebody has looked" in status
    rules = said(workspace, "rules", "quality")
    assert "Of 10 cut-offs, 10 by default." in rules
