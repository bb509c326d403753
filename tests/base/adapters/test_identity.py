"""A workspace whose parts do not belong together is not opened, and what is left of one is not new.

Each test takes a part away, empties it or exchanges it for that of another workspace, for real.
"""

import gc
import shutil
import sqlite3
import subprocess
import sys

import numpy as np
import pytest
from sqlalchemy import delete, insert

from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.base.adapters.database import identity, ledger, radiographs
from backend.base.adapters.identity import mark_thumbnails
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import LostPartError, NoWorkspaceError, RadsieveError
from backend.base.core.ledger import Event, EventKind
from backend.labels.adapters.ledger_store import note

FILMS = 5
PARTS = ("radsieve.sqlite3", "secrets.json", "thumbnails.u8")


def film(row):
    facts = {"width_px": 9, "height_px": 9, "file_format": "PNG", "normalisation": []}
    known = {"dicom_tags": {}, "patient_key": "p", "patient_source": "film", "indexed_at": "2026"}
    return {"radiograph_id": f"film{row}", "thumbnail_row": row, **facts, **known}


def add_films(workspace, seed, rows=range(FILMS)):
    rng = np.random.default_rng(seed)
    with workspace.database.begin() as connection:
        connection.execute(insert(radiographs), [film(row) for row in rows])
    for row in rows:
        pixels = rng.integers(0, 256, (256, 256), dtype=np.uint8)
        ThumbnailStore(workspace.thumbnails).write(row, pixels)
    mark_thumbnails(workspace.database, workspace.thumbnails)


def closed(workspace):
    workspace.database.dispose()
    return workspace.root


def made(root, seed, monkeypatch):
    """Make a workspace with a key of its own, films and a ledger; return its folder."""
    key = f"{seed:02x}" * 32
    monkeypatch.setattr("backend.base.adapters.secrets_file._new_archive_key", lambda: key)
    workspace = Workspace.open_or_make(root)
    add_films(workspace, seed)
    note(workspace.database, Event(EventKind.OVERRIDE, {"reason": f"of {seed}"}))
    return closed(workspace)


@pytest.fixture
def root(tmp_path, monkeypatch):
    return made(tmp_path / "workspace", 1, monkeypatch)


@pytest.fixture
def other(tmp_path, monkeypatch):
    return made(tmp_path / "other", 2, monkeypatch)


def refusal(root, opening=Workspace):
    with pytest.raises(LostPartError) as refused:
        opening(root)
    assert "\n" not in str(refused.value)
    return str(refused.value)


OPENINGS = pytest.mark.parametrize("opening", [Workspace, Workspace.open_or_make])


def test_the_identity_is_made_once_and_stays(root):
    first, again = Workspace(root), Workspace.open_or_make(root)
    assert first.identity == again.identity
    assert len(first.identity) == 32
    assert not again.is_new


@OPENINGS
@pytest.mark.parametrize("part", PARTS[:2])
def test_a_part_that_was_removed_is_missed(root, part, opening):
    (root / part).unlink()
    assert part in refusal(root, opening)
    assert not (root / part).exists()


@OPENINGS
@pytest.mark.parametrize("part", PARTS[:2])
def test_a_part_that_was_emptied_is_missed(root, part, opening):
    (root / part).write_bytes(b"")
    assert f"{root / part}" in refusal(root, opening)
    assert (root / part).read_bytes() == b""


@OPENINGS
@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_another_workspace_is_refused(root, other, part, opening):
    shutil.copy(other / part, root / part)
    assert "of two workspaces" in (said := refusal(root, opening)) or "thumbnails" in said


@OPENINGS
def test_secrets_that_are_no_longer_whole_are_refused(root, opening):
    content = (root / "secrets.json").read_text()
    (root / "secrets.json").write_text(content[: len(content) // 2])
    assert "not whole" in refusal(root, opening)


@OPENINGS
def test_a_database_whose_tables_are_gone_is_no_new_one(root, opening):
    with sqlite3.connect(root / "radsieve.sqlite3") as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in names:
            database.execute(f"DROP TABLE {name}")
    assert "has no tables" in refusal(root, opening)


@pytest.mark.parametrize("harm", [lambda path: path.unlink(), lambda path: path.write_bytes(b"")])
def test_thumbnails_that_are_gone_are_missed_but_may_be_made_again(root, harm):
    harm(root / "thumbnails.u8")
    assert "run `radsieve index FILMS`, which makes them again" in refusal(root)
    assert Workspace.open_or_make(root).identity


@OPENINGS
def test_thumbnails_that_were_overwritten_are_refused(root, opening):
    size = (root / "thumbnails.u8").stat().st_size
    (root / "thumbnails.u8").write_bytes(bytes(size))
    assert "not those of this workspace" in refusal(root, opening)


@OPENINGS
def test_a_ledger_that_was_emptied_or_exchanged_is_refused(root, other, opening):
    workspace, theirs = Workspace(root), Workspace(other)
    with theirs.database.connect() as connection:
        rows = [dict(row._mapping) for row in connection.execute(ledger.select())]
    for put in ([], rows):
        with workspace.database.begin() as connection:
            connection.execute(delete(ledger))
            if put:
                connection.execute(insert(ledger), put)
        assert "the ledger was emptied, or is that of another workspace" in refusal(root, opening)


def test_a_ledger_that_was_emptied_while_a_program_runs_does_not_begin_anew(root):
    workspace = Workspace(root)
    with workspace.database.begin() as connection:
        connection.execute(delete(ledger))
    with pytest.raises(LostPartError, match="emptied"):
        note(workspace.database, Event(EventKind.OVERRIDE, {"reason": "later"}))


@OPENINGS
def test_of_a_workspace_that_lost_database_and_secrets_none_is_made(root, opening):
    for part in PARTS[:2]:
        (root / part).unlink()
    assert "radsieve.sqlite3" in refusal(root, opening)
    assert not (root / "secrets.json").exists()


def test_more_films_keep_the_thumbnails_known(root):
    workspace = Workspace(root)
    add_films(workspace, 3, range(FILMS, 9))
    closed(workspace)
    content = bytearray((root / "thumbnails.u8").read_bytes())
    assert Workspace(root).identity == workspace.identity
    content[8 * 65536] ^= 1
    (root / "thumbnails.u8").write_bytes(content)
    assert "not those of this workspace" in refusal(root)


def test_films_that_an_index_was_killed_over_are_known_at_the_next_opening(root):
    workspace = Workspace(root)
    with workspace.database.begin() as connection:
        connection.execute(delete(identity).where(identity.c.part == "thumbnails"))
    assert Workspace(closed(workspace)).identity == workspace.identity
    (root / "thumbnails.u8").unlink()
    assert "thumbnails" in refusal(root)


def test_where_there_is_no_workspace_none_is_made(tmp_path):
    for root, came in ((tmp_path / "typo", "no such folder"), (tmp_path, "a folder without one")):
        with pytest.raises(NoWorkspaceError, match=came):
            Workspace(root)
    assert not list(tmp_path.iterdir())


DIE_AT = """
import os, sys
from pathlib import Path
from backend.base.adapters import identity
from backend.base.adapters.workspace import Workspace
def die(*_given, **_named):
    os._exit(9)
setattr(identity, sys.argv[2], die)
Workspace.open_or_make(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("step", ["open_database", "_begin", "open_parts"])
def test_who_is_killed_while_it_makes_one_leaves_what_the_next_goes_on_with(tmp_path, step):
    died = subprocess.run([sys.executable, "-c", DIE_AT, tmp_path / "new", step], check=False)
    assert died.returncode == 9
    if step != "open_parts":
        with pytest.raises(NoWorkspaceError):
            Workspace(tmp_path / "new")
    workspace = Workspace.open_or_make(tmp_path / "new")
    assert Workspace(closed(workspace)).identity == workspace.identity


def test_a_new_workspace_does_not_take_the_database_of_another(root, tmp_path, monkeypatch):
    monkeypatch.setenv("RADSIEVE_DATABASE_URL", f"sqlite:///{root / 'radsieve.sqlite3'}")
    monkeypatch.setattr("backend.base.adapters.secrets_file._new_archive_key", lambda: "0" * 64)
    with pytest.raises(RadsieveError, match="got one that another workspace uses"):
        Workspace.open_or_make(tmp_path / "new")


def test_secrets_without_anything_else_are_kept_for_the_workspace_that_is_made(tmp_path):
    kept = Workspace.open_or_make(tmp_path / "new")
    closed(kept)
    for path in (tmp_path / "new").glob("radsieve.sqlite3*"):
        path.unlink()
    again = Workspace.open_or_make(tmp_path / "new")
    assert (again.secrets, again.is_new) == (kept.secrets, True)


# Each opening has an engine of its own, and nobody closes those of openings that were refused.
@pytest.mark.filterwarnings("ignore:.*was deleted while still open:ResourceWarning")
@pytest.mark.slow
def test_in_postgresql_the_identity_lies_in_its_table(postgres_url, tmp_path, monkeypatch):
    monkeypatch.setenv("RADSIEVE_DATABASE_URL", postgres_url)
    root = made(tmp_path / "workspace", 1, monkeypatch)
    assert Workspace(root).identity == Workspace.open_or_make(root).identity
    with pytest.raises(LostPartError, match="another workspace uses"):
        made(tmp_path / "other", 2, monkeypatch)
    monkeypatch.setenv("RADSIEVE_DATABASE_URL", postgres_url.replace("/postgres", "/template1"))
    assert "has no tables" in refusal(root)
    gc.collect()
