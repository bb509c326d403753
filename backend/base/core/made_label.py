"""The true label of a synthetic film, from the change that made it."""

from dataclasses import fields

from backend.base.core.detector_task import DetectorTask
from backend.base.core.pixel_change import UNCHANGED, PixelChange


def made_label(task: DetectorTask, truth: PixelChange) -> str:
    """Return the task's label of a film that was spoilt in this way.

    Only what the task asks about counts: for rotation it does not matter that a film is inverted.

    Raises:
        ValueError: the task's labels cannot be made, or none of them fits.

    >>> from backend.base.core.detector_task import DetectorTask, Thresholds
    >>> from backend.base.core.task_kinds import MadeLabels
    >>> task = DetectorTask(
    ...     name="inversion", question="?", labels=("normal", "inverted"),
    ...     expected_label="normal", thresholds=Thresholds(0.7, 0.9),
    ...     kind=MadeLabels(
    ...         made_by={"normal": PixelChange(), "inverted": PixelChange(invert=True)},
    ...         label_safe=frozenset(),
    ...     ),
    ... )
    >>> made_label(task, PixelChange(turns_ccw=2, invert=True))
    'inverted'
    """
    asked = [
        field.name
        for field in fields(PixelChange)
        if any(
            getattr(change, field.name) != getattr(UNCHANGED, field.name)
            for change in task.made_by.values()
        )
    ]
    for label, change in task.made_by.items():
        if all(getattr(change, name) == getattr(truth, name) for name in asked):
            return label
    raise ValueError(f"no label of {task.name!r} fits {truth}")
