"""An archive of lying films: indexed once, whichever processes ask for it."""

import cv2
import pytest
from shared_fixtures.lying_films import FILMS, NOISE, draw
from shared_fixtures.workspaces import copied

from backend.archive.adapters.catalogue import films
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.detectors.adapters.detector import feature_store
from tasks import detector_task


@pytest.fixture(scope="session")
def archive(made_once):
    def fill(folder):
        for number in range(FILMS + NOISE):
            name = "noise" if number >= FILMS else "lateral" if number % 4 == 0 else "frontal"
            cv2.imwrite(str(folder / f"{name}-{number}.png"), draw(number))

    return made_once("lying films", fill)


@pytest.fixture(scope="session")
def task():
    return detector_task("projection")


@pytest.fixture(scope="session")
def indexed(archive, made_once, tmp_path_factory):
    """A workspace of the archive that has the features of its films already."""

    def fill(folder):
        workspace = Workspace.open_or_make(folder)
        index(workspace, [archive])
        feature_store(workspace.detector_files).read(
            [film.thumbnail_row for film in films(workspace.database)]
        )

    root = tmp_path_factory.mktemp("lying films indexed") / "workspace"
    return copied(made_once("lying films indexed", fill), root)


@pytest.fixture
def answered(indexed, tmp_path):
    return copied(indexed.root, tmp_path / "workspace")
