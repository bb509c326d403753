"""Which label a film has whose spoiling is known: for made films, where the truth is no secret."""

from dataclasses import fields

from backend.base.core.detector_task import DetectorTask
from backend.base.core.pixel_change import UNCHANGED, PixelChange


def made_label(task: DetectorTask, truth: PixelChange) -> str:
    """Return the task's label of a film that was spoilt in this way.

    Only what the task asks about counts: for rotation it does not matter that a film is inverted.

    Raises:
        ValueError: the task's labels cannot be made, or none of them fits.

    >>> from backend.base.core.detector_task import DetectorTask, Thresholds
    >>> task = DetectorTask(
    ...     name="inversion", question="?", labels=("normal", "inverted"),
    ...     expected_label="normal", thresholds=Thresholds(0.7, 0.9), label_safe=frozenset(),
    ...     made_by={"normal": PixelChange(), "inverted": PixelChange(invert=True)},
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
