"""Which score tells films of a kind nobody labelled, chosen on other kinds than it is judged on.

No cut-off takes part: each score is judged by the share of good films that would have to be held up
so that not one film of the kind that was left out passes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.detectors.core.open_set import Familiar, learn_familiar
from benchmarks.detectors.card import Table
from benchmarks.detectors.films.kinds_of_films import SEED, Chosen, Features, Films, fit
from benchmarks.detectors.films.other_features import FINAL, OURS
from tasks import detector_task

DRAWS, GOOD_LABELS, OTHER_LABELS = 10, 40, 10
"""Labels of good films, and of each other kind that is labelled: a few dozen in all."""
CHESTS = ("nih_chest", "chest_covid", "chest_openi")
TASK = detector_task("body_region")


@dataclass(frozen=True)
class LeftOut:
    """Which kind nobody labels, and what is labelled instead."""

    name: str
    good: Sequence[str]
    others: Sequence[str]
    asked: str


LEFT_OUT = (
    LeftOut("abdomen", CHESTS, ("pelvis_child", "hand_64px"), "abdomen"),
    LeftOut("lateral chest", CHESTS, ("abdomen", "pelvis_child", "hand_64px"), "lateral_chest"),
    LeftOut("lateral, own source", ("chest_covid",), ("abdomen", "hand_64px"), "lateral_chest"),
    LeftOut("pelvis", CHESTS, ("abdomen", "hand_64px"), "pelvis_child"),
    LeftOut("hand", CHESTS, ("abdomen", "pelvis_child"), "hand_64px"),
    LeftOut("hand, own source", ("chest_64px",), ("abdomen", "pelvis_child"), "hand_64px"),
)

Strangeness = Callable[[Familiar, Features], NDArray[np.float64]]


def _nearest(familiar: Familiar, features: Features) -> NDArray[np.float64]:
    return familiar.to_nearest(features, np.zeros(len(features), dtype=np.int64))


def _middle(familiar: Familiar, features: Features) -> NDArray[np.float64]:
    return familiar.to_middle(features, np.zeros(len(features), dtype=np.int64))


def _both(familiar: Familiar, features: Features) -> NDArray[np.float64]:
    return familiar.strangeness(features, np.zeros(len(features), dtype=np.int64))


SCORES: Mapping[str, Strangeness] = {
    "cosine distance to the nearest three": _nearest,
    "Mahalanobis' distance to the mean": _middle,
    "geometric mean of the two": _both,
}
HEAD = "the head's own probability"


def score_table(films: Films, features: Mapping[str, Features]) -> Table:
    """Return the needed share of good films held up, by score and kind left out."""
    found = {one.name: _needed(one, films, features) for one in LEFT_OUT}
    scores = list(next(iter(found.values())))
    rows = [[score, *(f"{found[one.name][score]:.3f}" for one in LEFT_OUT)] for score in scores]
    chosen = [_chosen(found, one) for one in LEFT_OUT]
    rows.append(
        [
            "whichever did best on the other kinds",
            *(
                f"{found[one.name][score]:.3f} ({scores.index(score) + 1})"
                for one, score in zip(LEFT_OUT, chosen, strict=True)
            ),
        ]
    )
    return Table(
        title="Scores compared: share of good films that would have to be held up so that no film "
        f"of the kind left out passes; {GOOD_LABELS} good films and {OTHER_LABELS} of each other "
        f"kind labelled, mean of {DRAWS} draws. Last row: chosen without the kind it is judged on "
        "(row number)",
        columns=("score", *(one.name for one in LEFT_OUT)),
        rows=[[f"{number}. {row[0]}", *row[1:]] for number, row in enumerate(rows[:-1], 1)]
        + rows[-1:],
    )


def _chosen(found: Mapping[str, Mapping[str, float]], judged: LeftOut) -> str:
    """Return the score that needs least on all other kinds."""
    others = [found[one.name] for one in LEFT_OUT if one.asked != judged.asked]
    return min(others[0], key=lambda score: float(np.mean([shares[score] for shares in others])))


def _needed(one: LeftOut, films: Films, features: Mapping[str, Features]) -> dict[str, float]:
    drawn = [_needed_once(one, films, features, draw) for draw in range(DRAWS)]
    return {score: float(np.mean([each[score] for each in drawn])) for score in drawn[0]}


def _needed_once(
    one: LeftOut, films: Films, features: Mapping[str, Features], draw: int
) -> dict[str, float]:
    rng = np.random.default_rng([SEED, draw])
    taught, labels, good = draw_labels(one, films, rng)
    patients, asked = films.patients[taught], films.of(one.asked)
    found = {}
    for name in (FINAL, OURS):
        own = features[name]
        familiar = learn_familiar(own[taught], labels, patients.tolist(), labels.max() + 1)
        for score, strange in SCORES.items():
            needed = _share_held_up(strange(familiar, own[good]), strange(familiar, own[asked]))
            found[f"{score}; {name}"] = needed
    detector = fit(TASK, features[OURS][taught], labels, patients)
    doubts = [1 - detector.alone(features[OURS][some])[:, 0] for some in (good, asked)]
    return {f"{HEAD}; {OURS}": _share_held_up(*doubts), **found}


def draw_labels(
    one: LeftOut, films: Films, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], Chosen]:
    """Return places of labelled films, their labels, and good films of patients not drawn from."""
    good = films.of(*one.good)
    patients = rng.permutation(np.unique(films.patients[good]))
    open_ = np.isin(films.patients, patients[: len(patients) // 2])
    taught = [rng.permutation(np.flatnonzero(good & open_))[:GOOD_LABELS]]
    taught += [
        rng.permutation(np.flatnonzero(films.of(kind)))[:OTHER_LABELS] for kind in one.others
    ]
    labels = np.repeat(np.arange(len(taught)), [len(places) for places in taught])
    return np.concatenate(taught), labels, good & ~open_


def _share_held_up(good: NDArray[np.float64], asked: NDArray[np.float64]) -> float:
    return float((good >= asked.min()).mean())
