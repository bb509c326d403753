"""A detector task with two labels: who denies the one has said the other."""

import pytest
from shared_fixtures.kept_answers import record_answer

from backend.base.adapters.workspace import Workspace
from backend.review.adapters.batch_store import record_batch
from backend.review.core.check_figures import automation_bias
from backend.review.core.item import SHEET, BatchFacts, Item, StoredAnswer
from backend.review.core.look import KnownAnswer, LookOutcome, Purpose, called_on_sheet
from backend.review.core.second_look import disputed, settled_bad
from backend.review.loop.looks import looks, review_meters
from tasks import detector_task

INVERSION = detector_task("inversion")
FILMS = ("a1", "b2")


@pytest.fixture
def engine(tmp_path):
    """The database of a workspace with a sheet of films shown as inverted, and one for a second."""
    engine = Workspace.open_or_make(tmp_path / "workspace").database
    facts = (1, INVERSION.name, SHEET, "inverted", FILMS)
    record_batch(
        engine,
        BatchFacts(INVERSION.name, "v1", 7),
        [],
        lambda batch: [
            Item("first", 1, batch, *facts),
            Item("double", 1, batch, *facts, purpose=Purpose.DOUBLE),
        ],
    )
    return engine


def answer(engine, item_key, reviewer, flagged=(), suggested=None):
    called = called_on_sheet({film: film in flagged for film in FILMS}, "inverted")
    when = f"2026-01-0{1 + (item_key == 'double')}T10:00:00Z"
    facts = (f"{item_key}/1", when, reviewer, 9.0, LookOutcome.COUNTED, FILMS, called)
    record_answer(engine, StoredAnswer(item_key, 1, INVERSION.name, *facts, suggested=suggested))


def test_a_film_that_one_reviewer_calls_inverted_and_another_takes_out_is_in_dispute(engine):
    answer(engine, "first", "r1")
    answer(engine, "double", "r2", flagged={"b2"})
    seen = looks(engine, INVERSION)
    assert settled_bad(seen, "normal") == {"a1"}
    assert disputed(seen, "normal") == ["b2"]


def test_a_suggestion_that_is_accepted_as_it_is_counts_as_unchanged(engine):
    suggested = called_on_sheet({"a1": False, "b2": True}, "inverted")
    answer(engine, "first", "r1", flagged={"b2"}, suggested=suggested)
    changed = review_meters(engine, INVERSION).total.changed
    assert (changed.count, changed.of) == (0, 2)


def test_the_tick_of_a_film_with_a_known_answer_is_that_of_its_sheet(tmp_path):
    engine = Workspace.open_or_make(tmp_path / "checked").database
    checks = {
        "0a": KnownAnswer("z8", "inverted", ticked=True),
        "0b": KnownAnswer("z9", "inverted", ticked=False),
    }
    facts = (1, INVERSION.name, SHEET, "normal", ())
    record_batch(
        engine,
        BatchFacts(INVERSION.name, "v1", 7),
        [],
        lambda batch: [Item("checked", 1, batch, *facts, checks=checks)],
    )
    called = called_on_sheet({"0a": True, "0b": False}, "normal")
    given = ("checked/1", "2026-01-01T10:00:00Z", "r1", 9.0, LookOutcome.COUNTED, ("0a", "0b"))
    record_answer(engine, StoredAnswer("checked", 1, INVERSION.name, *given, called))
    bias = automation_bias(looks(engine, INVERSION), "normal")
    assert (bias.right_tick_removed.of, bias.missing_tick_left.of) == (1, 1)
    assert (bias.right_tick_removed.count, bias.missing_tick_left.count) == (0, 1)
