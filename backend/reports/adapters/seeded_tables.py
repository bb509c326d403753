"""The corrections that `radsieve seed-reports` reads."""

from collections.abc import Collection
from pathlib import Path

from backend.base.core.errors import InputFileError
from backend.labels.adapters.label_table import table_rows
from backend.reports.core.seeded import Override

OVERRIDE_COLUMNS = ("id", "label")


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
        report_id = (row["id"] or "").strip()
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
        overrides[report_id] = (line, Override(label, (row.get("note") or "").strip()))
    return {report_id: override for report_id, (_, override) in overrides.items()}
