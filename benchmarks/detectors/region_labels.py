"""How many labels of body regions it takes, and what of a region nobody labelled then passes."""

from collections.abc import Sequence

import numpy as np

from backend.base.core.figures import average_precision, roc_auc
from backend.detectors.core.film_choice import answer_folds
from benchmarks.detectors.card import Table
from benchmarks.detectors.films.kinds_of_films import (
    FOLDS,
    SEED,
    Chosen,
    Detector,
    Features,
    Films,
    Labels,
    accepted,
    called,
    fit,
    mean_and_range,
)
from benchmarks.detectors.outlier_scores import CHESTS, DRAWS, LeftOut, draw_labels
from tasks import detector_task

TASK = detector_task("body_region")
REGIONS = {"abdomen": "abdomen", "pelvis": "pelvis_child", "hand": "hand_64px"}
"""Label -> the folder with films of it; everything else that is labelled is a chest."""
LABEL_COUNTS, MOST_ABDOMENS = (10, 20, 40, 56), 11


def labels_of(films: Films) -> Labels:
    """Return label positions, shape (films,)."""
    labels = np.zeros(len(films.kinds), dtype=np.int64)
    for label, folder in REGIONS.items():
        labels[films.of(folder)] = TASK.labels.index(label)
    return labels


def labelled(films: Films, chests: Sequence[str], others: Sequence[str] | dict[str, str]) -> Chosen:
    """Tell which films are of these chests and other regions."""
    return films.of(*chests, *(REGIONS[name] for name in others))


def taught(films: Films, features: Features, chosen: Chosen) -> Detector:
    """Return a detector that learnt from some films."""
    return fit(TASK, features[chosen], labels_of(films)[chosen], films.patients[chosen])


FEW = (
    LeftOut("abdomens", CHESTS, ("pelvis_child", "hand_64px"), "abdomen"),
    LeftOut("pelves", CHESTS, ("abdomen", "hand_64px"), "pelvis_child"),
    LeftOut("hands", CHESTS, ("abdomen", "pelvis_child"), "hand_64px"),
)


def few_labels_table(films: Films, features: Features) -> Table:
    """Return the same with a few dozen labels, drawn several times."""
    rows = []
    for one in FEW:
        drawn = [few_labels(one, films, features, draw) for draw in range(DRAWS)]
        rows.append([one.name, *(mean_and_range(column, 3) for column in zip(*drawn, strict=True))])
    return Table(
        title=f"The same with 40 chests and 10 films of each other region labelled: mean and range "
        f"of {DRAWS} draws",
        columns=(
            "not labelled",
            "called chest by the head alone",
            "called chest",
            "pass as chest unseen",
            "chests held up",
        ),
        rows=rows,
    )


def few_labels(one: LeftOut, films: Films, features: Features, draw: int) -> list[float]:
    """Return shares of the kind left out and of good chests."""
    places, _, good = draw_labels(one, films, np.random.default_rng([SEED, draw]))
    labels = labels_of(films)[places]
    detector = fit(TASK, features[places], labels, films.patients[places])
    asked = features[films.of(one.asked)]
    said = detector.says(asked)
    return [
        float(called(detector.alone(asked)).mean()),
        float(called(said).mean()),
        float(accepted(said, TASK).mean()),
        float(1 - accepted(detector.says(features[good]), TASK).mean()),
    ]


def label_table(films: Films, features: Features) -> Table:
    """Return how the number of labels matters, chests and abdomens only."""
    rows = []
    for count in LABEL_COUNTS:
        drawn = [learnt_from(count, draw, films, features) for draw in range(DRAWS)]
        rows.append([str(count), *(mean_and_range(one) for one in zip(*drawn, strict=True))])
    return Table(
        title=f"Labels needed: half of them abdomens, but no more than {MOST_ABDOMENS}; mean and "
        f"range of {DRAWS} draws, judged on patients not drawn from; pelves and hands are never "
        "labelled",
        columns=(
            "labels",
            "AUC, abdomen against chest",
            "AUPRC",
            "abdomens that pass as chest",
            "chests held up",
            "pelves and hands that pass as chest",
        ),
        rows=rows,
    )


def learnt_from(count: int, draw: int, films: Films, features: Features) -> list[float]:
    """Return the figures of detectors that learnt from so many labels, pooled over the folds."""
    pool, labels = labelled(films, CHESTS, ("abdomen",)), labels_of(films)
    folds = np.full(len(labels), -1)
    folds[pool] = answer_folds(labels[pool], films.patients[pool].tolist(), FOLDS)
    elsewhere = np.flatnonzero(films.of("pelvis_child", "hand_64px"))
    rng = np.random.default_rng([SEED, count, draw])
    p_bad, passed = np.zeros(len(labels)), np.zeros(len(labels))
    for fold in range(FOLDS):
        shown = pool & (folds != fold)
        abdomens = rng.permutation(np.flatnonzero(shown & (labels > 0)))
        abdomens = abdomens[: min(count // 2, MOST_ABDOMENS)]
        chests = rng.permutation(np.flatnonzero(shown & (labels == 0)))[: count - len(abdomens)]
        own = np.concatenate([abdomens, chests])
        detector = fit(TASK, features[own], labels[own], films.patients[own])
        for asked, share in ((np.flatnonzero(folds == fold), 1.0), (elsewhere, 1 / FOLDS)):
            p_bad[asked] += share * (1 - detector.alone(features[asked])[:, 0])
            passed[asked] += share * accepted(detector.says(features[asked]), TASK)
    bad = labels[pool] > 0
    return [
        float(roc_auc(bad, p_bad[pool])),
        float(average_precision(bad, p_bad[pool])),
        float(passed[pool][bad].mean()),
        float(1 - passed[pool][~bad].mean()),
        float(passed[elsewhere].mean()),
    ]
