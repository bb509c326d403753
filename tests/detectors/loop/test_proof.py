"""A correction must pass every detector: here a turned film that is, once upright, a lateral."""

import cv2
import numpy as np
import pytest
from shared_fixtures.kept_answers import add_labels

from backend.archive.adapters.catalogue import films
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.base.core.pixel_change import PixelChange
from backend.detectors.adapters.versions.registry import published_version
from backend.detectors.loop.proof import proof_detector, unproven
from backend.detectors.loop.train import train
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import Label, LabelSource
from backend.phantoms.core.chest import chest_phantom
from backend.review.loop.publish import publish
from tasks import detector_task

pytestmark = pytest.mark.trains

FILMS = 40
TASK = detector_task("projection")
UNTURN = PixelChange(turns_ccw=1)


def draw(number):
    """Return a phantom; every fourth is pressed flat, which stands for a lateral here."""
    film = (chest_phantom(np.random.default_rng([31, number]), 256) * 255).astype(np.uint8)
    if number % 4:
        return film
    flat = np.zeros_like(film)
    rows = len(film) // 3
    flat[rows : 2 * rows] = cv2.resize(film, (film.shape[1], rows), interpolation=cv2.INTER_AREA)
    return flat


def kind_of(film):
    return film.path.rpartition("/")[2].partition("-")[0]


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """A workspace with a published projection detector; two films more lie on their side."""
    folder = tmp_path_factory.mktemp("films")
    for number in range(FILMS):
        name = f"{'frontal' if number % 4 else 'lateral'}-{number}.png"
        cv2.imwrite(str(folder / name), draw(number))
    for name, number in (("turned_frontal", FILMS + 1), ("turned_lateral", FILMS + 4)):
        spoilt = UNTURN.inverse().apply(draw(number), white=255)
        cv2.imwrite(str(folder / f"{name}-{number}.png"), spoilt)
    workspace = Workspace.open_or_make(tmp_path_factory.mktemp("workspace"))
    index(workspace, [folder])
    answers = [
        Label(film.radiograph_id, TASK.name, kind_of(film), LabelSource.REVIEWER, "2026-01-01")
        for film in films(workspace.database)
        if kind_of(film) in TASK.labels
    ]
    result = train(workspace, TASK, extra_labels=answers)
    publish(workspace, TASK, result.model_version, reason="first")
    return workspace


@pytest.fixture(scope="module")
def turned(archive):
    """The two films on their side, by kind."""
    return {
        kind_of(film): film.radiograph_id
        for film in films(archive.database)
        if kind_of(film).startswith("turned")
    }


def refuted(archive, turned):
    version = published_version(archive.database, TASK.name)
    standing = standing_labels(archive.database, TASK.name)
    detectors = [proof_detector(TASK, version, standing)]
    corrections = dict.fromkeys(turned.values(), UNTURN)
    return unproven(detectors, films(archive.database), corrections, archive.detector_files)


def test_a_film_that_is_a_lateral_once_it_is_upright_is_not_proven(archive, turned):
    reasons = refuted(archive, turned)
    assert set(reasons) == {turned["turned_lateral"]}
    assert reasons[turned["turned_lateral"]].startswith("projection: ")
    assert reasons[turned["turned_lateral"]].endswith("after the correction")


def test_a_reviewer_who_called_it_frontal_outweighs_the_detector(archive, turned):
    frontal = Label(
        turned["turned_lateral"], TASK.name, "frontal", LabelSource.REVIEWER, "2026-02-01", "user"
    )
    add_labels(archive.database, [frontal])
    assert refuted(archive, turned) == {}
