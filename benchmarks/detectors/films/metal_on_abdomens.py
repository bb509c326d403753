"""Real hip prostheses among abdomens: where the films that show them rank."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.pixels.film_reader import read_film
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
from backend.phantoms.core.drawn_implants import BodyPart, ImplantKind, with_implant
from backend.phantoms.core.scattered_metal import with_scattered_metal
from benchmarks.detectors.card import Table
from benchmarks.detectors.films.cross_fitted import films_in
from benchmarks.detectors.films.metal_films import (
    FOLDS,
    SIDE_PX,
    Pixels,
    reduced,
    says,
)
from benchmarks.detectors.films.metal_labels import (
    ABDOMENS_WITH_METAL,
)


def abdomen_note(table: Table) -> str:
    """Say plainly where the film with the two hip prostheses comes."""
    own = [row for row in table.rows if row[1].startswith("abd15")]
    places = ", ".join(str(row[2]) for row in own)
    first = all(str(row[2]).startswith(("1 ", "2 ")) for row in own)
    return (
        f"The film abd15, whose two hip prostheses anybody sees, is {'' if first else 'NOT '}among "
        f"the first two of the abdomens in every training: {places}."
    )


def abdomen_table(data: Path, places: PlaceHeads, head: LinearHead, fitted: CrossFitted) -> Table:
    """Return how high the abdomens with a hip prosthesis rank among all abdomens."""
    paths = films_in(data / "abdomen")
    names = [path.name for path in paths]
    films = np.stack([reduced(read_film(p.read_bytes(), p.name).pixels, SIDE_PX) for p in paths])
    chests = places.summaries(films)
    rows = ranks("heads taught on NIH chests alone", names, says(head, chests, fitted)[:, 1])
    score, said = hip_scores(data, films, names)
    rows += ranks("best place, drawings on the other abdomens and on pelves", names, score)
    rows += ranks("head taught by hips drawn on the other abdomens and on pelves", names, said)
    return Table(
        title=f"{len(names)} abdomens, two of them with real hip prostheses: their rank",
        columns=("detector", "film", "rank", "stated"),
        rows=rows,
    )


def ranks(how: str, names: Sequence[str], score: NDArray[np.floating]) -> list[list[str]]:
    """Return a row for every abdomen with metal."""
    order = np.argsort(np.argsort(-score))
    return [
        [
            how,
            f"{name}: {what}",
            f"{order[names.index(name)] + 1} of {len(names)}",
            f"{score[names.index(name)]:.3f}",
        ]
        for name, what in ABDOMENS_WITH_METAL.items()
    ]


def hip_scores(
    data: Path, abdomens: Pixels, names: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the best place's logit and the probability, by heads that never saw the film.

    Every abdomen is left out in turn of three parts; stems are drawn on half of what is left.
    """
    pelves = [p for p in sorted((data / "pelvis_child").iterdir()) if p.suffix == ".jpg"]
    hips = np.stack([reduced(read_film(p.read_bytes(), p.name).pixels, SIDE_PX) for p in pelves])
    part = np.arange(len(names)) % 3
    best, stated = np.zeros(len(names)), np.zeros(len(names))
    metal = np.isin(names, list(ABDOMENS_WITH_METAL))
    for out in range(3):
        teach = abdomens[(part != out) & ~metal]
        both = np.concatenate([teach, hips])
        heads = two_heads(both)
        with_hips = [
            with_implant(film, ImplantKind.STEM, region, np.random.default_rng([out, number]))
            for number, (film, region) in enumerate(
                [(f, BodyPart.ABDOMEN) for f in teach] + [(f, BodyPart.PELVIS) for f in hips]
            )
        ]
        seen_by = np.arange(len(both)) % 2
        taught = np.concatenate(
            [heads.summaries(both, seen_by), heads.summaries(np.stack(with_hips), seen_by)]
        )
        labels = np.repeat([0, 1], len(both))
        patients = np.tile(np.arange(len(both)).astype(np.str_), 2)
        some = Answered(taught, labels, patients, np.ones(len(labels)))
        folds = answer_folds(labels, patients.tolist(), FOLDS)
        crossed_hips = cross_fit(some, folds, 2, None)
        asked = heads.summaries(abdomens[part == out])
        head = fit_head(some, 2, crossed_hips.strength)
        best[part == out], stated[part == out] = asked[:, 0], says(head, asked, crossed_hips)[:, 1]
    return best, stated


def two_heads(films: Pixels) -> PlaceHeads:
    """Return two heads, taught by drawings on every other film."""
    heads = [
        fit_places(
            draw_on(films[half::2], with_scattered_metal, seed=half),
            place_backbone("cpu"),
            seed=half,
        )
        for half in range(2)
    ]
    return PlaceHeads(tuple(heads), "cpu")
