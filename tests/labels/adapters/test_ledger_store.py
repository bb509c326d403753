import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from shared_fixtures.kept_answers import (
    add_labels,
    record_answer,
    replace_annotation,
    withdraw_annotation,
    withdraw_answer,
)
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from backend.base.adapters.database import evidence, identity, labels, ledger, open_database
from backend.base.adapters.evidence_check import refuse_changed_tables
from backend.base.core.errors import InputFileError
from backend.base.core.ledger import Event, EventKind
from backend.detectors.adapters.versions.registry import record_publication, register_version
from backend.labels.adapters.label_store import AnnotationVersion, replace_labels, standing_labels
from backend.labels.adapters.ledger_store import (
    check_ledger,
    compare_ledger,
    labels_that_differ,
    ledger_rows,
    note,
    note_override,
    rows_about,
    write_ledger,
)
from backend.labels.core.box import Box, LabelledBox
from backend.labels.core.labels import GIVEN_BY_RULES, Label, LabelSource, Slice
from backend.labels.core.ledger_replay import TELLS_OF_LABELS, labels_by_task, standing_rows
from backend.review.adapters.batch_store import record_batch
from backend.review.adapters.folder_labels import replace_round
from backend.review.core.folder_review import FolderAnswers
from backend.review.core.item import BatchFacts, StoredAnswer
from backend.review.core.look import Call, LookOutcome
from backend.review.core.ranking.pool import Pick
from benchmarks.speed.ledger_cost import add_films

FIRST = AnnotationVersion("sheet/1", "2026-01-01T10:00")
EDITED = AnnotationVersion("sheet/1", "2026-01-01T11:00")
ROOT = Path(__file__).parents[3]
PROCESSES, ROWS = 4, 200


def label(film, text="inverted", source=LabelSource.REVIEWER, **facts):
    by = {"rule": "r1"} if source in GIVEN_BY_RULES else {"reviewer": "user 1"}
    return Label(film, "inversion", text, source, "2026-01-01T10:00", **by, **facts)


def with_films(engine):
    add_films(engine, ("a", "b", "c"))
    return engine


@pytest.fixture
def engine(tmp_path):
    engine = with_films(open_database(f"sqlite:///{tmp_path / 'test.sqlite3'}"))
    yield engine
    engine.dispose()


def kinds(engine):
    return [row.kind for row in ledger_rows(engine)]


def replayed(engine, task="inversion"):
    return labels_by_task(standing_rows(ledger_rows(engine, TELLS_OF_LABELS))).get(task, [])


def busy(engine):
    """Do everything to labels that can be done to them."""
    drawn = (LabelledBox("left_hip", Box(0.1, 0.2, 0.30000000000000004, 0.4)),)
    add_labels(engine, [label("a", source=LabelSource.SYNTHETIC), label("b", boxes=drawn)])
    replace_annotation(engine, FIRST, [label("a"), label("c", denied=True)])
    reports = [label(film, source=LabelSource.REPORT, confidence=0.7) for film in "ab"]
    replace_labels(engine, "inversion", LabelSource.REPORT, reports)
    replace_annotation(engine, EDITED, [label("a", "normal")])
    replace_labels(engine, "inversion", LabelSource.REPORT, reports[1:])
    replace_round(engine, "1", FolderAnswers({"folder/1/inversion/c": label("c")}, {}, {}, {}))
    replace_round(
        engine, "1", FolderAnswers({"folder/1/inversion/c": label("c", "normal")}, {}, {}, {})
    )


def test_labels_replayed_from_the_ledger_are_those_that_stand(engine):
    busy(engine)
    assert replayed(engine) == standing_labels(engine, "inversion")
    assert labels_that_differ(engine) == []
    withdraw_annotation(engine, "sheet/1")
    assert replayed(engine) == standing_labels(engine, "inversion")
    assert len(replayed(engine)) == 4
    assert check_ledger(engine).fault is None


def test_a_change_that_fails_leaves_no_row(engine):
    add_labels(engine, [label("a")])
    before = kinds(engine)
    with pytest.raises(IntegrityError):
        add_labels(engine, [label("b"), label("nobody")])
    assert kinds(engine) == before
    assert check_ledger(engine).fault is None


def test_what_changed_nothing_leaves_no_row(engine):
    replace_annotation(engine, FIRST, [label("a")])
    before = kinds(engine)
    replace_annotation(engine, FIRST, [label("a")])
    add_labels(engine, [label("a")])
    withdraw_annotation(engine, "sheet/2")
    withdraw_answer(engine, "sheet/2")
    assert kinds(engine) == before


def test_answers_count_or_not_and_all_are_told_of(engine):
    for number, outcome in enumerate(
        (LookOutcome.TOO_FAST, LookOutcome.SKIPPED, LookOutcome.COUNTED)
    ):
        called = {"a": Call("inverted")} if outcome is LookOutcome.COUNTED else {}
        facts = ("user 1", 2.5, outcome, ["a", "b"], called)
        answer = StoredAnswer("sheet", 1, "inversion", "sheet/1", f"2026-01-0{number + 1}", *facts)
        record_answer(engine, answer)
    withdraw_answer(engine, "sheet/1")
    told = [row for row in rows_about(engine, "b") if row.kind == EventKind.ANSWER]
    assert [row.facts["outcome"] for row in told] == ["too fast", "skipped", "counted"]
    assert told[-1].facts["reviewer"] == "user 1"
    assert rows_about(engine, "b")[-1].kind == EventKind.ANSWER_WITHDRAWN
    assert rows_about(engine, "c") == []


def test_a_batch_is_told_of_before_anybody_sees_it(engine):
    chosen = [Pick("a", Slice.LIKELY, "probably turned"), Pick("b", Slice.AUDIT, "1 of 2 films")]
    facts = BatchFacts("inversion", "net-1", 7, films=3, drawn_from=2)
    number = record_batch(engine, facts, chosen)
    _, batch, first, second, _ = ledger_rows(engine)
    assert batch.facts["seed"] == 7
    assert batch.facts["drawn_from"] == 2
    assert batch.facts["slices"] == {"audit": 1, "likely": 1}
    assert (first.radiograph_id, second.radiograph_id) == ("a", "b")
    assert second.facts["slice"] == "audit"
    assert second.facts["batch_id"] == number


def test_models_and_publications_are_told_of(engine):
    judgement = {"auroc": float("nan"), "films": 4}
    register_version(engine, "rotation", "net-1", reviewer_labels=3, judgement=judgement)
    register_version(engine, "rotation", "net-1", reviewer_labels=4, judgement=judgement)
    record_publication(engine, "rotation", "net-1", reason="better", facts={"accept_at": 0.98})
    (model,) = ledger_rows(engine, [EventKind.MODEL])
    (published,) = ledger_rows(engine, [EventKind.PUBLISHED])
    assert model.facts["judgement"] == {"auroc": "nan", "films": 4}
    assert published.facts == {"model_version": "net-1", "reason": "better", "accept_at": 0.98}
    assert check_ledger(engine).fault is None


def test_an_override_is_told_of_with_its_reason(engine):
    note_override(engine, "children are excluded on purpose", {"groups": ["age 0-17"]})
    (row,) = ledger_rows(engine, [EventKind.OVERRIDE])
    assert row.facts["reason"] == "children are excluded on purpose"


def test_the_words_of_a_report_are_not_kept(engine):
    said = label("a", source=LabelSource.REPORT, evidence="metallic joint prosthesis")
    replace_labels(engine, "inversion", LabelSource.REPORT, [said])
    assert "prosthesis" not in "".join(json.dumps(row.facts) for row in ledger_rows(engine))


def test_labels_that_came_before_the_ledger_are_carried_over(engine):
    busy(engine)
    record_publication(engine, "rotation", "net-1", reason="better")
    record_publication(engine, "rotation", "net-2", reason="better")
    before = standing_labels(engine, "inversion")
    with engine.begin() as connection:  # as an earlier radsieve left it
        connection.execute(delete(ledger))
        connection.execute(delete(identity))
        connection.execute(delete(evidence))
    note(engine, Event(EventKind.OVERRIDE, {"reason": "any"}))
    begin, *carried, last, told = ledger_rows(engine)
    assert told.kind == EventKind.EVIDENCE
    assert begin.facts["labels"] == len(carried) == len(before)
    assert begin.facts["in_use"] == {"rotation": "net-2"}
    assert last.kind == EventKind.OVERRIDE
    assert replayed(engine) == before
    withdraw_annotation(engine, "sheet/1")
    assert replayed(engine) == standing_labels(engine, "inversion")


def test_a_label_changed_behind_the_ledgers_back_is_named(engine):
    busy(engine)
    (first, *_) = standing_rows(ledger_rows(engine, TELLS_OF_LABELS))
    number = first.facts["label_id"]
    with engine.begin() as connection:
        connection.execute(update(labels).where(labels.c.id == number).values(label="normal"))
    assert labels_that_differ(engine) == [number]
    assert check_ledger(engine).fault is None


def test_a_row_changed_in_the_database_is_named(engine):
    busy(engine)
    with engine.begin() as connection:
        facts = connection.execute(select(ledger.c.facts).where(ledger.c.seq == 3)).scalar_one()
        change = update(ledger).where(ledger.c.seq == 3)
        connection.execute(change.values(facts=facts | {"label": "normal"}))
    assert check_ledger(engine).fault.seq == 3


def test_a_row_deleted_in_the_database_is_named(engine):
    busy(engine)
    with engine.begin() as connection:
        connection.execute(delete(ledger).where(ledger.c.seq == 4))
    assert check_ledger(engine).fault.seq == 4


def test_a_copy_that_was_kept_tells_of_rows_cut_off_at_the_end(engine, tmp_path):
    kept = tmp_path / "ledger.jsonl"
    add_labels(engine, [label("a")])
    write_ledger(engine, kept)
    assert len(kept.read_text().splitlines()) == 3
    add_labels(engine, [label("b")])
    assert compare_ledger(engine, kept) is None
    with engine.begin() as connection:
        connection.execute(delete(ledger).where(ledger.c.seq > 1))
    assert check_ledger(engine).fault is None
    assert compare_ledger(engine, kept).seq == 2


def test_a_file_that_is_no_copy_of_a_ledger_is_refused(engine, tmp_path):
    for content in ("no JSON\n", "[1, 2]\n"):
        (tmp_path / "wrong").write_text(content)
        with pytest.raises(InputFileError, match="radsieve ledger --out"):
            compare_ledger(engine, tmp_path / "wrong")
    with pytest.raises(InputFileError):
        compare_ledger(engine, tmp_path / "missing")


def test_programs_that_write_at_the_same_time_never_fork_the_chain(tmp_path):
    url = f"sqlite:///{tmp_path / 'shared.sqlite3'}"
    with_films(open_database(url)).dispose()
    assert_one_chain(url)


@pytest.mark.slow
def test_programs_that_write_to_postgresql_at_the_same_time_never_fork_the_chain(postgres_url):
    with_films(open_database(postgres_url)).dispose()
    assert_one_chain(postgres_url)


def test_labels_in_postgresql_are_replayed_as_they_stand(postgres_url):
    engine = with_films(open_database(postgres_url))
    busy(engine)
    assert replayed(engine) == standing_labels(engine, "inversion")
    assert labels_that_differ(engine) == []
    assert check_ledger(engine).fault is None
    assert rows_about(engine, "c")
    refuse_changed_tables(engine)
    engine.dispose()


_WRITER = """
import sys
from backend.base.adapters.database import open_database
from backend.labels.adapters.label_store import AnnotationVersion, put_annotation
from backend.labels.adapters.ledger_store import recorded
from backend.labels.core.labels import Label, LabelSource
me, rows, engine = sys.argv[1], int(sys.argv[2]), open_database(sys.argv[3])
for number in range(rows):
    said = Label("a", "inversion", "inverted", LabelSource.REVIEWER, f"{number:04d}", me)
    with recorded(engine) as recorder:
        put_annotation(recorder, AnnotationVersion(f"{me}/{number}", "once"), [said])
"""


def assert_one_chain(url):
    def write(name):
        command = [sys.executable, "-c", _WRITER, name, str(ROWS), url]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    with ThreadPoolExecutor(PROCESSES) as pool:
        done = list(pool.map(write, [f"user {number}" for number in range(PROCESSES)]))
    assert [one.stderr for one in done] == [""] * PROCESSES
    engine = open_database(url)
    check = check_ledger(engine)
    assert check.fault is None
    assert check.head.seq == 1 + 2 * PROCESSES * ROWS  # each tells of the table as well
    refuse_changed_tables(engine)
    assert replayed(engine) == standing_labels(engine, "inversion")
    engine.dispose()
