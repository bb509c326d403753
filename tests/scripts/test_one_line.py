"""Whatever goes wrong beneath a command, a person gets one line and a program one object."""

import json
import resource
import sqlite3
import subprocess
import sys
from contextlib import ExitStack

import click
import imagecodecs
import numpy as np
import pytest
from click.testing import CliRunner
from shared_fixtures.faults.ground import shown_read_only

from scripts import main
from scripts._command import Outcome, plain_command


@pytest.fixture
def run(tmp_path):
    def run(*arguments):
        words = [*map(str, arguments), "--workspace", str(tmp_path / "workspace"), "--json"]
        return CliRunner().invoke(main, words)

    return run


@pytest.fixture
def indexed(run, tmp_path):
    (tmp_path / "films").mkdir()
    for number in range(3):
        pixels = np.random.default_rng(number).integers(0, 256, (40, 30), dtype=np.uint8)
        (tmp_path / "films" / f"{number}.png").write_bytes(imagecodecs.png_encode(pixels))
    assert run("index", tmp_path / "films").exit_code == 0
    return tmp_path / "workspace"


def line_of(result):
    """Return the error of a command that ended in one line and one object."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return json.loads(result.stdout.splitlines()[-1])["error"]


def test_a_damaged_database_is_to_be_put_back_from_a_backup(run, indexed):
    path = indexed / "radsieve.sqlite3"
    content = bytearray(path.read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    path.write_bytes(content)
    for name in ("-wal", "-shm"):
        path.with_name(path.name + name).unlink(missing_ok=True)

    assert "put back a backup" in line_of(run("status"))


def test_a_locked_database_is_waited_for_and_named(run, indexed, tmp_path, monkeypatch):
    with sqlite3.connect(indexed / "radsieve.sqlite3", isolation_level=None) as other:
        monkeypatch.setattr("backend.base.adapters.database.BUSY_MS", 50)
        other.execute("BEGIN EXCLUSIVE")
        (tmp_path / "films" / "0.png").unlink()
        assert "another program holds the database" in line_of(run("index", tmp_path / "films"))


@pytest.mark.slow
def test_a_full_disk_is_told_as_one_and_the_next_command_goes_on(indexed, tmp_path, run):
    pixels = np.zeros((2500, 2500), np.uint8)
    for number in range(30):
        pixels[number] = 200
        (tmp_path / "films" / f"more{number}.png").write_bytes(imagecodecs.png_encode(pixels))
    limit = (indexed / "radsieve.sqlite3").stat().st_size + 200_000
    code = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {resource.RLIM_INFINITY}));"
        "from scripts import main; main()"
    )
    words = ["index", str(tmp_path / "films"), "--workspace", str(indexed), "--json"]
    full = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )
    assert full.returncode == 1, full.stderr
    assert "Traceback" not in full.stderr
    assert "free some" in json.loads(full.stdout.splitlines()[-1])["error"]

    assert json.loads(run("index", tmp_path / "films").stdout.splitlines()[-1])["films"] == 33


@pytest.mark.parametrize("error", [KeyError("Doe"), ValueError("Doe"), OSError(28, "x", "/Doe")])
def test_no_fault_of_ours_is_a_traceback_or_says_a_name(error):
    @plain_command
    def broken() -> Outcome:
        """Fail."""
        raise error

    result = CliRunner().invoke(click.Group(commands={"broken": broken}), ["broken", "--json"])
    assert "Doe" not in line_of(result)


@pytest.fixture
def mounted_read_only(indexed):
    """The workspace on a file system that takes no write, where this machine mounts one."""
    with ExitStack() as stack:
        try:
            stack.enter_context(shown_read_only(indexed, indexed))
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("no file system can be mounted here")
        yield indexed


@pytest.mark.parametrize("command", [["status"], ["export", "--out", "out"]])
def test_a_workspace_that_cannot_be_written_is_told_as_one(run, mounted_read_only, command):
    assert "cannot be written to; make it writable for this user" in line_of(run(*command))


def test_what_is_no_address_of_a_database_is_named_with_its_setting(run, indexed, monkeypatch):
    monkeypatch.setenv("RADSIEVE_DATABASE_URL", "nonsense")
    assert "check RADSIEVE_DATABASE_URL" in line_of(run("status"))
