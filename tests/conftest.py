"""What all tests share: one archive key, shared fixtures, and which process runs which test."""

import atexit
import functools
import gc
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import hypothesis
import pytest
from filelock import FileLock
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[1]
# Tests know films by the names of their files; what people get without it: test_no_names.py.
os.environ["RADSIEVE_PATHS"] = "true"
SHARED_FIXTURES = ("archive", "dicom", "doctests", "grid", "studio", "trainings")

# The same examples in every run, whatever the machine is busy with; nothing is kept between runs.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("repeatable")


def pytest_configure(config):
    """Load the shared fixtures, but not where tests are only shared out: they import torch."""
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        # What is imported stays: to look through all of it for garbage takes a second each time.
        gc.disable()
        atexit.register(gc.unfreeze)
        for name in SHARED_FIXTURES:
            config.pluginmanager.import_plugin(f"shared_fixtures.{name}")


def pytest_collection_finish():
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="module", autouse=True)
def what_stays_is_not_searched():
    """Keep what earlier files left, networks and their libraries, out of the searches for garbage.

    Hypothesis has one searched for at every example, which took most of the time of such a test.
    """
    gc.collect()
    gc.freeze()


def pytest_sessionfinish():
    """Let pytest find what was left open, once more among everything."""
    gc.unfreeze()


@pytest.fixture(scope="session", autouse=True)
def one_archive_key():
    """Give every workspace one key: it decides who is sealed, in which fold, and what is drawn.

    With another key in every run, a test that trains on few films fails in one run of dozens. A
    workspace that a program of its own makes has a random key still.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("backend.base.adapters.secrets_file._new_archive_key", lambda: "5e" * 32)
        yield


def pytest_collection_modifyitems(items):
    """Mark every test that takes a fixture named `trained`; those with Label Studio come first."""
    for item in items:
        if "trained" in item.fixturenames:
            item.add_marker(pytest.mark.trains)
    # One process has them all: if it began late, the others would wait for it at the end.
    items.sort(key=lambda item: _group_of(item.nodeid) != _NEED_STUDIO)


_NEED_STUDIO = "files that need Label Studio"
_READ_THE_SOURCES = "tests/project/"


class _ByFile(LoadScopeScheduling):
    """Gives all files that need Label Studio to one process, and each other file to any.

    Label Studio takes long to start; what a module sets up is made once. Tests that read our own
    sources share the trees of them, so they stay together as well.
    """

    def _split_scope(self, nodeid):
        return _group_of(nodeid)


@pytest.hookimpl(optionalhook=True)  # where the tests run in one process, nothing is shared out
def pytest_xdist_make_scheduler(config, log):
    return _ByFile(config, log)


def _group_of(nodeid):
    file = nodeid.split("::")[0]
    if file.startswith(_READ_THE_SOURCES):
        return _READ_THE_SOURCES
    return _NEED_STUDIO if _needs_studio(file) else file


@functools.cache
def _needs_studio(file):
    return "pytest.mark.studio" in (ROOT / file).read_text()


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """Return a function that makes a folder once, whichever processes run the tests.

    It takes the folder's name and what fills it; who comes second waits and gets the same folder.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(name, fill):
        folder, is_whole = shared / name, shared / f"{name}.made"
        with FileLock(shared / f"{name}.lock"):
            if not is_whole.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                fill(folder)
                is_whole.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def free_port():
    """Return a function that finds a port nobody listens on."""

    def find():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    return find


@pytest.fixture
def postgres_url(free_port):
    """A PostgreSQL of its own that takes no connection from outside; it must not run as root."""
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    if shutil.which("pg_ctl") is None or shutil.which("initdb") is None:
        pytest.skip("no PostgreSQL server (`pg_ctl`, `initdb`) is installed")
    # Not in `tmp_path`: another run of pytest closes that to everybody but root as it starts.
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        place, port = Path(folder) / "data", free_port()
        as_user = _owner(folder)
        made = _quiet([*as_user, "initdb", "-D", place, "-U", "radsieve", "--auth=trust"])
        if made.returncode:
            pytest.skip(f"PostgreSQL cannot be set up here: {made.stderr.strip()[:200]}")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={place}"
        control = [*as_user, "pg_ctl", "-D", place]
        started = _quiet([*control, "-l", place / "log", "-w", "-o", options, "start"])
        assert started.returncode == 0, started.stderr
        yield f"postgresql+psycopg://radsieve@127.0.0.1:{port}/postgres"
        _quiet([*control, "-m", "immediate", "-w", "stop"])


def _owner(folder):
    """Return how to run as somebody who is not root; the folder becomes theirs."""
    if Path("/proc/self").stat().st_uid != 0:
        return []
    if shutil.which("runuser") is None or "postgres:" not in Path("/etc/passwd").read_text():
        pytest.skip("PostgreSQL does not run as root, and there is no user `postgres`")
    shutil.chown(folder, "postgres")
    return ["runuser", "-u", "postgres", "--"]


def _quiet(command):
    out = subprocess.DEVNULL
    return subprocess.run(
        command, stdin=out, stdout=out, stderr=subprocess.PIPE, text=True, check=False
    )
