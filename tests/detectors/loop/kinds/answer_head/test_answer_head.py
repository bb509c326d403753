"""A detector learnt from answers, on phantoms: films lying on their side stand for laterals."""

import shutil

import cv2
import numpy as np
import pytest

from backend.archive.adapters.catalogue import films
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import NotEnoughFilmsError
from backend.detectors.adapters.detector import feature_store
from backend.detectors.adapters.versions.predictions import load_predictions
from backend.detectors.adapters.versions.registry import COLD_START, published_version
from backend.detectors.loop.train import train
from backend.detectors.loop.training.answered_films import answered_films
from backend.labels.adapters.label_store import add_labels, standing_labels
from backend.labels.core.labels import Label, LabelSource, Slice, verdicts
from backend.phantoms.core.chest import chest_phantom
from backend.review.adapters.batch_store import open_items
from backend.review.adapters.screens.contact_sheet import sheet_result
from backend.review.loop.publish import publish
from backend.review.loop.pull import pull
from backend.review.loop.push import push
from backend.review.loop.rank import rank
from backend.review.loop.studio.connect import ensure_projects, remember_label_studio
from tasks import detector_task

pytestmark = pytest.mark.trains

FILMS = 48
NOISE = 6
"""Films of pure noise: a kind that nobody ever labels."""


def draw(number):
    rng = np.random.default_rng([9, number])
    if number >= FILMS:
        return rng.integers(0, 256, (256, 256), dtype=np.uint8)
    film = (chest_phantom(rng, 256) * 255).astype(np.uint8)
    return np.rot90(film) if number % 4 == 0 else film


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("answered")
    for number in range(FILMS + NOISE):
        name = "noise" if number >= FILMS else "lateral" if number % 4 == 0 else "frontal"
        cv2.imwrite(str(folder / f"{name}-{number}.png"), draw(number))
    return folder


@pytest.fixture(scope="module")
def task():
    return detector_task("projection")


@pytest.fixture(scope="module")
def indexed(archive, tmp_path_factory):
    """A workspace of the archive that has the features of its films already."""
    workspace = Workspace(tmp_path_factory.mktemp("indexed") / "workspace")
    index(workspace, [archive])
    feature_store(workspace).read([film.thumbnail_row for film in films(workspace.database)])
    return workspace


@pytest.fixture
def answered(indexed, tmp_path):
    shutil.copytree(indexed.root, tmp_path / "workspace")
    return Workspace(tmp_path / "workspace")


@pytest.fixture(scope="module")
def taught(indexed, task, tmp_path_factory):
    """A workspace in which all answers were learnt from, what that gave, and what it predicts."""
    root = tmp_path_factory.mktemp("taught") / "workspace"
    shutil.copytree(indexed.root, root)
    workspace = Workspace(root)
    return workspace, *trained(workspace, task, extra_labels=answers(workspace))


def name_of(film):
    return film.path.rsplit("/", 1)[-1].split("-")[0]


def answers(workspace, kinds=("frontal", "lateral")):
    return [
        Label(film.radiograph_id, "projection", name_of(film), LabelSource.REVIEWER, "2026-01-01")
        for film in films(workspace.database)
        if name_of(film) in kinds
    ]


def trained(workspace, task, **more):
    result = train(workspace, task, **more)
    publish(workspace, task, result.model_version, reason="first")
    version = published_version(workspace.database, task.name)
    frame = load_predictions(workspace.predictions, task.name, version).frame
    names = {film.radiograph_id: name_of(film) for film in films(workspace.database)}
    return result, frame.assign(truth=frame["radiograph_id"].map(names))


def test_answers_teach_a_detector_and_what_nobody_labelled_is_caught(taught):
    _, result, said = taught
    known = said[said["truth"] != "noise"]
    assert (known["predicted"] == known["truth"]).mean() > 0.9
    assert set(said.loc[said["truth"] == "noise", "predicted"]) == {"other"}
    assert result.model_version.startswith("head-")
    assert result.metrics["judged_on"].startswith("too few sealed films")
    assert result.metrics["training"]["films_by_label"]["other"] == 0


def test_positives_alone_are_enough_since_most_of_an_archive_is_as_expected(answered, task):
    result, said = trained(answered, task, extra_labels=answers(answered, kinds=("lateral",)))
    frontal = said[said["truth"] == "frontal"]
    assert (said.loc[said["truth"] == "lateral", "predicted"] == "lateral").mean() > 0.8
    assert (frontal["predicted"] == "frontal").mean() > 0.8
    assert result.metrics["training"]["assumed_films"] > 0


def test_sealed_patients_are_never_learnt_from(answered, task):
    known = verdicts(answers(answered), task)
    training, sealed = answered_films(answered, task, known)
    assert len(sealed)
    assert not set(training.patients) & set(sealed.patients)
    assert len(training) + len(sealed) == FILMS


def test_the_same_answers_are_not_trained_on_twice(taught, task):
    workspace, first, _ = taught
    again = train(workspace, task, extra_labels=answers(workspace))
    assert (first.reused, again.reused) == (False, True)
    assert first.model_version == again.model_version


def test_a_handful_of_answers_is_refused_with_what_is_missing(answered, task):
    few = answers(answered, kinds=("lateral",))[:3]
    with pytest.raises(NotEnoughFilmsError, match=r"expected 5 films.*, [0-3] lateral"):
        train(answered, task, extra_labels=few)


def test_before_anything_is_learnt_the_strangest_films_come_first(answered, task):
    picks = rank(answered, task, count=12, seed=1)
    assert {pick.slice for pick in picks} == {Slice.OUTLIER, Slice.AUDIT}
    names = {film.radiograph_id: name_of(film) for film in films(answered.database)}
    first = [names[pick.radiograph_id] for pick in picks if pick.slice is Slice.OUTLIER]
    assert first.count("frontal") < len(first) / 2


@pytest.mark.studio
def test_from_a_cold_start_to_a_detector_in_label_studio(answered, task, studio):
    client = remember_label_studio(answered, studio.url, studio.token)
    made = ensure_projects(answered, client, task)
    for project in (made.sheet, made.single):
        client.delete_items(project, sorted(client.item_ids(project)))
    push(answered, task, client, count=FILMS + NOISE, single=False)
    names = {film.radiograph_id: name_of(film) for film in films(answered.database)}
    for item in open_items(answered.database, task.name):
        assert item.shown_label == "frontal"
        flagged = {film for film in item.radiograph_ids if names[film] != "frontal"}
        result = sheet_result(task.name, item.radiograph_ids, flagged)
        client.submit_answer(item.item_id, result, lead_time_s=60.0)
    predictions = client._json("GET", "api/predictions/", params={"project": made.sheet})
    assert {one["model_version"] for one in predictions} == {COLD_START}
    assert not any(one["result"] for one in predictions)
    pull(answered, task, client)
    # What was flagged goes on to be told apart; here a person says which are laterals.
    add_labels(answered.database, answers(answered, kinds=("lateral",)))
    assert len(standing_labels(answered.database, task.name)) > FILMS
    _, said = trained(answered, task)
    known = said[said["truth"] != "noise"]
    assert (known["predicted"] == known["truth"]).mean() > 0.9
