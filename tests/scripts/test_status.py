"""What `radsieve status` says of reviewing."""

import json
import re

import pytest
from click.testing import CliRunner
from shared_fixtures.kept_answers import record_answer

from backend.base.adapters.workspace import Workspace
from backend.review.adapters.batch_store import record_batch
from backend.review.core.item import SHEET, BatchFacts, Item, StoredAnswer
from backend.review.core.look import KnownAnswer, LookOutcome, Purpose, called_on_sheet
from scripts import main

FILMS = tuple(f"{number:02}" for number in range(20))
HIDDEN = {
    "x1": KnownAnswer("90", "turned_90", ticked=False, made=True),
    "x2": KnownAnswer("91", "turned_90", ticked=True),
    "x3": KnownAnswer("92", "upright", ticked=True),
    "x4": KnownAnswer("93", "upright", ticked=False),
}


@pytest.fixture
def workspace(tmp_path):
    return Workspace.open_or_make(tmp_path / "workspace")


@pytest.fixture
def run(workspace):
    def call(*arguments):
        root = str(workspace.root)
        return CliRunner().invoke(main, ["status", *arguments, "--workspace", root]).stdout

    return call


def planned(workspace, item_key, purpose=Purpose.FIRST, checks=HIDDEN):
    facts = (1, "rotation", SHEET, "upright", FILMS)

    def items_of(batch):
        return [Item(item_key, 1, batch, *facts, purpose=purpose, checks=checks)]

    batch = record_batch(workspace.database, BatchFacts("rotation", "v1", 7), [], items_of)
    (item,) = items_of(batch)
    return item


def answered(workspace, item, *flagged, day=1, reviewer="r1", outcome=LookOutcome.COUNTED):
    ticked = {shown for shown, check in item.checks.items() if check.ticked}
    counted = outcome is LookOutcome.COUNTED
    called, suggested = (
        called_on_sheet({film: film in out for film in item.shown_ids}, "upright")
        for out in (set(flagged), ticked)
    )
    name = f"{item.item_key}/{reviewer}{day}{outcome}"
    when = f"2026-01-0{day}T10:00:00Z"
    facts = (item.item_key, 1, "rotation", name, when, reviewer, 12.0, outcome, item.shown_ids)
    record_answer(
        workspace.database,
        StoredAnswer(*facts, called if counted else {}, suggested if counted else None),
    )


@pytest.fixture
def reviewed(workspace):
    """Two readers, on two days, saw the same films; one held a key, one skipped."""
    first = planned(workspace, "first")
    double = planned(workspace, "double", Purpose.DOUBLE, {})
    answered(workspace, first, "00", "01", "x2", "x3")
    answered(workspace, first, outcome=LookOutcome.TOO_FAST)
    answered(workspace, double, "00", day=2, reviewer="r2")
    answered(workspace, double, day=2, reviewer="r2", outcome=LookOutcome.SKIPPED)


def test_where_nothing_was_reviewed_nothing_is_said_of_it(run):
    assert not re.search("looked at|  pace|slips|ticks|finds|changed", run())
    facts = json.loads(run("--json").splitlines()[-1])
    assert facts["tasks"]["rotation"]["review"] is None


def test_each_meter_is_a_line_and_slips_have_their_intervals_by_reviewer_and_day_too(run, reviewed):
    # The interval of kappa is read from draws, which a newer numpy may draw otherwise.
    said = re.sub(r"kappa 0.64 \(95 % .*\)", "kappa 0.64", run())
    lines = said[said.index("orientation (rotation): ") :].split("\n\n")[0].splitlines()
    assert lines[lines.index(next(line for line in lines if "  looked at " in line)) :] == [
        "  looked at 2 people looked at none of 0 films: 44 looks on 2 contact sheets, 0.55 s a "
        "film. 4 of these looks were at hidden films whose answer is known, to measure slips.",
        "  bad       No film is known to be bad.",
        "  pace      6,600 films an hour, 0.01 h in all; 1 too fast to count, 1 skipped",
        "  changed   3 of 40 predictions (7.5 %, 95 % 1.5 to 20.4)",
        "  slips     passed 1 of 2 known bad films (50.0 %, 95 % 1.2 to 98.8), of synthetic ones 1 "
        "of 1; called bad 1 of 2 known good ones (50.0 %, 95 % 1.2 to 98.8)",
        "  ticks     wrong ones accepted 1 of 1 (called bad without one 0 of 1: +100.0 %, 95 % "
        "-12.3 to +100.0); missing ones left 1 of 1 (right ones removed 0 of 1: +100.0 %, 95 % "
        "-12.3 to +100.0)",
        "  agreement 19 of 20 films read by two reviewers were called the same: kappa 0.64",
        "  finds     1 called bad on two items (1 by two reviewers), 0 wait for a second look, 1 "
        "in dispute",
        "  reviewer  r1: 24 looks, 7,200 an hour, changed 2 of 20 predictions (10.0 %, 95 % 1.2 to "
        "31.7), 1 too fast to count",
        "            passed 1 of 2 known bad films (50.0 %, 95 % 1.2 to 98.8), of synthetic ones 1 "
        "of 1; called bad 1 of 2 known good ones (50.0 %, 95 % 1.2 to 98.8)",
        "  reviewer  r2: 20 looks, 6,000 an hour, changed 1 of 20 predictions (5.0 %, 95 % 0.1 to "
        "24.9), 1 skipped",
        "  day       2026-01-01: 24 looks, 7,200 an hour, changed 2 of 20 predictions (10.0 %, 95 "
        "% 1.2 to 31.7), 1 too fast to count",
        "            passed 1 of 2 known bad films (50.0 %, 95 % 1.2 to 98.8), of synthetic ones 1 "
        "of 1; called bad 1 of 2 known good ones (50.0 %, 95 % 1.2 to 98.8)",
        "  day       2026-01-02: 20 looks, 6,000 an hour, changed 1 of 20 predictions (5.0 %, 95 % "
        "0.1 to 24.9), 1 skipped",
    ]


def test_with_json_the_meters_are_plain_values_with_their_intervals(run, reviewed):
    review = json.loads(run("--json").splitlines()[-1])["tasks"]["rotation"]["review"]
    assert review["total"]["films"] == 44
    assert review["total"]["checks"]["missed"]["count"] == 1
    assert review["by_reviewer"]["r2"]["skipped"] == 1
    assert list(review["by_day"]) == ["2026-01-01", "2026-01-02"]
    assert review["readings"]["by_two"]["kappa"]["interval"].startswith("Jeffreys")


def test_only_the_last_week_is_listed_day_by_day(workspace, run):
    for day in range(1, 10):
        answered(workspace, planned(workspace, f"sheet {day}"), day=day)
    days = re.findall(r"^  day +(\S+):", run(), re.MULTILINE)
    assert days == [f"2026-01-0{day}" for day in range(3, 10)]


def test_a_second_look_at_a_find_is_one_line(workspace, run):
    answered(workspace, planned(workspace, "first", checks={}), "00", "01", "02")
    answered(workspace, planned(workspace, "second", Purpose.SECOND, {}), "00", "01", day=2)
    said = run()
    assert "finds     2 called bad on two items (0 by two reviewers), 0 wait for a second" in said
    assert "again     2 of 3 second looks at finds (66.7 %, 95 % 9.4 to 99.2) said bad" in said
