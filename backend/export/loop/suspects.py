"""What is suspected of the films of an archive, by detectors, rules and reports."""

from collections.abc import Mapping, Sequence

import numpy as np

from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.detectors.adapters.versions.predictions import PredictionTable
from backend.export.core.rows import wrong_films
from backend.export.core.suspects import (
    SUSPECTED_AT,
    Predicted,
    Suspect,
    VersionWord,
    suspects_of,
)
from backend.labels.core.cut_off_in_force import CutOffInForce
from backend.labels.core.labels import Label, Verdict


def suspects_by_task(
    tasks: Mapping[str, DetectorTask],
    labels: Mapping[str, Sequence[Label]],
    judged: Mapping[str, Mapping[str, Verdict]],
    tables: Mapping[str, PredictionTable],
    cut_offs: Mapping[str, Sequence[CutOffInForce]],
) -> dict[str, list[Suspect]]:
    """Return by detector task the films that are suspected and that nobody has decided about.

    Tasks whose answer is a box are left out. A film that somebody called bad for several tasks at
    once has been looked at: it is excluded for any problem until somebody names it, and no suspect
    of one of those tasks.

    Args:
        tasks: detector tasks by name.
        labels: by detector task, those that count.
        judged: by detector task and radiograph id, what those labels amount to.
        tables: by detector task, what the version in use predicts, where it predicts anything.
        cut_offs: by detector task, those by which a rule suspects.
    """
    suspects = {}
    for name, task in tasks.items():
        if task.answer is AnswerKind.CHOICE:
            table = tables.get(name)
            predicted = predicted_bad(task, table) if table else {}
            version = table.model_version if table else ""
            said = VersionWord(version, predicted, cut_offs.get(name, ()))
            suspects[name] = suspects_of(task, labels.get(name, ()), judged.get(name, {}), said)
    flagged = _flagged(tasks, judged)
    return {
        name: [film for film in of_task if film.radiograph_id not in flagged.get(name, ())]
        for name, of_task in suspects.items()
    }


def _flagged(
    tasks: Mapping[str, DetectorTask], judged: Mapping[str, Mapping[str, Verdict]]
) -> dict[str, set[str]]:
    """Return by part the films excluded for any problem, of which nobody has named it."""
    wrong = wrong_films(tasks, judged)
    return {part.name: set(wrong[name]) for name in wrong for part in tasks[name].parts}


def predicted_bad(task: DetectorTask, table: PredictionTable) -> dict[str, Predicted]:
    """Return by radiograph id what a version predicts of the films it suspects."""
    expected = table.labels.index(task.expected_label)
    films = list(table.frame["radiograph_id"])
    probabilities = table.probabilities(films).astype(np.float64)
    p_bad = 1.0 - probabilities[:, expected]
    probabilities[:, expected] = -1.0
    worst = [table.labels[place] for place in probabilities.argmax(axis=1)]
    return {
        film: Predicted(label, float(p))
        for film, label, p in zip(films, worst, p_bad, strict=True)
        if p >= SUSPECTED_AT
    }
