"""The films that metal detection is measured on, and what learns from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backend.archive.adapters.pixels.film_reader import read_film
from backend.archive.core.identity import fold_of
from backend.detectors.adapters.place_detector import PlaceHeads, place_backbone
from backend.detectors.adapters.training.head_trainer import (
    Answered,
    CrossFitted,
    cross_fit,
    fit_head,
)
from backend.detectors.adapters.training.place_trainer import draw_on, fit_places
from backend.detectors.core.film_choice import answer_folds
from backend.detectors.core.linear_head import LinearHead
from backend.phantoms.core.drawn_implants import MAKERS, BodyPart, ImplantKind, with_implant
from backend.phantoms.core.scattered_metal import with_scattered_metal
from benchmarks.detectors.films.cross_fitted import films_in
from benchmarks.detectors.films.metal_labels import REAL_METAL, UNSURE

FOLDS, SEED, SIDE_PX = 5, 20180424, 256
FINER_PX = 512


Pixels = NDArray[np.uint8]
Features = NDArray[np.float32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Films:
    """NIH films, each as it is and with metal drawn on it."""

    names: Sequence[str]
    patients: NDArray[np.str_]
    clean: Pixels
    drawn: Pixels
    finer: Pixels
    """As they are judged, at `FINER_PX`."""
    kinds: NDArray[np.str_]
    metal: Flags
    """Judged with the drawn metal; the others as they are."""
    real: Flags
    """Show real metal."""
    usable: Flags
    """Read as free of metal before anything was drawn."""

    @property
    def judged(self) -> Pixels:
        """Return half of the films with metal, half without."""
        return np.where(self.metal[:, None, None], self.drawn, self.clean)

    @property
    def half(self) -> NDArray[np.int64]:
        """Return which of the two place heads may have seen a film's patient."""
        return np.array([fold_of(patient, b"places", 2) for patient in self.patients])


def read_films(data: Path) -> Films:
    """Read NIH films and draw on each, at full size."""
    table = pd.read_csv(data / "nih_chest.csv", dtype=str).set_index("file")["patient_id"]
    paths = films_in(data / "nih_chest")
    names = [path.name for path in paths]
    known = {kind: MAKERS[BodyPart.CHEST][kind] for kind in MAKERS[BodyPart.CHEST]}
    kinds = np.resize(np.array([str(kind) for kind in known]), len(names))
    rng = np.random.default_rng(SEED)
    rng.shuffle(kinds)
    metal = np.zeros(len(names), dtype=np.bool_)
    metal[rng.permutation(len(names))[: len(names) // 2]] = True
    clean, drawn, finer = [], [], []
    for place, path in enumerate(paths):
        film = read_film(path.read_bytes(), path.name).pixels
        own = np.random.default_rng([SEED, place])
        with_metal = with_implant(film, ImplantKind(kinds[place]), BodyPart.CHEST, own)
        clean.append(reduced(film, SIDE_PX))
        drawn.append(reduced(with_metal, SIDE_PX))
        finer.append(reduced(with_metal if metal[place] else film, FINER_PX))
    real = np.isin(names, list(REAL_METAL))
    return Films(
        names=names,
        patients=np.array([table[name] for name in names]),
        clean=np.stack(clean),
        drawn=np.stack(drawn),
        finer=np.stack(finer),
        kinds=kinds,
        metal=metal,
        real=real,
        usable=~real & ~np.isin(names, list(UNSURE)),
    )


def reduced(film: Pixels, side_px: int) -> Pixels:
    """Return a film squashed to a square, each pixel the mean of the area it covers."""
    return np.asarray(cv2.resize(film, (side_px, side_px), interpolation=cv2.INTER_AREA), np.uint8)


def taught_places(films: Films) -> PlaceHeads:
    """Return two heads, each taught by drawings on films without metal of half of the patients."""
    backbone, heads = place_backbone("cpu"), []
    for half in range(2):
        shown_films = films.clean[films.usable & ~films.metal & (films.half == half)]
        drawn = draw_on(shown_films, with_scattered_metal, seed=half)
        heads.append(fit_places(drawn, backbone, seed=half))
    return PlaceHeads(tuple(heads), "cpu")


def answered(features: Features, films: Films, labels: Flags, weight: float = 1.0) -> Answered:
    """Return the usable films as the trainer takes them."""
    use = films.usable
    weights = np.full(int(use.sum()), weight)
    return Answered(features[use], labels[use].astype(np.int64), films.patients[use], weights)


def folds_of(films: Films) -> NDArray[np.int64]:
    """Return the same folds for every detector."""
    use = films.usable
    truth = films.metal[use].astype(np.int64)
    return answer_folds(truth, films.patients[use].tolist(), FOLDS)


def crossed(features: Features, films: Films, labels: Flags, weight: float = 1.0) -> CrossFitted:
    """Return what heads say of usable films whose patients they have not seen."""
    return cross_fit(answered(features, films, labels, weight), folds_of(films), 2, None)


def whole_head(features: Features, films: Films, labels: Flags, fitted: CrossFitted) -> LinearHead:
    """Return the head that would be published."""
    return fit_head(answered(features, films, labels), 2, fitted.strength)


def says(head: LinearHead, features: Features, fitted: CrossFitted) -> NDArray[np.float64]:
    """Return calibrated probabilities, shape (films, 2)."""
    return head.probabilities(features, temperature=fitted.temperature, catch_all=None)


def says_of_real(
    films: Films, places: PlaceHeads, summaries: Features, fitted: CrossFitted
) -> NDArray[np.float64]:
    """Return what is said of films with real metal, by what saw no film of their patients."""
    some = answered(summaries, films, films.metal)
    others = ~np.isin(some.patients, films.patients[films.real])
    head = fit_head(some.only(others), 2, fitted.strength)
    return says(head, places.summaries(films.clean[films.real], films.half[films.real]), fitted)
