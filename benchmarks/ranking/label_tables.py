"""The tables of docs/ranking.md, from what label_efficiency measured.

To have them printed:

    python -m benchmarks.ranking.label_tables
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from benchmarks.detectors.card import FIGURES

FIGURES_FILE = FIGURES / "label_efficiency.json"
SLIPS_FILE = FIGURES / "label_efficiency_slips.json"

_Tables = Mapping[str, Mapping[str, Mapping[str, Any]]]
_Columns = Mapping[str, tuple[int, str]]
"""What stands above a column: one bad film in so many, and the key of the figure."""

_COLUMNS: _Columns = {
    "1 in 50: 90 %": (50, "until 90%"),
    "99 %": (50, "until 99%"),
    "100 %": (50, "until 100%"),
    "1 in 500: all 8": (500, "until 100%"),
    "1 in 2,000: both": (2000, "until 100%"),
    "AUPRC at 100 labels, 1 in 500": (500, "auprc at 100"),
    "certified left after 1,000 looks, 1 in 500": (500, "at most"),
}
_SLIPS_COLUMNS: _Columns = {
    name: column for name, column in _COLUMNS.items() if column[0] != 2000 and name != "99 %"
}


@click.command()
def main() -> None:
    """Print all tables."""
    for path in (FIGURES_FILE, SLIPS_FILE):
        click.echo("\n\n".join(tables_of(json.loads(path.read_text()))))


def tables_of(measured: Mapping[str, Any]) -> list[str]:
    """Return a table for each question, under its name.

    Args:
        measured: what label_efficiency wrote; where the reviewer slips it has fewer columns.
    """
    columns = _SLIPS_COLUMNS if measured["slips"] else _COLUMNS
    questions = dict.fromkeys(name.rsplit(", 1 in ", 1)[0] for name in measured["tables"])
    return [_table(question, measured["tables"], columns) for question in questions]


def looks_at_1_in_500(measured: Mapping[str, Any], arm: str) -> list[str]:
    """Return for each question the looks until all bad films of 1 in 500 were looked at."""
    rare = (rows for name, rows in measured["tables"].items() if name.endswith(", 1 in 500"))
    return [_cell(rows[arm]["until 100%"], "until 100%") for rows in rare]


def _table(question: str, tables: _Tables, columns: _Columns) -> str:
    arms = tables[f"{question}, 1 in 500"]
    head = [f"| | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    rows = [
        f"| {arm} | "
        + " | ".join(
            _cell(tables[f"{question}, 1 in {rate}"][arm].get(key), key)
            for rate, key in columns.values()
        )
        + " |"
        for arm in arms
    ]
    title = f"**{question[0].upper()}{question[1:]}**"
    return "\n".join([title, "", *head, *rows])


def _cell(figure: Sequence[float] | None, key: str) -> str:
    if figure is None:
        return "-"
    digits = 2 if "auprc" in key else 0
    value, low, high = (f"{one:,.{digits}f}" for one in figure)
    return f"{value} ({low}-{high})"


if __name__ == "__main__":
    main()
