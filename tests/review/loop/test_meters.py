"""Meters read from the answers in a real database."""

import pytest
from shared_fixtures.kept_answers import record_answer, withdraw_answer

from backend.base.adapters.workspace import Workspace
from backend.review.adapters.batch_store import record_batch
from backend.review.core.item import SHEET, BatchFacts, Item, StoredAnswer
from backend.review.core.look import KnownAnswer, LookOutcome, Purpose, called_on_sheet
from backend.review.loop.looks import meters_by_task, review_meters
from backend.service.loop.status import status
from tasks import detector_task, load_detector_tasks

FILMS = ("a1", "b2", "c3")
HIDDEN = {"0f": KnownAnswer("z9", "turned_90", ticked=False, made=True)}


@pytest.fixture
def rotation():
    return detector_task("rotation")


@pytest.fixture
def workspace(tmp_path):
    """One batch of two sheets: one with a hidden check, and one for a second reader."""
    workspace = Workspace.open_or_make(tmp_path / "workspace")
    facts = (1, "rotation", SHEET, "upright", FILMS)
    record_batch(
        workspace.database,
        BatchFacts("rotation", "v1", 7),
        [],
        lambda batch: [
            Item("first", 1, batch, *facts, checks=HIDDEN),
            Item("double", 1, batch, *facts, purpose=Purpose.DOUBLE),
        ],
    )
    return workspace


def answer(
    item_key, *flagged, number=1, reviewer="r1", outcome=LookOutcome.COUNTED, lead_time_s=9.0
):
    shown = (*sorted([*HIDDEN, *FILMS]),) if item_key == "first" else FILMS
    counted = outcome is LookOutcome.COUNTED
    return StoredAnswer(
        item_key=item_key,
        project_id=1,
        detector_task="rotation",
        annotation=f"{item_key}/{number}",
        annotation_updated_at=f"2026-01-0{number}T10:00:00Z",
        reviewer=reviewer,
        lead_time_s=lead_time_s,
        outcome=outcome,
        shown=shown,
        called=called_on_sheet({film: film in flagged for film in shown}, "upright")
        if counted
        else {},
        suggested=called_on_sheet(dict.fromkeys(shown, False), "upright") if counted else None,
    )


def test_nobody_has_answered(workspace, rotation):
    assert review_meters(workspace.database, rotation).is_empty
    assert status(workspace, {"rotation": rotation}).tasks["rotation"].review is None


def test_what_two_readers_answered_is_measured(workspace, rotation):
    for one in (
        answer("first", "a1", "b2"),
        answer("first", number=2, outcome=LookOutcome.TOO_FAST, lead_time_s=0.01),
        answer("double", "a1", number=3, reviewer="r2", lead_time_s=None),
        answer("double", number=4, reviewer="r2", outcome=LookOutcome.SKIPPED),
    ):
        record_answer(workspace.database, one)
    found = review_meters(workspace.database, rotation)
    total, readings = found.total, found.readings
    assert (total.films, total.sheets, total.untimed_films) == (7, 2, 3)
    assert total.films_per_hour == pytest.approx(4 / (9.0 / 3600))
    assert (total.too_fast, total.skipped) == (1, 1)
    assert (total.changed.count, total.changed.of) == (3, 6)
    assert (total.checks.missed_synthetic.count, total.checks.missed_synthetic.of) == (1, 1)
    assert (total.ticks.missing_tick_left.count, total.ticks.missing_tick_left.of) == (1, 1)
    assert (readings.by_two.same.count, readings.by_two.same.of) == (2, 3)
    assert (readings.confirmed, readings.disputed) == (1, 1)


def test_an_answer_taken_back_is_measured_no_more(workspace, rotation):
    record_answer(workspace.database, answer("first", "a1"))
    withdraw_answer(workspace.database, "first/1")
    assert review_meters(workspace.database, rotation).is_empty


def test_the_same_answers_give_the_same_meters(workspace, rotation):
    record_answer(workspace.database, answer("first", "a1", "b2"))
    record_answer(workspace.database, answer("double", "a1", number=3, reviewer="r2"))
    engine = workspace.database
    assert review_meters(engine, rotation) == review_meters(engine, rotation)


def test_meters_read_for_all_tasks_at_once_are_those_of_each_alone(workspace, rotation):
    record_answer(workspace.database, answer("first", "a1", "b2"))
    record_answer(workspace.database, answer("double", number=4, outcome=LookOutcome.SKIPPED))
    engine, tasks = workspace.database, list(load_detector_tasks().values())
    together = meters_by_task(engine, tasks)
    assert together == {task.name: review_meters(engine, task) for task in tasks}
    assert [name for name, meters in together.items() if not meters.is_empty] == [rotation.name]
