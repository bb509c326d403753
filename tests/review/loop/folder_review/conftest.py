"""A round of films in a folder."""

import pytest
from shared_fixtures.review_folder import PLAIN

from backend.labels.adapters.label_store import standing_labels
from backend.review.loop.folder_review import put_out, read_in


@pytest.fixture
def out(workspace, tasks, tmp_path):
    """A folder with a round of rotation."""
    folder = tmp_path / "out"
    put_out(workspace, [tasks["rotation"]], folder, PLAIN)
    return folder


@pytest.fixture
def read(workspace, tasks, out):
    return lambda **how: read_in(workspace, tasks, out, **how)


@pytest.fixture
def standing(workspace):
    return lambda: {
        label.radiograph_id: label.label
        for label in standing_labels(workspace.database, "rotation")
    }
