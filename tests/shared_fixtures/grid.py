"""A workspace of phantoms with predictions and no network, and the grid of it over HTTP."""

import re
from contextlib import ExitStack

import numpy as np
import pytest

from backend.archive.adapters.catalogue import films
from backend.base.core.made_label import made_label
from backend.detectors.adapters.versions.predictions import PredictionFile
from backend.detectors.adapters.versions.registry import record_publication, register_version
from backend.phantoms.adapters.phantom_archive import read_truth
from backend.service.edge.browse import GRID_PATH, grid_pages
from backend.service.edge.guarded_app import guarded_app
from shared_fixtures.served import served_app
from shared_fixtures.workspaces import copied
from tasks import load_detector_tasks

PREDICTED = ("rotation", "inversion")


@pytest.fixture(scope="session")
def predicted_once(indexed, phantoms, tmp_path_factory):
    """A workspace whose films two published versions have judged: mostly right, some unsure."""
    workspace = copied(indexed.root, tmp_path_factory.mktemp("predicted") / "workspace")
    truth = read_truth(phantoms)
    rng, archive = np.random.default_rng(1), films(workspace.database)
    for name in PREDICTED:
        task = load_detector_tasks()[name]
        right = [task.labels.index(made_label(task, truth[_file(film)])) for film in archive]
        sure = rng.normal(0, 1.2, (len(archive), len(task.labels)))
        sure[np.arange(len(archive)), right] += 4
        shares = np.exp(sure) / np.exp(sure).sum(axis=1, keepdims=True)
        file = PredictionFile(workspace.predictions, name, f"made-{name}")
        file.write_part([film.radiograph_id for film in archive], task.labels, shares.astype("f4"))
        file.join()
        register_version(workspace.database, name, f"made-{name}", reviewer_labels=0, judgement={})
        record_publication(workspace.database, name, f"made-{name}", reason="test")
    return workspace


@pytest.fixture
def predicted(predicted_once, tmp_path):
    return copied(predicted_once.root, tmp_path / "grid-workspace")


def _file(film):
    return film.path.rpartition("/")[2]


class Schedule:
    """Notes what it is asked for."""

    def __init__(self):
        self.pulls = []

    def pull_soon(self, detector_task):
        self.pulls.append(detector_task)


class GridClient:
    """A browser that knows the password, and the token once it has the page."""

    def __init__(self, workspace):
        self.workspace, self.schedule = workspace, Schedule()
        self.app = guarded_app("grid", workspace)
        self.app.register_blueprint(grid_pages(workspace, load_detector_tasks(), self.schedule))
        self.plain = self.app.test_client()
        self.auth = ("radsieve", workspace.secrets.backend_password)
        self.token = re.search(r'data-token="(\w+)"', self.get("").text)[1]

    def get(self, path, **options):
        return self.plain.get(f"{GRID_PATH}{path}", auth=self.auth, **options)

    def post(self, path, body, **headers):
        known = {"X-Radsieve-Token": self.token} | headers
        return self.plain.post(f"{GRID_PATH}{path}", json=body, auth=self.auth, headers=known)

    def search(self, query):
        return self.get(f"/search?{query}").json

    def films(self, query, count=400):
        result = self.search(query)["result"]
        return self.get(f"/films?result={result}&offset=0&count={count}").json["films"]


@pytest.fixture
def grid(predicted):
    return GridClient(predicted)


@pytest.fixture
def new_grid():
    """Return a function that serves the grid of a workspace to a test client."""
    return GridClient


@pytest.fixture
def serve_grid():
    """Return a function that serves an application to a browser, and gives its address."""
    with ExitStack() as running:

        def serve(app):
            server = running.enter_context(served_app(app))
            return f"http://127.0.0.1:{server.effective_port}{GRID_PATH}"

        yield serve
