"""The plots of the archive report as SVG text: coloured by the page's style, so dark mode fits.

Text, so that the same figures always make the same page; each plot has its points as a table.

matplotlib does not draw them: its SVG sets colours in style attributes, 107 in one such plot, which
the policy of the page forbids and which stay light in dark mode. It has 25 kB where ours has 4, and
takes 170 ms where ours takes 2, after 0.7 s to load.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from markupsafe import Markup

from backend.base.adapters.html_page import rendered
from backend.base.core.figures import Figure
from backend.certificate.core.curves import Curves
from backend.export.adapters.page.words import Table, percent, share_words
from backend.export.core.report import VersionRow

_WIDTH, _HEIGHT = 360, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 336, 16, 250
_TOPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
_MOST_POINTS = 200
"""Steps of a longer curve are thinned out evenly: nobody sees more on so few pixels."""

Place = tuple[float, float]
_Step = TypeVar("_Step")


@dataclass(frozen=True, slots=True)
class _Line:
    kind: str
    """The class by which the style of the page draws it."""
    start: Place
    end: Place
    shape: ClassVar = "line"


@dataclass(frozen=True, slots=True)
class _Polyline:
    places: Sequence[Place]
    shape: ClassVar = "polyline"


@dataclass(frozen=True, slots=True)
class _Dot:
    place: Place
    shape: ClassVar = "dot"


@dataclass(frozen=True, slots=True)
class _Caption:
    kind: str
    place: Place
    words: str
    upwards: bool = False
    """Written from below upwards."""
    shape: ClassVar = "caption"


_Mark = _Line | _Polyline | _Dot | _Caption


@dataclass(frozen=True, slots=True, kw_only=True)
class _PlotFrame:
    """Axes: shares from 0 to `top` upwards, 0 to `right` to the right."""

    label: str
    """What the plot shows, for those who do not see it."""
    x_name: str
    y_name: str
    right: float = 1.0
    top: float = 1.0
    x_is_share: bool = True

    def x(self, value: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * value / self.right

    def y(self, value: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * min(value, self.top) / self.top


def precision_recall_plot(task: str, found: Curves) -> Markup:
    """Return precision over recall, with exact intervals at probability 0.5."""
    frame = _PlotFrame(
        label=f"Precision over recall of {task}, on {found.films} films",
        x_name="bad films found (recall)",
        y_name="flagged that are bad (precision)",
    )
    steps = _thinned([(step.recall, step.precision) for step in found.steps])
    corners = [(0.0, steps[0][1])] if steps else []
    for recall, precision in steps:
        corners += [(recall, corners[-1][1]), (recall, precision)]
    rows = [
        (f"{step.threshold:.3f}", percent(step.recall), percent(step.precision))
        for step in _thinned(found.steps)
    ]
    marks: list[_Mark] = [_line_through(frame, corners), *_working_point(frame, found)]
    heads = ("flagged from", "bad films found", "flagged that are bad")
    return _plot(frame, marks, Table("Precision over recall", heads, rows))


def reliability_plot(task: str, found: Curves) -> Markup:
    """Return how many films were bad against what was stated, with exact intervals."""
    frame = _PlotFrame(
        label=f"How far stated probabilities of {task} can be believed, on {found.films} films",
        x_name="stated probability of being bad",
        y_name="share that was bad",
    )
    marks: list[_Mark] = [_Line("ideal", (frame.x(0), frame.y(0)), (frame.x(1), frame.y(1)))]
    for one in found.bins:
        marks += _whiskered(frame, one.stated, one.bad.figure)
    rows = [(f"{one.stated:.3f}", share_words(one.bad)) for one in found.bins]
    heads = ("stated, mean", "were bad")
    return _plot(frame, marks, Table("Stated and true probabilities", heads, rows))


def learning_plot(task: str, versions: Sequence[VersionRow]) -> Markup:
    """Return the share of sealed views judged wrong by each version, over reviewer labels."""
    measured = [one for one in versions if one.sealed_wrong.of]
    most = max((one.reviewer_labels for one in measured), default=0)
    highest = max((one.sealed_wrong.figure.high for one in measured), default=1.0)
    frame = _PlotFrame(
        label=f"Sealed views that versions of {task} judge wrong, over reviewer labels",
        x_name="reviewer labels when it was trained",
        y_name="sealed views judged wrong",
        right=_rounded_up(most),
        top=next((top for top in _TOPS if highest <= top), 1.0),
        x_is_share=False,
    )
    points = [
        (one.reviewer_labels, one.sealed_wrong.figure.value or 0.0)
        for one in sorted(measured, key=lambda one: one.reviewer_labels)
    ]
    marks: list[_Mark] = [_line_through(frame, points)]
    for one in measured:
        marks += _whiskered(frame, one.reviewer_labels, one.sealed_wrong.figure)
    rows = [
        (one.model_version, f"{one.reviewer_labels:,}", share_words(one.sealed_wrong))
        for one in versions
    ]
    heads = ("version", "reviewer labels", "sealed views judged wrong")
    return _plot(frame, marks, Table("Versions", heads, rows))


def _rounded_up(most: int) -> float:
    """Return an end of the axis above it of which a fifth is a round number."""
    steps = (step * 10**power for power in range(12) for step in (2, 5, 10, 20))
    return float(next(5 * step for step in steps if 5 * step > most))


def _thinned(steps: Sequence[_Step]) -> list[_Step]:
    """Return at most so many, the last one among them."""
    stride = -(-len(steps) // _MOST_POINTS) or 1
    return list(steps[::-1][::stride])[::-1]


def _working_point(frame: _PlotFrame, found: Curves) -> Iterator[_Mark]:
    recall, precision = found.figures.recall, found.figures.precision
    if recall.value is None or precision.value is None:
        return
    yield from _whiskered(frame, recall.value, precision)
    y = frame.y(precision.value)
    yield _Line("bar", (frame.x(recall.low), y), (frame.x(recall.high), y))


def _whiskered(frame: _PlotFrame, at: float, figure: Figure) -> Iterator[_Mark]:
    if figure.value is None:
        return
    x = frame.x(at)
    yield _Line("bar", (x, frame.y(figure.low)), (x, frame.y(figure.high)))
    for end in (figure.low, figure.high):
        yield _Line("bar", (x - 4, frame.y(end)), (x + 4, frame.y(end)))
    yield _Dot((x, frame.y(figure.value)))


def _line_through(frame: _PlotFrame, points: Iterable[Place]) -> _Polyline:
    return _Polyline([(frame.x(x), frame.y(y)) for x, y in points])


def _plot(frame: _PlotFrame, marks: Iterable[_Mark], points: Table) -> Markup:
    return rendered(
        "backend.export.adapters.page/plot.html",
        label=frame.label,
        width=_WIDTH,
        height=_HEIGHT,
        marks=[*_axes(frame), *marks],
        points=points,
    )


def _axes(frame: _PlotFrame) -> Iterator[_Mark]:
    for tick in range(6):
        share = tick / 5
        x, y = _LEFT + (_RIGHT - _LEFT) * share, _BOTTOM - (_BOTTOM - _TOP) * share
        yield _Line("grid", (_LEFT, y), (_RIGHT, y))
        yield _Line("axis", (x, _BOTTOM), (x, _BOTTOM + 4))
        yield _Caption("end", (_LEFT - 6, y + 4), f"{100 * share * frame.top:.3g} %")
        across = share * frame.right
        number = f"{100 * across:.0f} %" if frame.x_is_share else f"{across:.0f}"
        yield _Caption("mid", (x, _BOTTOM + 17), number)
    yield _Line("axis", (_LEFT, _BOTTOM), (_RIGHT, _BOTTOM))
    yield _Caption("mid", ((_LEFT + _RIGHT) / 2, _HEIGHT - 8), frame.x_name)
    yield _Caption("mid", (12, (_TOP + _BOTTOM) / 2), frame.y_name, upwards=True)
