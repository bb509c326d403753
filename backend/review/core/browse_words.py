"""The words that the grid shows for tasks, labels, decisions, reasons and orders."""

from backend.base.core.detector_task import DetectorTask
from backend.labels.core.labels import Slice
from backend.review.core.browse import FilmOrder, HowDecided

_DECISIONS = {
    HowDecided.NOBODY: "nobody has decided",
    HowDecided.REPORT: "by the report",
    HowDecided.SUSPECTED: "suspected by a rule",
    HowDecided.POLICY: "by a policy",
    HowDecided.UNSEEN: "by a person, without a timed look",
    HowDecided.ONE_LOOK: "by one look",
    HowDecided.TWO_LOOKS: "by two looks",
    HowDecided.DISPUTED: "two looks disagree",
}
_REASONS = {
    "": "never shown",
    Slice.LIKELY.value: "likely bad",
    Slice.UNCERTAIN.value: "the detector was not sure",
    Slice.OUTLIER.value: "unlike the other films",
    Slice.AUDIT.value: "drawn at random",
    Slice.CONFLICT.value: "report and pixels disagree",
    Slice.FOLLOW_UP.value: "looked at again",
    Slice.REPORT_AUDIT.value: "drawn at random, among reports",
    Slice.AGAIN.value: "drawn at random earlier, and not looked at then",
    Slice.CHOSEN.value: "sent to review from the grid",
}
_ORDERS = {
    FilmOrder.PROBABLE: "most probable first",
    FilmOrder.IMPROBABLE: "least probable first",
    FilmOrder.UNSURE: "least sure first",
    FilmOrder.YOUNGEST: "youngest first",
    FilmOrder.OLDEST: "oldest first",
    FilmOrder.ARCHIVE: "as indexed",
    FilmOrder.SIMILAR: "most similar first",
}


def task_words(task: DetectorTask) -> str:
    """Return the grid's name of a detector task."""
    return task.display_name


def label_words(task: DetectorTask, label: str) -> str:
    """Return the grid's name of a label, with its sign, such as an arrow."""
    return task.signed_words(label)


def decision_words(decision: HowDecided) -> str:
    """Return in words how a film's label was decided."""
    return _DECISIONS[decision]


def reason_words(reason: str) -> str:
    """Return in words why a film was shown; an unknown reason is returned unchanged."""
    return _REASONS.get(reason, reason.replace("_", " "))


def order_words(order: FilmOrder) -> str:
    """Return an order of films in words."""
    return _ORDERS[order]
