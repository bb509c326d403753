"""The draws that count for a detector task: its own, and those of looks at several tasks at once.

A joint draw was uniform over the films that nobody had looked at jointly. Those of them that the
task had not reviewed before are a uniform draw from all such films. What had been looked at jointly
without an answer to this task could not be drawn: it is set aside.
"""

from dataclasses import replace

from backend.adapters.batch_store import DrawRecord, draws, joint_items
from backend.adapters.label_store import first_reviewed
from backend.adapters.workspace import Workspace
from backend.core.detector_task import DetectorTask
from backend.loop.joint_looks import joint_first_looks


def first_looks(workspace: Workspace, task: DetectorTask) -> dict[str, str]:
    """Return by radiograph id when it was first looked at for a task, alone or among others."""
    own = first_reviewed(workspace.database, task.name)
    joint = joint_first_looks(workspace, task)
    return own | {film: min(at, own.get(film, at)) for film, at in joint.items()}


def draws_for(
    workspace: Workspace, task: DetectorTask, first_looked: dict[str, str]
) -> list[DrawRecord]:
    """Return the draws that count for a task, in the order drawn.

    Args:
        workspace: the archive.
        task: the detector task.
        first_looked: see `first_looks`.
    """
    own = draws(workspace.database, task.name)
    jointly = joint_first_looks(workspace, task, covered_only=False)
    joint = [
        _for_part(drawn, first_looked, jointly) for drawn in _joint_draws(workspace, task.name)
    ]
    return sorted([*own, *joint], key=lambda drawn: drawn.batch_id)


def _joint_draws(workspace: Workspace, part: str) -> list[DrawRecord]:
    """Return the draws of batches whose items cover a task."""
    covering = {
        item.batch_id: item.detector_task
        for item in joint_items(workspace.database)
        if part in (item.covered or {})
    }
    return [
        drawn
        for joint in dict.fromkeys(covering.values())
        for drawn in draws(workspace.database, joint)
        if drawn.batch_id in covering
    ]


def _for_part(
    drawn: DrawRecord, first_looked: dict[str, str], jointly: dict[str, str]
) -> DrawRecord:
    """Return a joint draw as one from the films that a task had not looked at.

    Args:
        drawn: the joint draw.
        first_looked: when each film was first looked at for the task.
        jointly: when each film was first looked at jointly, for this task or not.
    """
    before = {film for film, at in first_looked.items() if at < drawn.created_at}
    seen_jointly = {film for film, at in jointly.items() if at < drawn.created_at}
    closed = seen_jointly.union(drawn.ranked, drawn.set_aside)
    return replace(
        drawn,
        drawn_from=drawn.drawn_from - len(before - closed),
        drawn=[film for film in drawn.drawn if film not in before],
        set_aside=sorted({*drawn.set_aside, *(seen_jointly - before)}),
    )
