"""Projection by few labels: how many it takes, and how many a new hospital's films take."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.base.core.figures import BinaryFigures, average_precision, roc_auc
from backend.detectors.adapters.training.pixel_baseline import pixels_say
from backend.detectors.core.film_choice import answer_folds
from benchmarks.detectors.card import Table
from benchmarks.detectors.films.kinds_of_films import (
    FOLDS,
    SEED,
    Chosen,
    Features,
    Films,
    Labels,
    accepted,
    figures_of,
    fit,
    mean_and_range,
)
from benchmarks.detectors.films.other_features import PIXELS
from tasks import detector_task

TASK = detector_task("projection")
FRONTAL, LATERAL, OTHER = (TASK.labels.index(name) for name in ("frontal", "lateral", "other"))
LABEL_COUNTS, DRAWS, FEWEST = (10, 20, 40, 56), 10, 5
HOSPITAL_LABELS = (0, 10, 20, 40)


@dataclass(frozen=True)
class Labelled:
    """The one source with laterals, and the frontal films of a hospital nobody labelled."""

    films: Films
    source: Chosen
    """Frontal and lateral films of one source."""
    elsewhere: Chosen

    @property
    def labels(self) -> Labels:
        """Return the label of each film of the source."""
        return np.where(self.films.of("lateral_chest")[self.source], LATERAL, FRONTAL)

    @property
    def patients(self) -> NDArray[np.str_]:
        """Return the patient of each film of the source."""
        return self.films.patients[self.source]

    def figures(
        self, within: NDArray[np.float64], elsewhere: NDArray[np.float64]
    ) -> tuple[BinaryFigures, BinaryFigures]:
        """Return figures within the source, and with the other hospital's frontal films added."""
        none = np.zeros(int(self.elsewhere.sum()), dtype=np.int64)
        patients = np.concatenate([self.patients, self.films.patients[self.elsewhere]])
        both = np.concatenate([within, elsewhere])
        return (
            figures_of(self.labels, within, self.patients),
            figures_of(np.concatenate([self.labels, none]), both, patients),
        )


def passes(said: NDArray[np.float64]) -> Chosen:
    """Tell which films pass unseen as frontal."""
    return accepted(said, TASK)


def hospital_table(labelled: Labelled, features: Features) -> Table:
    """Return how many frontals of a new hospital are held up once a few of its own are labelled."""
    rows = []
    for count in HOSPITAL_LABELS:
        shares = [held_up_after(count, draw, labelled, features) for draw in range(DRAWS)]
        rows.append([str(count), mean_and_range(shares)])
    return Table(
        title="Frontals of a hospital that the 58 labelled films are not from (NIH), held up once "
        f"some of its own are labelled too: mean and range of {DRAWS} draws, other patients judged",
        columns=("frontals of NIH labelled", "frontals of NIH a person has to look at"),
        rows=rows,
    )


def held_up_after(count: int, draw: int, labelled: Labelled, features: Features) -> float:
    """Return the share of the hospital's frontals that do not pass."""
    films, nih = labelled.films, np.flatnonzero(labelled.elsewhere)
    shown = np.random.default_rng([SEED, count, draw]).permutation(nih)[:count]
    asked = nih[~np.isin(films.patients[nih], films.patients[shown])]
    taught = np.concatenate([np.flatnonzero(labelled.source), shown])
    labels = np.where(films.of("lateral_chest"), LATERAL, FRONTAL)[taught]
    detector = fit(TASK, features[taught], labels, films.patients[taught])
    return float(1 - passes(detector.says(features[asked])).mean())


def label_table(films: Films, features: Features) -> Table:
    """Return how the number of labels matters: drawn anew for every fold and repetition."""
    rows = []
    for count in LABEL_COUNTS:
        drawn = [learnt_from(count, draw, films, features) for draw in range(DRAWS)]
        columns = [mean_and_range(column) for column in zip(*drawn, strict=True)]
        rows.append([str(count), *columns])
    return Table(
        title=f"Labels needed: mean and range of {DRAWS} draws; frontal films of two sources and "
        f"laterals of one, at least {FEWEST} of them; judged on patients not drawn from",
        columns=(
            "labels",
            "AUC, own source",
            "AUC, NIH frontals added",
            "AUPRC, NIH frontals added",
            "laterals that pass as frontal",
            "NIH frontals a person has to look at",
            f"AUPRC of {PIXELS}, NIH frontals added",
        ),
        rows=rows,
    )


def learnt_from(count: int, draw: int, films: Films, features: Features) -> list[float]:
    """Return the figures of detectors that learnt from so many labels, pooled over the folds."""
    pool = films.of("lateral_chest", "chest_covid", "chest_openi")
    labels = np.where(films.of("lateral_chest"), LATERAL, FRONTAL)
    folds = np.full(len(labels), -1)
    folds[pool] = answer_folds(labels[pool], films.patients[pool].tolist(), FOLDS)
    nih, rng = films.of("nih_chest"), np.random.default_rng([SEED, count, draw])
    said, by_pixels = np.zeros((len(labels), 2)), np.zeros(len(labels))
    passed = np.zeros(len(labels))
    for fold in range(FOLDS):
        taught = draw_labels(labels, pool & (folds != fold), count, rng)
        detector = fit(TASK, features[taught], labels[taught], films.patients[taught])
        inside = np.flatnonzero(folds == fold)
        for asked, share in ((inside, 1.0), (np.flatnonzero(nih), 1 / FOLDS)):
            said[asked, 0] += share * (1 - detector.alone(features[asked])[:, FRONTAL])
            passed[asked] += share * passes(detector.says(features[asked]))
            seen = films.thumbnails
            pixels = pixels_say(seen[taught], labels[taught], seen[asked], len(TASK.labels))
            by_pixels[asked] += share * (1 - pixels[:, FRONTAL])
    own = films.of("lateral_chest", "chest_covid")
    bad = labels == LATERAL
    return [
        float(roc_auc(bad[own], said[own, 0])),
        float(roc_auc(bad[own | nih], said[own | nih, 0])),
        float(average_precision(bad[own | nih], said[own | nih, 0])),
        float(passed[bad].mean()),
        float(1 - passed[nih].mean()),
        float(average_precision(bad[own | nih], by_pixels[own | nih])),
    ]


def draw_labels(labels: Labels, pool: Chosen, count: int, rng: np.random.Generator) -> Labels:
    """Return places of films drawn to be labelled: a fifth laterals, but never fewer than five."""
    laterals = rng.permutation(np.flatnonzero(pool & (labels == LATERAL)))
    laterals = laterals[: max(FEWEST, count // 5)]
    frontals = rng.permutation(np.flatnonzero(pool & (labels == FRONTAL)))
    return np.sort(np.concatenate([laterals, frontals[: count - len(laterals)]]))
