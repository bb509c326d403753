"""Every look at a film that counted, in the order recorded."""

from collections.abc import Iterator

from backend.adapters.answer_store import Answer, standing_answers
from backend.adapters.batch_store import Item, batch_picks, task_items
from backend.adapters.workspace import Workspace
from backend.core.detector_task import DetectorTask
from backend.core.look import Look, Purpose


def looks(workspace: Workspace, task: DetectorTask) -> list[Look]:
    """Return the looks of a detector task, films whose answer was known among them."""
    engine = workspace.database
    items = {item.item_key: item for item in task_items(engine, task.name)}
    answered = [one for one in standing_answers(engine, task.name) if one.item_key in items]
    batches = dict.fromkeys(items[answer.item_key].batch_id for answer in answered)
    picks = {batch: batch_picks(engine, batch) for batch in batches}
    return [
        look for answer in answered for look in _looks_of(answer, items[answer.item_key], picks)
    ]


def _looks_of(
    answer: Answer, item: Item, picks: dict[int, dict[str, tuple[str, str]]]
) -> Iterator[Look]:
    pace = None if answer.lead_time_s is None else answer.lead_time_s / max(1, len(answer.shown))
    for shown_id in answer.shown:
        check = item.checks.get(shown_id)
        film = check.radiograph_id if check else shown_id
        slice_, _ = picks[item.batch_id].get(film, ("", ""))
        first = item.purpose is Purpose.FIRST and not check
        yield Look(
            radiograph_id=film,
            item_key=item.item_key,
            reviewer=answer.reviewer,
            answered_at=answer.annotation_updated_at,
            called=answer.called[shown_id],
            suggested=(answer.suggested or {}).get(shown_id),
            purpose=item.purpose,
            slice=slice_ if first else "",
            batch_id=item.batch_id,
            seconds=pace,
            check=check,
        )
