"""A workspace as it looks in the middle of a review, made from rows alone: no pixels, no training.

Films, predictions, a published version of each detector, batches with their draws, sheets and
answers. The pictures that ranking reads (16 x 16 sketches) are noise.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from sqlalchemy import Engine, insert

from backend.archive.adapters.catalogue import films
from backend.base.adapters.database import files, radiographs
from backend.base.adapters.workspace import Workspace
from backend.base.core.chunks import in_chunks
from backend.base.core.detector_task import DetectorTask
from backend.detectors.adapters.versions.model_folder import save_folder
from backend.detectors.adapters.versions.predictions import PredictionFile
from backend.detectors.adapters.versions.registry import record_publication, register_version
from backend.detectors.core.model_card import HeadCard, ModelCard, TrainingFacts
from backend.labels.adapters.label_store import AnnotationVersion, put_annotation
from backend.labels.adapters.ledger_store import recorded
from backend.labels.core.labels import Label, LabelSource, Slice
from backend.review.adapters.answer_store import Read, keep_answer
from backend.review.adapters.batch_store import close_item, record_batch
from backend.review.core.item import SHEET, BatchFacts, Item, StoredAnswer
from backend.review.core.look import Call, LookOutcome, called_on_sheet
from backend.review.core.ranking.pool import Pick

_INDEXED_AT = "2026-01-01T00:00:00+00:00"
_SKETCH_BYTES = 256
_CHUNK = 1000
_BAD_EVERY = 20
_SHEET_FILMS = 48
_BATCH_FILMS = 96
_PACE_S = 0.9


def made_archive(root: Path, count: int) -> Workspace:
    """Return a workspace with so many films in its catalogue; none of them has a picture."""
    workspace = Workspace.open_or_make(root)
    ids = [film_id(number) for number in range(count)]
    with workspace.database.begin() as connection:
        for some in in_chunks(range(count), _CHUNK):
            connection.execute(insert(radiographs), [_film(ids[place], place) for place in some])
            connection.execute(insert(files), [_file(ids[place]) for place in some])
    sketches = np.random.default_rng(0).integers(0, 256, count * _SKETCH_BYTES, dtype=np.uint8)
    (workspace.root / "sketches.u8").write_bytes(sketches.tobytes())
    return workspace


def film_id(number: int) -> str:
    """Return the id of a made film."""
    return f"{number:020x}"


def _film(film: str, row: int) -> dict[str, object]:
    return {
        "radiograph_id": film,
        "thumbnail_row": row,
        "width_px": 2000,
        "height_px": 2000,
        "file_format": "png",
        "normalisation": [],
        "dicom_tags": {},
        "patient_key": f"patient {row // 2}",
        "patient_source": "folder",
        "indexed_at": _INDEXED_AT,
        "study_key": "",
    }


def _file(film: str) -> dict[str, object]:
    return {
        "path": f"/archive/{film}.png",
        "radiograph_id": film,
        "size_bytes": 1,
        "modified_ns": 1,
        "indexed_at": _INDEXED_AT,
    }


def publish_made(workspace: Workspace, task: DetectorTask, seed: int = 1) -> None:
    """Publish a version of a detector that predicts at random; it calls every tenth film bad."""
    rng = np.random.default_rng(seed)
    ids = [film.radiograph_id for film in films(workspace.database)]
    surely = rng.beta(9, 1, len(ids))
    surely[::10] *= 0.4
    rest = np.repeat(((1 - surely) / (len(task.labels) - 1))[:, None], len(task.labels), axis=1)
    rest[:, task.labels.index(task.expected_label)] = surely
    head = HeadCard(task.labels, task.expected_label, temperature=1.0)
    card = ModelCard(heads={task.name: head}, training=TrainingFacts(more={"seed": seed}))
    version = save_folder(workspace.models, "made", card.as_json(), b"")
    predictions = PredictionFile(workspace.predictions, task.name, version, workspace.written)
    predictions.write_part(ids, task.labels, rest.astype(np.float32))
    predictions.join()
    register_version(workspace.database, task.name, version, reviewer_labels=0, judgement={})
    record_publication(workspace.database, task.name, version, reason="made")


def review_batches(
    workspace: Workspace,
    task: DetectorTask,
    batches: int,
    *,
    covered: Sequence[DetectorTask] = (),
    begin: int = 0,
) -> None:
    """Put batches of two sheets on record, with their answers; every twentieth film is called bad.

    Args:
        workspace: with films; those from number `begin` on are shown, in the order of their ids.
        task: the detector task that is asked for.
        batches: how many.
        covered: tasks that the same looks answer.
        begin: the number of the first film that is shown.
    """
    for batch in range(batches):
        start = begin + batch * _BATCH_FILMS
        shown = [film_id(number) for number in range(start, start + _BATCH_FILMS)]
        half = len(shown) // 2
        picks = [Pick(film, Slice.LIKELY, "made") for film in shown[:half]]
        picks += [Pick(film, Slice.AUDIT, "made", inclusion=0.01) for film in shown[half:]]
        count = len(films(workspace.database))
        facts = BatchFacts(task.name, "made", batch, count, count - start - half)
        sheets = list(in_chunks(shown, _SHEET_FILMS))
        items_of = partial(_items, task, sheets, covered)
        number = record_batch(workspace.database, facts, picks, items_of)
        for item in items_of(number):
            _answer(workspace.database, task, item, covered)


def _items(
    task: DetectorTask, sheets: Sequence[Sequence[str]], covered: Sequence[DetectorTask], batch: int
) -> list[Item]:
    expected = {part.name: part.expected_label for part in covered} or None
    return [
        Item(
            f"{batch}-{position}", 1, batch, position, task.name, SHEET, task.expected_label,
            tuple(shown), covered=expected,
        )
        for position, shown in enumerate(sheets)
    ]  # fmt: skip


def _answer(
    engine: Engine, task: DetectorTask, item: Item, covered: Sequence[DetectorTask]
) -> None:
    shown, batch, position = item.radiograph_ids, item.batch_id, item.position
    flagged = {film: int(film, 16) % _BAD_EVERY == 0 for film in shown}
    called = called_on_sheet(flagged, task.expected_label)
    at = f"2026-02-{1 + batch // 24:02d}T{batch % 24:02d}:{position:02d}:00+00:00"
    name = f"{item.item_key}/1"
    answer = StoredAnswer(
        item.item_key, 1, task.name, name, at, "user 1", _PACE_S * len(shown),
        LookOutcome.COUNTED, item.shown_ids, called,
        dict.fromkeys(shown, Call(task.expected_label)),
    )  # fmt: skip
    labels = [_label(film, task, called[film], at) for film in shown]
    labels += [
        _label(film, part, Call(part.expected_label), at)
        for part in covered
        for film in shown
        if not flagged[film]
    ]
    with recorded(engine) as recorder:
        keep_answer(recorder, answer, Read())
        put_annotation(recorder, AnnotationVersion(name, at), labels)
    close_item(engine, item)


def _label(film: str, task: DetectorTask, called: Call, at: str) -> Label:
    facts = (film, task.name, called.label, LabelSource.REVIEWER, at, "user 1")
    return Label(*facts, denied=called.denied)
