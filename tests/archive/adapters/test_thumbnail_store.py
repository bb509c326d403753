import subprocess
import sys

import numpy as np
import pytest

from backend.archive.adapters.thumbnail_store import THUMBNAIL_PX, ThumbnailStore
from backend.base.core.errors import RadsieveError


def thumbnail(value):
    return np.full((THUMBNAIL_PX, THUMBNAIL_PX), value, np.uint8)


@pytest.fixture
def store(tmp_path):
    store = ThumbnailStore(tmp_path / "thumbnails.u8")
    for row in range(4):
        store.write(row, thumbnail(row))
    return store


def test_rows_come_in_the_order_asked_for_and_may_repeat(store):
    read = store.read([3, 0, 3])
    assert read.shape == (3, THUMBNAIL_PX, THUMBNAIL_PX)
    assert read[:, 0, 0].tolist() == [3, 0, 3]


def test_a_store_that_was_never_written_is_empty(tmp_path):
    store = ThumbnailStore(tmp_path / "none.u8")
    assert len(store) == 0
    assert store.read([]).shape == (0, THUMBNAIL_PX, THUMBNAIL_PX)


def test_half_a_row_left_by_a_crash_does_not_count_and_is_overwritten(store, tmp_path):
    with (tmp_path / "thumbnails.u8").open("ab") as file:
        file.write(b"x" * 1000)
    assert len(store) == 4
    store.write(4, thumbnail(4))
    assert len(store) == 5
    assert (store.read([4]) == 4).all()


def test_a_row_that_is_not_there_is_refused(store):
    for row in (4, -1):
        with pytest.raises(RadsieveError, match="holds 4 thumbnails"):
            store.read([0, row])


def test_a_missing_file_is_refused_with_the_command_that_makes_it(tmp_path):
    with pytest.raises(RadsieveError, match="radsieve index"):
        ThumbnailStore(tmp_path / "none.u8").read([0])


@pytest.mark.parametrize("wrong", [np.zeros((4, 4), np.uint8), np.zeros((256, 256), np.float32)])
def test_only_thumbnails_are_stored(store, wrong):
    with pytest.raises(ValueError, match="expected uint8"):
        store.write(0, wrong)


APPEND = """
import sys, pathlib, numpy as np
from backend.archive.adapters.thumbnail_store import ThumbnailStore
store = ThumbnailStore(pathlib.Path(sys.argv[1]))
for row in range(4, 204):
    store.write(row, np.full((256, 256), row, np.uint8))
"""


def test_reading_works_while_another_process_appends(store, tmp_path):
    command = [sys.executable, "-c", APPEND, str(tmp_path / "thumbnails.u8")]
    with subprocess.Popen(command) as other:
        while other.poll() is None:
            last = len(store) - 1
            assert (store.read([last]) == last).all()
    assert other.returncode == 0
    assert (store.read([203]) == 203).all()
