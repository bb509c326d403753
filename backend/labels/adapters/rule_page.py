"""The page that shows a rule's cut-offs with films on both sides: one file, nothing to fetch."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.base.adapters.html_page import html_page
from backend.base.core.rule import Check
from backend.labels.core.cut_offs import Spread

_PICTURE_PX = 150
_JPEG_QUALITY = 80
_PLOT_WIDTH, _PLOT_HEIGHT = 640, 90
_MARGIN = 24
"""Room beside the bars, so that a cut-off at their end has its number in full."""
_STYLE = """
* { box-sizing: border-box }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; padding: 1.5rem 1rem 3rem;
  max-width: 1080px; color: #1b1f24 }
figcaption, li, pre { overflow-wrap: anywhere }
h2 { margin: 2.5rem 0 .3rem } h3 { font-size: 1rem; margin: .9rem 0 .3rem }
.films { display: flex; flex-wrap: wrap; gap: 8px } figure { margin: 0; width: 150px }
.pair { width: 308px } .pair div { display: flex; gap: 8px }
figcaption { font-size: 12px; color: #57606a }
img { max-width: 150px; max-height: 150px; background: #000; display: block }
svg { width: 100%; max-width: 688px; height: auto } svg text { font-size: 12px; fill: #57606a }
table { border-collapse: collapse } td, th { text-align: left; padding: .15rem 1.2rem .15rem 0 }
td.n { text-align: right } td:first-child { white-space: nowrap } a { color: #0b5cad }
.hit { color: #c4372b; font-weight: 600 }
pre { background: #f3f4f6; padding: .6rem .8rem; overflow-x: auto } .note { color: #57606a }
.bars { fill: #8aa4c8 } .cut { stroke: #c4372b; stroke-width: 2 } svg text.at { fill: #c4372b }
@media (max-width: 600px) { svg text { font-size: 21px } td, th { padding-right: .6rem } }
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
    copy_of: "Example | None" = None
    """The better film that it is a copy of."""


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
        '<p class="note">This page shows films. Keep it where the films themselves may be. A film '
        "that several checks flag gets the label of the first of them.</p>",
        _summary(sections),
        *(_section(task, section) for section in sections),
        *(_file_list(one) for one in lists),
    ]
    return html_page(title=f"Cut-offs of {task}", body="".join(body), style=_STYLE)


def _summary(sections: Sequence[CheckSection]) -> str:
    rows = "".join(
        f'<tr><td><a href="#{escape(one.check.label)}">{escape(one.check.label)}</a></td>'
        f'<td class="n{" hit" if one.flagged_count else ""}">{one.flagged_count}</td>'
        f"<td>{escape(_flagged_when(one))}</td></tr>"
        for one in sections
    )
    return f"<table><tr><th>check</th><th>films</th><th>flagged when</th></tr>{rows}</table>"


def _flagged_when(section: CheckSection) -> str:
    side = "more" if section.check.flags_above else "less"
    return f"{section.check.measure} is {side} than {_number(section.cut_off)}"


def _section(task: str, section: CheckSection) -> str:
    check = section.check
    setting = f"[cut_offs.{task}]\n{check.cut_off} = {section.cut_off:g}"
    return (
        f'<section id="{escape(check.label)}"><h2>{escape(check.label)}: {section.flagged_count} '
        f"of {section.film_count} films</h2><p>Flagged when {escape(_flagged_when(section))}. "
        f"{escape(check.measure)}: {escape(check.meaning)}.</p>{_histogram(section)}"
        f"<h3>Flagged, nearest to the cut-off first</h3>{_films(section.flagged)}"
        f"<h3>Passed, nearest to the cut-off first</h3>{_films(section.passed)}"
        f'<p class="note">To move the cut-off, write into radsieve.toml and run '
        f"<code>radsieve rules {escape(task)}</code> again:</p><pre>{escape(setting)}</pre>"
        "</section>"
    )


def _histogram(section: CheckSection) -> str:
    spread = section.spread
    # Square roots: a handful of films must be seen beside thousands.
    heights = np.sqrt(np.array(spread.counts, np.float64))
    heights *= _PLOT_HEIGHT / max(float(heights.max()), 1.0)
    step, floor = _PLOT_WIDTH / len(heights), _PLOT_HEIGHT + 24
    bars = "".join(
        f'<rect x="{_MARGIN + place * step:.1f}" y="{floor - height:.1f}" width="{step - 1:.1f}" '
        f'height="{height:.1f}"><title>{count} films</title></rect>'
        for place, (height, count) in enumerate(zip(heights, spread.counts, strict=True))
    )
    cut, end = _MARGIN + spread.place(section.cut_off) * _PLOT_WIDTH, _MARGIN + _PLOT_WIDTH
    return (
        f'<svg viewBox="0 0 {end + _MARGIN} {floor + 24}" role="img" '
        f'aria-label="histogram"><g class="bars">{bars}</g>'
        f'<line class="cut" x1="{cut:.1f}" x2="{cut:.1f}" y1="22" y2="{floor}"/>'
        f'<text class="at" x="{cut:.1f}" y="17" text-anchor="middle">'
        f"{_number(section.cut_off)}</text>"
        f'<text x="{_MARGIN}" y="{floor + 19}">{_number(spread.low)}</text>'
        f'<text x="{end}" y="{floor + 19}" text-anchor="end">{_number(spread.high)}</text></svg>'
        f'<p class="note">Films by {escape(section.check.measure)}; the height of a bar grows with '
        "the square root of its films, the red line is the cut-off.</p>"
    )


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _films(examples: Sequence[Example]) -> str:
    if not examples:
        return '<p class="note">none</p>'
    return f'<div class="films">{"".join(_figure(one) for one in examples)}</div>'


def _figure(example: Example) -> str:
    facts = (
        f"{_number(example.value)}, {example.width_px} x {example.height_px}<br>"
        f"{escape(example.name)}"
    )
    if example.copy_of is None:
        return f"<figure>{_image(example)}<figcaption>{facts}</figcaption></figure>"
    better = example.copy_of
    return (
        f'<figure class="pair"><div>{_image(example)}{_image(better)}</div><figcaption>{facts}<br>'
        f"a copy of {escape(better.name)}, {better.width_px} x {better.height_px}"
        "</figcaption></figure>"
    )


def _image(example: Example) -> str:
    return f'<img alt="" src="data:image/jpeg;base64,{_picture(example)}">'


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
