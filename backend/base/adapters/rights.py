"""Who may read what radsieve writes: in a workspace its owner alone, elsewhere whom they let."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OTHERS = 0o077
_given: list[int] = []
"""The masks that were in force before `private_files`, the last one last."""


@contextmanager
def private_files() -> Iterator[None]:
    """Make what this process and its children write inside readable by their user alone."""
    before = os.umask(_OTHERS)
    _given.append(before)
    try:
        yield
    finally:
        _given.pop()
        os.umask(before)


@contextmanager
def files_for_others(workspace: Path) -> Iterator[None]:
    """Give what is written outside of a workspace the rights that the user's umask asks for."""
    private = os.umask(_given[-1] if _given else _OTHERS)
    try:
        yield
    finally:
        os.umask(private)
        close_to_others(workspace)


def open_to_others(root: Path) -> list[Path]:
    """Return what others than the owner may read, write or list, the folder itself first.

    A file with an access list was given to somebody on purpose.
    """
    found = [
        root,
        *(Path(at) / name for at, folders, files in os.walk(root) for name in (*folders, *files)),
    ]
    return [path for path in found if _is_open(path)]


def close_to_others(root: Path) -> int:
    """Take all rights from others than the owner, and return of how many files and folders."""
    found = open_to_others(root)
    for path in found:
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~_OTHERS)
    return len(found)


def _is_open(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode) or not mode & _OTHERS:
            return False
        return "system.posix_acl_access" not in os.listxattr(path)
    except FileNotFoundError:  # a program that runs meanwhile removes files, too
        return False
