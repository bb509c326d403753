"""An index run that is killed again and again ends with what an undisturbed run makes."""

import shutil
import subprocess
import sys
import time

import imagecodecs
import numpy as np
import pytest
from sqlalchemy import select

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.loop.index import index
from backend.base.adapters.database import files
from backend.base.adapters.workspace import Workspace

FILMS = 200
COMMAND = "import sys; from scripts import main; sys.argv[0] = 'radsieve'; main()"


@pytest.fixture
def archive(tmp_path):
    folder = tmp_path / "archive"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(FILMS):
        pixels = rng.integers(0, 256, (400, 300), dtype=np.uint8)
        (folder / f"{number:03}.png").write_bytes(imagecodecs.png_encode(pixels, level=1))
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return folder


def start_index(workspace, archive):
    command = [sys.executable, "-c", COMMAND, "index", str(archive)]
    return subprocess.Popen(
        [*command, "--workspace", str(workspace.root)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill_when_indexed(workspace, archive, films_done):
    """Start an index run and kill it, not asking nicely, once so many films are stored."""
    with start_index(workspace, archive) as process:
        while len(ThumbnailStore(workspace.thumbnails)) < films_done:
            assert process.poll() is None, "the index ended before it could be killed"
            time.sleep(0.002)
        process.kill()


def contents(workspace):
    catalogued = films(workspace.database)
    with workspace.database.connect() as connection:
        listed = connection.execute(
            select(files.c.path, files.c.radiograph_id, files.c.problem).order_by(files.c.path)
        ).all()
    thumbnails = ThumbnailStore(workspace.thumbnails).read(range(len(catalogued)))
    return catalogued, listed, thumbnails.tobytes()


@pytest.mark.slow
def test_a_killed_run_is_taken_up_where_it_stopped(tmp_path, archive):
    undisturbed, killed = (
        Workspace.open_or_make(tmp_path / "undisturbed"),
        Workspace.open_or_make(tmp_path / "killed"),
    )
    index(undisturbed, [archive])
    shutil.copy(undisturbed.root / "secrets.json", killed.root / "secrets.json")
    for films_done in (40, 120):
        kill_when_indexed(killed, archive, films_done)
    report = index(killed, [archive])
    assert report.already >= 110
    assert report.indexed + report.already == FILMS
    for made, expected in zip(contents(killed), contents(undisturbed), strict=True):
        assert made == expected
