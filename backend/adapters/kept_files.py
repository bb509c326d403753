"""Files kept as they were, each under the SHA-256 of its bytes."""

import gzip
import hashlib
import zlib
from pathlib import Path

from backend.adapters.files import write_atomically


def keep(folder: Path, content: bytes) -> str:
    """Keep these bytes, where they are not kept yet, and return their SHA-256."""
    sha256 = hashlib.sha256(content).hexdigest()
    if kept(folder, sha256) is None:
        write_atomically(_path(folder, sha256), gzip.compress(content, mtime=0))
    return sha256


def kept(folder: Path, sha256: str) -> bytes | None:
    """Return what was kept under a digest; None where it is gone, or has other bytes now."""
    try:
        content = gzip.decompress(_path(folder, sha256).read_bytes())
    except (OSError, EOFError, zlib.error):
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def _path(folder: Path, sha256: str) -> Path:
    return folder / f"{sha256}.gz"
