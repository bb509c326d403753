"""Films that are suspected and that nobody has decided about: the rows of `suspects.csv`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from backend.base.core.detector_task import DetectorTask
from backend.export.core.rows import exclusion_reason
from backend.labels.core.cut_off_in_force import CutOffInForce
from backend.labels.core.labels import Label, LabelSource, Verdict, is_suspicion

SUSPECTED_AT = 0.5
"""A film is suspected when something is wrong with it more probably than not."""
_LEAST_SCORE = 0.5
"""Of a film that a rule of an earlier version suspects and that has no score."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A film that something seems wrong with for one detector task; nobody has decided about it."""

    radiograph_id: str
    detector_task: str
    suspicion: str
    """What is suspected, and by what."""
    probability: float | None
    """Calibrated probability that something is wrong; None where a report or a rule suspects it,
    which gives no probability."""
    model_version: str
    """That suspects it; empty where a report does."""
    score: float
    """0 to 1, higher is worse; orders suspects of all kinds and is no probability."""


@dataclass(frozen=True, slots=True)
class SuspectRow:
    """One file of a suspected film."""

    file: str
    detector_task: str
    suspicion: str
    probability: float | None
    model_version: str
    rank: int
    """1 is the worst."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """What a version predicts of one film."""

    label: str
    """The most probable one that is not expected."""
    p_bad: float
    """0 to 1: of anything but the expected label; of a rule, a score."""


@dataclass(frozen=True, slots=True)
class VersionWord:
    """What the version in use says of the films of one detector task."""

    model_version: str
    """Empty where there is none."""
    predicted: Mapping[str, Predicted]
    """By radiograph id."""
    cut_offs: Sequence[CutOffInForce] = ()
    """Of a rule: by which it suspects films."""

    def rule(self, label: str) -> str:
        """Return by what a rule suspects a film, as in `a rule: grey_range below 0.3, ...`."""
        of_label = (one for one in self.cut_offs if one.label == label)
        return next((f"a rule: {one.where}, {one.set_by}" for one in of_label), "a rule")


def suspects_of(
    task: DetectorTask,
    labels: Iterable[Label],
    judged: Mapping[str, Verdict],
    said: VersionWord,
) -> list[Suspect]:
    """Return the suspects of one detector task, each film once.

    Args:
        task: the detector task.
        labels: of this task, those that count.
        judged: by radiograph id, what those labels amount to.
        said: what the version in use says.
    """
    decided = {film for film, verdict in judged.items() if verdict.is_decided(task)}
    by_version = {
        film: _predicted_suspect(task, film, one, said)
        for film, one in said.predicted.items()
        if film not in decided and one.p_bad >= SUSPECTED_AT
    }
    by_label = {
        label.radiograph_id: _labelled_suspect(task, label, said)
        for label in labels
        if label.radiograph_id not in decided and _suspects(label, task, judged)
    }
    return list((by_label | by_version).values())


def suspect_rows(
    suspects: Iterable[Suspect], files: Mapping[str, Sequence[str]]
) -> list[SuspectRow]:
    """Return one row per file of every suspect, the worst first.

    Args:
        suspects: of all detector tasks.
        files: radiograph id -> the files that hold it.
    """
    listed = sorted(
        (-suspect.score, file, suspect.detector_task, suspect)
        for suspect in suspects
        for file in files.get(suspect.radiograph_id, ())
    )
    return [
        SuspectRow(
            file=file,
            detector_task=task,
            suspicion=suspect.suspicion,
            probability=suspect.probability,
            model_version=suspect.model_version,
            rank=rank,
        )
        for rank, (_, file, task, suspect) in enumerate(listed, start=1)
    ]


def _suspects(label: Label, task: DetectorTask, judged: Mapping[str, Verdict]) -> bool:
    """Whether a label that decides nothing says that something is wrong."""
    if is_suspicion(label, task):
        return label.label != task.expected_label
    verdict = judged.get(label.radiograph_id)
    return verdict is not None and verdict.decided_by is label and verdict.is_bad(task)


def _predicted_suspect(
    task: DetectorTask, film: str, predicted: Predicted, said: VersionWord
) -> Suspect:
    by_rule = task.rule is not None
    return Suspect(
        radiograph_id=film,
        detector_task=task.name,
        suspicion=f"{exclusion_reason(task, predicted.label)} "
        f"({said.rule(predicted.label) if by_rule else 'predicted'})",
        probability=None if by_rule else round(predicted.p_bad, 6),
        model_version=said.model_version,
        score=round(predicted.p_bad, 6),
    )


def _labelled_suspect(task: DetectorTask, label: Label, said: VersionWord) -> Suspect:
    by_report = label.source is LabelSource.REPORT
    reason = exclusion_reason(task, None if label.denied else label.label)
    return Suspect(
        radiograph_id=label.radiograph_id,
        detector_task=task.name,
        suspicion=f"{reason} ({'a report' if by_report else said.rule(label.label)})",
        probability=None,
        model_version="",
        score=round(label.confidence, 6) if by_report else _LEAST_SCORE,
    )
