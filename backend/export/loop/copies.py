"""Corrected copies of films, and what lies in boxes of them, beside the lists that name them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from backend.archive.core.shown_names import copy_name
from backend.base.core.errors import FilmChangedError, RadsieveError, reason_of
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
                f"expected a folder for copies, got {folder}, where originals lie; choose another"
            )


def make_copies(checked: CheckedLists, folder: Path) -> Copies:
    """Write a corrected copy of each file that can be corrected, and each box as a film of its own.

    A file that turns out to hold another film than was indexed is copied nowhere, and taken off the
    lists.

    Args:
        checked: the lists.
        folder: see `refuse_originals`. Boxes go to `crops/<task>/<film>_<label>`, corrected, too.
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
            failed[copy.file] = reason_of(error)
    return Copies(checked.without(changed), CopiesMade(True, made[True], made[False]), failed)


def _corrected(checked: CheckedLists, folder: Path) -> Iterator[_Copy]:
    for row in checked.lists.corrections:
        yield _Copy(row.file, folder / _name(row.file, checked), row.change)


def _crops(checked: CheckedLists, folder: Path) -> Iterator[_Copy]:
    boxes, changes = checked.lists.boxes, {r.file: r.change for r in checked.lists.corrections}
    for box in boxes:
        row = box.row
        whole = folder / CROPS_FOLDER / row.detector_task / _name(row.file, checked)
        target = whole.with_name(f"{whole.stem}_{row.label}{whole.suffix}")
        yield _Copy(row.file, target, changes.get(row.file, UNCHANGED), box.box)


def _name(file: str, checked: CheckedLists) -> str:
    return copy_name(checked.known.names.get(file, file.lstrip("/")), file)
