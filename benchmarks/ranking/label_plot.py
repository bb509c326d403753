"""Plots of label_efficiency: how fast bad films are found, and what the head has learnt by then."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, NullLocator
from numpy.typing import NDArray

from benchmarks.ranking.label_campaign import FILMS, JUDGED_AT, QUESTIONS

SHOWN = {
    "radsieve": ("#0072B2", "-"),
    "radsieve, ranked looks only": ("#0072B2", ":"),
    "random; Label Studio, two annotators": ("#000000", "-"),
    "uncertainty; Label Studio, fresh scores": ("#D55E00", "-"),
    "Label Studio, stock backend": ("#D55E00", ":"),
    "scikit-activeml: core-set": ("#CC79A7", "-"),
    "scikit-activeml: BADGE": ("#009E73", "-"),
    "scikit-activeml: DropQuery": ("#E69F00", "-"),
}
"""Colours that colour-blind people tell apart (Okabe and Ito)."""
_LOOKS = np.unique(np.geomspace(10, FILMS, 60).astype(int))
_ROUNDS = 500

Runs = Mapping[str, Sequence[Mapping[str, Any]]]


def plot_svg(found: Mapping[str, Runs]) -> str:
    """Return the plot as SVG text; the same runs give the same text.

    Above: share of bad films looked at, by looks, at the middle rate. Below: AUPRC on other
    patients. Bands: 95 %, bootstrap over seeds.

    Args:
        found: by question and rate, by arm, what came of each seed.
    """
    names = [[name for name in found if name.startswith(f"{q}, ")] for q in QUESTIONS]
    middle = [some[len(some) // 2] for some in names]
    with mpl.rc_context({"svg.hashsalt": "radsieve", "svg.fonttype": "none", "font.size": 9}):
        canvas = Canvas(figsize=(11, 7), layout="constrained")
        axes = canvas.subplots(2, len(middle), sharey="row", squeeze=False)
        for column, name in enumerate(middle):
            _draw_found(axes[0][column], found[name], name)
            _draw_auprc(axes[1][column], found[name])
        axes[0][0].set_ylabel("share of bad films looked at")
        axes[1][0].set_ylabel("AUPRC on other patients")
        handles, labels = axes[0][0].get_legend_handles_labels()
        canvas.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
        file = io.StringIO()
        canvas.savefig(file, format="svg", metadata={"Date": None})
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


def _draw_found(axes: Axes, runs: Runs, name: str) -> None:
    for arm, curves in _shown(runs).items():
        shares = [
            np.searchsorted(one["found_after"], _LOOKS, "right") / one["bad"] for one in curves
        ]
        _draw(axes, _LOOKS, np.array(shares), arm)
    axes.set(xscale="log", xlabel="films looked at", ylim=(0, 1.02))
    axes.set_title(name, fontsize="medium", loc="left")
    _set_ticks(axes, (10, 30, 100, 300, 1000, FILMS))


def _draw_auprc(axes: Axes, runs: Runs) -> None:
    for arm, curves in _shown(runs).items():
        judged = [[one["auprc"][str(labels)] for labels in JUDGED_AT] for one in curves]
        _draw(axes, np.array(JUDGED_AT), np.array(judged), arm)
    axes.set(xscale="log", xlabel="labels", ylim=(0, 1.02))
    _set_ticks(axes, JUDGED_AT)


def _draw(axes: Axes, at: NDArray[np.int64], of_seeds: NDArray[np.float64], arm: str) -> None:
    """Draw a mean, of shape (seeds, points), and its band."""
    colour, style = SHOWN[arm]
    rng = np.random.default_rng(0)
    again = of_seeds[rng.integers(len(of_seeds), size=(_ROUNDS, len(of_seeds)))].mean(axis=1)
    low, high = np.quantile(again, (0.025, 0.975), axis=0)
    axes.fill_between(at, low, high, color=colour, alpha=0.12, linewidth=0)
    axes.plot(at, of_seeds.mean(axis=0), style, color=colour, linewidth=1.5, label=arm)


def _set_ticks(axes: Axes, ticks: Sequence[int]) -> None:
    axes.set_xticks(ticks)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.grid(color="0.92")


def _shown(runs: Runs) -> Runs:
    return {arm: curves for arm, curves in runs.items() if arm in SHOWN}
