import base64
import json
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from click.testing import CliRunner

from backend.base.adapters.child_process import radsieve_command
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import NoWorkspaceError
from scripts.serve import COMMAND, create_wsgi_app

START_S = 180.0


@pytest.fixture
def taken_port():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.mark.parametrize("as_json", [False, True])
def test_taken_port_is_one_line_that_names_the_setting(tmp_path, taken_port, as_json):
    Workspace.open_or_make(tmp_path).database.dispose()
    options = ["--workspace", str(tmp_path), "--port", str(taken_port)]
    result = CliRunner().invoke(COMMAND, [*options, *(["--json"] if as_json else [])])
    assert result.exit_code == 1
    assert "RADSIEVE_BACKEND_PORT" in result.output
    assert len(result.stderr.strip().splitlines()) == 1
    if as_json:
        assert "RADSIEVE_BACKEND_PORT" in json.loads(result.stdout.splitlines()[-1])["error"]


def test_wsgi_app_for_other_servers_uses_the_default_workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("RADSIEVE_WORKSPACE", str(tmp_path / "workspace"))
    with pytest.raises(NoWorkspaceError):
        create_wsgi_app()
    Workspace.open_or_make(tmp_path / "workspace").database.dispose()
    assert create_wsgi_app().test_client().get("/health").status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_served_backend_answers_and_stops_cleanly(tmp_path, free_port, how):
    port, password = free_port(), Workspace.open_or_make(tmp_path).secrets.backend_password
    command = radsieve_command("serve", "--workspace", str(tmp_path), "--port", str(port), "--json")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_until_up(port)
        assert status_of(port, "/versions") == 401
        token = base64.b64encode(f"radsieve:{password}".encode()).decode()
        assert status_of(port, "/versions", Authorization=f"Basic {token}") == 200
        process.send_signal(how)
        out, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert json.loads(out.splitlines()[-1]) == {"port": port}
    assert b"Traceback" not in errors


def wait_until_up(port):
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            assert status_of(port, "/health") == 200
        except urllib.error.URLError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"the backend did not answer within {START_S:.0f} s")


def status_of(port, path, **headers):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return refusal.code
