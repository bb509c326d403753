"""Slips about films whose labels are made, told from what networks say of all their views."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from shared_fixtures.kept_answers import add_labels

from backend.archive.adapters.catalogue import films
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.detectors.loop.train import train
from backend.detectors.loop.training.made_doubts import made_doubts
from backend.labels.core.labels import Label, LabelSource, verdicts
from backend.phantoms.core.chest import chest_phantom
from tasks import detector_task

ROTATION, MIRROR = detector_task("rotation"), detector_task("mirror")
CALLED = {"right": "upright", "slip": "upright", "turned": "turned_90", "false alarm": "turned_90"}


def answered(called, task=ROTATION):
    when = "2026-01-01T00:00:00+00:00"
    labels = [
        Label(film, task.name, label, LabelSource.REVIEWER, when, "user 1")
        for film, label in called.items()
    ]
    return verdicts(labels, task)


def views_of(turns, certainty=0.97):
    """What good networks say of the four views of a film that is still turned so often."""
    views = np.full((4, 4), (1 - certainty) / 3)
    for view in range(4):
        views[view, (view + turns) % 4] = certainty
    return views


@pytest.fixture
def said():
    """Of films put right as they were called: two of them were called wrongly."""
    return np.stack([views_of(0), views_of(3), views_of(0), views_of(3), *[views_of(0)] * 40])


def names(said):
    return [*CALLED, *(f"film {number}" for number in range(len(said) - len(CALLED)))]


def test_slips_are_doubted_with_the_label_that_the_film_itself_shows(said):
    doubts = made_doubts(names(said), said, ROTATION, answered(CALLED))
    assert {film: (label, other) for film, (label, other, _) in doubts.items()} == {
        "slip": ("upright", "turned_270"),
        "false alarm": ("turned_90", "upright"),
    }


def test_films_that_no_reviewer_answered_are_not_doubted(said):
    assert made_doubts(names(said), said, ROTATION, {}) == {}


def test_networks_that_have_not_learnt_the_task_doubt_nobody(said):
    confused = said[:, [1, 0, 2, 3]]
    assert made_doubts(names(said), confused, ROTATION, answered(CALLED)) == {}


def test_without_films_there_are_no_doubts():
    assert made_doubts([], np.zeros((0, 4, 4)), ROTATION, {}) == {}


@pytest.fixture
def mirrored(tmp_path):
    """An archive of phantoms, four of them mirrored, and the ids of those."""
    folder = tmp_path / "films"
    folder.mkdir()
    for number in range(60):
        film = (chest_phantom(np.random.default_rng([5, number]), 256) * 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{number}.png"), film[:, ::-1] if number < 4 else film)
    made = Workspace.open_or_make(tmp_path / "workspace")
    index(made, [folder])
    wrong = [film for film in films(made.database) if Path(film.path).stem in "0123"]
    return made, {film.radiograph_id for film in wrong}


@pytest.mark.slow
@pytest.mark.other_start
@pytest.mark.trains
def test_mirrored_films_that_were_called_as_taken_come_back(mirrored):
    workspace, wrong = mirrored
    when = "2026-01-01T00:00:00+00:00"
    called = [
        Label(film.radiograph_id, "mirror", "as_taken", LabelSource.REVIEWER, when, "user 1")
        for film in films(workspace.database)
    ]
    add_labels(workspace.database, called)
    doubts = train(workspace, MIRROR).metrics["training"]["doubts"]
    # Some phantoms look alike on both sides; of sealed ones no answer is doubted.
    assert len(wrong & doubts.keys()) >= 2
    assert len(doubts.keys() - wrong) <= 1
    assert all(label == "as_taken" for label, _, _ in doubts.values())
