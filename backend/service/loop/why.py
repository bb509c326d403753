"""The history of one film: what was read, done, predicted, shown and decided, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from backend.archive.adapters.catalogue import files_by_film, find_film, polarity_tags
from backend.archive.core.film import Film
from backend.archive.core.header_tags import tag_finding
from backend.archive.loop.seal import seal_of
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.detectors.adapters.versions.predictions import PredictionFile
from backend.detectors.adapters.versions.registry import publication_history
from backend.labels.adapters.label_store import label_history
from backend.labels.adapters.ledger_store import rows_about
from backend.labels.core.labels import verdicts
from backend.labels.core.ledger import EventKind, LedgerRow
from backend.labels.core.ledger_words import words_on_film
from backend.review.adapters.batch_store import picks_of_film


def why(workspace: Workspace, tasks: Mapping[str, DetectorTask], film_name: str) -> dict[str, Any]:
    """Return all that is known about a film, as plain values.

    Args:
        workspace: where it is indexed.
        tasks: detector tasks by name.
        film_name: a radiograph id (or its beginning), a path, or a unique file name.

    Raises:
        UnknownRadiographError: no film, or several, are called that.
    """
    film = find_film(workspace.database, film_name)
    of_tasks = {name: _task_facts(workspace, task, film) for name, task in tasks.items()}
    return {
        "radiograph_id": film.radiograph_id,
        "files": files_by_film(workspace.database)[film.radiograph_id],
        "size_px": [film.width_px, film.height_px],
        "normalisation": list(film.normalisation),
        "patient_known_by": film.patient_source,
        "sealed": film.radiograph_id in seal_of(workspace, [film]).films,
        "shown": [asdict(one) for one in picks_of_film(workspace.database, film.radiograph_id)],
        "tasks": of_tasks,
        "history": _history(workspace, film.radiograph_id, of_tasks),
    }


def _history(
    workspace: Workspace, film: str, of_tasks: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the rows of the ledger about a film; a publication with what the version says of it.

    Of publications only those are left out whose version says nothing of the film.
    """
    says = {
        (name, said["model_version"]): said["probabilities"]
        for name, facts in of_tasks.items()
        for said in facts["predictions"]
    }
    about = rows_about(workspace.database, film)
    rows = [_with_prediction(workspace, row, says) for row in about]
    return [asdict(words_on_film(row, film)) for row in rows if row is not None]


def _with_prediction(
    workspace: Workspace,
    row: LedgerRow,
    says: Mapping[tuple[str, str], Mapping[str, float]],
) -> LedgerRow | None:
    if row.kind != EventKind.PUBLISHED:
        return row
    name, version = row.detector_task or "", row.facts["model_version"]
    said = says.get((name, version))
    if said is None and PredictionFile(workspace.predictions, name, version).exists():
        return None
    return replace(row, facts={**row.facts, "says": said})


def _task_facts(workspace: Workspace, task: DetectorTask, film: Film) -> dict[str, Any]:
    history = label_history(workspace.database, task.name, film.radiograph_id)
    standing = [record.label for record in history if record.withdrawn_at is None]
    verdict = verdicts(standing, task).get(film.radiograph_id)
    predictions = _predictions(workspace, task, film)
    tag = polarity_tags(workspace.database, film.radiograph_id).get(film.radiograph_id)
    label = verdict.label if verdict else _best(predictions)
    return {
        "predictions": predictions,
        "tag": tag_finding(task, label, tag),
        "labels": [
            asdict(record.label) | {"withdrawn_at": record.withdrawn_at} for record in history
        ],
        "verdict": None if verdict is None else _verdict_words(task, verdict.label),
        "bad": verdict.is_bad(task) if verdict else None,
    }


def _best(predictions: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the most probable label by the version published last."""
    if not predictions:
        return None
    shares = predictions[-1]["probabilities"]
    return str(max(shares, key=shares.get))


def _verdict_words(task: DetectorTask, label: str | None) -> str:
    return label if label is not None else "undecided: the exact class is not known yet"


def _predictions(workspace: Workspace, task: DetectorTask, film: Film) -> list[dict[str, Any]]:
    found = []
    published = publication_history(workspace.database, task.name)
    for version in dict.fromkeys(publication.model_version for publication in published):
        file = PredictionFile(workspace.predictions, task.name, version)
        if not file.exists():
            continue
        row = file.load().probabilities([film.radiograph_id])[0]
        if not np.isnan(row).any():
            probabilities = {
                label: round(float(p), 6) for label, p in zip(task.labels, row, strict=True)
            }
            found.append({"model_version": version, "probabilities": probabilities})
    return found
