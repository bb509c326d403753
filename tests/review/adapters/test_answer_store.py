from dataclasses import replace

import pytest
from shared_fixtures.kept_answers import record_answer, withdraw_answer
from sqlalchemy import select

from backend.base.adapters.database import answers, open_database
from backend.labels.adapters.ledger_store import rows_about
from backend.review.adapters.answer_store import called_since, standing_answers
from backend.review.core.item import StoredAnswer
from backend.review.core.look import Call, LookOutcome


@pytest.fixture
def engine(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    yield engine
    engine.dispose()


def answer(hour, called, annotation="sheet/1", outcome=LookOutcome.COUNTED):
    return StoredAnswer(
        item_key="sheet",
        project_id=1,
        detector_task="inversion",
        annotation=annotation,
        annotation_updated_at=f"2026-01-01T{hour}:00",
        reviewer="user 1",
        lead_time_s=9.0,
        outcome=outcome,
        shown=list(called) or ["a", "b"],
        called={film: Call(label) for film, label in called.items()},
    )


def test_an_answer_that_was_never_edited_has_the_time_it_was_given(engine):
    record_answer(engine, answer(10, {"a": "normal"}))
    record_answer(engine, answer(10, {"a": "inverted"}, annotation="sheet/2"))
    assert called_since(engine, "inversion") == {}


def test_an_edit_gives_a_new_time_to_the_films_it_calls_something_else(engine):
    record_answer(engine, answer(10, {"a": "normal", "b": "normal"}))
    record_answer(engine, answer(11, {"a": "normal", "b": "inverted"}))
    since = called_since(engine, "inversion")["sheet/1"]
    assert since == {"a": "2026-01-01T10:00", "b": "2026-01-01T11:00"}


def test_what_was_changed_and_changed_back_has_the_last_time(engine):
    for hour, called in ((10, "normal"), (11, "inverted"), (12, "normal")):
        record_answer(engine, answer(hour, {"a": called}))
    assert called_since(engine, "inversion") == {"sheet/1": {"a": "2026-01-01T12:00"}}


def test_a_deleted_answer_and_one_that_did_not_count_are_no_edits(engine):
    record_answer(engine, answer(9, {}, outcome=LookOutcome.TOO_FAST))
    record_answer(engine, answer(10, {"a": "normal"}))
    withdraw_answer(engine, "sheet/1")
    assert called_since(engine, "inversion") == {}


def test_calls_are_written_in_the_words_that_the_ledger_has_kept_since_its_first_row(engine):
    calls = {"a": Call("normal", denied=True), "b": Call("normal")}
    given = replace(answer(9, {"a": "", "b": ""}), called=calls, suggested={"a": Call("inverted")})
    record_answer(engine, given)
    words = {"a": "not normal", "b": "normal"}
    with engine.connect() as connection:
        row = connection.execute(select(answers.c.called, answers.c.suggested)).one()
    assert (row.called, row.suggested) == (words, {"a": "inverted"})
    (told,) = [row.facts for row in rows_about(engine, "a")]
    assert (told["called"], told["suggested"]) == (words, {"a": "inverted"})
    assert standing_answers(engine, "inversion") == [given]
