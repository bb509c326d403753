"""How a batch is laid out on contact sheets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.core.chunks import in_chunks
from backend.core.detector_task import DetectorTask


@dataclass(frozen=True, slots=True)
class PlannedSheet:
    """Films that are shown together because the detector puts them in one class."""

    shown_label: str
    radiograph_ids: tuple[str, ...]


def plan_sheets(
    predicted: Mapping[str, str], task: DetectorTask, sheet_films: int
) -> list[PlannedSheet]:
    """Return the sheets of a batch, suspected classes before the expected one.

    Films stand in the order of their ids, which are hashes: a reviewer cannot tell from its place
    whether a film was picked by the detector or drawn for the audit.

    Args:
        predicted: radiograph id -> most probable label.
        task: the detector task.
        sheet_films: at most so many films on a sheet.
    """
    order = sorted(task.labels, key=lambda label: label == task.expected_label)
    return [
        PlannedSheet(label, tuple(some))
        for label in order
        for some in in_chunks(_films_of(label, predicted), sheet_films)
    ]


def _films_of(label: str, predicted: Mapping[str, str]) -> Sequence[str]:
    return sorted(film for film, its_label in predicted.items() if its_label == label)
