from dataclasses import replace

import numpy as np
import pytest

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.base.core.figures import binary_figures
from backend.detectors.adapters.versions.registry import require_published
from backend.detectors.loop.load import load_detector, load_in_use
from backend.detectors.loop.training.judge import (
    Contest,
    confirmed_verdicts,
    judge,
    precision_in_archive,
    sealed_figures,
)
from backend.detectors.loop.training.made_films import FilmSet, made_films, split_archive
from backend.labels.core.labels import Label, LabelSource, verdicts


@pytest.fixture
def rotation(tasks):
    return tasks["rotation"]


@pytest.fixture
def corners():
    """Ten films of five patients, black with a white upper left quarter."""
    thumbnails = np.zeros((10, 256, 256), dtype=np.uint8)
    thumbnails[:, :128, :128] = 255
    patients = [f"patient{number // 2}" for number in range(10)]
    ids = [f"film{number}" for number in range(10)]
    return FilmSet(ids, patients, thumbnails, np.zeros(10, dtype=bool))


def where_the_white_corner_is(thumbnails):
    """A perfect detector of turns, for films with a white upper left quarter."""
    quarters = np.stack(
        [
            thumbnails[:, :128, :128],
            thumbnails[:, 128:, :128],
            thumbnails[:, 128:, 128:],
            thumbnails[:, :128, 128:],
        ],
        axis=1,
    ).mean(axis=(2, 3))
    return np.eye(4)[quarters.argmax(axis=1)] * 0.97 + 0.01 - 0.0025


def test_a_perfect_detector_makes_no_error_on_made_views(corners, rotation):
    found = sealed_figures(where_the_white_corner_is, corners, rotation)
    assert (found.films, found.patients, found.views, found.errors) == (10, 5, 40, 0)
    assert found.binary.true_positives == 30
    assert found.exact_label.value == 1.0
    assert list(found.suspects) == []


def test_a_film_that_is_really_turned_counts_as_an_error_and_is_listed(corners, rotation):
    thumbnails = corners.thumbnails.copy()
    thumbnails[3] = np.rot90(thumbnails[3])
    spoilt = replace(corners, thumbnails=thumbnails)
    found = sealed_figures(where_the_white_corner_is, spoilt, rotation)
    # As it is, it is called turned; made into "turned_270" it stands upright.
    assert found.errors == 2
    assert found.exact_label.value == 36 / 40
    assert list(found.suspects) == ["film3"]


def test_precision_in_the_archive_says_what_it_rests_on():
    figures = binary_figures(
        np.array([True, False] * 20),
        np.array([0.9, 0.1] * 20),
        [str(number) for number in range(40)],
        rng=np.random.default_rng(0),
    )
    assumed = precision_in_archive(figures, 0, 100_000)
    counted = precision_in_archive(figures, 5, 1000)
    assert (assumed["prevalence"], assumed["prevalence_source"]) == (0.001, "assumed")
    assert counted["prevalence"] == 0.005
    assert "confirmed" in counted["prevalence_source"]


def sealed_of(workspace, tasks):
    family = list(tasks.values())
    engine, terms = workspace.database, workspace.seal_terms
    nothing = {task.name: {} for task in family}
    split = split_archive(engine, terms, family, nothing, most_films=4000)
    return made_films(ThumbnailStore(workspace.thumbnails), split.sealed)


def contest(workspace, task, detector):
    engine, files = workspace.database, workspace.detector_files
    return Contest(engine, files, detector, load_in_use(engine, files, task))


def answers(task, given):
    labels = [
        Label(film, task.name, label, LabelSource.REVIEWER, "2026-01-01T00:00:00+00:00")
        for film, label in given.items()
    ]
    return confirmed_verdicts(verdicts(labels, task))


def test_a_version_judged_against_itself_is_not_worse(workspace, tasks, rotation):
    version = require_published(workspace.database, rotation)
    detector = load_detector(workspace.models, version, "cpu")
    judgement = judge(
        contest(workspace, rotation, detector), rotation, sealed_of(workspace, tasks), {}
    )
    assert judgement.publish
    assert judgement.champion == version
    assert judgement.sealed_errors == judgement.champion_sealed_errors


def test_confirmed_films_are_judged_as_they_are_in_the_archive(
    workspace, tasks, rotation, true_label
):
    version = require_published(workspace.database, rotation)
    detector = load_detector(workspace.models, version, "cpu")
    truth = {
        film.radiograph_id: true_label(film.path.rsplit("/", 1)[-1], rotation)
        for film in films(workspace.database)
    }
    confirmed = answers(rotation, truth)
    judgement = judge(
        contest(workspace, rotation, detector), rotation, sealed_of(workspace, tasks), confirmed
    )
    bad = sum(label != "upright" for label in truth.values())
    assert judgement.confirmed_bad == bad
    assert judgement.confirmed_found >= bad - 1
    assert len(judgement.contradicted) <= 3


def test_a_version_in_use_that_is_gone_from_disk_does_not_stop_a_new_one(
    workspace, tasks, rotation, caplog
):
    version = require_published(workspace.database, rotation)
    detector = load_detector(workspace.models, version, "cpu")
    (workspace.models / version / "card.json").unlink()
    judgement = judge(
        contest(workspace, rotation, detector), rotation, sealed_of(workspace, tasks), {}
    )
    assert judgement.publish
    assert judgement.champion is None
    assert "cannot be judged against" in caplog.text
