"""Files written whole or not at all."""

import gzip
import hashlib
import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def write_atomically(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file so that a reader, or a crash, sees the old content or the new, never half."""
    with open_atomically(path, mode) as file:
        file.write(content)


@contextmanager
def open_atomically(path: Path, mode: int = 0o644) -> Iterator[BinaryIO]:
    """Open a file for writing that takes its name when all is written, and is gone otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary = Path(name)
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def keep(folder: Path, content: bytes) -> str:
    """Store bytes under their SHA-256, unless they are stored already, and return it."""
    sha256 = hashlib.sha256(content).hexdigest()
    if kept(folder, sha256) is None:
        write_atomically(_path(folder, sha256), gzip.compress(content, mtime=0))
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
