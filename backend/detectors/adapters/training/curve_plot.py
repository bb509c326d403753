"""Draw learning curves with their forecasts, by matplotlib."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from backend.detectors.core.probe.learning_curve import CurveForecast, Point

_STYLES = (("#0072B2", "o", 40), ("#D55E00", "s", 110), ("#009E73", "^", 220))
"""Colours that colour-blind people can distinguish (Okabe and Ito), each with a marker and its
area. The first curve has the smallest markers and lies on top, so that equal curves stay visible.
"""
_TICKS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Curve:
    """The learning curve of one way of learning."""

    name: str
    points: Sequence[Point]
    forecast: CurveForecast | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotFrame:
    """Title, axis and marks of a plot of learning curves."""

    title: str
    error_name: str
    """Name of the vertical axis, such as `judged wrong`."""
    target_error: float
    there_are: int
    """Number of films that can be trained on."""

    @property
    def no_error(self) -> float:
        """Height at which an error of 0 is drawn, as a logarithmic axis has no zero."""
        return min(self.target_error, 0.001) / 2


def draw_curves(curves: Sequence[Curve], frame: PlotFrame) -> bytes:
    """Return a PNG of `canvas_of`; the same curves give the same bytes."""
    file = io.BytesIO()
    canvas_of(curves, frame).savefig(file, format="png", dpi=110, metadata={"Software": None})
    return file.getvalue()


def canvas_of(curves: Sequence[Curve], frame: PlotFrame) -> Canvas:
    """Return a plot with small marks for trainings, large ones for means, curves and 95 % bands.

    Curves are dashed beyond the largest number of films that was trained on.
    """
    canvas = Canvas(figsize=(8, 5), layout="constrained")
    axes = canvas.subplots()
    axes.set(xscale="log", yscale="log", xlabel="films trained on", ylabel=frame.error_name)
    axes.set_title(frame.title, fontsize="medium", loc="left")
    for number, (curve, style) in enumerate(zip(curves, _STYLES, strict=False)):
        _draw_points(axes, curve, frame.no_error, style=style, zorder=3 - 0.1 * number)
        if curve.forecast:
            _draw_forecast(axes, curve.forecast, curve.points, frame.no_error, colour=style[0])
    _draw_marks(axes, frame)
    _set_ticks(axes, curves, frame)
    canvas.legend(loc="outside lower center", ncols=3, frameon=False, fontsize="small")
    return canvas


def _draw_points(
    axes: Axes, curve: Curve, no_error: float, *, style: tuple[str, str, int], zorder: float
) -> None:
    colour, marker, area = style
    films = np.array([point.films for point in curve.points])
    errors = np.maximum([point.error for point in curve.points], no_error)
    axes.scatter(films, errors, s=10, color=colour, marker=marker, alpha=0.4, linewidth=0)
    means = np.array(_means(curve.points))
    axes.scatter(
        means[:, 0],
        np.maximum(means[:, 1], no_error),
        s=area,
        color=colour,
        marker=marker,
        edgecolor="white",
        zorder=zorder,
        label=f"{curve.name}: measured",
    )


def _draw_forecast(
    axes: Axes, forecast: CurveForecast, points: Sequence[Point], no_error: float, *, colour: str
) -> None:
    sizes = np.array(list(forecast.at))
    low, high = (
        np.maximum([getattr(figure, end) for figure in forecast.at.values()], no_error / 2)
        for end in ("low", "high")
    )
    axes.fill_between(sizes, low, high, color=colour, alpha=0.15, linewidth=0)
    measured = max(films for films, _ in _means(points))
    for start, end, style in ((sizes[0], measured, "-"), (measured, sizes[-1], "--")):
        shown = np.geomspace(start, end, 40)
        fitted = np.array([forecast.law.at(films) for films in shown])
        fitted[fitted < no_error] = np.nan
        # The legend has one entry per curve: that of the forecast.
        label = "its fit, forecast, 95 % limits" if style == "--" else None
        axes.plot(shown, fitted, style, color=colour, linewidth=1.5, label=label)


def _draw_marks(axes: Axes, frame: PlotFrame) -> None:
    target = f"target: {100 * frame.target_error:.2g} % wrong"
    axes.axhline(frame.target_error, color="black", linestyle=":", label=target)
    there_are = f"{frame.there_are} films to train on"
    axes.axvline(frame.there_are, color="grey", linestyle="-.", linewidth=1, label=there_are)


def _set_ticks(axes: Axes, curves: Sequence[Curve], frame: PlotFrame) -> None:
    shown = [size for curve in curves if curve.forecast for size in curve.forecast.at]
    sizes = sorted(set(shown or [point.films for curve in curves for point in curve.points]))
    axes.xaxis.set_major_locator(FixedLocator(_apart(sizes)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda films, _: f"{films:.0f}"))
    axes.yaxis.set_major_locator(FixedLocator([frame.no_error, *_TICKS]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda e, _: "none" if e <= frame.no_error else f"{100 * e:g} %")
    )
    axes.set_ylim(bottom=frame.no_error * 0.75)
    axes.grid(color="0.92")


def _apart(sizes: Sequence[int]) -> list[int]:
    """Return sizes that are far enough apart to be read on a logarithmic axis."""
    kept = [sizes[0]]
    for size in sizes[1:]:
        if size >= 1.3 * kept[-1]:
            kept.append(size)
    return kept


def _means(points: Sequence[Point]) -> list[tuple[float, float]]:
    """Return (mean films, mean error) of each size, the smallest first."""
    ordered = sorted(points, key=lambda point: point.size)
    by_size = [list(of_size) for _, of_size in groupby(ordered, key=lambda point: point.size)]
    return [
        (
            float(np.mean([point.films for point in of_size])),
            float(np.mean([point.error for point in of_size])),
        )
        for of_size in by_size
    ]
