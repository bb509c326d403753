"""What a benchmark says of a detector: JSON, from which `make docs` writes the model cards."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.base.core.figures import Figure

FIGURES = Path(__file__).parents[2] / "docs" / "figures"


@dataclass(frozen=True, kw_only=True)
class Table:
    """Figures side by side; every cell is text, intervals included."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """How often a detector is right when it states a confidence; one entry per bin."""

    confidence: Sequence[float]
    share_right: Sequence[float]
    count: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class DetectorCard:
    """Everything the page says of one detector task, beyond what its task file says."""

    task: str
    films: str
    """Which films, from where, which of them synthetic."""
    patients: str
    label_source: str
    split: str
    command: str
    """Makes these figures again."""
    tables: Sequence[Table]
    """Balanced, at archive prevalence, against baselines, on films with another problem."""
    not_for: Sequence[str]
    calibration: Calibration | None = None
    notes: Sequence[str] = field(default_factory=tuple)


def write_card(card: DetectorCard, folder: Path = FIGURES) -> None:
    """Write `<task>.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{card.task}.json").write_text(json.dumps(asdict(card), indent=1) + "\n")


def shown(figure: Figure, digits: int = 4) -> str:
    """Return an estimate with its interval, as `.9964 (.9868-.9991)`."""
    if figure.value is None:
        return "-"
    value, low, high = (
        f"{one:.{digits}f}".removeprefix("0") for one in (figure.value, figure.low, figure.high)
    )
    return f"{value} ({low}-{high})"


def calibration_of(
    probabilities: NDArray[np.float64], truth: NDArray[np.int64], bins: int = 10
) -> Calibration:
    """Return stated confidence against truth, empty bins left out.

    Args:
        probabilities: shape (views, labels).
        truth: shape (views,), label positions.
        bins: equally wide bins of confidence.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    full = [one for one in range(bins) if (place == one).any()]
    return Calibration(
        confidence=[round(float(confidence[place == one].mean()), 4) for one in full],
        share_right=[round(float(right[place == one].mean()), 4) for one in full],
        count=[int((place == one).sum()) for one in full],
    )
