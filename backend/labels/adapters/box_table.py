"""A table of boxes that a user already has: `file,label,left,top,width,height` in pixels."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import films
from backend.base.adapters.database import utc_now
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import InputFileError
from backend.labels.adapters.label_table import GIVEN_BY, FilmLookup, table_rows
from backend.labels.core.box import SIDES, BadBoxError, Box, LabelledBox
from backend.labels.core.labels import Label, LabelSource

COLUMNS = ("file", "label", *SIDES)


def read_box_table(path: Path, task: DetectorTask, engine: Engine) -> list[Label]:
    """Return one label per film, with its boxes, as if a reviewer had drawn them now.

    Args:
        path: CSV in UTF-8, one box a row; `file` is the path or the name of an indexed file, or a
            radiograph id; the four numbers are pixels of the original film.
        task: whose boxes they are.
        engine: the database, to find the films.

    Raises:
        InputFileError: it cannot be read, or a row names an unknown film or label, is no box on the
            film, or draws a label twice; the first such row is named.
    """
    lookup, now = FilmLookup(engine), utc_now()
    sizes = {film.radiograph_id: (film.width_px, film.height_px) for film in films(engine)}
    drawn: dict[str, list[LabelledBox]] = {}
    for line, row in table_rows(path, COLUMNS):
        where = f"{path}, line {line}"
        film = lookup.radiograph_id((row["file"] or "").strip(), where)
        boxes = drawn.setdefault(film, [])
        boxes.append(_box(row, sizes[film], where))
        _check_label(boxes, task, where)
    return [
        Label(
            film,
            task.name,
            task.expected_label,
            LabelSource.REVIEWER,
            now,
            GIVEN_BY,
            boxes=tuple(boxes),
        )
        for film, boxes in drawn.items()
    ]


def _box(row: Mapping[str, str | None], size_px: tuple[int, int], where: str) -> LabelledBox:
    try:
        sides = [float(row[side] or "") for side in SIDES]
        box = Box.from_pixels(sides, size_px)
    except ValueError as error:
        raise InputFileError(
            f"{where}: expected numbers in {', '.join(SIDES)}, got {error}"
        ) from error
    except BadBoxError as error:
        raise InputFileError(f"{where}: {error}") from error
    return LabelledBox((row["label"] or "").strip(), box)


def _check_label(boxes: Sequence[LabelledBox], task: DetectorTask, where: str) -> None:
    *before, last = (box.label for box in boxes)
    if last not in task.labels or last in before:
        what = "a second box of" if last in before else "label"
        raise InputFileError(
            f"{where}: expected one box each of {', '.join(task.labels)}, got {what} {last!r}"
        )
