"""The facts of a review, read once from the database, for every page and command that says them."""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Engine

from backend.base.adapters.database import (
    model_versions,
    publications,
    sealed_films,
    written_files,
)
from backend.base.adapters.evidence_check import refuse_changed_tables
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.detectors.adapters.versions.predictions import PredictionTable
from backend.export.core.facts import (
    AnsweredItem,
    RandomDraw,
    ReviewFacts,
    ReviewMaterial,
    review_facts,
)
from backend.export.core.rows import corrections_of, wrong_films
from backend.export.loop.reading import ArchiveReading, read_archive, read_tables
from backend.export.loop.suspects import suspects_by_task
from backend.labels.core.labels import Verdict
from backend.review.adapters.answer_store import answers_taken_back
from backend.review.adapters.batch_store import draws
from backend.review.core.item import Item, StoredAnswer
from backend.review.loop.review_record import AnswerRecord

_BESIDES = (publications, model_versions, sealed_films, written_files)
"""What the facts rest on besides what the certificate does."""


def read_facts(workspace: Workspace, tasks: Mapping[str, DetectorTask]) -> ReviewFacts:
    """Read a workspace and return the facts of its review.

    Raises:
        ChangedEvidenceError: what is not evidence of a certificate, but of these facts, was
            changed.
    """
    refuse_changed_tables(workspace.database, _BESIDES)
    reading = read_archive(workspace.database, workspace.seal_terms, tasks)
    tables = read_tables(workspace.detector_files, reading)
    return review_facts(review_material(workspace.database, reading, tables))


def review_material(
    engine: Engine, reading: ArchiveReading, tables: Mapping[str, PredictionTable]
) -> ReviewMaterial:
    """Return all that the facts of the review are counted from; reads draws and lost answers.

    Args:
        engine: the database.
        reading: the films, labels and answers of the archive.
        tables: by detector task, what the version in use predicts.
    """
    tasks, verdicts = reading.tasks, reading.verdicts()
    record = reading.answered
    items = {item.item_key: item for item in record.items}
    wrong = wrong_films(tasks, verdicts)
    return ReviewMaterial(
        tasks=tasks,
        films=reading.films.keys(),
        answered=list(_answered(record, items)),
        withdrawn=[
            _asked(items[key]) for key, _ in answers_taken_back(engine, *tasks) if key in items
        ],
        draws=list(_draws(engine, record, tasks)),
        wrong=wrong,
        settled=reading.settled_bad,
        corrections=corrections_of(wrong, tasks).keys(),
        suspects=_suspected_films(reading, tables, verdicts),
    )


def _suspected_films(
    reading: ArchiveReading,
    tables: Mapping[str, PredictionTable],
    judged: Mapping[str, Mapping[str, Verdict]],
) -> dict[str, set[str]]:
    """Return the suspects by detector task; a task of which nothing is predicted may have none."""
    suspects = suspects_by_task(reading.tasks, reading.labels, judged, tables, reading.cut_offs)
    return {
        name: {suspect.radiograph_id for suspect in of_task} & reading.films.keys()
        for name, of_task in suspects.items()
        if of_task or name in tables
    }


def _answered(record: AnswerRecord, items: Mapping[str, Item]) -> Iterator[AnsweredItem]:
    for answer in record.answers:
        if answer.item_key in items:
            yield _answered_item(answer, items[answer.item_key])


def _answered_item(answer: StoredAnswer, item: Item) -> AnsweredItem:
    checks = [item.checks[shown] for shown in answer.shown if shown in item.checks]
    asked = set(answer.shown) - item.checks.keys()
    return AnsweredItem(
        asked=_asked(item),
        detector_task=item.detector_task,
        reviewer=answer.reviewer,
        kind=item.kind,
        films=frozenset(asked.union(check.radiograph_id for check in checks if not check.made)),
        shown=len(answer.shown),
        hidden=len(checks),
        seconds=answer.lead_time_s,
    )


def _asked(item: Item) -> frozenset[str]:
    return frozenset({item.detector_task, *(item.covered or {})})


def _draws(engine: Engine, record: AnswerRecord, tasks: Iterable[str]) -> Iterator[RandomDraw]:
    asked: dict[int, frozenset[str]] = {}
    for item in record.items:
        asked[item.batch_id] = asked.get(item.batch_id, frozenset()) | _asked(item)
    for drawn in draws(engine, *tasks, chosen=record.picks):
        own = frozenset({drawn.detector_task})
        yield RandomDraw(asked.get(drawn.batch_id, own) | own, frozenset(drawn.drawn))
