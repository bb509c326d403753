"""One small phantom archive, indexed and trained once; every test gets a copy of its workspace."""

import shutil

import pytest

from backend.adapters.phantom_archive import read_truth, write_phantom_archive
from backend.adapters.workspace import Workspace
from backend.core.made_label import made_label
from backend.loop.index import index
from backend.loop.publish import publish
from backend.loop.sweep import sweep
from backend.loop.train import train
from tasks import load_detector_tasks

FILMS, SEED = 90, 11


@pytest.fixture(scope="session")
def tasks():
    """Those that can learn from the phantoms alone."""
    return {name: task for name, task in load_detector_tasks().items() if task.shares_network}


@pytest.fixture(scope="session")
def phantoms(tmp_path_factory):
    """The folder of the films, and by film name how each was spoilt."""
    folder = tmp_path_factory.mktemp("phantoms")
    write_phantom_archive(folder, films=FILMS, seed=SEED, size_px=256, turned_share=0.05)
    return folder


@pytest.fixture(scope="session")
def indexed(phantoms, tmp_path_factory):
    workspace = Workspace(tmp_path_factory.mktemp("indexed"))
    index(workspace, [phantoms], phantoms / "metadata.csv")
    return workspace


@pytest.fixture(scope="session")
def trained(indexed, tasks, tmp_path_factory):
    """A workspace whose two detectors are published and have swept the archive."""
    workspace = _copy(indexed, tmp_path_factory.mktemp("trained") / "workspace")
    (workspace.root / "radsieve.toml").write_text("epochs = 6\n")
    for task in tasks.values():
        result = train(workspace, task, list(tasks.values()))
        publish(workspace, task, result.model_version, reason="first")
    sweep(workspace, list(tasks.values()))
    return workspace


@pytest.fixture
def workspace(trained, tmp_path):
    return _copy(trained, tmp_path / "workspace")


@pytest.fixture(scope="session")
def true_label(phantoms):
    """Return the label a phantom has by its making; takes a file name and a task."""
    truth = read_truth(phantoms)
    return lambda name, task: made_label(task, truth[name])


def _copy(workspace, target):
    shutil.copytree(workspace.root, target)
    return Workspace(target)
