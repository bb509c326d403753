"""The doctor names each thing that is wrong, with what to do, and mends what it can."""

import json
import shutil
import socket
import subprocess
import sys
from http.server import BaseHTTPRequestHandler

import pytest
from click.testing import CliRunner
from shared_fixtures.served import answered_by
from sqlalchemy import update

from backend.base.adapters.database import ledger
from backend.base.adapters.workspace import Workspace
from backend.base.core.ledger import Event, EventKind
from backend.labels.adapters.ledger_store import note
from backend.review.loop.studio.connect import remember_label_studio
from backend.service.loop import doctor
from scripts import main


@pytest.fixture
def root(tmp_path, free_port):
    workspace = Workspace.open_or_make(tmp_path / "workspace")
    note(workspace.database, Event(EventKind.OVERRIDE, {"reason": "first"}))
    workspace.database.dispose()
    ports = f"label_studio_port = {free_port()}\nbackend_port = {free_port()}\n"
    (workspace.root / "radsieve.toml").write_text(ports)
    (workspace.root / "radsieve.toml").chmod(0o600)
    return workspace.root


@pytest.fixture
def examined(root):
    """Return a function that runs the command, and gives its exit code and what is wrong."""

    def call(*options):
        command = ["doctor", "--json", *options, "--workspace", str(root)]
        result = CliRunner().invoke(main, command)
        facts = json.loads(result.stdout.splitlines()[-1])
        wrong = {one["check"]: one for one in facts["findings"] if not one["ok"]}
        assert facts["ok"] == (not wrong) == (result.exit_code == 0)
        assert all(one["what"] and one["fix"] for one in wrong.values())
        return wrong

    return call


def test_a_sound_workspace_gets_one_line_for_each_check(root):
    result = CliRunner().invoke(main, ["doctor", "--workspace", str(root)])
    assert result.exit_code == 0, result.output
    checks = [line[7:20].strip() for line in result.output.splitlines()]
    first = ["versions", "disk", "rights", "programs", "settings", "identity", "database", "ledger"]
    assert checks == [*first, "ports", "ports", "label studio"]
    assert all(line.startswith("ok ") for line in result.output.splitlines())


def test_rights_of_others_are_mended_on_demand(root, examined):
    (root / "secrets.json").chmod(0o644)
    wrong = examined()
    assert set(wrong) == {"rights"}
    assert "secrets.json" in wrong["rights"]["what"]
    assert "--mend" in wrong["rights"]["fix"]
    assert examined("--mend") == {}
    assert examined() == {}


def test_a_lost_part_is_named_and_what_needs_it_is_left_out(root, examined):
    (root / "secrets.json").unlink()
    wrong = examined()
    assert set(wrong) == {"identity"}
    assert "secrets.json" in wrong["identity"]["what"]
    assert "backup" in wrong["identity"]["fix"]


def test_a_setting_that_there_is_not_is_named(root, examined):
    (root / "radsieve.toml").write_text("batch_filmz = 3\n")
    wrong = examined()
    assert "batch_filmz" in wrong["settings"]["what"]


def test_a_ledger_that_was_changed_is_named(root, examined):
    workspace = Workspace(root)
    with workspace.database.begin() as connection:
        connection.execute(update(ledger).where(ledger.c.seq == 2).values(at="2020"))
    workspace.database.dispose()
    assert "tampered" in examined()["ledger"]["what"]


def test_a_database_with_a_damaged_page_is_named(root, examined):
    workspace = Workspace(root)
    with workspace.database.connect() as connection:
        page = connection.exec_driver_sql(
            "SELECT rootpage FROM sqlite_master WHERE name = 'pictures'"
        ).scalar()
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.exec_driver_sql("PRAGMA page_size").scalar()
    workspace.database.dispose()
    with (root / "radsieve.sqlite3").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    assert "damaged" in examined()["database"]["what"]


def test_a_program_that_a_killed_up_has_left_running_is_named_and_ended_on_demand(root, examined):
    note = "from pathlib import Path; import os, sys; os.umask(0o077); "
    note += "from backend.base.adapters.started_programs import note_program; "
    note += "note_program(Path(sys.argv[1]), 'ML backend', int(sys.argv[2]))"
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as left:
        subprocess.run([sys.executable, "-c", note, str(root), str(left.pid)], check=True)
        wrong = examined()
        assert set(wrong) == {"programs"}
        assert f"ML backend (process {left.pid})" in wrong["programs"]["what"]
        assert "--mend" in wrong["programs"]["fix"]
        assert examined("--mend") == {}
        left.wait(20)
    assert examined() == {}


def test_a_port_that_another_program_has_is_named_with_its_setting(root, examined):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        (root / "radsieve.toml").write_text(f"backend_port = {port}\n")
        wrong = examined()
    assert "RADSIEVE_BACKEND_PORT" in wrong["ports"]["fix"]


def test_too_little_room_and_versions_that_do_not_fit_are_named(root, examined, monkeypatch):
    monkeypatch.setattr(doctor, "LEAST_FREE_BYTES", shutil.disk_usage(root).total * 2)
    monkeypatch.setattr(doctor.metadata, "requires", lambda _name: ["click>=99", "no-such-thing"])
    wrong = examined()
    assert "GiB are free" in wrong["disk"]["what"]
    assert "click>=99, no-such-thing" in wrong["versions"]["what"]


def test_a_label_studio_that_does_not_run_is_no_fault(root, examined, free_port):
    remember_label_studio(root, f"http://127.0.0.1:{free_port()}", "t" * 40)
    assert examined() == {}


class Healthy(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_words):
        """Say nothing."""


@pytest.mark.skipif(sys.platform != "linux", reason="one loopback address only")
def test_a_backend_that_runs_on_another_address_is_no_other_program(root, examined):
    with answered_by(Healthy, host="127.0.0.2") as server:
        settings = root / "radsieve.toml"
        ours = f'host = "127.0.0.2"\nbackend_port = {server.server_port}\n'
        settings.write_text(settings.read_text().splitlines()[0] + "\n" + ours)
        assert "ports" not in examined()
