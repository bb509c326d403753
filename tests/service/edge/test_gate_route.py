"""POST /gate says what the gate says, whatever way a film is sent."""

import io

import cv2
import numpy as np
import pytest

from backend.base.adapters.workspace import Workspace
from backend.detectors.adapters.tiny_detector import tiny_version
from backend.detectors.adapters.tiny_network import TinyNetwork
from backend.detectors.adapters.versions.model_folder import save_version
from backend.detectors.adapters.versions.registry import record_publication
from backend.detectors.core.model_card import HeadCard, ModelCard, TrainingFacts
from backend.detectors.loop.gate import Gate
from backend.phantoms.core.chest import chest_phantom
from backend.service.edge.app import create_app


@pytest.fixture(scope="module")
def film():
    drawn = chest_phantom(np.random.default_rng(5), 384)
    return cv2.imencode(".png", (drawn * 255).astype(np.uint8))[1].tobytes()


@pytest.fixture
def workspace(tmp_path, tasks):
    """Untrained detectors of two tasks: what they say does not matter here."""
    workspace = Workspace.open_or_make(tmp_path / "workspace")
    family = {name: tasks[name] for name in ("rotation", "inversion")}
    network = TinyNetwork({name: len(task.labels) for name, task in family.items()})
    heads = {n: HeadCard(task.labels, task.expected_label, 1.0) for n, task in family.items()}
    version = save_version(
        workspace.models, tiny_version(network, ModelCard(heads=heads, training=TrainingFacts()))
    )
    for name in family:
        record_publication(workspace.database, name, version, reason="test")
    return workspace


@pytest.fixture
def send(workspace, tasks, ledger):
    client = create_app(workspace, tasks, ledger).test_client()
    auth = ("radsieve", workspace.secrets.backend_password)
    return lambda **options: client.post("/gate", auth=auth, **options)


def test_a_film_sent_as_the_body_or_in_a_form_gets_the_answer_of_the_class(
    workspace, tasks, send, film
):
    expected = Gate(workspace, tasks).judge(film).as_json()
    as_body = send(data=film, content_type="image/png")
    in_a_form = send(data={"film": (io.BytesIO(film), "film.png")})
    assert as_body.json == in_a_form.json == expected
    assert set(expected) == {"verdict", "reasons", "correction"}


def test_what_is_no_film_is_for_review(send):
    answer = send(data=b"GIF89a", content_type="image/png")
    assert (answer.status_code, answer.json["verdict"]) == (200, "review")
    assert answer.json["reasons"][0].startswith("unreadable: GIF, which is not read")


def test_nothing_sent_is_told(send):
    answer = send()
    assert answer.status_code == 400
    assert "expected a film" in answer.json["error"]


def test_without_a_published_detector_it_says_what_to_do(tmp_path, tasks, ledger, film):
    empty = Workspace.open_or_make(tmp_path / "empty")
    client = create_app(empty, tasks, ledger).test_client()
    auth = ("radsieve", empty.secrets.backend_password)
    answer = client.post("/gate", data=film, auth=auth)
    assert answer.status_code == 503
    assert "radsieve train" in answer.json["error"]


def test_the_password_is_asked_for(workspace, tasks, ledger, film):
    answer = create_app(workspace, tasks, ledger).test_client().post("/gate", data=film)
    assert answer.status_code == 401
