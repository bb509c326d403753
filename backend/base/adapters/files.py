"""Files written whole or not at all."""

import gzip
import hashlib
import os
import secrets as random
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def write_atomically(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a file so that a reader, or a crash, sees the old content or the new, never half.

    Args:
        path: the name that the file takes.
        content: all of it.
        mode: what others may do with it at most; the umask of the process takes from that.
    """
    with open_atomically(path, mode) as file:
        file.write(content)


@contextmanager
def open_atomically(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Open a file for writing that takes its name when all is written, and is gone otherwise.

    Args:
        path: the name that the file takes.
        mode: see `write_atomically`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{random.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def keep(folder: Path, content: bytes) -> str:
    """Store bytes under their SHA-256, unless they are stored already, and return it."""
    sha256 = hashlib.sha256(content).hexdigest()
    if kept(folder, sha256) is None:
        write_atomically(_path(folder, sha256), gzip.compress(content, mtime=0), mode=0o600)
    return sha256


def kept(folder: Path, sha256: str) -> bytes | None:
    """Return the bytes stored under a digest; None where they are gone or were changed."""
    try:
        content = gzip.decompress(_path(folder, sha256).read_bytes())
    except (OSError, EOFError, zlib.error):
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def _path(folder: Path, sha256: str) -> Path:
    return folder / f"{sha256}.gz"
