"""Corrected copies of films, and what lies in boxes of them, beside the lists that name them."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from backend.base.core.errors import FilmChangedError, RadsieveError
from backend.base.core.pixel_change import UNCHANGED, PixelChange
from backend.export.adapters.copies import IndexedFile, write_corrected_copy
from backend.export.core.record import CopiesMade
from backend.export.loop.checked_lists import CheckedLists
from backend.export.loop.lists import ExportLists
from backend.labels.core.box import Box

CROPS_FOLDER = "crops"


@dataclass(frozen=True, slots=True)
class Copies:
    """What was copied, and the lists without the files that were found to have changed."""

    checked: CheckedLists
    made: CopiesMade = field(default_factory=lambda: CopiesMade(apply=False))
    failed: Mapping[str, str] = field(default_factory=dict)
    """File that a copy was to be made of -> why there is none."""


@dataclass(frozen=True, slots=True)
class _Copy:
    """A copy to make."""

    file: str
    target: Path
    change: PixelChange
    box: Box | None = None


def refuse_originals(lists: ExportLists, folder: Path | None) -> None:
    """Refuse a folder for copies, where there is one, that originals lie in.

    Raises:
        RadsieveError: one does.
    """
    if folder is None:
        return
    target = folder.resolve()
    for row in lists.copied:
        if target in Path(row.file).resolve().parents:
            raise RadsieveError(
                f"expected a folder for copies, got {folder}, where originals lie "
                f"({row.file}); choose another"
            )


def make_copies(checked: CheckedLists, folder: Path) -> Copies:
    """Write a corrected copy of each file that can be put right, and each box as a film of its own.

    A file that turns out to hold another film than was indexed is copied nowhere, and taken off the
    lists.

    Args:
        checked: the lists.
        folder: see `refuse_originals`. Boxes go to `crops/<task>/<film>_<label>`, put right, too.
    """
    film_of, failed = checked.known.archive.films, dict(checked.uncopied)
    made, changed = {True: 0, False: 0}, {}
    for copy in (*_corrected(checked, folder), *_crops(checked, folder)):
        source = IndexedFile(film_of[copy.file], copy.file)
        try:
            write_corrected_copy(source, copy.target, copy.change, copy.box)
            made[copy.box is None] += 1
        except FilmChangedError as error:
            failed[copy.file] = changed[copy.file] = str(error)
        except (RadsieveError, OSError) as error:
            failed[copy.file] = str(error)
    return Copies(checked.without(changed), CopiesMade(True, made[True], made[False]), failed)


def _corrected(checked: CheckedLists, folder: Path) -> Iterator[_Copy]:
    rows = checked.lists.corrections
    top = _top((row.file for row in rows), checked)
    for row in rows:
        yield _Copy(row.file, folder / os.path.relpath(row.file, top), row.change)


def _crops(checked: CheckedLists, folder: Path) -> Iterator[_Copy]:
    boxes, changes = checked.lists.boxes, {r.file: r.change for r in checked.lists.corrections}
    top = _top((box.row.file for box in boxes), checked)
    for box in boxes:
        row, source = box.row, Path(box.row.file)
        place = folder / CROPS_FOLDER / row.detector_task / os.path.relpath(source.parent, top)
        name = f"{source.stem}_{row.label}{source.suffix}"
        yield _Copy(row.file, place / name, changes.get(row.file, UNCHANGED), box.box)


def _top(files: Iterable[str], checked: CheckedLists) -> str:
    """Return the folder that copies are placed relative to, whichever films have changed since."""
    folders = [os.path.dirname(file) for file in (*files, *checked.uncopied)]  # noqa: PTH120
    return os.path.commonpath(folders) if folders else "/"
