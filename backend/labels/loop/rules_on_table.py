"""Apply a rule to a table of metadata alone, without reading a film."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backend.archive.adapters.metadata_table import read_metadata
from backend.archive.core.metadata import MetadataRow
from backend.base.adapters.csv_table import csv_bytes
from backend.base.adapters.files import write_atomically
from backend.base.adapters.settings import Settings
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import TaskDefinitionError
from backend.base.core.rule import FilmFacts
from backend.labels.loop.apply_rules import rule_cut_offs, rule_of

_COLUMNS = ("file", "detector_task", "label", "age_years")


@dataclass(frozen=True, slots=True)
class TableReport:
    """How many rows of a table a rule judged, and what it called them."""

    rows: int
    counts: Mapping[str, int]
    """Rows by label, in the task's order."""
    unknown: int
    """Rows of which the rule cannot tell."""
    unreadable_ages: int
    """Cells that are neither empty nor an age; they count as missing."""


def rules_on_table(
    settings: Settings, task: DetectorTask, metadata_csv: Path, out: Path
) -> TableReport:
    """Write the rows that a rule finds, `file,detector_task,label,age_years`; nothing is stored.

    Raises:
        InputFileError: the table is not of the form that `read_metadata` asks for.
        TaskDefinitionError: the task has no rule, or its rule needs the films.
    """
    rule, cut_offs = rule_of(task), rule_cut_offs(settings, task)
    if rule.needs_pixels:
        raise TaskDefinitionError(
            f"{task.name} measures the films, so a table is not enough; index them, then run "
            f"`radsieve rules {task.name}`"
        )
    table = read_metadata(metadata_csv)
    decided = [rule.decide(_facts(row), cut_offs) for row in table.rows]
    bad = [
        (row.file, task.name, label, "" if row.age_years is None else f"{row.age_years:g}")
        for row, label in zip(table.rows, decided, strict=True)
        if label is not None and label != task.expected_label
    ]
    write_atomically(out, csv_bytes(_COLUMNS, bad))
    counts = Counter(decided)
    by_label = {label: counts[label] for label in task.labels}
    return TableReport(len(decided), by_label, counts[None], table.unreadable_ages)


def _facts(row: MetadataRow) -> FilmFacts:
    return FilmFacts(age_years=row.age_years, sex=row.sex, view_position=row.view_position)
