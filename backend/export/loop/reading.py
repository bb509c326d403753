"""What the labels, the archive and the predictions were at one moment, read once, as plain values.

An export, its report and `radsieve bias` read it where they begin, and hand it on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.archive.adapters.catalogue import films
from backend.archive.core.film import Film
from backend.archive.core.seal import Seal
from backend.archive.loop.seal import seal_of
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.detectors.adapters.versions.predictions import PredictionFile, PredictionTable
from backend.detectors.adapters.versions.registry import published_version
from backend.detectors.loop.proof import ProofDetector, proof_detector
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import Label, Verdict, verdicts
from backend.reports.loop.report_labels import counting_among


@dataclass(frozen=True, slots=True)
class TaskReading:
    """What is on record for one detector task."""

    task: DetectorTask
    standing: Sequence[Label]
    """The labels that stand, in the order recorded."""
    counting: Sequence[Label]
    """Those of them that decide: of a task that chooses a label, none of a report rule that did
    badly."""
    in_use: str | None
    """The published version."""


@dataclass(frozen=True, slots=True)
class ArchiveReading:
    """The films, and what is on record for each detector task."""

    films: Mapping[str, Film]
    """By radiograph id, ordered by thumbnail row; films without a file are left out."""
    seal: Seal
    by_task: Mapping[str, TaskReading]
    """By the name of the detector task."""

    @property
    def tasks(self) -> dict[str, DetectorTask]:
        """The detector tasks by name."""
        return {name: reading.task for name, reading in self.by_task.items()}

    @property
    def labels(self) -> dict[str, Sequence[Label]]:
        """By detector task, the labels that decide."""
        return {name: reading.counting for name, reading in self.by_task.items()}

    def verdicts(self) -> dict[str, dict[str, Verdict]]:
        """Return by detector task and radiograph id the verdicts on films that have a file."""
        return {
            name: {
                film: verdict
                for film, verdict in verdicts(reading.counting, reading.task).items()
                if film in self.films
            }
            for name, reading in self.by_task.items()
        }

    def proof_detectors(self) -> list[ProofDetector]:
        """Return the published versions that corrections have to pass."""
        asked = (
            proof_detector(reading.task, reading.in_use, reading.standing)
            for reading in self.by_task.values()
        )
        return [detector for detector in asked if detector is not None]


def read_archive(workspace: Workspace, tasks: Mapping[str, DetectorTask]) -> ArchiveReading:
    """Read films, seal, labels and published versions; a caller may hold the ledger meanwhile."""
    archive = films(workspace.database)
    seal = seal_of(workspace, archive)
    by_task = {name: _task_reading(workspace, task, seal) for name, task in tasks.items()}
    return ArchiveReading({film.radiograph_id: film for film in archive}, seal, by_task)


def _task_reading(workspace: Workspace, task: DetectorTask, seal: Seal) -> TaskReading:
    engine = workspace.database
    standing = standing_labels(engine, task.name)
    counting: Sequence[Label] = standing
    if task.answer is not AnswerKind.BOX:
        counting = counting_among(engine, task, standing, seal.films)
    return TaskReading(task, standing, counting, published_version(engine, task.name))


def read_tables(predictions: Path, reading: ArchiveReading) -> dict[str, PredictionTable]:
    """Return what the published version of each detector task predicts, where it predicts anything.

    Args:
        predictions: the folder of all predictions.
        reading: names the published versions.
    """
    files = {
        name: PredictionFile(predictions, name, of_task.in_use)
        for name, of_task in reading.by_task.items()
        if of_task.in_use
    }
    return {name: file.load() for name, file in files.items() if file.exists()}
