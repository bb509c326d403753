"""A detector task with two labels: who denies the one has said the other."""

import pytest

from backend.base.adapters.workspace import Workspace
from backend.review.adapters.answer_store import record_answer
from backend.review.adapters.batch_store import record_batch
from backend.review.core.item import SHEET, BatchFacts, Item, StoredAnswer
from backend.review.core.look import LookOutcome, Purpose, called_on_sheet
from backend.review.core.second_look import disputed, settled_bad
from backend.review.loop.looks import looks
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


def answer(engine, item_key, reviewer, flagged=()):
    called = called_on_sheet({film: film in flagged for film in FILMS}, "inverted")
    when = f"2026-01-0{1 + (item_key == 'double')}T10:00:00Z"
    facts = (f"{item_key}/1", when, reviewer, 9.0, LookOutcome.COUNTED, FILMS, called)
    record_answer(engine, StoredAnswer(item_key, 1, INVERSION.name, *facts))


def test_a_film_that_one_reviewer_calls_inverted_and_another_takes_out_is_in_dispute(engine):
    answer(engine, "first", "r1")
    answer(engine, "double", "r2", flagged={"b2"})
    seen = looks(engine, INVERSION)
    assert settled_bad(seen, "normal") == {"a1"}
    assert disputed(seen, "normal") == ["b2"]
