"""The labelling screen of a contact sheet: its Label Studio config and style.

The style works on the markup of Label Studio 1.23.2. Label Studio escapes `>` and `&` in a style,
so neither may be used. Which selector does what was found out by looking at screenshots; the tests
with a browser look again.
"""

import math
from itertools import groupby, zip_longest
from xml.etree import ElementTree as ET

from backend.review.adapters.screens.item_fields import QUESTION_FIELD

SHEET_TAG = "sheet"
FILMS_FIELD = FILMS_CONTROL = "films"
SWAP_CONTROL = "whole"
SWAP_CHOICE = "swap"

MAX_FILMS = 60

# (from this width : height of the room for the films on, the shape its grids are made for), in
# hundredths. 1600x1000 leaves 1.83, 2560x1440 1.95 and 1280x720 2.16 beside Label Studio's bars.
_SHAPES = ((0, 100), (120, 145), (170, 189), (205, 215), (245, 275))

# The large picture covers the half of the screen that the pointer is not in: a film's column is its
# place on the sheet (`--i`, from 0, in the item's data) modulo the number of columns.
_STYLE = """
.lsf-sidepanels__wrapper, .sheet .films .lsf-hint, .sheet .films .ant-checkbox-inner {display:none !important}
.lsf-sidepanels {padding:0 !important}
.lsf-main-view__annotation {padding:2px 8px !important}
.sheet {--top:48px; --out:#d55e00; --bg:#777; --at:#56b4e9}
body:has(.lsf-annotations-carousel) .sheet {--top:92px}
.sheet .bar {display:flex; height:30px; align-items:center; gap:20px; font-size:15px; overflow:hidden; white-space:nowrap}
.sheet .bar .lsf-object, .sheet .bar .lsf-choices, .sheet .bar .lsf-choice {margin:0; padding:0}
.sheet .bar h4 {flex:0 1 auto; min-width:0; margin:0 !important; overflow:hidden; text-overflow:ellipsis}
.sheet .bar .lsf-object {flex:0 1 auto; min-width:0; overflow:hidden}
.sheet .bar .inv {flex:none}
.sheet .bar:has(.note) h4 {display:none}
.sheet .bar .note {display:inline-block; max-width:calc(100vw - 720px); max-height:30px; overflow:hidden; white-space:normal; vertical-align:middle; font:700 13px/15px sans-serif}
.sheet .bar .h {display:inline-block; width:20px; border:1px solid; border-radius:50%; font:700 13px/18px sans-serif; text-align:center; cursor:help}
.sheet .bar .h span {display:none; position:fixed; z-index:60; top:84px; left:8px; right:8px; padding:8px 16px; font:15px/22px sans-serif; text-align:left; white-space:normal; color:#fff; background:#222; outline:3px solid var(--at)}
.sheet .bar .h:hover span, .sheet .bar .h:focus span {display:block}
.sheet .bar .h p {margin:4px 0}
.sheet .bar .lsf-richtext__container {padding:0; border:0; background:none}
/* contain: what is fixed inside is placed in the room for the films, in every browser. */
.sheet .films {container:films / size; contain:layout; height:calc(100vh - var(--top) - 49px - 35px)}
.sheet .films .lsf-choices {display:grid; grid-template-columns:repeat(var(--cols),minmax(0,1fr)); grid-auto-rows:minmax(0,1fr); gap:3px; height:100%; margin:0}
.sheet .films .lsf-choice {position:relative; margin:0; padding:0; min-width:0; min-height:0; background:var(--bg); border-radius:3px}
.sheet .films .lsf-choice__item, .sheet .films label, .sheet .films label span {display:block; width:100%; height:100%; margin:0; padding:0; line-height:0}
.sheet .films label {cursor:pointer}
.sheet .films label .ant-checkbox {position:absolute; inset:0; top:0; width:auto; height:auto; opacity:0}
.sheet .films img.t {display:block; box-sizing:border-box; width:100%; height:100%; object-fit:contain; pointer-events:none}
.sheet .films .lsf-choice:hover {outline:2px solid var(--at)}
.sheet .films .lsf-choice:focus-within {z-index:2; outline:4px solid #000; box-shadow:0 0 0 3px #fff inset, 0 0 0 8px var(--at)}
.sheet .films label span.c {display:none; position:absolute; left:0; bottom:0; width:auto; height:auto; max-width:calc(100% - 34px); padding:2px 5px; overflow:hidden; text-overflow:ellipsis; white-space:nowrap; font:12px/16px sans-serif; color:#fff; background:rgba(0,0,0,.75); pointer-events:none}
.sheet .films .lsf-choice:is(:hover, :focus-within) span.c:not(:empty) {display:block}
.sheet .films a.z {position:absolute; right:0; bottom:0; width:28px; height:28px; background:rgba(0,0,0,.6); opacity:0}
.sheet .films a.z::before {content:"+"; display:block; color:#fff; font:700 20px/28px sans-serif; text-align:center}
.sheet .films .lsf-choice:hover a.z, .sheet .films a.z:focus-visible {opacity:1}
.sheet .films img.l {display:none}
.sheet .films .lsf-choice:has(a.y) img.t {width:58%}
.sheet .films .lsf-choice:has(a.y) a.z {right:42%}
.sheet .films a.y {position:absolute; right:0; top:0; bottom:0; width:41%; background:#333; border-left:2px solid #fff; cursor:zoom-in}
.sheet .films a.y img.o {display:block; width:100%; height:100%; object-fit:contain; padding:0 4px 34px; box-sizing:border-box}
.sheet .films label a.y span {position:absolute; left:0; right:0; bottom:0; width:auto; height:34px; padding:2px 5px; box-sizing:border-box; font:12px/15px sans-serif; color:#fff; text-align:center}
.sheet .films a:is(.z, .y):is(:hover, :focus-visible) img.l {display:block; position:fixed; z-index:50; top:3px; left:calc(3px + 50% * clamp(0, 10 * (var(--cols) / 2 - mod(var(--i, 0), var(--cols)) - 0.6), 1)); height:calc(100% - 6px); max-width:calc(50% - 6px); object-fit:contain; background:#000; outline:3px solid var(--at); pointer-events:none}
"""  # noqa: E501 - one rule a line

# A film is out if it is ticked, or, on a swapped sheet, if it is not. The mark is a shape and a
# word beside the colour, and never covers more of the film than one corner.
_OUT = (
    ".sheet:not(:has(.inv input:checked)) .films .lsf-choice:has(input:checked)",
    ".sheet:has(.inv input:checked) .films .lsf-choice:not(:has(input:checked))",
)
_OUT_RULES = (
    ("", "background:repeating-linear-gradient(45deg,var(--out) 0 8px,#fff 8px 12px)"),
    (" img.t", "padding:8px"),
    (
        "::after",
        'content:"\u2716 OUT"; position:absolute; top:0; left:0; padding:3px 7px; '
        "font:700 14px/18px sans-serif; color:#fff; background:#a33d00; "
        "border-radius:3px 0 6px 0; pointer-events:none",
    ),
)


def sheet_config_xml() -> str:
    """Return the XML of the labelling screen, for 1 to 60 films on any wide screen.

    It knows no detector task: what is asked, and for which task, stands in each item's data.
    """
    view = ET.Element("View", className="sheet")
    ET.SubElement(view, "Style").text = sheet_style()
    bar = ET.SubElement(view, "View", className="bar")
    ET.SubElement(bar, "Header", value=f"${QUESTION_FIELD}", size="5")
    ET.SubElement(bar, "HyperText", name=SHEET_TAG, value=f"${SHEET_TAG}", inline="true")
    swap = ET.SubElement(bar, "View", className="inv")
    whole = ET.SubElement(
        swap, "Choices", name=SWAP_CONTROL, toName=SHEET_TAG, choice="single", layout="inline"
    )
    ET.SubElement(whole, "Choice", value=SWAP_CHOICE, html="Swap the whole sheet", hotkey="x")
    films = ET.SubElement(view, "View", className="films")
    ET.SubElement(
        films,
        "Choices",
        name=FILMS_CONTROL,
        toName=SHEET_TAG,
        choice="multiple",
        layout="inline",
        value=f"${FILMS_FIELD}",
    )
    return ET.tostring(view, encoding="unicode")


def sheet_style() -> str:
    """Return the style: the sheet fills the window, however many films it holds."""
    out = "\n".join(_out_rule(what, how) for what, how in _OUT_RULES)
    upper = [start for start, _ in _SHAPES[1:]]
    grids = "\n".join(
        f"@container films {_between(start, end)} {{\n{_grids(made_for / 100)}\n}}"
        for (start, made_for), end in zip_longest(_SHAPES, upper)
    )
    return f"{_STYLE}{out}\n{grids}\n"


def best_columns(films: int, shape: float) -> int:
    """Return the number of columns that gives films the largest square cell.

    Args:
        films: how many.
        shape: width of the room for them over its height.

    >>> [best_columns(films, 1.9) for films in (1, 6, 12, 24, 48, 60)]
    [1, 3, 4, 6, 10, 10]
    """

    def side(columns: int) -> float:
        return min(shape / columns, 1 / math.ceil(films / columns))

    return max(range(1, films + 1), key=side)


def _out_rule(what: str, how: str) -> str:
    return f"{', '.join(selector + what for selector in _OUT)} {{{how}}}"


def _between(start: int, end: int | None) -> str:
    from_start = f"(min-aspect-ratio:{start}/100)"
    return f"{from_start} and (not (min-aspect-ratio:{end}/100))" if end else from_start


def _grids(shape: float) -> str:
    by_columns = groupby(range(1, MAX_FILMS + 1), key=lambda films: best_columns(films, shape))
    return "\n".join(_grid(list(films), columns) for columns, films in by_columns)


def _grid(films: list[int], columns: int) -> str:
    more = f":not({_has_film(films[-1] + 1)})" * (films[-1] < MAX_FILMS)
    return f".films .lsf-choices{_has_film(films[0])}{more} {{--cols:{columns}}}"


def _has_film(number: int) -> str:
    return f":has(.lsf-choice:nth-child({number}))"
