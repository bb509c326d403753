"""Figures, counts and tables of the archive report as HTML; everything is escaped here."""

from collections.abc import Iterable, Sequence
from html import escape
from math import floor

from backend.base.core.figures import Figure, Share
from backend.export.core.report import Stated

NOT_MEASURED = "not measured"


def percent(value: float) -> str:
    r"""Return a share as a percentage that never rounds to none, or to all.

    >>> percent(0.5), percent(0.00004), percent(1.0), percent(0.99996)
    ('50.0\xa0%', '0.004\xa0%', '100\xa0%', '99.996\xa0%')
    """
    if value in (0.0, 1.0):
        digits = f"{100 * value:.0f}"
    elif 0 < value < 0.0005:
        digits = f"{100 * value:.2g}"
    elif value > 0.9995:
        digits = f"{floor(1e5 * value) / 1e3:.3f}"
    else:
        digits = f"{100 * value:.1f}"
    # Not to be torn apart at the end of a line.
    return f"{digits}\xa0%"


def figure_words(figure: Figure, unit: str = "%") -> str:
    r"""Return a figure with its 95 % interval; plain text.

    >>> figure_words(Figure(None, 0.0, 1.0, ""))
    'not measured'
    >>> figure_words(Figure(0.5, 0.25, 0.75, ""))
    '50.0\xa0% (25.0\xa0% to 75.0\xa0%)'
    """
    if figure.value is None:
        return NOT_MEASURED
    value, low, high = (
        percent(one) if unit == "%" else f"{one:.1f} {unit}"
        for one in (figure.value, figure.low, figure.high)
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


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose first column names the rows; it scrolls where a window is narrow."""
    # The roles hold where a narrow window turns rows into blocks, which takes them from browsers.
    top = "".join(f'<th scope="col" role="columnheader">{escape(head)}</th>' for head in heads)
    body = "".join(_row(heads, cells) for cells in rows)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table role="table"><caption>{escape(caption)}</caption><thead role="rowgroup">'
        f'<tr role="row">{top}</tr></thead><tbody role="rowgroup">{body}</tbody></table></div>'
    )


def stated_table(caption: str, figures: Sequence[Stated]) -> str:
    """Return a table of figures, each with its interval and the films it was measured on."""
    heads = ("Figure", "Value (95 % interval)", "Interval by", "Measured on")
    rows = [
        (one.name, figure_words(one.figure, one.unit), one.figure.interval, one.on)
        for one in figures
    ]
    if len({one.on for one in figures}) == 1:
        return table(f"{caption}: {figures[0].on}", heads[:3], [row[:3] for row in rows])
    return table(caption, heads, rows)


def paragraph(words: str, kind: str = "") -> str:
    """Return a paragraph."""
    return f"<p{f' class={chr(34)}{kind}{chr(34)}' if kind else ''}>{escape(words)}</p>"


def bullets(lines: Sequence[str]) -> str:
    """Return a list; nothing where there are no lines."""
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>" if lines else ""


def _row(heads: Sequence[str], cells: Sequence[str]) -> str:
    first, *rest = cells
    # On a narrow window a row becomes a block, and each of several cells says its column itself.
    said = heads[1:] if len(rest) > 1 else ("",)
    others = "".join(
        f'<td role="cell" data-head="{escape(head)}">{escape(cell)}</td>'
        for head, cell in zip(said, rest, strict=True)
    )
    return f'<tr role="row"><th scope="row" role="rowheader">{escape(first)}</th>{others}</tr>'
