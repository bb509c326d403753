"""Write what was found: the exclusion list, the correction list, and corrected copies."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.adapters.corrected_copy import write_corrected_copy
from backend.adapters.files import write_atomically
from backend.adapters.workspace import Workspace
from backend.core.detector_task import DetectorTask
from backend.core.errors import RadsieveError
from backend.core.export_rows import CorrectionRow
from backend.loop.export_boxes import BoxRow, write_crops
from backend.loop.export_lists import COPY, ExportLists, export_lists
from backend.loop.export_record import record_export, this_moment
from backend.loop.proof import unproven

__all__ = ["COPY", "ExportReport", "export"]


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written, and what nobody has looked at yet."""

    exclusions: int
    corrections: int
    unproven: int
    """Files whose correction the detectors refute; listed for a second look, not corrected."""
    unreviewed: Mapping[str, int]
    """Detector task -> films surely predicted bad that no reviewer has seen."""
    boxes: int
    copies: int
    crops: int
    failed: Mapping[str, str]
    """File that could not be corrected -> why."""
    ledger_row: int
    """The row of the ledger that tells of it; `radsieve export --again` takes it."""


def export(
    workspace: Workspace,
    tasks: Mapping[str, DetectorTask],
    out: Path,
    *,
    with_predicted: bool = False,
    apply_to: Path | None = None,
) -> ExportReport:
    """Write the lists of exclusions, corrections and boxes, each whole or not at all.

    A correction is listed only when the corrected film passes every detector; the others go to
    `unproven.csv`, for a second look. The ledger keeps what each list was made of, and its digest.

    Args:
        workspace: whose verdicts are written.
        tasks: detector tasks by name.
        out: folder of the two lists.
        with_predicted: add films that are predicted bad with at least `accept_at` and that nobody
            has looked at; their `label_source` is empty. Tasks that are for review only add none.
        apply_to: folder for corrected copies and, below `crops`, for what lies in boxes;
            originals are never touched.

    Raises:
        RadsieveError: `apply_to` lies where originals are.
    """
    moment = this_moment(workspace, tasks, with_predicted=with_predicted)
    lists = export_lists(moment.known, lambda wanted: unproven(workspace, tasks, wanted))
    if apply_to:
        _refuse_originals([*lists.corrections, *(one.row for one in lists.boxes)], apply_to)
    contents = lists.as_files()
    for name, content in contents.items():
        write_atomically(out / name, content)
    made = _apply_all(lists, apply_to) if apply_to else _Made(0, 0, {})
    told = {"apply": apply_to is not None, "copies": made.copies, "crops": made.crops}
    row = record_export(workspace, moment, lists, contents, told)
    return ExportReport(
        exclusions=len(lists.exclusions),
        corrections=len(lists.corrections),
        unproven=len(lists.unproven),
        unreviewed=lists.unreviewed,
        boxes=len(lists.boxes),
        copies=made.copies,
        crops=made.crops,
        failed=made.failed,
        ledger_row=row,
    )


@dataclass(frozen=True, slots=True)
class _Made:
    copies: int
    crops: int
    failed: Mapping[str, str]


def _apply_all(lists: ExportLists, folder: Path) -> _Made:
    failed = _apply(lists.corrections, folder)
    changes = {row.file: row.change for row in lists.corrections}
    not_cut = write_crops(lists.boxes, folder, changes)
    crops = sum(one.row.file not in not_cut for one in lists.boxes)
    return _Made(len(lists.corrections) - len(failed), crops, failed | not_cut)


def _refuse_originals(rows: Sequence[CorrectionRow | BoxRow], folder: Path) -> None:
    target = folder.resolve()
    for row in rows:
        if target in Path(row.file).resolve().parents:
            raise RadsieveError(
                f"expected a folder for copies, got {folder}, where originals lie "
                f"({row.file}); choose another"
            )


def _apply(rows: Sequence[CorrectionRow], folder: Path) -> dict[str, str]:
    if not rows:
        return {}
    sources = [Path(row.file) for row in rows]
    top = os.path.commonpath([source.parent for source in sources])
    failed = {}
    for row, source in zip(rows, sources, strict=True):
        try:
            write_corrected_copy(source, folder / source.relative_to(top), row.change)
        except (RadsieveError, OSError) as error:
            failed[row.file] = str(error)
    return failed
