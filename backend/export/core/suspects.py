"""Suspected films that nobody has decided about: the rows of `suspects.csv`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from backend.base.core.detector_task import DetectorTask
from backend.export.core.rows import exclusion_reason
from backend.labels.core.cut_off_in_force import CutOffInForce
from backend.labels.core.labels import Label, LabelSource, Verdict, is_suspicion

SUSPECTED_AT = 0.5
"""A film is suspected from this probability on: it is more probably bad than not."""
_LEAST_SCORE = 0.5
"""Score of a film that a rule of an earlier radsieve suspects, which gave no score."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A film suspected for one detector task, that nobody has decided about."""

    radiograph_id: str
    detector_task: str
    suspicion: str
    """The suspected problem, and the detector, rule or report that suspects it, in words."""
    probability: float | None
    """Calibrated probability that the film is bad, 0 to 1; None where a report or a rule suspects
    it."""
    model_version: str
    """The version that suspects the film; empty where a report or an earlier rule does."""
    score: float
    """0 to 1, higher is worse: it orders suspects of all kinds, and is no probability."""


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
    """A version's prediction for one film."""

    label: str
    """The most probable label except the expected one."""
    p_bad: float
    """Probability of any label but the expected one, 0 to 1; for a rule, a score from 0 to 1."""


@dataclass(frozen=True, slots=True)
class VersionWord:
    """The predictions of the version in use for one detector task."""

    model_version: str
    """Empty where no version is in use."""
    predicted: Mapping[str, Predicted]
    """By radiograph id."""
    cut_offs: Sequence[CutOffInForce] = ()
    """The cut-offs beyond which a rule suspects films; empty for other tasks."""

    def rule(self, label: str) -> str:
        """Return the check that suspects a film, as in `a rule: grey_range below 0.3, ...`."""
        of_label = (cut_off for cut_off in self.cut_offs if cut_off.label == label)
        words = (f"a rule: {cut_off.where}, {cut_off.set_by}" for cut_off in of_label)
        return next(words, "a rule")


def suspects_of(
    task: DetectorTask,
    labels: Iterable[Label],
    judged: Mapping[str, Verdict],
    said: VersionWord,
) -> list[Suspect]:
    """Return the suspects of one detector task, each film once.

    Args:
        task: the detector task.
        labels: the labels of this task that count.
        judged: by radiograph id, the verdict of those labels.
        said: the predictions of the version in use.
    """
    decided = {film for film, verdict in judged.items() if verdict.is_decided(task)}
    by_version = {
        film: _predicted_suspect(task, film, predicted, said)
        for film, predicted in said.predicted.items()
        if film not in decided and predicted.p_bad >= SUSPECTED_AT
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
        suspects: the suspects of all detector tasks.
        files: radiograph id -> the files that hold the film.
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
    """Whether a label that does not decide says that the film is bad."""
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
