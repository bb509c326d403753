"""How each film's label was decided, from its labels and the looks at it."""

from collections.abc import Iterable, Mapping

from backend.base.core.detector_task import DetectorTask
from backend.labels.core.labels import Label, LabelSource, Verdict, is_suspicion
from backend.review.core.browse import CLASS_UNKNOWN, HowDecided
from backend.review.core.look import Look
from backend.review.core.second_look import disputed, settled_bad

_NOT_BY_A_PERSON = {LabelSource.REPORT: HowDecided.REPORT, LabelSource.RULE: HowDecided.POLICY}


def decisions(
    task: DetectorTask, verdicts: Mapping[str, Verdict], looks: Iterable[Look]
) -> dict[str, HowDecided]:
    """Return by radiograph id how the verdict was decided; films without a verdict are left out.

    A film whose two looks differ is in dispute, whatever the later look says.

    Args:
        task: the detector task.
        verdicts: the verdicts of the standing labels, by radiograph id.
        looks: all looks that count.
    """
    own = [look for look in looks if look.check is None]
    on_screen = {look.radiograph_id for look in own if look.on_screen}
    twice = settled_bad(own, task.expected_label)
    unsettled = set(disputed(own, task.expected_label))
    by_film = {}
    for film, verdict in verdicts.items():
        source = verdict.decided_by.source
        if film in unsettled:
            by_film[film] = HowDecided.DISPUTED
        elif source in _NOT_BY_A_PERSON:
            by_film[film] = _NOT_BY_A_PERSON[source]
        elif film in twice:
            by_film[film] = HowDecided.TWO_LOOKS
        else:
            by_film[film] = HowDecided.ONE_LOOK if film in on_screen else HowDecided.UNSEEN
    return by_film


def decided_label(task: DetectorTask, verdict: Verdict) -> int:
    """Return the number of the label that stands, or `CLASS_UNKNOWN`.

    A label that the task's file no longer has counts as `CLASS_UNKNOWN`, too.
    """
    known = verdict.label in task.labels
    return task.labels.index(verdict.label) if verdict.label and known else CLASS_UNKNOWN


def suspicions(
    task: DetectorTask, labels: Iterable[Label], verdicts: Mapping[str, Verdict]
) -> dict[str, int]:
    """Return by radiograph id the number of the label that a rule suspects; verdicts win.

    Args:
        task: the detector task.
        labels: the standing labels of this task; where a rule suspects several, the last counts.
        verdicts: the verdicts of these labels, by radiograph id; their films are left out.
    """
    return {
        label.radiograph_id: task.labels.index(label.label)
        for label in labels
        if label.radiograph_id not in verdicts
        and label.label in task.labels
        and is_suspicion(label, task)
    }
