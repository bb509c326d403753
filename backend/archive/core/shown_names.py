"""What a file of the archive is called outside this machine: a path may say who the patient is."""

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence

from backend.archive.core.identity import RADIOGRAPH_ID_LENGTH

_NAME = re.compile(rf"([0-9a-f]{{{RADIOGRAPH_ID_LENGTH}}})(?:-\d+)?")


def shown_names(files: Mapping[str, Sequence[str]], *, paths: bool) -> dict[str, list[str]]:
    """Return by film what its files are called, in the same order.

    Args:
        files: radiograph id -> the paths of the files that hold it, sorted.
        paths: call them by their path below the folder that holds them all; otherwise by the
            film's id, the second file with a `-2` behind it, and so on.

    >>> shown_names({"d0607f": ["/a/doe/1.png", "/a/roe/1.png"]}, paths=False)
    {'d0607f': ['d0607f', 'd0607f-2']}
    >>> shown_names({"d0607f": ["/a/doe/1.png", "/a/roe/1.png"]}, paths=True)
    {'d0607f': ['doe/1.png', 'roe/1.png']}
    """
    if not paths:
        return {film: _by_id(film, len(of_film)) for film, of_film in files.items()}
    root = archive_root(path for of_film in files.values() for path in of_film)
    return {film: [below(root, path) for path in of_film] for film, of_film in files.items()}


def names_of_files(files: Mapping[str, Sequence[str]], *, paths: bool) -> dict[str, str]:
    """Return by file what it is called, see `shown_names`."""
    called = shown_names(files, paths=paths)
    return {
        path: name
        for film, of_film in files.items()
        for path, name in zip(of_film, called[film], strict=True)
    }


def film_of(name: str) -> str | None:
    """Return the film that `shown_names` calls so without paths; None: it is no such name."""
    match = _NAME.fullmatch(name)
    return match[1] if match else None


def archive_root(paths: Iterable[str]) -> str:
    """Return the deepest folder that holds all these files."""
    folders = {posixpath.dirname(path) for path in paths}
    return posixpath.commonpath(folders) if folders else "/"


def below(root: str, path: str) -> str:
    """Return a path as it is seen from a folder."""
    return posixpath.relpath(path, root)


def copy_name(shown: str, source: str) -> str:
    """Return how a copy of a file is called: as the file is, with the file's ending.

    >>> copy_name("d0607f-2", "/a/doe/1.png"), copy_name("doe/1.png", "/a/doe/1.png")
    ('d0607f-2.png', 'doe/1.png')
    """
    suffix = posixpath.splitext(source)[1]
    return shown if posixpath.splitext(shown)[1] == suffix else f"{shown}{suffix}"


def _by_id(film: str, files: int) -> list[str]:
    return [film, *(f"{film}-{number}" for number in range(2, files + 1))][:files]
