"""What the labels, the archive and the predictions were at one moment, read once, as plain values.

An export, its report and `radsieve bias` read it where they begin, and hand it on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import films
from backend.archive.core.film import Film
from backend.archive.core.seal import Seal
from backend.archive.loop.seal import seal_of
from backend.base.adapters.workspace import DetectorFiles, SealTerms
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.detectors.adapters.versions.predictions import PredictionFile, PredictionTable
from backend.detectors.adapters.versions.registry import published_versions
from backend.detectors.adapters.versions.rule_judgement import cut_offs_of
from backend.detectors.loop.proof import ProofDetector, proof_detector
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.cut_off_in_force import CutOffInForce
from backend.labels.core.labels import Label, Verdict, verdicts
from backend.reports.loop.report_labels import counting_among
from backend.review.loop.looks import films_settled_bad
from backend.review.loop.review_record import AnswerRecord, read_answers


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
    cut_offs: Sequence[CutOffInForce] = ()
    """By which that version suspects films, where it is of a rule."""


@dataclass(frozen=True, slots=True)
class ArchiveReading:
    """The films, and what is on record for each detector task."""

    films: Mapping[str, Film]
    """By radiograph id, ordered by thumbnail row; films without a file are left out."""
    seal: Seal
    by_task: Mapping[str, TaskReading]
    """By the name of the detector task."""
    answered: AnswerRecord
    """What reviewers answered for these detector tasks."""
    settled_bad: Mapping[str, Sequence[str]]
    """By detector task, the films that two looks called bad, see `second_look.settled_bad`."""

    @property
    def tasks(self) -> dict[str, DetectorTask]:
        """The detector tasks by name."""
        return {name: reading.task for name, reading in self.by_task.items()}

    @property
    def labels(self) -> dict[str, Sequence[Label]]:
        """By detector task, the labels that decide."""
        return {name: reading.counting for name, reading in self.by_task.items()}

    @property
    def cut_offs(self) -> dict[str, Sequence[CutOffInForce]]:
        """By detector task, the cut-offs by which the published version of a rule suspects."""
        return {name: one.cut_offs for name, one in self.by_task.items() if one.cut_offs}

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


def read_archive(
    engine: Engine, terms: SealTerms, tasks: Mapping[str, DetectorTask]
) -> ArchiveReading:
    """Read films, seal, labels and published versions; a caller may hold the ledger meanwhile.

    Args:
        engine: the database.
        terms: decide which patients are sealed.
        tasks: detector tasks by name.
    """
    archive = films(engine)
    seal = seal_of(engine, terms, archive)
    standing = _by_task(standing_labels(engine, *tasks))
    in_use = published_versions(engine, tasks)
    cut_offs = cut_offs_of(engine, tasks, in_use)
    by_task = {
        name: TaskReading(
            task,
            standing.get(name, []),
            _counting(engine, task, standing.get(name, []), seal),
            in_use.get(name),
            cut_offs.get(name, ()),
        )
        for name, task in tasks.items()
    }
    answered = read_answers(engine, *tasks.values())
    settled = films_settled_bad(answered, tasks.values())
    by_id = {film.radiograph_id: film for film in archive}
    return ArchiveReading(by_id, seal, by_task, answered, settled)


def _by_task(labels: Iterable[Label]) -> dict[str, list[Label]]:
    by_task: dict[str, list[Label]] = {}
    for label in labels:
        by_task.setdefault(label.detector_task, []).append(label)
    return by_task


def _counting(
    engine: Engine, task: DetectorTask, standing: Sequence[Label], seal: Seal
) -> Sequence[Label]:
    """Return the labels that decide; only labels that choose can come from a report rule."""
    if task.answer is AnswerKind.BOX:
        return standing
    return counting_among(engine, task, standing, seal.films)


def read_tables(files: DetectorFiles, reading: ArchiveReading) -> dict[str, PredictionTable]:
    """Return what the published version of each detector task predicts, where it predicts anything.

    Args:
        files: where predictions lie, and how they were written.
        reading: names the published versions.

    Raises:
        ChangedEvidenceError: something else is there, or nothing.
    """
    in_use = {
        name: PredictionFile(files.predictions, name, of_task.in_use, files.written)
        for name, of_task in reading.by_task.items()
        if of_task.in_use
    }
    for file in in_use.values():
        file.refuse_lost()
    return {name: file.load() for name, file in in_use.items() if file.exists()}
