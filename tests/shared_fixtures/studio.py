"""One real Label Studio for all tests of a process."""

import os
import secrets
import shutil
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pytest

from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.label_studio.server import ServerPlan, start_label_studio

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
        template = studio_template(request.config)
        restore_template(template, plan.data_dir)
        with start_label_studio(plan) as server:
            keep_template(plan.data_dir, template)
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


def studio_template(config):
    """Return where the database of the first start is kept: making it takes half a minute."""
    return config.cache.mkdir(f"label-studio-{version('label-studio')}")


def restore_template(template, data_dir):
    """Begin a data folder with what the first start makes, where it was made before."""
    data_dir.mkdir()
    if (template / _SECRET_KEY).exists():
        for name in (_DATABASE, _SECRET_KEY):
            shutil.copyfile(template / name, data_dir / name)


def keep_template(data_dir, template):
    """Keep what the first start has made, unless it is kept."""
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
