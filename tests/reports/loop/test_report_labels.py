"""Reports seed the labels of their films, people look, and a bad rule is turned down."""

import json

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from shared_fixtures.kept_answers import add_labels
from shared_fixtures.workspaces import copied

from backend.archive.adapters.catalogue import films
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.detectors.loop.train import train
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import Label, LabelSource, Slice
from backend.phantoms.core.chest import chest_phantom
from backend.reports.adapters.report_label_table import ReportRow
from backend.reports.loop.report_labels import (
    label_by_reports,
    labels_in_force,
    report_sentence,
)
from backend.review.adapters.batch_store import record_batch
from backend.review.core.item import BatchFacts
from backend.review.core.ranking.pool import Pick
from backend.review.loop.publish import publish
from backend.review.loop.rank import rank
from backend.service.loop.status import status
from scripts import main
from tasks import detector_task

TASK = detector_task("metal_implant")
FILMS = 60


def has_metal(number):
    return number % 3 == 0


def draw(number):
    """Return a phantom; every third has a rod across (drawn)."""
    rng = np.random.default_rng([41, number])
    film = (chest_phantom(rng, 256) * 255).astype(np.uint8)
    if has_metal(number):
        ends = rng.integers(60, 196, (2, 2))
        cv2.line(film, *(tuple(map(int, end)) for end in ends), 255, 15)
    return film


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    for number in range(FILMS):
        cv2.imwrite(str(folder / f"{number}.png"), draw(number))
    return folder


@pytest.fixture(scope="module")
def indexed(archive, tmp_path_factory):
    made = Workspace.open_or_make(tmp_path_factory.mktemp("indexed") / "workspace")
    index(made, [archive])
    return made


@pytest.fixture
def workspace(indexed, tmp_path):
    return copied(indexed.root, tmp_path / "workspace")


@pytest.fixture
def ids(workspace):
    """Radiograph id by number."""
    return {
        int(film.path.rpartition("/")[2].removesuffix(".png")): film.radiograph_id
        for film in films(workspace.database)
    }


def report(number, label=None, rule="rod.any"):
    if label is None:
        label = "present" if has_metal(number) else "absent"
    return ReportRow(f"r{number}", label, rule if label == "present" else "", 0.9)


def link(numbers):
    return [(f"{number}.png", f"r{number}") for number in numbers]


def said_of(workspace):
    return {
        one.radiograph_id: one
        for one in standing_labels(workspace.database, TASK.name)
        if one.source is LabelSource.REPORT
    }


def test_a_report_labels_all_films_of_its_examination_as_sure_as_it_is(workspace, ids):
    rows = [ReportRow("a", "present", "rod.any", 0.8), ReportRow("b", "absent", "", 0.99)]
    linked = [("0.png", "a"), ("1.png", "a"), ("2.png", "b"), ("gone.png", "b")]
    result = label_by_reports(workspace.database, TASK, rows, linked)
    assert (dict(result.films), result.unknown_films) == ({"no_metal": 1, "metal": 2}, 1)
    found = said_of(workspace)
    assert {found[ids[n]].label for n in (0, 1)} == {"metal"}
    assert (found[ids[0]].confidence, found[ids[0]].rule) == (0.8, "rod.any")
    assert (found[ids[2]].label, found[ids[2]].rule) == ("no_metal", "silence")


def test_a_film_whose_reports_disagree_and_a_report_that_abstains_get_no_label(workspace, ids):
    rows = [report(0), ReportRow("no", "absent", "", 0.9), ReportRow("s", "abstain", "x", 0.0)]
    linked = [("0.png", "r0"), ("0.png", "no"), ("1.png", "s")]
    result = label_by_reports(workspace.database, TASK, rows, linked)
    assert (result.contradictory, result.abstaining, said_of(workspace)) == (1, 1, {})


def test_reports_are_counted_that_label_that_abstain_and_that_have_no_film(workspace):
    rows = [report(0), report(3), report(4), *(report(n, "abstain") for n in (1, 2, 5))]
    linked = link([0, 1, 3])
    result = label_by_reports(workspace.database, TASK, rows, linked)
    assert (result.reports, result.abstaining, result.without_film) == (2, 3, 1)
    assert result.unknown_films == result.contradictory == 0


def test_labels_of_an_earlier_table_are_withdrawn_and_the_same_ones_stay(workspace, ids):
    label_by_reports(workspace.database, TASK, [report(0), report(1)], link([0, 1]))
    result = label_by_reports(
        workspace.database, TASK, [report(0), report(1, "abstain")], link([0, 1])
    )
    assert (result.changes.added, result.changes.withdrawn) == (0, 1)
    assert set(said_of(workspace)) == {ids[0]}


@pytest.mark.trains
@pytest.mark.slow
def test_reports_teach_and_what_they_get_wrong_comes_first(workspace, ids):
    rows = [report(n) for n in range(FILMS)]
    rows[0], rows[4] = report(0, "absent"), report(4, "present")
    label_by_reports(workspace.database, TASK, rows, link(range(FILMS)))
    result = train(workspace, TASK)
    publish(workspace, TASK, result.model_version, reason="first")
    picks = rank(workspace, TASK, count=30, seed=1)
    conflicts = [pick for pick in picks if pick.slice is Slice.CONFLICT]
    assert {ids[0], ids[4]} <= {pick.radiograph_id for pick in conflicts}
    assert len(conflicts) < 8
    assert picks[: len(conflicts)] == conflicts
    assert (
        "the report says metal implant (rod.any, 0.90)"
        in {pick.radiograph_id: pick.reason for pick in conflicts}[ids[4]]
    )
    drawn = [pick for pick in picks if pick.slice is Slice.REPORT_AUDIT]
    silent = {film for film, label in said_of(workspace).items() if label.label == "no_metal"}
    assert len(drawn) == 3
    assert 0 < sum(pick.radiograph_id in silent for pick in drawn) < 3


def test_a_rule_that_reviewers_contradict_is_turned_down_and_teaches_no_more(workspace, ids):
    rows = [report(n, "present", "lead.any") for n in range(1, 12)] + [report(0)]
    label_by_reports(workspace.database, TASK, rows, link(range(12)))
    picks = [Pick(ids[n], Slice.REPORT_AUDIT, "drawn") for n in range(1, 12)]
    record_batch(workspace.database, BatchFacts(TASK.name, "m1", 1), picks)
    answers = [
        Label(ids[n], TASK.name, "no_metal", LabelSource.REVIEWER, "2026-03-01", "user 1")
        for n in range(1, 8)
    ]
    add_labels(workspace.database, answers)
    (bad, good) = status(workspace, {TASK.name: TASK}).tasks[TASK.name].report_rules
    assert (bad.rule, bad.drawn, bad.right, bad.is_turned_down) == ("lead.any", 7, 0, True)
    assert not good.is_turned_down
    left = [
        one
        for one in labels_in_force(workspace.database, workspace.seal_terms, TASK)
        if one.source is LabelSource.REPORT
    ]
    assert [one.radiograph_id for one in left] == [ids[0]]


def test_the_command_joins_by_table_or_by_name_and_status_shows_the_rules(workspace, tmp_path):
    table, films_of = tmp_path / "labels.csv", tmp_path / "films.csv"
    head = "id,label,category,status,span,rule,confidence"
    table.write_text(f"{head}\n0,present,rod,present,A rod.,rod.any,0.9\n1,absent,,,,,0.99\n")
    films_of.write_text("file,study_id\n5.png,0\n6.png,1\n")

    def run(*arguments):
        command = [*map(str, arguments), "--workspace", str(workspace.root)]
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 0, result.output
        return result.stdout

    by_name = json.loads(run("reports", table, "--json").splitlines()[-1])
    assert (by_name["films"], by_name["added"]) == ({"no_metal": 1, "metal": 1}, 2)
    by_table = run("reports", table, "--films", films_of, "--column", "study_id")
    assert "2 labels added, 2 withdrawn" in by_table
    assert "rod.any says metal implant of 1 film: not measured yet" in run("status")


SPAN = "Rod placed by Dr. Miller on 12.03.2021, accession CR4711001."
SHOWN = "Rod placed by [name] on [date], [...] [number]."


def test_the_sentence_that_decided_is_kept_scrubbed_and_can_be_shown(workspace, ids):
    rows = [ReportRow("a", "present", "rod.any", 0.9, SPAN), ReportRow("b", "absent", "", 0.9)]
    label_by_reports(
        workspace.database, TASK, rows, [("0.png", "a"), ("3.png", "a"), ("1.png", "b")]
    )
    assert said_of(workspace)[ids[0]].evidence == SHOWN
    for number, sentence in ((0, SHOWN), (3, SHOWN), (1, ""), (2, "")):
        assert (
            report_sentence(workspace.database, workspace.settings, TASK, ids[number]) == sentence
        )


def test_of_two_reports_that_agree_the_surer_one_is_quoted(workspace, ids):
    rows = [
        ReportRow("a", "present", "rod.any", 0.7, "Perhaps a rod."),
        ReportRow("b", "present", "rod.any", 0.95, "A rod."),
    ]
    label_by_reports(workspace.database, TASK, rows, [("0.png", "a"), ("0.png", "b")])
    assert report_sentence(workspace.database, workspace.settings, TASK, ids[0]) == "A rod."


def test_a_table_from_before_gives_its_labels_their_sentences(workspace, ids):
    label_by_reports(workspace.database, TASK, [report(0), report(1)], link([0, 1]))
    again = ReportRow("r0", "present", "rod.any", 0.9, "A rod.")
    result = label_by_reports(workspace.database, TASK, [again, report(1)], link([0, 1]))
    assert (result.changes.added, result.changes.withdrawn) == (0, 0)
    assert report_sentence(workspace.database, workspace.settings, TASK, ids[0]) == "A rod."


def test_the_setting_hides_the_sentence(workspace, ids):
    rows = [ReportRow("a", "present", "rod.any", 0.9, SPAN)]
    label_by_reports(workspace.database, TASK, rows, [("0.png", "a")])
    (workspace.root / "radsieve.toml").write_text("show_report_sentence = false\n")
    changed = Workspace(workspace.root)
    assert report_sentence(changed.database, changed.settings, TASK, ids[0]) == ""


def test_a_sentence_that_was_stored_as_it_is_is_scrubbed_on_its_way_out(workspace, ids):
    raw = Label(
        ids[0], TASK.name, "metal", LabelSource.REPORT, "2026-01-01", rule="rod.any", evidence=SPAN
    )
    add_labels(workspace.database, [raw])
    assert report_sentence(workspace.database, workspace.settings, TASK, ids[0]) == SHOWN.replace(
        "[...]", "accession"
    )


def test_the_command_keeps_the_sentence_and_says_none_of_it(workspace, ids, tmp_path, caplog):
    table = tmp_path / "labels.csv"
    head = "id,label,category,status,span,rule,confidence"
    table.write_text(f'{head}\n0,present,rod,present,"{SPAN}",rod.any,0.9\n')
    command = ["reports", str(table), "--json", "--workspace", str(workspace.root)]
    with caplog.at_level("DEBUG"):
        result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    assert report_sentence(workspace.database, workspace.settings, TASK, ids[0]) == SHOWN
    workspace.database.dispose()
    kept = b"".join(path.read_bytes() for path in workspace.root.rglob("*") if path.is_file())
    for secret in ("Miller", "4711001", "12.03.2021"):
        assert secret not in result.output + caplog.text
        assert secret.encode() not in kept
    assert "Rod placed" not in result.output + caplog.text
