"""Figures, counts and tables of the archive report in words; all of it is plain text."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.base.core import limits
from backend.base.core.figures import Figure, Share
from backend.base.core.limits import Toward, in_digits
from backend.export.core.report import Stated

NOT_MEASURED = "not measured"


def percent(value: float, toward: Toward = Toward.NEAREST) -> str:
    r"""Return a share as a percentage that never rounds to none, or to all; see `limits.percent`.

    >>> percent(0.5)
    '50.0\xa0%'
    """
    # Not to be torn apart at the end of a line.
    return f"{limits.percent(value, toward)}\xa0%"


def figure_words(figure: Figure, unit: str = "%") -> str:
    r"""Return a figure with its 95 % interval; plain text.

    >>> figure_words(Figure(None, 0.0, 1.0, ""))
    'not measured'
    >>> figure_words(Figure(0.5, 0.25, 0.75, ""))
    '50.0\xa0% (25.0\xa0% to 75.0\xa0%)'
    """
    if figure.value is None:
        return NOT_MEASURED
    ends = ((figure.low, Toward.DOWN), (figure.high, Toward.UP))
    value, low, high = (
        percent(one, toward) if unit == "%" else f"{in_digits(one, 1, toward)} {unit}"
        for one, toward in ((figure.value, Toward.NEAREST), *ends)
    )
    return f"{value} ({low} to {high})"


def share_words(part: Share) -> str:
    """Return a share with its count and its interval; plain text."""
    if not part.of:
        return NOT_MEASURED
    return f"{part.count:,} of {part.of:,}: {figure_words(part.figure)}"


def optional(value: float | None, form: str = ",.0f") -> str:
    """Return a number, or that there is none.

    >>> optional(None), optional(1234)
    ('not measured', '1,234')
    """
    return NOT_MEASURED if value is None else format(value, form)


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose first column names the rows; every cell is plain text."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def stated_table(caption: str, figures: Sequence[Stated]) -> Table:
    """Return a table of figures, each with its interval and the films it was measured on."""
    heads = ("Figure", "Value (95 % interval)", "Interval by", "Measured on")
    rows = [
        (one.name, figure_words(one.figure, one.unit), one.figure.interval, one.on)
        for one in figures
    ]
    if len({one.on for one in figures}) == 1:
        return Table(f"{caption}: {figures[0].on}", heads[:3], [row[:3] for row in rows])
    return Table(caption, heads, rows)
