"""Files packed with gzip, bzip2 or xz, unpacked as they are read, no further than makes sense."""

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

PLAIN_BYTES, PLAIN_BYTES_PER_PACKED = 32_000_000, 12
"""So much may a packed file hold, and so many times its size besides. Text packs to a third
or a tenth."""
_OPENERS: dict[bytes, Callable[[BinaryIO], object]] = {
    b"\x1f\x8b": gzip.open,
    b"BZ": bz2.open,
    b"\xfd7": lzma.open,
}
DAMAGED = (OSError, EOFError, zlib.error, lzma.LZMAError)
"""What is raised while a file is read that cannot be, or that holds too much."""
_BUFFER_BYTES = 1 << 16


class _Bounded(io.RawIOBase):
    """Reads another file up to a number of bytes; more is an error."""

    def __init__(self, file: BinaryIO, most_bytes: int) -> None:
        self._file, self._most_bytes, self._left = file, most_bytes, most_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        content = self._file.read(len(into))
        self._left -= len(content)
        if self._left < 0:
            raise OSError(
                f"more than {self._most_bytes:,} bytes are packed into it; if they are meant, "
                "unpack it first"
            )
        into[: len(content)] = content
        return len(content)


@contextmanager
def bounded_stream(path: Path) -> Iterator[io.BufferedReader]:
    """Open a file to read what it holds from beginning to end; whether it is packed its head says.

    Raises:
        OSError: it cannot be read, or holds more than `PLAIN_BYTES` and `PLAIN_BYTES_PER_PACKED`
            times its size.
    """
    with path.open("rb") as raw:
        opener = _OPENERS.get(raw.read(2))
        raw.seek(0)
        if opener is None:
            yield raw
            return
        most = PLAIN_BYTES + PLAIN_BYTES_PER_PACKED * path.stat().st_size
        with cast(BinaryIO, opener(raw)) as plain:
            yield io.BufferedReader(_Bounded(plain, most), _BUFFER_BYTES)
