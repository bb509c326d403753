"""The history of one film: what was read, done, predicted, shown and decided, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from sqlalchemy import Engine

from backend.archive.adapters.archive_files import read_indexed
from backend.archive.adapters.catalogue import files_of_films, find_film, polarity_tags
from backend.archive.adapters.film_names import film_names
from backend.archive.core.header_tags import tag_finding
from backend.archive.loop.seal import seal_of
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import FilmChangedError
from backend.base.core.ledger import EventKind, LedgerRow
from backend.detectors.adapters.versions.predictions import PredictionFile
from backend.detectors.adapters.versions.registry import publication_history
from backend.labels.adapters.label_store import LabelRecord, label_history
from backend.labels.adapters.ledger_store import rows_about
from backend.labels.core.labels import verdicts
from backend.labels.core.ledger_words import words_on_film
from backend.review.adapters.batch_store import picks_of_film


@dataclass(frozen=True, slots=True)
class FilmPrediction:
    """What one version that was ever published predicts of the film."""

    model_version: str
    probabilities: Mapping[str, float]
    """By label."""


@dataclass(frozen=True, slots=True)
class FilmTask:
    """What is known of the film for one detector task."""

    predictions: Sequence[FilmPrediction]
    """In the order in which the versions were first published."""
    tag: str | None
    """What the film's header has to do with its label, where it says anything of black and white.
    """
    labels: Sequence[LabelRecord]
    verdict: str | None
    """The label that decides, in words; None: nobody has said anything."""
    bad: bool | None

    def as_json(self) -> dict[str, object]:
        """Return plain values."""
        return {
            "predictions": [asdict(prediction) for prediction in self.predictions],
            "tag": self.tag,
            "labels": [_label_values(record) for record in self.labels],
            "verdict": self.verdict,
            "bad": self.bad,
        }


@dataclass(frozen=True, slots=True)
class FilmHistory:
    """All that is known about a film."""

    radiograph_id: str
    files: Sequence[str]
    changed: Mapping[str, str]
    """File that does not hold the film any more -> what is the matter; its bytes were read."""
    size_px: tuple[int, int]
    """Width and height."""
    normalisation: Sequence[str]
    """What was done to the film when it was read."""
    patient_known_by: str
    sealed: bool
    shown: Sequence[Mapping[str, object]]
    """The review batches that it was in, see `picks_of_film`."""
    tasks: Mapping[str, FilmTask]
    """By the name of the detector task."""
    history: Sequence[Mapping[str, object]]
    """The rows of the ledger about it, see `words_on_film`."""

    def as_json(self) -> dict[str, object]:
        """Return plain values."""
        return {
            "radiograph_id": self.radiograph_id,
            "files": list(self.files),
            "changed": dict(self.changed),
            "size_px": list(self.size_px),
            "normalisation": list(self.normalisation),
            "patient_known_by": self.patient_known_by,
            "sealed": self.sealed,
            "shown": [dict(pick) for pick in self.shown],
            "tasks": {name: task.as_json() for name, task in self.tasks.items()},
            "history": [dict(row) for row in self.history],
        }


def why(workspace: Workspace, tasks: Mapping[str, DetectorTask], film_name: str) -> FilmHistory:
    """Read all that is known about a film.

    Args:
        workspace: where it is indexed.
        tasks: detector tasks by name.
        film_name: a radiograph id (or its beginning), a path, or a unique file name.

    Raises:
        UnknownRadiographError: no film, or several, are called that.
    """
    engine, predictions = workspace.database, workspace.predictions
    film = find_film(engine, film_name)
    film_id = film.radiograph_id
    paths = files_of_films(engine, [film_id])[film_id]
    names = film_names(engine, [film_id], paths=workspace.settings.paths)[film_id]
    tag = polarity_tags(engine, film_id).get(film_id)
    by_task = {
        name: _film_task(engine, predictions, task, film_id, tag) for name, task in tasks.items()
    }
    return FilmHistory(
        radiograph_id=film_id,
        files=names,
        changed=_changed(film_id, dict(zip(paths, names, strict=True))),
        size_px=(film.width_px, film.height_px),
        normalisation=film.normalisation,
        patient_known_by=film.patient_source,
        sealed=film_id in seal_of(engine, workspace.seal_terms, [film]).films,
        shown=[asdict(pick) for pick in picks_of_film(engine, film_id)],
        tasks=by_task,
        history=_history(rows_about(engine, film_id), film_id, by_task, predictions),
    )


def _changed(film_id: str, names: Mapping[str, str]) -> dict[str, str]:
    changed = {}
    for path, name in names.items():
        try:
            read_indexed(film_id, [path])
        except FilmChangedError as error:
            changed[name] = str(error)
    return changed


def _history(
    rows: Sequence[LedgerRow], film: str, by_task: Mapping[str, FilmTask], predictions: Path
) -> list[Mapping[str, object]]:
    """Return the rows of the ledger about a film; a publication with what the version predicts.

    A publication is left out where the version has predictions, and none of this film.
    """
    predicted = {
        (name, prediction.model_version): prediction.probabilities
        for name, task in by_task.items()
        for prediction in task.predictions
    }
    with_predictions = (_with_prediction(row, predicted, predictions) for row in rows)
    return [asdict(words_on_film(row, film)) for row in with_predictions if row is not None]


def _with_prediction(
    row: LedgerRow,
    predicted: Mapping[tuple[str, str], Mapping[str, float]],
    predictions: Path,
) -> LedgerRow | None:
    if row.kind != EventKind.PUBLISHED:
        return row
    name, version = row.detector_task or "", row.facts["model_version"]
    probabilities = predicted.get((name, version))
    if probabilities is None and PredictionFile(predictions, name, version).exists():
        return None
    return replace(row, facts={**row.facts, "says": probabilities})


def _film_task(
    engine: Engine, predictions: Path, task: DetectorTask, film: str, tag: str | None
) -> FilmTask:
    labels = label_history(engine, task.name, film)
    standing = [record.label for record in labels if record.withdrawn_at is None]
    verdict = verdicts(standing, task).get(film)
    predicted = _predictions(engine, predictions, task, film)
    label = verdict.label if verdict else _best(predicted)
    return FilmTask(
        predictions=predicted,
        tag=tag_finding(task, label, tag),
        labels=labels,
        verdict=None if verdict is None else _verdict_words(verdict.label),
        bad=verdict.is_bad(task) if verdict else None,
    )


def _label_values(record: LabelRecord) -> dict[str, object]:
    """Return a label as plain values; a rule stands where a reviewer would."""
    values = asdict(record.label)
    del values["rule"]
    return values | {"reviewer": record.label.given_by, "withdrawn_at": record.withdrawn_at}


def _best(predictions: Sequence[FilmPrediction]) -> str | None:
    """Return the most probable label by the version that was first published last."""
    if not predictions:
        return None
    shares = predictions[-1].probabilities
    return max(shares, key=lambda label: shares[label])


def _verdict_words(label: str | None) -> str:
    return label if label is not None else "undecided: the exact class is not known yet"


def _predictions(
    engine: Engine, predictions: Path, task: DetectorTask, film: str
) -> list[FilmPrediction]:
    published = publication_history(engine, task.name)
    versions = dict.fromkeys(publication.model_version for publication in published)
    rows = (_prediction(predictions, task, version, film) for version in versions)
    return [row for row in rows if row is not None]


def _prediction(
    predictions: Path, task: DetectorTask, version: str, film: str
) -> FilmPrediction | None:
    file = PredictionFile(predictions, task.name, version)
    if not file.exists():
        return None
    row = file.load().probabilities([film])[0]
    if np.isnan(row).any():
        return None
    shares = {label: round(float(p), 6) for label, p in zip(task.labels, row, strict=True)}
    return FilmPrediction(version, shares)
