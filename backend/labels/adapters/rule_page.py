"""The page that shows a rule's cut-offs with films on both sides: one file, nothing to fetch."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.base.adapters.html_page import html_page, page_file, rendered
from backend.base.core.rule import Check
from backend.labels.core.cut_offs import Spread

_FOLDER = "backend.labels.adapters"
_PICTURE_PX = 150
_JPEG_QUALITY = 80
_PLOT_WIDTH, _PLOT_HEIGHT = 640, 90
_MARGIN = 24
"""Room beside the bars, so that a cut-off at their end has its number in full."""


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
    words: str
    """What people call the label."""
    set_by: str = ""
    """What follows for films beyond the cut-off, and what has set it; sentences."""


@dataclass(frozen=True, slots=True)
class FileList:
    """A list of files at the end of the page, each with a remark."""

    title: str
    lines: Sequence[tuple[str, str]]


def rule_page(task: str, sections: Sequence[CheckSection], lists: Sequence[FileList]) -> str:
    """Return the whole page; every name in it is escaped."""
    body = rendered(
        f"{_FOLDER}/rule_page.html",
        task=task,
        sections=sections,
        lists=lists,
        histogram=_histogram,
        number=_number,
        picture=_picture,
    )
    return html_page(
        title=f"Cut-offs of {task}", body=body, style=page_file(f"{_FOLDER}/rule_page.css")
    )


@dataclass(frozen=True, slots=True)
class _Bar:
    """A bar of a histogram, in units of the drawing."""

    left: float
    top: float
    width: float
    height: float
    films: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Histogram:
    """Where everything of a histogram lies, in units of the drawing."""

    bars: Sequence[_Bar]
    cut: float
    margin: int = _MARGIN
    end: int = _MARGIN + _PLOT_WIDTH
    floor: int = _PLOT_HEIGHT + 24


def _histogram(section: CheckSection) -> _Histogram:
    spread = section.spread
    # Square roots: a handful of films must be seen beside thousands.
    heights = np.sqrt(np.array(spread.counts, np.float64))
    heights *= _PLOT_HEIGHT / max(float(heights.max()), 1.0)
    step = _PLOT_WIDTH / len(heights)
    bars = [
        _Bar(_MARGIN + place * step, _PLOT_HEIGHT + 24 - height, step - 1, height, count)
        for place, (height, count) in enumerate(zip(heights, spread.counts, strict=True))
    ]
    return _Histogram(bars=bars, cut=_MARGIN + spread.place(section.cut_off) * _PLOT_WIDTH)


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _picture(example: Example) -> str:
    longest = max(example.width_px, example.height_px)
    size = (
        max(1, round(_PICTURE_PX * example.width_px / longest)),
        max(1, round(_PICTURE_PX * example.height_px / longest)),
    )
    shape = cv2.resize(example.thumbnail, size, interpolation=cv2.INTER_AREA)
    _, encoded = cv2.imencode(".jpg", shape, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return base64.b64encode(encoded.tobytes()).decode()
