"""What the rule about age finds in the table of all of NIH ChestX-ray14.

    python -m benchmarks.detectors.age METADATA.csv.gz

METADATA.csv.gz is NIH's own table: Image Index, Patient ID, Patient Age. The same table is counted
once more by pandas alone. Writes docs/figures/age.json.
"""

import tempfile
from pathlib import Path

import click
import pandas as pd

from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import RadsieveError
from backend.labels.loop.rules_on_table import rules_on_table
from benchmarks.detectors.card import DetectorCard, Table, write_card
from tasks import detector_task

TASK = detector_task("age")
CUT_OFFS = (1, 6, 10, 16, 18)


@click.command()
@click.argument("metadata", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(metadata: Path) -> None:
    """Count, and write the card."""
    table = pd.read_csv(metadata)
    with tempfile.TemporaryDirectory() as made:
        found = [_row(Path(made) / str(years), metadata, years, table) for years in CUT_OFFS]
    write_card(
        DetectorCard(
            task=TASK.name,
            films=f"{len(table):,} rows of NIH's own table of ChestX-ray14; no film is looked at",
            patients=f"{table['Patient ID'].nunique():,}",
            label_source="the ages in that table, which nobody has checked against the films",
            split="none: nothing is learnt",
            command="python -m benchmarks.detectors.age METADATA.csv.gz",
            tables=[
                Table(
                    title="Rows that the rule calls child, by the setting `youngest_years`",
                    columns=("years", "rows", "patients", "counted by pandas", "not known"),
                    rows=found,
                )
            ],
            not_for=(
                "archives whose ages are not known or not cleaned: an unknown age passes, and so "
                "does a child with a wrong age",
                "telling a child from its film: no detector looks at the bones",
            ),
            notes=[
                "No intervals: every row is counted, and a rule errs only where its table does. "
                "The default is 10 years."
            ],
        )
    )


def _row(folder: Path, metadata: Path, years: int, table: pd.DataFrame) -> list[str]:
    folder.mkdir()
    (folder / "radsieve.toml").write_text(f"[cut_offs.age]\nyoungest_years = {years}\n")
    report = rules_on_table(
        Workspace.open_or_make(folder).settings, TASK, metadata, folder / "found.csv"
    )
    found = set(pd.read_csv(folder / "found.csv")["file"])
    young = table[table["Patient Age"] < years]
    if found != set(young["Image Index"]):
        raise RadsieveError(f"younger than {years}: the rule and pandas found different rows")
    patients = table[table["Image Index"].isin(found)]["Patient ID"].nunique()
    counts = (report.counts["child"], patients, len(young), report.unknown)
    return [str(years), *(f"{count:,}" for count in counts)]


if __name__ == "__main__":
    main()
