"""The rows of the exclusion list and of the correction list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backend.archive.core.header_tags import tag_finding, tag_mending
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.pixel_change import UNCHANGED, PixelChange
from backend.detectors.core.augment import merged_change
from backend.labels.core.labels import LabelSource, Verdict


class Decided(StrEnum):
    """How it was decided that a film is excluded."""

    TWO_LOOKS = "confirmed by two looks"
    ONE_LOOK = "confirmed by one look"
    """Also where a person moved the film to another folder."""
    POLICY = "policy"
    """A rule that a person has set on metadata or identity; nobody has to look."""
    PREDICTED = "predicted, nobody has decided"
    """A detector's prediction, listed because of `--predicted`. Somebody may have seen the film for
    another question, or without deciding this one."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One file that should not be used unchanged, for one reason."""

    file: str
    reason: str
    probability: float | None
    """Calibrated probability that the film is bad, 0 to 1, by `model_version`; None: no prediction.
    """
    detector_task: str
    model_version: str
    label_source: str
    """Empty where nobody has confirmed the prediction."""
    reviewer: str
    time: str
    decided: str
    """A value of `Decided`."""


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """The correction of one file: mirror first, then turn, then invert."""

    file: str
    turns_ccw: int
    invert: bool
    mirror: bool
    mend_tag: str = ""
    """How to correct the header's tag that inverts the film; empty where no tag does."""

    @property
    def change(self) -> PixelChange:
        """The change to apply to the film's pixels."""
        return PixelChange(self.turns_ccw, self.mirror, self.invert)


@dataclass(frozen=True, slots=True)
class UnprovenRow:
    """A file whose corrected picture a detector rejects; a person has to look at it again."""

    file: str
    reason: str


def exclusion_reason(task: DetectorTask, label: str | None, tag: str | None = None) -> str:
    """Return the problem in words, e.g. `rotation: turned_90` or `rotation: not upright`.

    Args:
        task: the detector task.
        label: the film's label; None where only the expected label is ruled out.
        tag: the end of the grey scale that is white by the film's header, see `polarity_tag`.
    """
    if label is None:
        return f"{task.name}: not {task.expected_label}"
    return f"{task.name}: {tag_finding(task, label, tag) or label}"


def second_copies(
    files: Mapping[str, Sequence[str]], task: DetectorTask, names: Mapping[str, str]
) -> list[Exclusion]:
    """Return a row for every file that has the same bytes as a file to keep.

    Args:
        files: radiograph id -> the files that hold the film, the one to keep first.
        task: the detector task that finds copies.
        names: file -> its name in lists.
    """
    return [
        Exclusion(
            file=file,
            reason=f"{task.name}: the same bytes as {names.get(paths[0], paths[0])}",
            probability=None,
            detector_task=task.name,
            model_version="",
            label_source=LabelSource.RULE.value,
            reviewer=f"rule {task.name}",
            time="",
            decided=Decided.POLICY.value,
        )
        for paths in files.values()
        for file in paths[1:]
    ]


def wrong_films(
    tasks: Mapping[str, DetectorTask], known: Mapping[str, Mapping[str, Verdict]]
) -> dict[str, dict[str, Verdict]]:
    """Return the bad verdicts by detector task and radiograph id, for tasks that choose a label.

    A verdict counts where a person or a policy has decided; a report only makes a film suspected.
    The verdict "any problem" of a film is left out once another task has named the problem.

    Args:
        tasks: detector tasks by name.
        known: by detector task, the verdicts by radiograph id.
    """
    bad = {
        name: {
            film: verdict
            for film, verdict in known.get(name, {}).items()
            if verdict.is_bad(task) and verdict.is_decided(task)
        }
        for name, task in tasks.items()
        if task.answer is AnswerKind.CHOICE
    }
    named = {
        name: {film for part in tasks[name].parts for film in bad.get(part.name, ())}
        for name in bad
    }
    return {
        name: {film: verdict for film, verdict in verdicts.items() if film not in named[name]}
        for name, verdicts in bad.items()
    }


def corrections_of(
    wrong: Mapping[str, Mapping[str, Verdict]], tasks: Mapping[str, DetectorTask]
) -> dict[str, PixelChange]:
    """Return the correction of each film that can be corrected, by radiograph id.

    Args:
        wrong: see `wrong_films`.
        tasks: detector tasks by name.
    """
    by_film: dict[str, list[Verdict]] = {}
    for verdicts in wrong.values():
        for film, verdict in verdicts.items():
            by_film.setdefault(film, []).append(verdict)
    changes = {film: correction_of(bad, tasks) for film, bad in by_film.items()}
    return {film: change for film, change in changes.items() if change is not None}


def correction_of(bad: Iterable[Verdict], tasks: Mapping[str, DetectorTask]) -> PixelChange | None:
    """Return the one change of pixels that corrects all problems of a film.

    None where no change of pixels corrects a problem, or a problem's exact class is not known. A
    film with both problems counts as mirrored first and turned second, the order in which films are
    made for training; the two changes do not commute.
    """
    made = [_made_by(verdict, tasks) for verdict in bad]
    known = [change for change in made if change is not None]
    if len(known) < len(made):
        return None
    whole = merged_change(known).inverse()
    return None if whole == UNCHANGED else whole


def _made_by(verdict: Verdict, tasks: Mapping[str, DetectorTask]) -> PixelChange | None:
    """Return the change of pixels that makes a correct film into one of this label."""
    made_by = tasks[verdict.detector_task].made_by
    return None if verdict.label is None else made_by.get(verdict.label)


def correction_rows(
    corrections: Mapping[str, PixelChange],
    files: Mapping[str, Sequence[str]],
    tags: Mapping[str, str] | None = None,
) -> list[CorrectionRow]:
    """Return one row per file of every film that can be corrected, sorted by file.

    Args:
        corrections: radiograph id -> the change that corrects the film.
        files: radiograph id -> the files that hold the film.
        tags: radiograph id -> the white end of the grey scale by its header, see `polarity_tag`.
    """
    rows = [
        CorrectionRow(
            file,
            change.turns_ccw,
            change.invert,
            change.mirror,
            tag_mending((tags or {}).get(film)) if change.invert else "",
        )
        for film, change in corrections.items()
        for file in files.get(film, ())
    ]
    return sorted(rows, key=lambda row: row.file)


def unproven_rows(
    refuted: Mapping[str, str], files: Mapping[str, Sequence[str]]
) -> list[UnprovenRow]:
    """Return one row per file of every film whose correction a detector rejects, sorted by file.

    Args:
        refuted: radiograph id -> the detector's reason.
        files: radiograph id -> the files that hold the film.
    """
    rows = [
        UnprovenRow(file, reason)
        for film, reason in refuted.items()
        for file in files.get(film, ())
    ]
    return sorted(rows, key=lambda row: row.file)
