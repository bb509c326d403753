"""The labelling screen of a contact sheet: its Label Studio config and style.

The style works on the markup of Label Studio 1.23.2. Label Studio escapes `>` and `&` in a style,
so neither may be used. Which selector does what was found out by looking at screenshots; the tests
with a browser look again.
"""

from xml.etree import ElementTree as ET

from backend.core.detector_task import DetectorTask

SHEET_TAG = "sheet"
FILMS_FIELD = "films"
SWAP_CONTROL = "whole"
SWAP_CHOICE = "swap"

# (at most so many films, (columns, rows) on 16:10, (columns, rows) on wider screens): the grid with
# the largest square cell on 1600x1000 and on 1280x720.
_GRIDS = (
    (6, (3, 2), (3, 2)),
    (12, (4, 3), (6, 2)),
    (24, (6, 4), (8, 3)),
    (40, (8, 5), (10, 4)),
    (50, (10, 5), (10, 5)),
    (60, (10, 6), (12, 5)),
)
MAX_FILMS = _GRIDS[-1][0]

_WIDE = "@media (min-aspect-ratio:17/10)"
_NOT_WIDE = "@media not all and (min-aspect-ratio:17/10)"

_STYLE = """
.lsf-sidepanels__wrapper, .sheet .films .lsf-hint, .sheet .films .ant-checkbox-inner {display:none !important}
.lsf-sidepanels {padding:0 !important}
.lsf-main-view__annotation {padding:2px 8px !important}
.sheet {--top:48px; --out:#d55e00; --bg:#777}
body:has(.lsf-annotations-carousel) .sheet {--top:92px}
.sheet .bar {display:flex; height:30px; align-items:center; gap:20px; font-size:15px; overflow:hidden; white-space:nowrap}
.sheet .bar .lsf-object, .sheet .bar .lsf-choices, .sheet .bar .lsf-choice {margin:0; padding:0}
.sheet .bar h4 {flex:0 1 auto; min-width:0; margin:0 !important; overflow:hidden; text-overflow:ellipsis}
.sheet .bar .lsf-object, .sheet .bar .inv {flex:none}
.sheet .bar .lsf-richtext__container {padding:0; border:0; background:none}
.sheet .films .lsf-choices {display:grid; grid-template-columns:repeat(var(--cols),minmax(0,1fr)); grid-template-rows:repeat(var(--rows),minmax(0,1fr)); gap:4px; height:calc(100vh - var(--top) - 49px - 38px); margin:0}
.sheet .films .lsf-choice {position:relative; margin:0; padding:0; min-width:0; min-height:0; background:var(--bg); border-radius:3px}
.sheet .films .lsf-choice__item, .sheet .films label, .sheet .films label span {display:block; width:100%; height:100%; margin:0; padding:0; line-height:0}
.sheet .films label {cursor:pointer}
.sheet .films label .ant-checkbox {position:absolute; inset:0; top:0; width:auto; height:auto; opacity:0}
.sheet .films img.t {display:block; box-sizing:border-box; width:100%; height:100%; object-fit:contain; pointer-events:none}
.sheet .films .lsf-choice:hover {outline:2px solid #56b4e9}
.sheet .films .lsf-choice:focus-within {outline:3px dashed #56b4e9; outline-offset:1px}
.sheet .films label span.c {display:none; position:absolute; left:0; bottom:0; width:auto; height:auto; max-width:calc(100% - 34px); padding:2px 5px; overflow:hidden; text-overflow:ellipsis; white-space:nowrap; font:12px/16px sans-serif; color:#fff; background:rgba(0,0,0,.75); pointer-events:none}
.sheet .films .lsf-choice:hover span.c:not(:empty) {display:block}
.sheet .films a.z {position:absolute; right:0; bottom:0; width:28px; height:28px; background:rgba(0,0,0,.6); opacity:0}
.sheet .films a.z::before {content:"+"; display:block; color:#fff; font:700 20px/28px sans-serif; text-align:center}
.sheet .films .lsf-choice:hover a.z {opacity:1}
.sheet .films img.l {display:none}
.sheet .films a.z:hover img.l {display:block; position:fixed; z-index:50; top:52px; right:8px; height:calc(100vh - 108px); max-width:56vw; object-fit:contain; background:#000; outline:3px solid #56b4e9; pointer-events:none}
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


def sheet_config_xml(task: DetectorTask) -> str:
    """Return the XML of the labelling screen, for 1 to 60 films on any wide screen.

    The control is named after the task, so a prediction request tells us which task it is for.
    """
    view = ET.Element("View", className="sheet")
    ET.SubElement(view, "Style").text = sheet_style()
    bar = ET.SubElement(view, "View", className="bar")
    ET.SubElement(bar, "Header", value=task.question, size="5")
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
        name=task.name,
        toName=SHEET_TAG,
        choice="multiple",
        layout="inline",
        value=f"${FILMS_FIELD}",
    )
    return ET.tostring(view, encoding="unicode")


def sheet_style() -> str:
    """Return the style: the sheet fills the window, however many films it holds."""
    out = "\n".join(_out_rule(what, how) for what, how in _OUT_RULES)
    fewest = (0, *(films + 1 for films, _, _ in _GRIDS[:-1]))
    grids = "\n".join(
        f"{media} {{\n{_grid_rules(first, last, grid)}\n}}"
        for first, (last, usual, wide) in zip(fewest, _GRIDS, strict=True)
        for media, grid in ((_NOT_WIDE, usual), (_WIDE, wide))
    )
    return f"{_STYLE}{out}\n{grids}\n"


def _out_rule(what: str, how: str) -> str:
    return f"{', '.join(selector + what for selector in _OUT)} {{{how}}}"


def _grid_rules(first: int, last: int, grid: tuple[int, int]) -> str:
    columns, rows = grid
    sheet = ".sheet" + _has_film(first) * (first > 0) + _has_no_film(last + 1) * (last < MAX_FILMS)
    right_half = ", ".join(
        f":nth-child({columns}n+{column})" for column in range(columns // 2 + 1, columns + 1)
    )
    # The large picture covers the half of the screen that the pointer is not in.
    return (
        f"{sheet} {{--cols:{columns}; --rows:{rows}}}\n"
        f"{sheet} .films .lsf-choice:is({right_half}) a.z:hover img.l {{right:auto; left:8px}}"
    )


def _has_film(number: int) -> str:
    return f":has(.films .lsf-choice:nth-child({number}))"


def _has_no_film(number: int) -> str:
    return f":not({_has_film(number)})"
