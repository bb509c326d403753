"""A body part nobody labelled ends in review: heads on the real features, of phantoms and films."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from backend.archive.adapters.pixels.film_reader import read_film, thumbnail_of
from backend.detectors.adapters.backbone import load_backbone
from backend.detectors.adapters.training.head_trainer import Answered, cross_fit, fit_head
from backend.detectors.core.film_choice import answer_folds
from backend.phantoms.core.chest import chest_phantom
from backend.phantoms.core.pelvis import pelvis_phantom
from tasks import detector_task

pytestmark = pytest.mark.trains

FILMS = Path(__file__).parents[4] / "shared" / "data" / "radiographs"
CHESTS, TURNED, ASKED = 24, 8, 8
TASK = detector_task("body_region")
CHEST, ABDOMEN = TASK.labels.index("chest"), TASK.labels.index("abdomen")


@pytest.fixture(scope="module")
def backbone():
    return load_backbone("cpu")


def small(film):
    return (cv2.resize(film, (256, 256), interpolation=cv2.INTER_AREA) * 255).astype(np.uint8)


def drawn_chest(number):
    return small(chest_phantom(np.random.default_rng([12, number]), 256))


def drawn_pelvis(number):
    return small(pelvis_phantom(np.random.default_rng([13, number]))[0])


def real(kind, count):
    paths = sorted(path for path in (FILMS / kind).iterdir() if path.suffix != ".json")[:count]
    return np.stack([thumbnail_of(read_film(path.read_bytes(), path.name)) for path in paths])


def says(backbone, known, labels):
    """What a detector says that learnt from these films, each of a patient of its own."""
    patients = np.array([f"p{number}" for number in range(len(labels))])
    films = Answered(backbone.features(known), labels, patients, np.ones(len(labels)))
    other = TASK.labels.index(TASK.catch_all)
    folds = answer_folds(labels, patients.tolist(), 5)
    fitted = cross_fit(films, folds, len(TASK.labels), other)
    head = fit_head(films, len(TASK.labels), fitted.strength)
    return lambda asked: head.probabilities(
        backbone.features(asked), temperature=fitted.temperature, catch_all=other
    )


def passes(said):
    return (said.argmax(axis=1) == CHEST) & (said[:, CHEST] >= TASK.thresholds.review_below)


def test_a_drawn_pelvis_never_passes_where_chests_and_something_else_were_labelled(backbone):
    chests = np.stack([drawn_chest(number) for number in range(CHESTS + TURNED)])
    chests[CHESTS:] = np.rot90(chests[CHESTS:], axes=(1, 2))
    labels = np.repeat([CHEST, ABDOMEN], [CHESTS, TURNED])
    said = says(backbone, chests, labels)
    assert not passes(said(np.stack([drawn_pelvis(number) for number in range(ASKED)]))).any()
    new = np.stack([drawn_chest(100 + number) for number in range(ASKED)])
    assert passes(said(new)).sum() >= ASKED - 1


@pytest.mark.skipif(not FILMS.exists(), reason="the real films are not beside this repository")
def test_a_real_pelvis_or_hand_never_passes_where_chests_and_abdomens_were_labelled(backbone):
    # The first files of the abdomen folder show chests; see
    # benchmarks/detectors/films/kinds_of_films.py.
    chests, abdomens = real("nih_chest", 70), real("abdomen", 13)[2:]
    known = np.concatenate([chests[:40], abdomens])
    said = says(backbone, known, np.repeat([CHEST, ABDOMEN], [40, len(abdomens)]))
    for kind in ("pelvis_child", "hand_64px"):
        assert not passes(said(real(kind, ASKED))).any()
    assert passes(said(chests[40:])).mean() > 0.8
