import os
import socket
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import requests

from backend.base.core.errors import LabelStudioError, PortTakenError
from backend.review.adapters.label_studio import server as label_studio_server
from backend.review.adapters.label_studio.server import ServerPlan, start_label_studio


@pytest.fixture
def plan(tmp_path, free_port):
    return ServerPlan(
        data_dir=tmp_path / "data",
        document_root=tmp_path / "served",
        username="reviewer@example.com",
        password="correct-horse-battery",
        token="0" * 40,
        log_path=tmp_path / "logs" / "studio.log",
        port=free_port(),
        stop_within_s=1.0,
    )


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """Return a function that puts a small program in the place of Label Studio."""

    def install(source):
        program = tmp_path / "stand_in.py"
        program.write_text(source)
        monkeypatch.setattr(label_studio_server, "_executable", lambda: program)

    return install


# Answers like Label Studio, and writes its environment down.
ANSWERING = """
import http.server, os, pathlib, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
pathlib.Path(os.environ["LABEL_STUDIO_BASE_DATA_DIR"], "env").write_text(repr(dict(os.environ)))
port = int(sys.argv[sys.argv.index("--port") + 1])
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""

# Starts a child that ignores SIGTERM.
STUBBORN = """
import subprocess, sys
child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
child += "; print('deaf', flush=True); time.sleep(99)"
subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE).stdout.readline()
"""


@pytest.mark.studio
def test_the_real_server_answers_and_knows_its_user(studio):
    headers = {"Authorization": f"Token {studio.token}"}
    answer = requests.get(f"{studio.url}/api/current-user/whoami", headers=headers, timeout=30)
    assert answer.json()["email"] == studio.username


@pytest.mark.studio
def test_the_real_server_looks_up_no_foreign_host(studio):
    for page in ("/user/login/", "/api/version", "/projects/"):
        requests.get(f"{studio.url}{page}", timeout=30)
    hosts = set(studio.looked_up.read_text().split())
    assert hosts <= {"127.0.0.1", "localhost", "None", "0.0.0.0", socket.gethostname()}


def is_alive(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_stopping_leaves_no_process_behind(plan, stand_in):
    stand_in(STUBBORN + ANSWERING)
    server = start_label_studio(plan)
    family = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
    assert len(family) == 2
    server.stop()
    assert not server.is_running
    assert not any(is_alive(process) for process in family)
    server.stop()


def test_the_server_inherits_nothing_it_might_take_for_a_setting(plan, stand_in, monkeypatch):
    for name in ("HOST", "DEBUG", "DJANGO_DB", "https_proxy", "LABEL_STUDIO_PORT"):
        monkeypatch.setenv(name, "http://elsewhere.example")
    stand_in(ANSWERING)
    with start_label_studio(replace(plan, extra_env={"EXTRA": "yes"})):
        environment = (plan.data_dir / "env").read_text()
    assert "elsewhere" not in environment
    assert "'EXTRA': 'yes'" in environment
    assert "'COLLECT_ANALYTICS': '0'" in environment


def test_waiting_is_reported_while_the_server_starts(plan, stand_in):
    stand_in("import time; time.sleep(2)\n" + ANSWERING)
    waits = []
    start_label_studio(plan, on_wait=waits.append).stop()
    assert len(waits) >= 2
    assert waits == sorted(waits)


def test_a_taken_port_is_named_with_its_setting_before_anything_starts(plan):
    complaint = pytest.raises(PortTakenError, match=f"{plan.port}.*RADSIEVE_LABEL_STUDIO_PORT")
    with socket.create_server(("127.0.0.1", plan.port)), complaint:
        start_label_studio(plan)
    assert not plan.data_dir.exists()


def test_a_server_that_dies_is_reported_with_its_last_words(plan, stand_in):
    stand_in("print('I cannot open the database'); raise SystemExit(3)")
    with pytest.raises(
        LabelStudioError, match=r"ended before it answered.*cannot open the database"
    ):
        start_label_studio(plan)


def test_a_server_that_hangs_is_ended(plan, stand_in):
    stand_in("import time; time.sleep(60)")
    before = set(psutil.Process(os.getpid()).children())
    with pytest.raises(LabelStudioError, match=r"did not answer .* within 1 s"):
        start_label_studio(replace(plan, start_within_s=1.0))
    assert set(psutil.Process(os.getpid()).children()) == before


def test_a_missing_installation_is_reported_with_how_to_get_it(plan, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    with pytest.raises(LabelStudioError, match=r"radsieve\[studio\]"):
        start_label_studio(plan)


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
def test_the_address_is_one_a_browser_can_open(plan, host):
    assert replace(plan, host=host).url == f"http://127.0.0.1:{plan.port}"


def test_the_log_is_appended_to(plan, stand_in):
    plan.log_path.parent.mkdir()
    plan.log_path.write_text("yesterday\n")
    stand_in("raise SystemExit('today')")
    with pytest.raises(LabelStudioError):
        start_label_studio(plan)
    assert Path(plan.log_path).read_text().splitlines() == ["yesterday", "today"]
