"""What one answer in Label Studio says: the labels it gives, and what is kept of it."""

from collections.abc import Sequence
from dataclasses import replace

from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.errors import LabelStudioError
from backend.labels.core.labels import Label, annotation_name
from backend.review.adapters.label_studio.items import ItemAnswer
from backend.review.adapters.label_studio.shapes import ItemData, Result
from backend.review.adapters.screens.contact_sheet import labels_from_sheet, read_sheet_answer
from backend.review.adapters.screens.single_item import labels_from_single, read_single_answer
from backend.review.core.item import SHEET, Item, StoredAnswer
from backend.review.core.look import Call, LookOutcome, called_on_sheet


def labels_of(task: DetectorTask, item: Item, answer: ItemAnswer) -> list[Label]:
    """Return the labels that an answer gives; films whose answer is known get none.

    An item that asks for several detector tasks labels for them, too: a film with nothing wrong has
    the expected label of each that it covers, and so has a film of which something else was named.

    Raises:
        LabelStudioError: the answer is not one to this item.
    """
    when, who = answer.updated_at, answer.reviewer
    if item.kind != SHEET:
        given = labels_from_single(answer.data, answer.result, task, answered_at=when, reviewer=who)
        return [*given, *_covered(item, given)]
    sheet = read_sheet_answer(answer.data, answer.result, task)
    labels = labels_from_sheet(sheet, task, answered_at=when, reviewer=who)
    given = [label for label in labels if label.radiograph_id not in item.checks]
    decided = [label for label in given if not label.denied]
    return [*given, *(part for label in decided for part in _covered(item, [label]))]


def _covered(item: Item, given: Sequence[Label]) -> list[Label]:
    """Return the labels of a film for tasks that the item covers and that were not named."""
    named = {label.detector_task for label in given}
    return [
        replace(given[0], detector_task=part, label=expected)
        for part, expected in (item.covered or {}).items()
        if part not in named
    ]


def stored_answer(
    task: DetectorTask, item: Item, answer: ItemAnswer, outcome: LookOutcome
) -> StoredAnswer:
    """Return an answer as it is kept.

    Args:
        task: the detector task.
        item: what was answered.
        answer: as Label Studio holds it.
        outcome: what becomes of it.

    Raises:
        LabelStudioError: it counts, and is not one to this item.
    """
    return StoredAnswer(
        item_key=item.item_key,
        project_id=item.project_id,
        detector_task=task.name,
        annotation=annotation_name(item.item_key, answer.annotation_id),
        annotation_updated_at=answer.updated_at,
        reviewer=answer.reviewer,
        lead_time_s=answer.lead_time_s,
        outcome=outcome,
        shown=item.shown_ids if item.kind == SHEET else item.radiograph_ids,
        called=_says(task, item, answer.data, answer.result)
        if outcome is LookOutcome.COUNTED
        else {},
        suggested=_suggested(task, item, answer) if outcome is LookOutcome.COUNTED else None,
    )


def _suggested(task: DetectorTask, item: Item, answer: ItemAnswer) -> dict[str, Call] | None:
    if answer.suggested is None or task.answer is AnswerKind.BOX:
        return None
    try:
        return _says(task, item, answer.data, answer.suggested)
    except LabelStudioError:
        return None


def _says(
    task: DetectorTask,
    item: Item,
    data: ItemData,
    result: Result,
) -> dict[str, Call]:
    if item.kind == SHEET:
        sheet = read_sheet_answer(data, result, task)
        flagged = {film: film in sheet.flagged for film in sheet.radiograph_ids}
        return called_on_sheet(flagged, sheet.shown_label)
    return {item.radiograph_ids[0]: Call(read_single_answer(result, task))}
