"""Tables in Excel workbooks, read by a child of bounded memory and time, which gives them as CSV.

A workbook is a packed folder of XML: a small one may hold anything.
"""

from pathlib import Path

from backend.base.adapters.bounded_child import ChildLimitError, run_bounded
from backend.base.core.errors import InputFileError

_WORKBOOK, _OTHER_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_BYTES = 100_000_000
_MEMORY_BYTES, _SECONDS, _MORE_BYTES = 600_000_000, 20, 1_000_000
"""What a workbook of a megabyte may take; a larger one gets more time."""


def is_workbook(head: bytes) -> bool:
    """Whether a file that begins like this may be a workbook of today's Excel."""
    return head.startswith(_WORKBOOK)


def other_workbook(head: bytes) -> bool:
    """Whether a file that begins like this is a workbook of an older Excel, or has a password."""
    return head.startswith(_OTHER_WORKBOOK)


def bounded_csv(path: Path, *, whole: bool) -> bytes:
    """Return the table of a workbook as CSV, a line for each row of its sheet.

    Args:
        path: the workbook.
        whole: whether more than the first rows are asked for.

    Raises:
        InputFileError: it is damaged, no workbook, or takes too much memory or time.
    """
    size = path.stat().st_size
    if size > _MOST_BYTES:
        raise InputFileError(f"{path} is a workbook of over 100 MB; save its table as CSV")
    function = "table_as_csv" if whole else "first_rows_as_csv"
    try:
        return run_bounded(
            f"backend.archive.adapters.excel_sheet:{function}",
            path.read_bytes(),
            memory_bytes=_MEMORY_BYTES,
            seconds=_SECONDS * (1 + size // _MORE_BYTES),
        )
    except ChildLimitError as error:
        raise InputFileError(
            f"cannot read {path} as an Excel workbook: {error}; save its table as CSV"
        ) from error
