"""A reliability diagram as SVG text: stated probability against the share that was right.

The text is written by hand, so that the same figures always give the same file, and a test can tell
when it is out of date. matplotlib is not used: its files are six times as large and change with its
version, so every update of the library would make all pictures out of date.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from backend.base.core.figures import clopper_pearson

_WIDTH, _HEIGHT = 440, 372
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 424, 34, 262
_BARS_TOP, _BARS_BOTTOM = 284, 330
_BINS = 10
_INK, _FAINT = 'stroke="#1b1f24"', 'stroke="#d0d7de"'
_DIAGONAL = 'stroke="#8c959f" stroke-dasharray="4 3"'
_INTERVAL = 'stroke="#2f6db3" stroke-width="1.5"'
_STYLE = (
    "text { font: 11px sans-serif; fill: #1b1f24 } .m { text-anchor: middle } "
    ".e { text-anchor: end }"
)


def calibration_svg(task: str, bins: Mapping[str, Sequence[float]]) -> str:
    """Return the diagram of a detector task.

    Args:
        task: its name.
        bins: the card's `calibration`: confidence, share_right and count, one entry per bin.
    """
    low = math.floor(min(bins["confidence"]) * _BINS) / _BINS
    low = min(low, 1 - 1 / _BINS)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-label="calibration of {task}">',
        f"<style>{_STYLE}</style>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="{_LEFT}" y="18">{task}: how often it is right, by what it states '
        "(bars: exact 95 %)</text>",
        *_axes(low),
        *_points(bins, low),
        *_bars(bins, low),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _axes(low: float) -> Iterator[str]:
    for tick in range(0, 11, 2):
        y = _y(tick / 10)
        yield _line((_LEFT, y), (_RIGHT, y), _FAINT)
        yield f'<text class="e" x="{_LEFT - 6}" y="{y + 4:.1f}">{tick / 10:.1f}</text>'
    for step in range(round(low * _BINS), _BINS + 1):
        x = _x(step / _BINS, low)
        yield _line((x, _BOTTOM), (x, _BOTTOM + 4), _INK)
        yield f'<text class="m" x="{x:.1f}" y="{_BOTTOM + 16}">{step / _BINS:.1f}</text>'
    yield _line((_LEFT, _y(low)), (_RIGHT, _y(1)), _DIAGONAL)
    yield _line((_LEFT, _BOTTOM), (_RIGHT, _BOTTOM), _INK)
    middle = (_TOP + _BOTTOM) / 2
    yield (f'<text class="m" transform="translate(14 {middle:.1f}) rotate(-90)">share right</text>')
    across = (_LEFT + _RIGHT) / 2
    yield f'<text class="m" x="{across:.1f}" y="{_HEIGHT - 10}">stated probability</text>'


def _points(bins: Mapping[str, Sequence[float]], low: float) -> Iterator[str]:
    for stated, right, count in _bins(bins):
        exact = clopper_pearson(round(right * count), round(count))
        x = _x(stated, low)
        yield _line((x, _y(exact.low)), (x, _y(exact.high)), _INTERVAL)
        for end in (exact.low, exact.high):
            yield _line((x - 4, _y(end)), (x + 4, _y(end)), _INTERVAL)
        yield f'<circle cx="{x:.1f}" cy="{_y(right):.1f}" r="3.5" fill="#2f6db3"/>'


def _bars(bins: Mapping[str, Sequence[float]], low: float) -> Iterator[str]:
    counts: Counter[int] = Counter()
    for stated, _, count in _bins(bins):
        counts[min(int(stated * _BINS), _BINS - 1)] += round(count)
    most = max(counts.values())
    yield f'<text class="e" x="{_LEFT - 6}" y="{_BARS_BOTTOM}">views</text>'
    for number, count in counts.items():
        left, right = _x(number / _BINS, low) + 2, _x((number + 1) / _BINS, low) - 2
        # A bar's height is the square root of its count, so that a small one is still visible.
        top = _BARS_BOTTOM - (_BARS_BOTTOM - _BARS_TOP - 12) * math.sqrt(count / most)
        yield (
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
            f'height="{_BARS_BOTTOM - top:.1f}" fill="#b6cbe3"/>'
        )
        yield f'<text class="m" x="{(left + right) / 2:.1f}" y="{top - 3:.1f}">{count}</text>'


def _bins(bins: Mapping[str, Sequence[float]]) -> Iterator[tuple[Any, ...]]:
    yield from zip(bins["confidence"], bins["share_right"], bins["count"], strict=True)


def _x(stated: float, low: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * (stated - low) / (1 - low)


def _y(share: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * share


def _line(start: tuple[float, float], end: tuple[float, float], stroke: str) -> str:
    (x1, y1), (x2, y2) = start, end
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" {stroke}/>'
