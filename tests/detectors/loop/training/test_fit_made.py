"""Real films, some of them spoilt on purpose: who finds them?"""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from backend.archive.adapters.metadata_table import read_metadata
from backend.archive.core.identity import fold_of
from backend.base.adapters.settings import Settings
from backend.detectors.adapters.tiny_detector import TinyDetector
from backend.detectors.core.model_card import ModelCard, TrainingFacts
from backend.detectors.loop.kinds.made_head import make_plan
from backend.detectors.loop.training.fit_made import fit_made
from backend.detectors.loop.training.made_doubts import made_doubts
from backend.detectors.loop.training.made_films import FilmSet
from backend.labels.core.labels import Label, LabelSource, verdicts

SHARED = Path(__file__).parents[5] / "shared" / "data" / "radiographs"
FILMS, TABLE = SHARED / "nih_chest", SHARED / "nih_chest.csv"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.trains,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(not FILMS.is_dir(), reason="the real films are not on this machine"),
]


@pytest.fixture(scope="module")
def real_films():
    rows = sorted(read_metadata(TABLE).rows, key=lambda row: row.file)
    grey = [cv2.imread(str(FILMS / row.file), cv2.IMREAD_GRAYSCALE) for row in rows]
    thumbnails = np.stack(
        [cv2.resize(one, (256, 256), interpolation=cv2.INTER_AREA) for one in grey]
    )
    patients = [row.patient_id for row in rows]
    return FilmSet(
        [row.file for row in rows], patients, thumbnails, np.zeros(len(rows), dtype=bool)
    )


def folds_of(patients, key, folds):
    return np.array([fold_of(patient, key, folds) for patient in patients])


def fit(films, family):
    plan = make_plan(Settings(device="cpu"), len(films))
    fitted = fit_made(films, folds_of(films.patients, b"inner", 3), family, plan)
    detector = TinyDetector(
        "", fitted.network, ModelCard(heads=fitted.heads(family), training=TrainingFacts())
    )
    return fitted, detector


def test_one_fold_of_real_films_reaches_the_article(real_films, tasks):
    family = list(tasks.values())
    held_out = folds_of(real_films.patients, b"outer", 5) == 0
    _, detector = fit(real_films.only(~held_out), family)
    unseen = real_films.only(held_out).thumbnails
    for task in family:
        right = []
        for place, label in enumerate(task.labels):
            made = task.made_by[label].apply(unseen, white=255)
            right.append(detector.probabilities(made)[task.name].argmax(axis=1) == place)
        assert np.mean(right) >= 0.98, task.name


def called(film, task, label):
    return Label(film, task, label, LabelSource.REVIEWER, "2026-01-01T00:00:00+00:00", "user 1")


def test_spoilt_films_in_the_archive_are_found_and_not_learnt_from(real_films, tasks):
    rng = np.random.default_rng(7)
    turned, inverted = np.split(rng.permutation(len(real_films))[:25], [16])  # 5 % and 3 %
    thumbnails = real_films.thumbnails.copy()
    for number, film in enumerate(turned):
        thumbnails[film] = np.rot90(thumbnails[film], k=1 + number % 3)
    thumbnails[inverted] = 255 - thumbnails[inverted]
    # A reviewer has looked at 50 films, and missed what is wrong with six of them.
    missed = {"rotation": turned[:4], "inversion": inverted[:2]}
    confirmed = np.isin(np.arange(len(real_films)), [*turned[:4], *inverted[:2]])
    confirmed[
        rng.permutation(np.setdiff1d(np.arange(len(real_films)), [*turned, *inverted]))[:44]
    ] = 1
    spoilt = replace(real_films, thumbnails=thumbnails, confirmed=confirmed)

    fitted, detector = fit(spoilt, list(tasks.values()))

    ids = np.array(real_films.radiograph_ids)
    found = detector.probabilities(thumbnails)
    for name, truly in (("rotation", turned), ("inversion", inverted)):
        task, slips = tasks[name], set(ids[missed[name]])
        suspects = set(fitted.suspects[name])
        assert set(ids[truly]) - slips <= suspects
        assert len(suspects - set(ids[truly])) <= 2
        flagged = set(ids[found[name][:, 0] < 0.5])
        assert set(ids[truly]) - slips <= flagged
        assert len(flagged - set(ids[truly])) <= 1
        known = verdicts([called(film, name, task.expected_label) for film in ids[confirmed]], task)
        doubts = made_doubts(ids.tolist(), fitted.said[name], task, known)
        assert slips <= doubts.keys()
        assert len(doubts.keys() - slips) <= 1
