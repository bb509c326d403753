"""A workspace with stored predictions and no network: what most requests are answered from."""

import functools
import queue

import numpy as np
import pytest
from shared_fixtures.workspaces import copied

from backend.base.adapters.workspace import Workspace
from backend.detectors.adapters.versions.predictions import PredictionFile
from backend.detectors.adapters.versions.registry import record_publication, register_version
from backend.service.edge.app import create_app
from tasks import load_detector_tasks

VERSION = "tiny-0123456789ab"
FILMS = tuple(f"film{number:016d}" for number in range(8))
NORMAL = np.array([0.99, 0.95, 0.80, 0.60, 0.40, 0.20, 0.05, 0.01], np.float32)
"""Probability that each of the films is not inverted."""


class Ledger:
    """A scheduler that notes what it is asked for."""

    def __init__(self):
        self.asked = queue.Queue()

    def pull_soon(self, detector_task):
        self.asked.put(("pull", detector_task))

    def train_now(self, detector_task):
        self.asked.put(("train", detector_task))


@pytest.fixture(scope="session")
def tasks():
    return load_detector_tasks()


@pytest.fixture
def ledger():
    return Ledger()


@pytest.fixture(scope="session")
def stored_once(tmp_path_factory):
    workspace = Workspace.open_or_make(tmp_path_factory.mktemp("stored") / "workspace")
    use_version(workspace, VERSION, NORMAL)
    return workspace


@pytest.fixture
def stored(stored_once, tmp_path):
    return copied(stored_once.root, tmp_path / "workspace")


@pytest.fixture
def app(stored, tasks, ledger):
    return create_app(stored, tasks, ledger)


@pytest.fixture
def client(app, stored):
    """A client that knows the password, as Label Studio does."""
    client = app.test_client()
    client.post = _with_password(client.post, stored)
    client.get = _with_password(client.get, stored)
    return client


@pytest.fixture
def publish_version(stored):
    """Publish a version for `inversion` that says of each film how probably it is normal."""
    return functools.partial(use_version, stored)


@pytest.fixture(scope="session")
def film_ids():
    return FILMS


@pytest.fixture(scope="session")
def version():
    return VERSION


def use_version(workspace, name, normal):
    file = PredictionFile(workspace.predictions, "inversion", name)
    file.write_part(FILMS, ("normal", "inverted"), np.stack([normal, 1 - normal], axis=1))
    file.join()
    register_version(workspace.database, "inversion", name, reviewer_labels=0, judgement={})
    record_publication(workspace.database, "inversion", name, reason="test")


def _with_password(method, workspace):
    auth = ("radsieve", workspace.secrets.backend_password)
    return lambda *arguments, **options: method(*arguments, **{"auth": auth, **options})
