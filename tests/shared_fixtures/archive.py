"""One small phantom archive, indexed and trained once; every test gets a copy of its workspace."""

import pytest

from backend.archive.adapters.catalogue import films
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.base.core.made_label import made_label
from backend.detectors.loop.sweep import sweep
from backend.detectors.loop.train import train
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import verdicts
from backend.phantoms.adapters.phantom_archive import read_truth, write_phantom_archive
from backend.review.adapters.batch_store import open_items
from backend.review.adapters.screens.contact_sheet import sheet_result
from backend.review.adapters.screens.single_item import single_result
from backend.review.loop.looks import looks
from backend.review.loop.publish import publish
from backend.review.loop.pull import pull
from backend.review.loop.push import NextBatch, push
from backend.review.loop.studio.connect import ensure_projects, remember_label_studio
from shared_fixtures.workspaces import copied
from tasks import load_detector_tasks

FILMS, SEED = 90, 11
PLENTY_S = 60.0


@pytest.fixture(scope="session")
def tasks():
    """Those that can learn from the phantoms alone."""
    return {name: task for name, task in load_detector_tasks().items() if task.shares_network}


@pytest.fixture(scope="session")
def phantoms(made_once):
    """The folder of the films, and by film name how each was spoilt."""

    def fill(folder):
        write_phantom_archive(folder, films=FILMS, seed=SEED, size_px=256, turned_share=0.05)

    return made_once("phantoms", fill)


@pytest.fixture(scope="session")
def indexed(phantoms, made_once, tmp_path_factory):
    def fill(folder):
        index(Workspace.open_or_make(folder), [phantoms], phantoms / "metadata.csv")

    return copied(made_once("indexed", fill), tmp_path_factory.mktemp("indexed") / "workspace")


@pytest.fixture(scope="session")
def trained(indexed, tasks, made_once, tmp_path_factory):
    """A workspace whose two detectors are published and have swept the archive."""

    def fill(folder):
        workspace = copied(indexed.root, folder / "workspace")
        (workspace.root / "radsieve.toml").write_text("epochs = 6\n")
        for task in tasks.values():
            result = train(workspace, task, list(tasks.values()))
            publish(workspace, task, result.model_version, reason="first")
        sweep(workspace, list(tasks.values()))

    whole = made_once("trained", fill) / "workspace"
    return copied(whole, tmp_path_factory.mktemp("trained") / "workspace")


@pytest.fixture
def workspace(trained, tmp_path):
    return copied(trained.root, tmp_path / "workspace")


@pytest.fixture(scope="session")
def true_label(phantoms):
    """Return the label a phantom has by its making; takes a file name and a task."""
    truth = read_truth(phantoms)
    return lambda name, task: made_label(task, truth[name])


def projects_of(workspace, client, task):
    """Return the projects that a task's items go to, as a push of this workspace makes them."""
    return ensure_projects(
        workspace.database,
        client,
        task,
        pictures=workspace.review,
        reviewers=workspace.settings.reviewers,
    )


def emptied_projects(workspace, client, task):
    """Return the same projects, with what other tests left in them deleted."""
    made = projects_of(workspace, client, task)
    for project in (made.sheet, made.single):
        client.delete_items(project, sorted(client.item_ids(project)))
    return made


@pytest.fixture
def connect(workspace, studio, tasks):
    """Return a function that gives a workspace with these settings and fresh projects."""

    def with_settings(settings):
        (workspace.root / "radsieve.toml").write_text(settings)
        opened = Workspace(workspace.root)
        client = remember_label_studio(opened.root, studio.url, studio.token)
        for task in tasks.values():
            emptied_projects(opened, client, task)
        return opened

    return with_settings


class Reviewer:
    """Answers items of one workspace by API, at a person's pace."""

    def __init__(self, workspace, task, studio):
        self.workspace, self.task, self.studio = workspace, task, studio

    def push(self, count=24):
        return push(self.workspace, self.task, self.studio.client, NextBatch(count))

    def pull(self):
        return pull(self.workspace, self.task, self.studio.client)

    def waiting(self, *purposes):
        items = open_items(self.workspace.database, self.task.name)
        return [item for item in items if not purposes or item.purpose in purposes]

    def answer(self, item, flagged=(), label=None, lead_time_s=PLENTY_S):
        if item.shown_label:
            result = sheet_result(item.shown_ids, set(flagged))
        else:
            result = single_result(
                self.task, {one: float(one == label) for one in self.task.labels}
            )
        return self.studio.client.submit_answer(item.item_id, result, lead_time_s=lead_time_s)

    def accept_all(self):
        for item in self.waiting():
            self.answer(item, label="upright")
        return self.pull()

    def verdict(self, film):
        return verdicts(standing_labels(self.workspace.database, self.task.name), self.task)[film]

    def looks(self):
        return looks(self.workspace.database, self.task)

    def films(self):
        return films(self.workspace.database)


@pytest.fixture
def new_reviewer(tasks, studio):
    """Return a function that gives somebody who answers a workspace's items about rotation."""
    return lambda workspace: Reviewer(workspace, tasks["rotation"], studio)
