"""Pictures of the films in the review batch, in the folder that Label Studio serves.

Each is noted in the database: from which film, when, how its greys were mapped, and what became of
it. A picture has its note before it has its files, so that nothing lies in the folder of which we
do not know.
"""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine

from backend.archive.adapters.archive_files import read_indexed
from backend.archive.adapters.catalogue import files_of_films
from backend.base.adapters.files import write_atomically
from backend.base.core.chunks import in_chunks
from backend.base.core.errors import FilmsGoneError, UnreadableFilmError
from backend.base.core.pixel_change import PixelChange
from backend.review.adapters.picture_store import (
    ShownPicture,
    as_shown,
    catalogued,
    current_pictures,
    note_picture,
    note_removed,
    standing_pictures,
)
from backend.review.adapters.review_jpeg import ReviewJpegs, review_jpegs

SMALLEST_FULL_SHEET = 24
"""With fewer films a sheet's cells are larger than the small pictures; it shows the large ones."""

_ID = re.compile(r"[0-9a-f]{20}")
_FILE_NAME = re.compile(r"([0-9a-f]{20})(?:_large)?\.jpg")
_AT_ONCE = 32
"""Films whose pictures are in memory at a time."""


def thumb_url(shown_id: str) -> str:
    """Return where Label Studio shows the small picture."""
    return _url(f"review/{shown_id}.jpg")


def large_url(shown_id: str) -> str:
    """Return where Label Studio shows the large picture."""
    return _url(f"review/{shown_id}_large.jpg")


def sheet_url(shown_id: str, *, films: int) -> str:
    """Return the picture that is sharp in a cell of a sheet of so many films."""
    return thumb_url(shown_id) if films >= SMALLEST_FULL_SHEET else large_url(shown_id)


def make_review_pictures(engine: Engine, folder: Path, radiograph_ids: Iterable[str]) -> None:
    """Make the pictures that are missing from the folder; the films are decoded at full size.

    Args:
        engine: the database, which names the films' files and notes the pictures.
        folder: where Label Studio reads the pictures.
        radiograph_ids: the films.

    Raises:
        FilmsGoneError: films cannot be shown, the first of which is named; all others have their
            pictures.
    """
    _make(engine, folder, {film: ShownPicture(film) for film in radiograph_ids})


def make_check_pictures(
    engine: Engine, folder: Path, checks: Mapping[str, tuple[str, PixelChange | None]]
) -> None:
    """Make pictures of films whose answer is known, under ids of their own.

    They are made and named as those of any film, and carry no metadata.

    Args:
        engine: the database, which names the films' files and notes the pictures.
        folder: where Label Studio reads the pictures.
        checks: by shown id, the film and what is done to its pixels (None: nothing).

    Raises:
        FilmsGoneError: as for `make_review_pictures`.
        ValueError: a shown id is not of the form of a radiograph id, or is a film's own.
    """
    odd = [shown_id for shown_id in checks if not _ID.fullmatch(shown_id)]
    taken = catalogued(engine, checks)
    if odd or taken:
        raise ValueError(
            f"a shown id must be 20 hex digits and no film's id, got {[*odd, *sorted(taken)][0]!r}"
        )
    _make(engine, folder, as_shown(checks))


def remove_pictures(engine: Engine, folder: Path, still_needed: Collection[str]) -> int:
    """Delete the pictures that no item needs; they can be made again.

    Files that are not ours are left alone. Call it in turn with pushes: pictures that are made
    meanwhile for items not planned yet would go as well.

    Args:
        engine: the database that notes the pictures.
        folder: where Label Studio reads the pictures.
        still_needed: shown ids; those of all detector tasks.

    Returns:
        How many films (and checks) have lost their pictures.
    """
    unneeded = (standing_pictures(engine) | _unnoted(engine, folder)) - set(still_needed)
    for shown_id in unneeded:
        _delete(folder, shown_id)
    note_removed(engine, unneeded)
    return len(unneeded)


def _unnoted(engine: Engine, folder: Path) -> set[str]:
    """Return the films whose pictures an earlier radsieve made, which kept no notes."""
    if not folder.is_dir():
        return set()
    names = (_FILE_NAME.fullmatch(path.name) for path in folder.iterdir())
    return catalogued(engine, {match[1] for match in names if match})


def _make(engine: Engine, folder: Path, wanted: Mapping[str, ShownPicture]) -> None:
    current = current_pictures(engine, list(wanted))
    to_do = {
        shown_id: shown
        for shown_id, shown in wanted.items()
        if current.get(shown_id) != shown or not _is_there(folder, shown_id)
    }
    problems: dict[str, str] = {}
    for shown_id, made in _rendered(engine, to_do):
        if isinstance(made, UnreadableFilmError):
            problems[to_do[shown_id].radiograph_id] = str(made)
        else:
            _delete(folder, shown_id)
            note_picture(engine, shown_id, to_do[shown_id], made)
            _write(folder, shown_id, made)
    if problems:
        film, reason = next(iter(problems.items()))
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise FilmsGoneError(
            f"film {film}{more} cannot be shown: {reason}; `radsieve why {film}` names its file",
            problems,
        )


def _rendered(
    engine: Engine, to_do: Mapping[str, ShownPicture]
) -> Iterator[tuple[str, ReviewJpegs | UnreadableFilmError]]:
    films = {shown.radiograph_id for shown in to_do.values()}
    paths = files_of_films(engine, films)

    def render(shown: ShownPicture) -> ReviewJpegs | UnreadableFilmError:
        try:
            film = shown.radiograph_id
            path, content = read_indexed(film, paths.get(film, ()))
            return review_jpegs(content, path, shown.change)
        except UnreadableFilmError as error:
            return error

    with ThreadPoolExecutor(os.cpu_count() or 1, "picture") as pool:
        for chunk in in_chunks(list(to_do), _AT_ONCE):
            made = pool.map(render, [to_do[shown_id] for shown_id in chunk])
            yield from zip(chunk, made, strict=True)


def _write(folder: Path, shown_id: str, made: ReviewJpegs) -> None:
    small, large = _files(folder, shown_id)
    write_atomically(large, made.large.content)
    write_atomically(small, made.thumb.content)


def _is_there(folder: Path, shown_id: str) -> bool:
    return all(path.is_file() for path in _files(folder, shown_id))


def _delete(folder: Path, shown_id: str) -> None:
    for path in _files(folder, shown_id):
        path.unlink(missing_ok=True)


def _files(folder: Path, shown_id: str) -> tuple[Path, Path]:
    return folder / f"{shown_id}.jpg", folder / f"{shown_id}_large.jpg"


def _url(relative: str) -> str:
    return f"/data/local-files/?d={quote(relative)}"
