"""The page that shows a rule's cut-offs with films on both sides: one file, nothing to fetch."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.core.film_rule import Check
from backend.core.rule_examples import Spread

_PICTURE_PX = 150
_JPEG_QUALITY = 80
_PLOT_WIDTH, _PLOT_HEIGHT = 640, 90
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 1080px; color: #1b1f24 }
h2 { margin: 2.5rem 0 .3rem } h3 { font-size: 1rem; margin: .9rem 0 .3rem }
.films { display: flex; flex-wrap: wrap; gap: 8px } figure { margin: 0; width: 150px }
figcaption { font-size: 12px; overflow-wrap: anywhere; color: #57606a }
img { max-width: 150px; max-height: 150px; background: #000 }
pre { background: #f3f4f6; padding: .6rem .8rem; overflow-x: auto } .note { color: #57606a }
.bars { fill: #8aa4c8 } .cut { stroke: #c4372b; stroke-width: 2 }
"""


@dataclass(frozen=True, slots=True)
class Example:
    """One film beside a cut-off."""

    thumbnail: NDArray[np.uint8]
    """Shape (side, side), the film squashed to a square."""
    width_px: int
    height_px: int
    name: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSection:
    """One check: how the archive spreads, where the cut-off is, films on both sides of it."""

    check: Check
    cut_off: float
    spread: Spread
    flagged: Sequence[Example]
    passed: Sequence[Example]
    flagged_count: int
    film_count: int


@dataclass(frozen=True, slots=True)
class FileList:
    """A list of files at the end of the page, each with a remark."""

    title: str
    lines: Sequence[tuple[str, str]]


def rule_page(task: str, sections: Sequence[CheckSection], lists: Sequence[FileList]) -> str:
    """Return the whole page; every name in it is escaped."""
    body = [
        f"<h1>Cut-offs of {escape(task)}</h1>",
        '<p class="note">This page shows films. Keep it where the films themselves may be. Films '
        "are nearest to the cut-off first; one that several checks flag gets the label of the "
        "first of them.</p>",
        *(_section(task, section) for section in sections),
        *(_file_list(one) for one in lists),
    ]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Cut-offs of '
        f"{escape(task)}</title><style>{_STYLE}</style></head><body>{''.join(body)}</body></html>"
    )


def _section(task: str, section: CheckSection) -> str:
    check = section.check
    side = "more" if check.flags_above else "less"
    setting = f"[cut_offs.{task}]\n{check.cut_off} = {section.cut_off:g}"
    return (
        f"<section><h2>{escape(check.label)}: {section.flagged_count} of {section.film_count} "
        f"films</h2><p>{escape(check.measure)}: {escape(check.meaning)}. Flagged: {side} than "
        f"{section.cut_off:g}.</p>{_histogram(section)}"
        f"<h3>Flagged</h3>{_films(section.flagged)}<h3>Passed</h3>{_films(section.passed)}"
        f'<p class="note">To move the cut-off, write into radsieve.toml and run '
        f"<code>radsieve rules {escape(task)}</code> again:</p><pre>{escape(setting)}</pre>"
        "</section>"
    )


def _histogram(section: CheckSection) -> str:
    spread = section.spread
    # Square roots: a handful of films must be seen beside thousands.
    heights = np.sqrt(np.array(spread.counts, np.float64))
    heights *= _PLOT_HEIGHT / max(float(heights.max()), 1.0)
    step = _PLOT_WIDTH / len(heights)
    bars = "".join(
        f'<rect x="{place * step:.1f}" y="{_PLOT_HEIGHT - height:.1f}" width="{step - 1:.1f}" '
        f'height="{height:.1f}"><title>{count} films</title></rect>'
        for place, (height, count) in enumerate(zip(heights, spread.counts, strict=True))
    )
    cut = spread.place(section.cut_off) * _PLOT_WIDTH
    return (
        f'<svg viewBox="0 0 {_PLOT_WIDTH} {_PLOT_HEIGHT + 18}" width="{_PLOT_WIDTH}" role="img" '
        f'aria-label="histogram"><g class="bars">{bars}</g>'
        f'<line class="cut" x1="{cut:.1f}" x2="{cut:.1f}" y1="0" y2="{_PLOT_HEIGHT}"/>'
        f'<text x="0" y="{_PLOT_HEIGHT + 14}" font-size="12">{spread.low:.3g}</text>'
        f'<text x="{_PLOT_WIDTH}" y="{_PLOT_HEIGHT + 14}" font-size="12" text-anchor="end">'
        f"{spread.high:.3g}</text></svg>"
    )


def _films(examples: Sequence[Example]) -> str:
    if not examples:
        return '<p class="note">none</p>'
    return f'<div class="films">{"".join(_figure(one) for one in examples)}</div>'


def _figure(example: Example) -> str:
    return (
        f'<figure><img alt="" src="data:image/jpeg;base64,{_picture(example)}">'
        f"<figcaption>{example.value:.4g}, {example.width_px} x {example.height_px}<br>"
        f"{escape(example.name)}</figcaption></figure>"
    )


def _picture(example: Example) -> str:
    longest = max(example.width_px, example.height_px)
    size = (
        max(1, round(_PICTURE_PX * example.width_px / longest)),
        max(1, round(_PICTURE_PX * example.height_px / longest)),
    )
    shape = cv2.resize(example.thumbnail, size, interpolation=cv2.INTER_AREA)
    _, encoded = cv2.imencode(".jpg", shape, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return base64.b64encode(encoded.tobytes()).decode()


def _file_list(files: FileList) -> str:
    rows = "".join(
        f"<li><code>{escape(path)}</code>: {escape(remark)}</li>" for path, remark in files.lines
    )
    return f"<section><h2>{escape(files.title)}: {len(files.lines)}</h2><ul>{rows}</ul></section>"
