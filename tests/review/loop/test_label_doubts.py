"""Slips of a reviewer come back, on phantoms: films lying on their side stand for laterals."""

import cv2
import numpy as np
import pytest
from shared_fixtures.kept_answers import record_answer, replace_annotation
from shared_fixtures.workspaces import copied

from backend.archive.adapters.catalogue import films
from backend.archive.core.identity import is_sealed
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.detectors.adapters.training.network_trainer import one_core_each
from backend.detectors.loop.train import train
from backend.labels.adapters.label_store import AnnotationVersion
from backend.labels.core.labels import Label, LabelSource
from backend.phantoms.core.chest import chest_phantom
from backend.review.adapters.batch_store import record_batch
from backend.review.core.item import SHEET, BatchFacts, Item, StoredAnswer
from backend.review.core.look import Call, LookOutcome
from backend.review.loop.follow_ups import label_doubts
from backend.review.loop.planning_material import planning_material
from backend.review.loop.publish import publish
from tasks import detector_task

pytestmark = pytest.mark.trains

FILMS, TASK = 48, detector_task("projection")


@pytest.fixture(scope="module", autouse=True)
def one_core():
    with one_core_each():
        yield


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    for number in range(FILMS):
        film = (chest_phantom(np.random.default_rng([9, number]), 256) * 255).astype(np.uint8)
        kind = "lateral" if number % 4 == 0 else "frontal"
        shown = np.rot90(film) if kind == "lateral" else film
        cv2.imwrite(str(folder / f"{kind}-{number}.png"), shown)
    made = Workspace.open_or_make(tmp_path_factory.mktemp("archive") / "workspace")
    index(made, [folder])
    return made


def kind_of(film):
    return film.path.rsplit("/", 1)[-1].split("-")[0]


def answer(workspace, called, name):
    """Record one look at each of these films, on one item of its own."""
    when = "2026-01-01T00:00:00+00:00"
    facts = (0, TASK.name, SHEET, TASK.expected_label, tuple(called))
    record_batch(
        workspace.database,
        BatchFacts(TASK.name, "m1", 1),
        [],
        lambda batch: [Item(name, 1, batch, *facts)],
    )
    labels = [
        Label(film, TASK.name, label, LabelSource.REVIEWER, when, "user 1")
        for film, label in called.items()
    ]
    stored = StoredAnswer(
        name,
        1,
        TASK.name,
        f"{name}/1",
        when,
        "user 1",
        60.0,
        LookOutcome.COUNTED,
        list(called),
        {film: Call(label) for film, label in called.items()},
    )
    record_answer(workspace.database, stored)
    replace_annotation(workspace.database, AnnotationVersion(f"{name}/1", when), labels)


@pytest.fixture(scope="module")
def slips(archive):
    """Two films called the opposite, of patients that are not sealed; all others rightly."""
    key, share = archive.secrets.archive_key, archive.settings.sealed_share
    everything = films(archive.database)
    open_films = [film for film in everything if not is_sealed(film.patient_key, key, share)]
    wrong = [
        next(film for film in open_films if kind_of(film) == kind).radiograph_id
        for kind in ("frontal", "lateral")
    ]
    other = {"frontal": "lateral", "lateral": "frontal"}
    called = {
        film.radiograph_id: other[kind_of(film)] if film.radiograph_id in wrong else kind_of(film)
        for film in everything
    }
    answer(archive, called, "first")
    assert doubts_of(archive) == []
    result = train(archive, TASK)
    publish(archive, TASK, result.model_version, reason="first")
    return {film: called[film] for film in wrong}


def doubts_of(workspace):
    return label_doubts(planning_material(workspace, TASK))


@pytest.fixture
def workspace(archive, slips, tmp_path):
    """A copy of the archive whose detector learnt from the answers, slips among them."""
    return copied(archive.root, tmp_path / "workspace")


def test_slips_come_back_until_somebody_has_looked_again(workspace, slips):
    doubts = doubts_of(workspace)
    assert set(slips) <= {one.radiograph_id for one in doubts}
    assert len(doubts) <= len(slips) + 2
    assert {one.radiograph_id: one.label for one in doubts}.items() >= slips.items()
    one = next(iter(slips))
    answer(workspace, {one: slips[one]}, "second")
    assert one not in {left.radiograph_id for left in doubts_of(workspace)}


def test_no_more_come_back_than_are_asked_for(workspace):
    (workspace.root / "radsieve.toml").write_text("doubted_films = 1\n")
    first, *_ = doubts_of(workspace)
    assert doubts_of(Workspace(workspace.root)) == [first]
