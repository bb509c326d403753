"""The tables that `radsieve seed-reports` writes, and the corrections that it reads."""

import csv
import io
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from backend.base.adapters.files import open_atomically
from backend.base.core.errors import InputFileError
from backend.labels.adapters.label_table import table_rows
from backend.reports.core.seeded import Override
from backend.reports.core.spreadsheet_cell import plain_cell, safe_cell

OVERRIDE_COLUMNS = ("id", "label")

WriteRow = Callable[[Sequence[str]], object]


@contextmanager
def open_table(path: Path, columns: Sequence[str]) -> Iterator[WriteRow]:
    """Write a CSV row by row; it gets its name when it is complete, and is deleted otherwise.

    Cells that a spreadsheet would run get an apostrophe in front (`reports.core.spreadsheet_cell`).
    """
    with open_atomically(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        yield lambda row: writer.writerow([safe_cell(cell) for cell in row])
        text.flush()
        text.detach()


def read_overrides(path: Path, labels: Collection[str]) -> dict[str, Override]:
    """Return the labels that readers gave to reports, by report id.

    Args:
        path: CSV in UTF-8 with the columns `id`, `label` and perhaps `note`, as the page exports
            it; a row without a label is passed over.
        labels: those that may stand there.

    Raises:
        InputFileError: it cannot be read, a label is unknown, or two rows disagree on a report.
    """
    overrides: dict[str, tuple[int, Override]] = {}
    for line, row in table_rows(path, OVERRIDE_COLUMNS):
        report_id = plain_cell((row["id"] or "").strip())
        label = (row["label"] or "").strip().lower()
        if not report_id or not label:
            continue
        if label not in labels:
            raise InputFileError(
                f"{path}, line {line}: expected one of {', '.join(labels)}, got label {label!r}"
            )
        before, other = overrides.get(report_id, (0, None))
        if other and other.label != label:
            raise InputFileError(
                f"{path}: lines {before} and {line} are of one report and disagree ({other.label}, "
                f"{label}); delete one of them"
            )
        overrides[report_id] = (line, Override(label, plain_cell((row.get("note") or "").strip())))
    return {report_id: override for report_id, (_, override) in overrides.items()}
