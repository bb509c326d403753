"""Films of several kinds, and heads fitted to some of them: for benchmarks.

Heads are fitted and calibrated by the functions that `radsieve train` uses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backend.base.core.detector_task import DetectorTask
from backend.base.core.figures import (
    BinaryFigures,
    binary_figures,
    clopper_pearson,
    precision_at_prevalence,
)
from backend.detectors.adapters.training.head_trainer import Answered, cross_fit, fit_head
from backend.detectors.core.calibration import softmax
from backend.detectors.core.film_choice import answer_folds
from backend.detectors.core.linear_head import LinearHead
from benchmarks.detectors.card import shown
from benchmarks.detectors.films.cross_fitted import draw_film, read_thumbnails

FOLDS, SEED = 5, 20180424
PREVALENCE = 171 / 112_120
"""Films that are not frontal, among all of NIH ChestX-ray14 (list of L. Oakden-Rayner)."""
FIGURE_COLUMNS = ("AUC", "AUPRC", "recall", "false alarms", f"precision at {PREVALENCE:.2%}")
FOLDERS = (
    "nih_chest lateral_chest chest_covid chest_openi chest_64px abdomen pelvis_child hand_64px"
)
# Looked at: these four files of the abdomen folder show chests.
NOT_ABDOMEN = {"abd0.png", "abd1.png", "abd3.png", "abd4.png"}
# Figures of one article, as the file names tell, may show one patient.
ARTICLES = (
    "1-s2.0-S1684118220300682",
    "all14238",
    "gr1_lrg",
    "jkms-35-e79",
    "kjr-21-e24",
    "lancet-case2",
    "nejmoa2001191",
)
# Looked at: the same film.
COPIES = {"D5ACAA93-C779-4E22-ADFA-6A220489F840": "35AF5C3B-D04D-4B4B-92B7-CB1F67D83085"}
DICOM_KINDS = {
    "RG1": "chest_dicom",
    "1.2.276": "chest_dicom",
    "RG3": "tibia",
    "331": "pelvis_dicom",
}

Pixels = NDArray[np.uint8]
Features = NDArray[np.float32]
Labels = NDArray[np.int64]
Chosen = NDArray[np.bool_]
"""Shape (films,)."""


@dataclass(frozen=True)
class Films:
    """Films of one kind or several."""

    names: NDArray[np.str_]
    thumbnails: Pixels
    patients: NDArray[np.str_]
    kinds: NDArray[np.str_]
    """The folders they came in; of DICOM files, what they show."""

    def of(self, *kinds: str) -> Chosen:
        """Tell which films are of some kinds."""
        return np.isin(self.kinds, kinds)

    def draw(self, chosen: Chosen, captions: Sequence[str], folder: Path) -> None:
        """Write a picture of each chosen film, with a line of text; never into the repository."""
        for place, caption in zip(np.flatnonzero(chosen), captions, strict=True):
            path = folder / f"{self.kinds[place]}-{Path(self.names[place]).stem}.png"
            draw_film(self.thumbnails[place], caption, path)


def read_films(data: Path) -> Films:
    """Read `radiographs` and `dicom` below a folder."""
    table = pd.read_csv(data / "radiographs" / "nih_chest.csv", dtype=str)
    patients = dict(zip(table["file"], table["patient_id"], strict=True))
    paths = [
        path
        for folder in FOLDERS.split()
        for path in sorted((data / "radiographs" / folder).iterdir())
        if path.suffix != ".json" and path.name not in NOT_ABDOMEN
    ]
    dicom = {
        path: kind
        for path in sorted((data / "dicom").glob("*.dcm"))
        for start, kind in DICOM_KINDS.items()
        if path.name.startswith(start)
    }
    kinds = [path.parent.name for path in paths] + list(dicom.values())
    paths += dicom
    return Films(
        np.array([path.name for path in paths]),
        read_thumbnails(paths),
        np.array([patients.get(path.name) or _patient(path) for path in paths]),
        np.array(kinds),
    )


def _patient(path: Path) -> str:
    """Return what stands for a patient: the article, else the film itself."""
    article = next((one for one in ARTICLES if path.name.startswith(one)), path.stem)
    return COPIES.get(article, article)


@dataclass(frozen=True)
class Detector:
    """A head, calibrated as a published version would be."""

    head: LinearHead
    temperature: float
    catch_all: int | None
    held_out: NDArray[np.float64]
    """Shape (films, labels): what heads that never saw a film's patient say of its own films."""
    held_out_alone: NDArray[np.float64]
    """The same without the comparison with labelled films."""

    def says(self, features: Features) -> NDArray[np.float64]:
        """Return calibrated probabilities, shape (films, labels)."""
        return self.head.probabilities(
            features, temperature=self.temperature, catch_all=self.catch_all
        )

    def alone(self, features: Features) -> NDArray[np.float64]:
        """Return what the head says without the comparison with labelled films."""
        return softmax(self.head.logits(features), self.temperature)


def fit(
    task: DetectorTask, features: Features, labels: Labels, patients: NDArray[np.str_]
) -> Detector:
    """Return a detector that learnt from these films.

    Args:
        task: a detector task that learns from answers.
        features: shape (films, width).
        labels: shape (films,), label positions.
        patients: shape (films,).
    """
    films = Answered(features, labels, patients, np.ones(len(labels)))
    folds = answer_folds(labels, patients.tolist(), FOLDS)
    catch_all = None if task.catch_all is None else task.labels.index(task.catch_all)
    fitted = cross_fit(films, folds, len(task.labels), catch_all)
    head = fit_head(films, len(task.labels), fitted.strength)
    return Detector(head, fitted.temperature, catch_all, fitted.calibrated, fitted.sure)


def figures_of(
    labels: Labels, said: NDArray[np.float64], patients: NDArray[np.str_]
) -> BinaryFigures:
    """Return how well any other label is told from the first one."""
    rng = np.random.default_rng(SEED)
    return binary_figures(labels != 0, 1 - said[:, 0], patients.tolist(), rng=rng)


def figure_cells(figures: BinaryFigures) -> list[str]:
    """Return the cells below `FIGURE_COLUMNS`."""
    found = (
        figures.auc,
        figures.auprc,
        figures.recall,
        figures.false_positive_rate,
        precision_at_prevalence(figures, PREVALENCE),
    )
    return [shown(one) for one in found]


def spread_cells(several: Sequence[BinaryFigures]) -> list[str]:
    """Return the cells below `FIGURE_COLUMNS`: means over several seeds, and their range."""
    found = [
        (
            one.auc.value,
            one.auprc.value,
            one.recall.value,
            one.false_positive_rate.value,
            precision_at_prevalence(one, PREVALENCE).value,
        )
        for one in several
    ]
    return [
        mean_and_range([value or 0.0 for value in column]) for column in zip(*found, strict=True)
    ]


def mean_and_range(values: Sequence[float], digits: int = 4) -> str:
    """Return a mean and a range, as `.9964, .9868 to .9991`."""
    texts = [f"{one:.{digits}f}" for one in (np.mean(values), min(values), max(values))]
    mean, low, high = (text.removeprefix("0") for text in texts)
    return f"{mean}, {low} to {high}"


def share_cells(chosen: Chosen) -> tuple[str, str]:
    """Return a share with its exact interval, and the counts in words."""
    count, total = int(chosen.sum()), len(chosen)
    return shown(clopper_pearson(count, total)), f"{count} of {total}"


def called(said: NDArray[np.float64], label: int = 0) -> Chosen:
    """Tell which films are given a label."""
    return np.asarray(said.argmax(axis=1) == label)


def accepted(said: NDArray[np.float64], task: DetectorTask) -> Chosen:
    """Tell which films pass unseen: given the first label, and not below `review_below`."""
    return called(said) & (said[:, 0] >= task.thresholds.review_below)
