"""The files of an archive on disk: found in a fixed order, read without ever hanging."""

import glob
import os
import stat
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from backend.archive.adapters.pixels.film_reader import HEAD_BYTES, check_format, film_format
from backend.archive.core.identity import radiograph_id
from backend.base.core.errors import FilmChangedError, UnreadableFilmError

INDEX_AGAIN = "run `radsieve index` again on its folder"
MAX_FILE_BYTES = 2 << 30
"""No film is larger; a film is read whole, two or more at a time."""
MAX_STUDY_FILES = 20
"""A folder with more files than this is a heap of films, not one study."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One file of the archive, not read yet."""

    path: str
    """Absolute, as the user reaches it: links are not resolved."""
    size_bytes: int
    modified_ns: int
    study_folder: str | None = None
    """The study folder it lies in, by its name below the archive; None where it lies in none."""
    problem: str | None = None
    """Why it cannot be read at all."""


@dataclass(frozen=True, slots=True)
class _Listed:
    """A name that a folder lists; nothing has been asked about the file itself yet."""

    path: str
    study_folder: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class _Search:
    """State of one walk through the folders of an archive."""

    root: str
    leave_out: Collection[str]

    def takes(self, folder: str, name: str) -> bool:
        return not name.startswith(".") and f"{folder}/{name}" not in self.leave_out


def is_below(path: str, roots: Collection[str]) -> bool:
    """Tell whether a path is one of these paths, or lies in one of these folders.

    Args:
        path: absolute.
        roots: absolute; a set, where there are many.
    """
    while path not in roots and path:
        path = path.rpartition("/")[0]
    return bool(path) or "/" in roots


def expand(paths: Sequence[str]) -> list[str]:
    """Return files and folders as absolute paths, globs filled in, none inside another.

    A path that does not exist is left out; a broken link is kept, to be reported.
    """
    found: list[str] = []
    for path in paths:
        # pathlib globs below one folder only, and resolves links where it removes `..`.
        matches = [path] if os.path.lexists(path) else glob.glob(path, recursive=True)  # noqa: PTH207
        found += [os.path.abspath(match) for match in sorted(matches)]  # noqa: PTH100
    distinct = set(found)
    outer = (path for path in found if not is_below(path.rpartition("/")[0], distinct))
    return list(dict.fromkeys(outer))


def count_files(roots: Sequence[str], leave_out: Collection[str]) -> int:
    """Return how many files `find_files` will yield, without touching them."""
    return sum(1 for _ in _listed(roots, leave_out))


def find_files(roots: Sequence[str], leave_out: Collection[str]) -> Iterator[FoundFile]:
    """Yield every file, folder by folder, names in order; hidden ones are skipped.

    Args:
        roots: from `expand`.
        leave_out: files and folders that are passed over, such as a workspace in the archive.
    """
    for listed in _listed(roots, leave_out):
        yield _found(listed)


def state_of(path: str) -> FoundFile:
    """Return what the disk says of a file without opening it."""
    return _found(_Listed(path))


def read_content(found: FoundFile) -> bytes:
    """Read a file that arrives; one that is no image is left after its first bytes.

    Of a film of the index ask `read_indexed`: the file may be another by now.

    Raises:
        UnreadableFilmError: the reason, on one line.
    """
    if found.problem:
        raise UnreadableFilmError(found.problem)
    try:
        with _opened(found.path) as file:
            return _content(file, found.path)
    except OSError as error:
        raise UnreadableFilmError(_os_reason(error)) from error


def _opened(path: str) -> BinaryIO:
    # A pipe that took the file's place since it was found must not make us wait.
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb")


def begins_like_a_film(found: FoundFile) -> bool:
    """Tell by the first bytes of a file whether it may be a film."""
    if found.problem:
        return False
    try:
        with _opened(found.path) as file:
            return film_format(file.read(HEAD_BYTES)) is not None
    except OSError:
        return False


def read_indexed(film_id: str, paths: Iterable[str]) -> tuple[str, bytes]:
    """Return the first of a film's files that is still what was indexed, and what is in it.

    The one way to an indexed original. What is returned is what was checked: decode these bytes,
    and read the file no second time.

    Args:
        film_id: the radiograph id.
        paths: of all its copies.

    Raises:
        FilmChangedError: what is the matter with the last of them, on one line.
    """
    problem = "none of its files is in the index any more"
    for path in paths:
        try:
            content = read_content(state_of(path))
        except UnreadableFilmError as error:
            problem = str(error)
            continue
        came = radiograph_id(content)
        if came == film_id:
            return path, content
        problem = (
            "its file has changed since it was indexed: "
            f"expected the film {film_id}, got another, {came}"
        )
    raise FilmChangedError(f"{problem}; put it back or {INDEX_AGAIN}")


def _content(file: BinaryIO, path: str) -> bytes:
    # Asked of the open file: another may have taken the name since it was found.
    state = os.fstat(file.fileno())
    if problem := _problem_of(state):
        raise UnreadableFilmError(problem)
    check_format(file.read(HEAD_BYTES), path)
    file.seek(0)
    # No more, though it may grow while it is read.
    return file.read(state.st_size)


def _listed(roots: Sequence[str], leave_out: Collection[str]) -> Iterator[_Listed]:
    for root in roots:
        if Path(root).is_dir():
            yield from _walk(root, _Search(root, leave_out), frozenset())
        else:
            yield _Listed(root)


def _walk(folder: str, search: _Search, ancestors: frozenset[tuple[int, int]]) -> Iterator[_Listed]:
    try:
        here = Path(folder).stat()
        with os.scandir(folder) as entries:
            names = sorted((entry.is_dir(), entry.name) for entry in entries)
    except OSError as error:
        yield _Listed(folder, problem=_os_reason(error))
        return
    identity = (here.st_dev, here.st_ino)
    if identity in ancestors:
        return
    shown = [(is_dir, name) for is_dir, name in names if search.takes(folder, name)]
    file_count = sum(not is_dir for is_dir, _ in shown)
    study = _study_folder(folder, search.root) if file_count <= MAX_STUDY_FILES else None
    for is_dir, name in shown:
        if is_dir:
            yield from _walk(f"{folder}/{name}", search, ancestors | {identity})
        else:
            yield _Listed(f"{folder}/{name}", study)


def _study_folder(folder: str, root: str) -> str | None:
    if folder == root:
        return None
    # With the archive's own name in front, `study1` of two archives are two studies.
    return os.path.relpath(folder, Path(root).parent)


def _found(listed: _Listed) -> FoundFile:
    path = _storable(listed.path)
    if path != listed.path:
        return FoundFile(path, -1, -1, problem="its name is not UTF-8; rename it")
    if listed.problem:
        return FoundFile(path, -1, -1, problem=listed.problem)
    try:
        state = Path(path).stat()
    except OSError as error:
        broken = "broken link" if Path(path).is_symlink() else _os_reason(error)
        return FoundFile(path, -1, -1, problem=broken)
    problem = _problem_of(state)
    if not stat.S_ISREG(state.st_mode):
        return FoundFile(path, -1, -1, problem=problem)
    return FoundFile(path, state.st_size, state.st_mtime_ns, listed.study_folder, problem)


def _problem_of(state: os.stat_result) -> str | None:
    if not stat.S_ISREG(state.st_mode):
        return "not a regular file"
    size = state.st_size
    return f"huge: {size / (1 << 30):.1f} GiB, more than 2 GiB" if size > MAX_FILE_BYTES else None


def _storable(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _os_reason(error: OSError) -> str:
    return f"cannot be opened: {error.strerror or type(error).__name__}"
