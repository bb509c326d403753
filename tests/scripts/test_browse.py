"""`radsieve browse` as a program: it serves the grid, and a second one only says where."""

import subprocess
import sys
import time

import pytest
import requests

from backend.base.adapters.workspace import Workspace
from backend.service.edge.browse import GRID_PATH

PATIENCE_S = 120


@pytest.fixture
def browse(tmp_path):
    """Return a function that starts the command for one workspace."""
    running = []

    def start(port):
        command = [sys.executable, "-c", "from scripts import main; main()", "browse", "--no-open"]
        command += ["--port", str(port), "--workspace", str(tmp_path / "workspace")]
        pipe = subprocess.PIPE
        running.append(subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True))
        return running[-1]

    yield start
    for program in running:
        program.kill()
        program.communicate()


def answer_at(address, auth):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            return requests.get(address, auth=auth, timeout=PATIENCE_S)
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError("the grid did not answer")


@pytest.mark.slow
def test_the_grid_is_served_and_a_second_command_only_says_where(browse, tmp_path, free_port):
    port, password = (
        free_port(),
        Workspace.open_or_make(tmp_path / "workspace").secrets.backend_password,
    )
    address = f"http://127.0.0.1:{port}{GRID_PATH}"
    first = browse(port)
    assert answer_at(address, None).status_code == 401
    assert "<html" in answer_at(address, ("radsieve", password)).text
    second, _ = browse(port).communicate(timeout=PATIENCE_S)
    assert address in second
    assert password in second
    assert first.poll() is None
    first.terminate()
    _, told = first.communicate(timeout=PATIENCE_S)
    assert first.returncode == 0, told
    assert address in told


def test_the_command_brings_no_torch_along():
    code = "import sys, scripts.browse; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
