"""Films that nobody swept: the network itself answers."""

import shutil
import threading

import numpy as np
import pytest
import torch

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.detectors.adapters.tiny_detector import tiny_version
from backend.detectors.adapters.tiny_network import TinyNetwork
from backend.detectors.adapters.versions.model_folder import save_version
from backend.detectors.adapters.versions.registry import record_publication
from backend.detectors.core.model_card import HeadCard, ModelCard, TrainingFacts
from backend.detectors.loop.load import load_detector
from backend.phantoms.adapters.phantom_archive import write_phantom_archive
from backend.review.adapters.label_studio.requests import asked_item
from backend.review.adapters.screens.sheet_screen import sheet_config_xml
from backend.review.core.item import SHEET
from backend.review.core.look import Purpose
from backend.review.core.queue_order import queue_score
from backend.service.edge.backend import RadsieveBackend
from backend.service.edge.film_oracle import film_oracle

pytestmark = pytest.mark.trains


@pytest.fixture
def archive(tmp_path):
    write_phantom_archive(tmp_path / "films", films=3, seed=1, size_px=96)
    return tmp_path / "films"


@pytest.fixture
def workspace(tmp_path, archive):
    """Three indexed films and a published network with random weights; nothing was swept."""
    workspace = Workspace.open_or_make(tmp_path / "workspace")
    index(workspace, [archive])
    publish_random_network(workspace, seed=0)
    return workspace


@pytest.fixture
def backend(workspace, tasks, ledger):
    return backend_of(workspace, tasks, ledger)


def backend_of(workspace, tasks, schedule):
    return RadsieveBackend(workspace.database, film_oracle(workspace), tasks, schedule)


@pytest.fixture
def screen(tasks):
    labels = "".join(f'<Choice value="{label}"/>' for label in tasks["rotation"].labels)
    return (
        '<View><Image name="radiograph" value="$radiograph"/>'
        f'<Choices name="rotation" toName="radiograph">{labels}</Choices></View>'
    )


def publish_random_network(workspace, seed):
    torch.manual_seed(seed)
    labels = ("upright", "turned_90", "turned_180", "turned_270")
    card = ModelCard(
        heads={"rotation": HeadCard(labels, "upright", 1.0)},
        training=TrainingFacts(more={"seed": seed}),
    )
    version = save_version(
        workspace.models, tiny_version(TinyNetwork({"rotation": 4}).eval(), card)
    )
    record_publication(workspace.database, "rotation", version, reason="test")
    return version


def expected_scores(workspace, version):
    detector = load_detector(workspace.models, version, "cpu")
    known = films(workspace.database)
    thumbnails = ThumbnailStore(workspace.thumbnails).read([film.thumbnail_row for film in known])
    return detector.probabilities(thumbnails)["rotation"].max(axis=1)


def asked(items):
    return [asked_item(item) for item in items]


def single(number, **data):
    return {"id": number, "data": {"detector_task": "rotation", **data}}


def test_indexed_film_that_was_not_swept_is_computed_from_its_thumbnail(
    backend, workspace, screen, tasks
):
    known = films(workspace.database)
    items = [single(n, radiograph_id=film.radiograph_id) for n, film in enumerate(known)]
    answers = backend.answer(screen, asked(items))
    scores = [result.score for result in answers.results]
    assert scores == pytest.approx(expected_scores(workspace, answers.model_version), abs=1e-6)
    assert backend.predict(items, label_config=screen) == answers.as_json()


def test_film_from_elsewhere_is_read_where_the_item_points(backend, workspace, screen, archive):
    workspace.review.mkdir(parents=True)
    shutil.copy(archive / "phantom_0002.png", workspace.review)
    reference = "/data/local-files/?d=review/phantom_0002.png"
    indexed = next(f for f in films(workspace.database) if f.path.endswith("phantom_0002.png"))
    items = [single(1, radiograph=reference), single(2, radiograph_id=indexed.radiograph_id)]
    first, second = backend.answer(screen, asked(items)).results
    assert first.result == second.result != ()
    assert first.score == pytest.approx(second.score, abs=1e-6)


def test_unreadable_image_costs_only_its_own_item(backend, workspace, screen, archive, caplog):
    workspace.review.mkdir(parents=True)
    shutil.copy(archive / "phantom_0001.png", workspace.review / "good.png")
    (workspace.review / "Jane Doe.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    (workspace.review / "empty.png").write_bytes(b"")
    names = ["good.png", "Jane Doe.png", "empty.png", "gone.png", "../../secrets.json", "good.png"]
    items = [single(n, radiograph=f"/data/local-files/?d=review/{x}") for n, x in enumerate(names)]
    scores = [result.score for result in backend.answer(screen, asked(items)).results]
    assert [score > 0 for score in scores] == [True, False, False, False, False, True]
    assert "of 6 items, item 1 has no answer" in caplog.text
    assert "Jane" not in caplog.text


def test_bare_path_is_followed_only_below_an_allowed_folder(
    workspace, tasks, ledger, screen, archive, monkeypatch
):
    items = [single(1, radiograph=str(archive / "phantom_0001.png"))]
    refused = backend_of(workspace, tasks, ledger).answer(screen, asked(items)).results
    assert refused[0].score == 0.0
    monkeypatch.setenv("RADSIEVE_IMAGE_FOLDERS", f'["{archive}"]')
    allowing = backend_of(Workspace(workspace.root), tasks, ledger)
    assert allowing.answer(screen, asked(items)).results[0].score > 0.0


def test_sheet_of_films_that_were_not_swept_is_computed(backend, workspace, tasks):
    ids = [film.radiograph_id for film in films(workspace.database)]
    films_shown = [{"value": film} for film in ids]
    data = {"detector_task": "rotation", "shown_label": "upright", "films": films_shown}
    screen = sheet_config_xml()
    (result,) = backend.answer(screen, asked([{"id": 1, "data": data}])).results
    # A sheet of one task: its confidence is neither 0 nor 1.
    none, all_sure = (queue_score(tasks["rotation"], SHEET, Purpose.FIRST, c) for c in (0.0, 1.0))
    assert none < result.score < all_sure


def test_lost_model_folder_gives_empty_answers_and_says_so(backend, workspace, screen, caplog):
    shutil.rmtree(workspace.models)
    ids = [film.radiograph_id for film in films(workspace.database)]
    results = backend.answer(
        screen, asked(single(n, radiograph_id=i) for n, i in enumerate(ids))
    ).results
    assert [result.score for result in results] == [0.0, 0.0, 0.0]
    assert "no model version" in caplog.text


def test_republishing_while_requests_run_never_mixes_versions(backend, workspace, screen):
    versions = [publish_random_network(workspace, seed) for seed in (1, 2)]
    scores = {version: expected_scores(workspace, version) for version in versions}
    items = [
        single(n, radiograph_id=film.radiograph_id)
        for n, film in enumerate(films(workspace.database))
    ]
    wrong = []

    def ask():
        for _ in range(15):
            answers = backend.answer(screen, asked(items))
            found = [result.score for result in answers.results]
            if not np.allclose(found, scores[answers.model_version], atol=1e-5):
                wrong.append(answers.model_version)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for turn in range(20):
        record_publication(workspace.database, "rotation", versions[turn % 2], reason="test")
    for thread in threads:
        thread.join()
    assert wrong == []


def test_fit_of_the_base_class_only_schedules(backend, ledger, screen):
    assert backend.fit([], label_config=screen) == {}
    assert ledger.asked.get_nowait() == ("train", "rotation")
