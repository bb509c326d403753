"""What all tests share: one archive key, where networks start from, one real Label Studio.

RADSIEVE_TEST_SEED=3 lets every network that a test trains start from other weights. What a test
asserts has to hold for any of them: `pytest -m trains` runs the tests that train.
"""

import functools
import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import torch
from filelock import FileLock
from sklearn.linear_model import LogisticRegression
from xdist.scheduler import LoadScopeScheduling

from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.label_studio.server import ServerPlan, start_label_studio

ROOT = Path(__file__).parents[1]

# The same examples in every run, whatever the machine is busy with; nothing is kept between runs.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("repeatable")
_OTHER_START = int(os.environ.get("RADSIEVE_TEST_SEED", "0"))

pytest_plugins = ["shared_fixtures.archive", "shared_fixtures.dicom", "shared_fixtures.grid"]

# Label Studio makes these on its first start and never again.
_DATABASE, _SECRET_KEY = "label_studio.sqlite3", ".env"

# Runs inside the server before all else and writes down every host it looks up.
_WIRETAP = """
import os, socket
_real = socket.getaddrinfo
def getaddrinfo(host, *rest, **options):
    with open(os.environ["LOOKED_UP"], "a") as file:
        print(host, file=file)
    return _real(host, *rest, **options)
socket.getaddrinfo = getaddrinfo
"""


@pytest.fixture(scope="session", autouse=True)
def one_archive_key():
    """Give every workspace one key: it decides who is sealed, in which fold, and what is drawn.

    With another key in every run, a test that trains on few films fails in one run of dozens. A
    workspace that a program of its own makes has a random key still.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("backend.base.adapters.workspace._new_archive_key", lambda: "5e" * 32)
        yield


class _Trainings:
    """Which fixtures and tests have trained something since the first test."""

    def __init__(self):
        self.being_set_up, self.fixtures, self.in_the_test = [], set(), False

    def note(self):
        self.fixtures.update((made.baseid, made.argname) for made in self.being_set_up)
        self.in_the_test |= not self.being_set_up

    def concern(self, item):
        used = {(base, name) for base, name in self.fixtures if item.nodeid.startswith(base)}
        return self.in_the_test or any(name in item.fixturenames for _, name in used)


_TRAININGS = _Trainings()


@pytest.fixture(scope="session", autouse=True)
def other_start():
    """Let networks start from other weights, where RADSIEVE_TEST_SEED is set, and note trainings.

    Linear heads have no start: they get features that differ by about a thousandth of their
    spread, many times what another processor makes of them.
    """
    other, seed_torch, fit = _OTHER_START, torch.manual_seed, LogisticRegression.fit

    def seed_otherwise(seed):
        _TRAININGS.note()
        return seed_torch(seed + 1_000_003 * other)

    def fit_otherwise(self, features, *rest, **options):
        _TRAININGS.note()
        if other:
            noise = np.random.default_rng([other, *features.shape]).standard_normal(features.shape)
            features = features + 1e-3 * features.std(axis=0) * noise
        return fit(self, features, *rest, **options)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(torch, "manual_seed", seed_otherwise)
        patched.setattr(LogisticRegression, "fit", fit_otherwise)
        yield


def pytest_collection_modifyitems(items):
    """Mark every test that takes a fixture named `trained`; those with Label Studio come first."""
    for item in items:
        if "trained" in item.fixturenames:
            item.add_marker(pytest.mark.trains)
    # One process has them all: if it began late, the others would wait for it at the end.
    items.sort(key=lambda item: _group_of(item.nodeid) != _NEED_STUDIO)


_NEED_STUDIO = "files that need Label Studio"


class _ByFile(LoadScopeScheduling):
    """Gives all files that need Label Studio to one process, and each other file to any.

    Label Studio takes long to start; what a module sets up is made once.
    """

    def _split_scope(self, nodeid):
        return _group_of(nodeid)


@pytest.hookimpl(optionalhook=True)  # where the tests run in one process, nothing is shared out
def pytest_xdist_make_scheduler(config, log):
    return _ByFile(config, log)


def _group_of(nodeid):
    file = nodeid.split("::")[0]
    return _NEED_STUDIO if _needs_studio(file) else file


@functools.cache
def _needs_studio(file):
    return "pytest.mark.studio" in (ROOT / file).read_text()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file():
    """Look for doctests in the code alone: the tests hold none, and looking takes a while."""
    collectors = yield
    return [collector for collector in collectors if type(collector) is pytest.Module]


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef):
    _TRAININGS.being_set_up.append(fixturedef)
    try:
        return (yield)
    finally:
        _TRAININGS.being_set_up.pop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Fail a test that trains and is not marked: it would be left out of `pytest -m trains`."""
    _TRAININGS.in_the_test = False
    result = yield
    if _TRAININGS.concern(item) and not item.get_closest_marker("trains"):
        pytest.fail("this test trains; mark it with @pytest.mark.trains", pytrace=False)
    return result


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


@dataclass(frozen=True)
class Studio:
    """A running Label Studio; every test makes projects of its own in it."""

    client: LabelStudio
    url: str
    username: str
    password: str
    token: str
    document_root: Path
    looked_up: Path
    """Hosts the server asked for, one a line."""

    def new_title(self):
        return f"test {secrets.token_hex(6)}"


@pytest.fixture(scope="session")
def free_port():
    """Return a function that finds a port nobody listens on."""

    def find():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    return find


@pytest.fixture(scope="session")
def start_studio(tmp_path_factory, free_port, request):
    """Return a context manager that runs a Label Studio with these environment variables."""

    @contextmanager
    def start(**environment):
        folder = tmp_path_factory.mktemp("label-studio")
        (folder / "sitecustomize.py").write_text(_WIRETAP)
        tap = {"PYTHONPATH": str(folder), "LOOKED_UP": str(folder / "looked-up")}
        plan = ServerPlan(
            data_dir=folder / "data",
            # All temporary folders of the tests: a workspace in any of them can be shown.
            document_root=tmp_path_factory.getbasetemp(),
            username="reviewer@example.com",
            password="correct-horse-battery",
            token="0123456789abcdef0123456789abcdef01234567",
            log_path=folder / "log",
            port=free_port(),
            extra_env={**tap, **environment},
        )
        template = _template(request.config)
        _restore(template, plan.data_dir)
        with start_label_studio(plan) as server:
            _keep(plan.data_dir, template)
            yield _studio(server.url, plan, folder / "looked-up")

    return start


@pytest.fixture(scope="session")
def studio(start_studio):
    # Makes Label Studio refuse predictions that do not fit the label config.
    with start_studio(fflag_feat_utc_210_prediction_validation_15082025="true") as running:
        yield running


def _studio(url, plan, looked_up):
    return Studio(
        LabelStudio(url, plan.token),
        url,
        plan.username,
        plan.password,
        plan.token,
        plan.document_root,
        looked_up,
    )


def _template(config):
    """Return where the database of the first start is kept: making it takes half a minute."""
    return config.cache.mkdir(f"label-studio-{version('label-studio')}")


def _restore(template, data_dir):
    data_dir.mkdir()
    if (template / _SECRET_KEY).exists():
        for name in (_DATABASE, _SECRET_KEY):
            shutil.copyfile(template / name, data_dir / name)


def _keep(data_dir, template):
    if (template / _SECRET_KEY).exists():
        return
    # Under names of our own first: another run of the tests may do the same just now.
    own = template / f"{os.getpid()}-{_DATABASE}", template / f"{os.getpid()}-{_SECRET_KEY}"
    with sqlite3.connect(data_dir / _DATABASE) as live, sqlite3.connect(own[0]) as kept:
        live.backup(kept)
    shutil.copyfile(data_dir / _SECRET_KEY, own[1])
    # The key last: its presence says that the template is whole.
    for path, name in zip(own, (_DATABASE, _SECRET_KEY), strict=True):
        path.replace(template / name)


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
