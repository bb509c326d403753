"""A backup holds the workspace of one moment, and a restored one is that workspace."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tarfile
import time
from contextlib import closing

import pytest
from click.testing import CliRunner

from backend.base.adapters.backup import back_up, restore
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import InputFileError, RadsieveError
from backend.base.core.ledger import Event, EventKind
from backend.labels.adapters.ledger_store import check_ledger, note
from scripts import main

STUDIO = "label-studio/label_studio.sqlite3"
DATABASES = ("radsieve.sqlite3", "jobs.sqlite3", STUDIO)


@pytest.fixture
def workspace(tmp_path):
    """A workspace with a ledger, jobs, a Label Studio of its own, models and pictures."""
    workspace = Workspace.open_or_make(tmp_path / "workspace")
    note(workspace.database, Event(EventKind.OVERRIDE, {"reason": "first"}))
    for name in ("label-studio", "models/v1", "served/review", "activity", "models/.v2.half"):
        (workspace.root / name).mkdir(parents=True)
    for name in (
        "models/v1/weights",
        "served/review/a.jpg",
        "thumbnails.u8",
        "radsieve.toml",
        "label-studio/.env",
    ):
        (workspace.root / name).write_bytes(f"# {name}".encode())
    for name in ("activity/1-1.json", "up.lock", "models/.v2.half/weights"):
        (workspace.root / name).write_bytes(b"passing")
    for name in DATABASES[1:]:
        with closing(sqlite3.connect(workspace.root / name)) as database:
            database.execute("CREATE TABLE told (number INTEGER)")
    yield workspace
    workspace.database.dispose()


def rows(root, name):
    with closing(sqlite3.connect(root / name)) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {table: database.execute(f"SELECT * FROM {table}").fetchall() for (table,) in tables}


def files(root):
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm", ".lock"))
    }


def test_what_is_restored_is_the_workspace_row_by_row_and_byte_by_byte(workspace, tmp_path):
    report = back_up(workspace, tmp_path / "kept")
    restored = restore(tmp_path / "kept", tmp_path / "again")
    assert restored == report
    for name in DATABASES:
        assert rows(tmp_path / "again", name) == rows(workspace.root, name)
    was, now = files(workspace.root), files(tmp_path / "again")
    passing = {"activity/1-1.json", "models/.v2.half/weights"}
    assert now.keys() == was.keys() - passing
    assert all(now[name] == was[name] for name in now.keys() - set(DATABASES))
    again = Workspace(tmp_path / "again")
    assert (again.identity, again.secrets) == (workspace.identity, workspace.secrets)
    again.database.dispose()


def test_a_backup_of_what_was_restored_holds_the_same_bytes(workspace, tmp_path):
    back_up(workspace, tmp_path / "first")
    restore(tmp_path / "first", tmp_path / "again")
    again = Workspace(tmp_path / "again")
    back_up(again, tmp_path / "second")
    again.database.dispose()
    assert held(tmp_path / "first") == held(tmp_path / "second")


def held(backup):
    with tarfile.open(backup) as archive:
        members = {member.name: archive.extractfile(member).read() for member in archive}
    del members["manifest.json"]
    return members


WRITE = """
import sqlite3, sys
from pathlib import Path
from backend.base.adapters.workspace import Workspace
from backend.labels.adapters.ledger_store import note
from backend.base.core.ledger import Event, EventKind
workspace = Workspace(Path(sys.argv[1]))
others = [sqlite3.connect(workspace.root / name, timeout=60) for name in sys.argv[2:]]
print("ready", flush=True)
number = 0
while True:
    number += 1
    for other in others:
        with other:
            other.execute("INSERT INTO told VALUES (?)", (number,))
    note(workspace.database, Event(EventKind.OVERRIDE, {"reason": str(number)}))
"""


def test_databases_are_of_one_moment_while_a_program_writes_to_all_of_them(workspace, tmp_path):
    """The writer tells Label Studio first, then the jobs, then the ledger, one number at a time."""
    command = [sys.executable, "-c", WRITE, workspace.root, STUDIO, "jobs.sqlite3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        try:
            writer.stdout.readline()
            for number in range(4):
                time.sleep(0.2)
                back_up(workspace, tmp_path / f"kept{number}")
            assert writer.poll() is None
        finally:
            writer.kill()
    counts = []
    for number in range(4):
        root = tmp_path / f"again{number}"
        restore(tmp_path / f"kept{number}", root)
        again = Workspace(root)
        check = check_ledger(again.database)
        again.database.dispose()
        assert check.fault is None
        studio, jobs = (len(rows(root, name)["told"]) for name in (STUDIO, "jobs.sqlite3"))
        told = check.head.seq - 2  # the ledger begins with two rows of its own
        assert studio >= jobs >= told >= studio - 1
        counts.append(told)
    assert counts == sorted(set(counts))


def test_only_its_owner_can_read_a_backup_and_what_it_makes(workspace, tmp_path):
    before = os.umask(0)
    try:
        back_up(workspace, tmp_path / "kept")
        restore(tmp_path / "kept", tmp_path / "again")
    finally:
        os.umask(before)
    made = [tmp_path / "kept", tmp_path / "again", *(tmp_path / "again").rglob("*")]
    assert not [path for path in made if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_a_folder_with_something_in_it_is_refused_and_left_as_it_is(workspace, tmp_path):
    back_up(workspace, tmp_path / "kept")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note").write_text("mine")
    with pytest.raises(RadsieveError, match="expected an empty folder or none"):
        restore(tmp_path / "kept", tmp_path / "full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["note"]


def shortened(content):
    return content[: len(content) // 2]


def changed(content):
    place = content.index(b"# models/v1/weights")
    return content[:place] + b"%" + content[place + 1 :]


@pytest.mark.parametrize("harm", [shortened, changed, lambda _content: b"", lambda _c: b"no tar"])
def test_a_backup_that_is_not_whole_restores_nothing(workspace, tmp_path, harm):
    back_up(workspace, tmp_path / "kept")
    (tmp_path / "kept").write_bytes(harm((tmp_path / "kept").read_bytes()))
    with pytest.raises(InputFileError, match="nothing was restored"):
        restore(tmp_path / "kept", tmp_path / "again")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "workspace"]


@pytest.mark.parametrize("name", ["../outside", "/outside"])
def test_a_file_that_would_be_written_elsewhere_is_refused(tmp_path, name):
    with tarfile.open(tmp_path / "kept", "w") as archive:
        archive.addfile(tarfile.TarInfo(name))
    with pytest.raises(InputFileError, match="no file of a workspace"):
        restore(tmp_path / "kept", tmp_path / "again")


def test_a_backup_replaces_no_file_and_lies_outside_of_the_workspace(workspace, tmp_path):
    (tmp_path / "there").write_text("mine")
    for target in (tmp_path / "there", workspace.root / "kept", tmp_path / "no" / "kept"):
        with pytest.raises(RadsieveError, match="expected"):
            back_up(workspace, target)
    assert (tmp_path / "there").read_text() == "mine"


def test_the_commands_say_what_they_did_and_that_it_is_secret(workspace, tmp_path):
    kept, where = str(tmp_path / "kept"), ["--workspace", str(workspace.root)]
    told = CliRunner().invoke(main, ["backup", kept, *where]).output
    assert "it holds keys, passwords" in told
    shutil.rmtree(workspace.root)
    told = CliRunner().invoke(main, ["restore", kept, *where]).output
    assert told.startswith("restored ")
    assert CliRunner().invoke(main, ["ledger", *where]).exit_code == 0
