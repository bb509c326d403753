"""A person at a terminal gets the name of a film's file beside its id; a log does not."""

import imagecodecs
import numpy as np
import pytest

from backend.archive.adapters.catalogue import films
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from scripts._film_names import with_file_names


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "ward").mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (40, 30), dtype=np.uint8)
    (tmp_path / "ward" / "a b.png").write_bytes(imagecodecs.png_encode(pixels))
    made = Workspace.open_or_make(tmp_path / "workspace")
    index(made, [tmp_path / "ward"])
    return made


def test_an_id_gets_the_name_of_its_file_without_folders(workspace):
    (film,) = films(workspace.database)
    text = f"left out: {film.radiograph_id}, {'0' * 20} and v-{film.radiograph_id[:8]}"
    said = with_file_names(workspace, text, at_terminal=True)
    assert said == text.replace(film.radiograph_id, f"{film.radiograph_id} (a b.png)")


def test_what_goes_to_no_terminal_gets_ids_alone(workspace):
    (film,) = films(workspace.database)
    assert with_file_names(workspace, film.radiograph_id) == film.radiograph_id
