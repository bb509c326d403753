"""Plots, by matplotlib: learning curves with their forecasts."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from backend.core.learning_curve import Forecast, Point

_COLOURS = ("tab:blue", "tab:orange", "tab:green")
_LEAST_SHOWN = 2e-4
"""Where no error was seen: a logarithmic axis has no zero."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One way of learning."""

    name: str
    points: Sequence[Point]
    forecast: Forecast | None


def draw_curves(curves: Sequence[Curve], *, title: str, target_error: float) -> bytes:
    """Return a PNG: a dot per training, the fitted curve, and the limits of the forecast."""
    canvas = Canvas(figsize=(7, 4.5), layout="constrained")
    axes = canvas.subplots()
    for curve, colour in zip(curves, _COLOURS, strict=False):
        _draw(axes, curve, colour)
    axes.axhline(target_error, color="black", linestyle=":", label=f"target {target_error:.2%}")
    axes.set(xscale="log", yscale="log", title=title, xlabel="films trained on (patients whole)")
    axes.set_ylabel("judged wrong where half are bad")
    axes.legend()
    file = io.BytesIO()
    canvas.savefig(file, format="png", dpi=120, metadata={"Software": None})
    return file.getvalue()


def _draw(axes: Axes, curve: Curve, colour: str) -> None:
    films = np.array([point.films for point in curve.points])
    errors = np.array([point.error for point in curve.points])
    axes.scatter(films, np.maximum(errors, _LEAST_SHOWN), s=14, color=colour, label=curve.name)
    if curve.forecast is None:
        return
    law, limits = curve.forecast.law, curve.forecast.at
    shown = np.geomspace(films.min(), max(limits), 60)
    fitted = np.maximum([law.at(each) for each in shown], _LEAST_SHOWN)
    axes.plot(shown, fitted, color=colour, linewidth=1)
    low, high = (
        np.array([getattr(one, end) for one in limits.values()]) for end in ("low", "high")
    )
    axes.fill_between(
        list(limits), np.maximum(low, _LEAST_SHOWN), high, color=colour, alpha=0.15, linewidth=0
    )
