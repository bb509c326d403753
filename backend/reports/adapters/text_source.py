"""Text files as hospitals export them: packed or not, UTF-8, UTF-16, Windows' Latin, or a mix."""

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from backend.base.adapters.packed_file import DAMAGED, bounded_stream
from backend.base.core.errors import InputFileError

LONGEST_LINE = 10_000_000
"""Characters; a longer line is passed over."""
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_PACKED = {
    b"PK": "a packed file (zip, xlsx, docx)",
    b"%P": "a PDF",
    b"\xd0\xcf": "an old Office file",
}
_MIXED = "radsieve-utf8-or-cp1252"


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Decode as Windows Latin only the bytes that are not UTF-8."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", "replace"), error.end


codecs.register_error(_MIXED, _as_cp1252)


def decoded(content: bytes) -> str:
    """Return the text of a small file.

    >>> decoded("Hüfte".encode("cp1252")), decoded("Hüfte".encode("utf-16"))
    ('Hüfte', 'Hüfte')
    """
    encoding, errors = _encoding(content[:4])
    return content.decode(encoding, errors)


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """Open a text file, packed with gzip or not; line ends stay as they are.

    Raises:
        InputFileError: it cannot be read, is no text, or is damaged, also while it is being read.
    """
    try:
        with bounded_stream(path) as plain:
            yield _text(plain, path)
    except DAMAGED as error:
        reason = getattr(error, "strerror", None) or error
        raise InputFileError(f"cannot read {path}: {reason}; nothing was made of it") from error


def _text(plain: io.BufferedReader, path: Path) -> TextIO:
    head = plain.peek(4)[:4]
    if head[:2] in _PACKED:
        raise InputFileError(f"{path} is {_PACKED[head[:2]]}; save it as CSV or as text")
    encoding, errors = _encoding(head)
    if b"\0" in head and encoding == "utf-8-sig":
        raise InputFileError(f"{path} is no text, or UTF-16 without its mark; save it as UTF-8")
    return io.TextIOWrapper(plain, encoding=encoding, errors=errors, newline="")


def _encoding(head: bytes) -> tuple[str, str]:
    return ("utf-16", "replace") if head[:2] in _UTF16 else ("utf-8-sig", _MIXED)


class Lines:
    """The numbered lines of a text file; a line that is too long is left out."""

    def __init__(self, file: TextIO) -> None:
        """Start at the beginning of the file."""
        self._file = file
        self.number = 0
        """Number of the line that was returned last; the first is 1."""
        self.is_at_end = False
        """Whether the end of the file was reached."""
        self.too_long: list[int] = []
        """Numbers of the lines that were left out; the caller empties the list."""

    def __iter__(self) -> "Lines":
        """Return the iterator itself; each line is returned once."""
        return self

    def __next__(self) -> str:
        """Return the next line with its end."""
        while line := self._file.readline(LONGEST_LINE):
            self.number += 1
            if len(line) < LONGEST_LINE:
                return line
            self._pass_over(line)
        self.is_at_end = True
        raise StopIteration

    def _pass_over(self, line: str) -> None:
        self.too_long.append(self.number)
        while line and not line.endswith("\n"):
            line = self._file.readline(LONGEST_LINE)
