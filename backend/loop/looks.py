"""Every look at a film that counted, in the order recorded."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from backend.adapters.answer_store import Answer, called_since, standing_answers
from backend.adapters.batch_store import Item, batch_picks, task_items
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.core.look import Look, Purpose, denied_label
from backend.loop.joint_looks import joint_calls


def looks(workspace: Workspace, task: DetectorTask) -> list[Look]:
    """Return the looks of a detector task, films whose answer was known among them.

    A look that was meant for several detector tasks is one for each of them that it answered; what
    it called the film is then a label of this task, and films whose answer was known are left out.
    """
    engine = workspace.database
    items = {item.item_key: item for item in task_items(engine, task.name)}
    answered = [
        (one, items[one.item_key], one.called)
        for one in standing_answers(engine, task.name)
        if one.item_key in items
    ]
    joint = list(joint_calls(workspace, task))
    batches = dict.fromkeys(item.batch_id for _, item, _ in (*answered, *joint))
    picks = {batch: batch_picks(engine, batch) for batch in batches}
    since = called_since(engine, task.name)
    own = [
        look
        for one in answered
        for look in _looks_of(*one, picks, since.get(one[0].annotation, {}))
    ]
    others = [_as_part(look, task) for one in joint for look in _looks_of(*one, picks, {})]
    return sorted([*own, *others], key=lambda look: look.answered_at) if others else own


def _as_part(look: Look, task: DetectorTask) -> Look:
    """Return a joint look as one for this task.

    A film that was not ticked was suggested as expected; of one that was, nothing was suggested.
    """
    unticked = look.suggested is not None and denied_label(look.suggested) is None
    return replace(look, suggested=task.expected_label if unticked else None)


def _looks_of(
    answer: Answer,
    item: Item,
    called: Mapping[str, str],
    picks: dict[int, dict[str, tuple[str, str]]],
    called_at: Mapping[str, str],
) -> Iterator[Look]:
    pace = None if answer.lead_time_s is None else answer.lead_time_s / max(1, len(answer.shown))
    for shown_id in (one for one in answer.shown if one in called):
        check = item.checks.get(shown_id)
        film = check.radiograph_id if check else shown_id
        slice_, _ = picks[item.batch_id].get(film, ("", ""))
        first = item.purpose is Purpose.FIRST and not check
        yield Look(
            radiograph_id=film,
            item_key=item.item_key,
            reviewer=answer.reviewer,
            answered_at=answer.annotation_updated_at,
            called=called[shown_id],
            suggested=(answer.suggested or {}).get(shown_id),
            purpose=item.purpose,
            slice=slice_ if first else "",
            batch_id=item.batch_id,
            seconds=pace,
            check=check,
            called_at=called_at.get(shown_id, ""),
        )
