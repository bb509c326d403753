"""What somebody without a password can do to the server: over real sockets."""

import base64
import os
import resource
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
import requests
from shared_fixtures.attacks import (
    ATTACKS,
    ENDLESS_CHUNKS,
    HALF_BODY,
    HALF_REQUEST,
    HUGE_BODY,
    KEPT_ALIVE,
    answer_to,
    attack,
    drip,
    seconds_for_health,
)
from shared_fixtures.served import served_app

from backend.base.adapters.child_process import radsieve_command
from backend.base.adapters.workspace import Workspace
from backend.review.adapters.label_studio.inner_addresses import OWN_LOOPBACK, also_listens_on
from backend.review.adapters.label_studio.projects import MlBackend
from backend.service.edge import web_server
from backend.service.edge.guarded_app import MAX_REQUEST_BYTES


@pytest.fixture
def served(app):
    """The port of the backend, served as `radsieve serve` does."""
    with served_app(app) as server:
        yield int(server.effective_port)


@pytest.fixture
def password(stored):
    token = base64.b64encode(f"radsieve:{stored.secrets.backend_password}".encode()).decode()
    return f"Authorization: Basic {token}\r\nConnection: close\r\n".encode()


def with_password(begin, password):
    return begin.replace(b"\r\n\r\n", b"\r\n" + password + b"\r\n", 1)


def is_closed(connection):
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize(
    "begin", [HALF_BODY, HUGE_BODY, ENDLESS_CHUNKS], ids=["half", "huge", "chunks"]
)
def test_who_gives_no_password_is_refused_before_the_body_and_can_read_why(served, begin):
    said = answer_to(served, begin)
    assert said.startswith(b"HTTP/1.1 401")
    assert b"www-authenticate: basic" in said.lower()
    assert b'{"error": "expected basic auth as radsieve' in said
    # It is readable, too, for one that goes on sending and only then reads.
    assert answer_to(served, begin, b"a" * 4000).startswith(b"HTTP/1.1 401")


def test_refused_caller_that_waits_for_a_go_ahead_gets_none(served):
    expecting = HALF_BODY.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")
    assert answer_to(served, expecting).startswith(b"HTTP/1.1 401")


def test_body_behind_a_refused_one_is_no_request_of_its_own(served, password, ledger):
    smuggled = with_password(b"POST /webhook HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", password)
    said = answer_to(served, HALF_BODY + smuggled)
    assert said.count(b"HTTP/1.1") == 1
    assert ledger.asked.empty()


def test_body_that_is_too_large_is_refused_on_its_length_even_with_a_password(served, password):
    said = answer_to(served, with_password(HUGE_BODY, password))
    assert said.startswith(b"HTTP/1.1 413")
    assert str(MAX_REQUEST_BYTES).encode() in said


def test_bodies_in_chunks_are_taken_with_a_password(served, password):
    begin = with_password(ENDLESS_CHUNKS.replace(b"/predict", b"/webhook"), password)
    assert answer_to(served, begin + b"2\r\n{}\r\n0\r\n\r\n").startswith(b"HTTP/1.1 202")


def test_bodies_together_are_bounded_even_with_a_password(served, password, monkeypatch):
    monkeypatch.setattr(web_server, "MAX_HELD_BYTES", 100_000_000)
    begin = with_password(HALF_BODY, password)
    with attack(served, begin, 1):
        time.sleep(0.2)
        assert answer_to(served, begin).startswith(b"HTTP/1.1 503")
    time.sleep(0.2)
    with attack(served, begin, 1) as (alone,):
        time.sleep(0.2)
        with pytest.raises(BlockingIOError):
            alone.recv(1)


def test_body_with_the_password_of_a_webhook_is_small(served, stored):
    backend = MlBackend("http://b", "radsieve", "radsieve", stored.secrets.backend_password)
    header = f"Authorization: {backend.hint_authorization(5)}\r\n".encode()
    assert answer_to(served, with_password(HALF_BODY, header)).startswith(b"HTTP/1.1 413")


@pytest.mark.skipif(sys.platform != "linux", reason="one loopback address only")
def test_a_second_address_is_served_beside_the_first(app):
    with served_app(app, also_listens_on("127.0.0.1")) as server:
        for host in ("127.0.0.1", OWN_LOOPBACK):
            url = f"http://{host}:{server.effective_port}/health"
            assert requests.get(url, timeout=30).status_code == 200


@pytest.mark.skipif(sys.platform != "linux", reason="one loopback address only")
def test_connections_to_both_addresses_are_bounded_together(app, monkeypatch):
    monkeypatch.setattr(web_server, "CONNECTIONS", 2)
    with served_app(app, also_listens_on("127.0.0.1")) as server, ExitStack() as opened:
        oldest, *_ = [
            opened.enter_context(socket.create_connection((host, server.effective_port)))
            for host in ("127.0.0.1", OWN_LOOPBACK, OWN_LOOPBACK)
        ]
        oldest.settimeout(30)
        assert is_closed(oldest)


@pytest.mark.parametrize(
    ("limit", "begin"),
    [("HEADERS_WITHIN_S", HALF_REQUEST), ("BODY_WITHIN_S", HALF_BODY), ("IDLE_S", KEPT_ALIVE)],
    ids=["headers", "body", "idle"],
)
def test_connection_that_takes_too_long_is_closed(served, password, monkeypatch, limit, begin):
    monkeypatch.setattr(web_server, limit, 0.5)
    if begin is HALF_BODY:
        begin = with_password(begin, password)
    began = time.monotonic()
    answer_to(served, begin)
    assert 0.4 < time.monotonic() - began < 15


def test_with_too_many_connections_the_oldest_without_a_password_goes(
    served, password, monkeypatch
):
    monkeypatch.setattr(web_server, "CONNECTIONS", 8)
    with attack(served, with_password(HALF_BODY, password), 1) as (ours,):
        assert seconds_for_health(served) < 30
        with attack(served, HALF_REQUEST, 12) as strangers:
            assert seconds_for_health(served) < 30
            assert is_closed(strangers[0])
            with pytest.raises(BlockingIOError):
                strangers[-1].recv(1)
            with pytest.raises(BlockingIOError):
                ours.recv(1)


def test_more_connections_than_the_server_has_room_for_hold_up_nobody(served, monkeypatch):
    monkeypatch.setattr(web_server, "CONNECTIONS", 64)
    for begin, more in ATTACKS.values():
        with attack(served, begin, 100) as connections:
            drip(connections, more)
            assert seconds_for_health(served) < 30  # for ever, before


@pytest.mark.slow
def test_attacked_backend_answers_and_keeps_nothing_in_memory_or_files(tmp_path, free_port):
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    )
    port = free_port()
    files = tmp_path / "temporary"
    files.mkdir()
    workspace = Workspace.open_or_make(tmp_path / "w")
    command = radsieve_command("serve", "--workspace", str(workspace.root), "--port", str(port))
    environment = {**os.environ, "TMPDIR": str(files)}
    log = tmp_path / "log"
    with (
        log.open("w") as words,
        subprocess.Popen(command, env=environment, stdout=words, stderr=words) as process,
    ):
        _wait(port)
        try:
            _attack_it(port, process.pid)
        finally:
            process.terminate()
            assert process.wait(timeout=30) == 0
    assert "Traceback" not in log.read_text()


def _wait(port):
    deadline = time.monotonic() + 180
    while True:
        try:
            seconds_for_health(port)
            return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def _attack_it(port, number):
    idle = _kept_by(number)
    for name, (begin, more) in ATTACKS.items():
        longest, most = 0.0, idle
        with attack(port, begin, 600) as connections:
            for _ in range(8):
                drip(connections, more)
                longest = max(longest, seconds_for_health(port))
                most = max(most, _kept_by(number))
                time.sleep(0.5)
        print(f"{name}: {longest:.2f} s, {(most - idle) / 2**20:.0f} MB")  # noqa: T201 - the proof
        assert longest < 20, name  # 17 to 177 s with 110 connections, before
        assert most - idle < 100 * 2**20, name


def _kept_by(number):
    """Return the bytes of memory, and of files without a name, that a process keeps."""
    process = psutil.Process(number)
    nameless = 0
    for handle in Path(f"/proc/{number}/fd").iterdir():
        try:
            if str(handle.readlink()).endswith("(deleted)"):
                nameless += handle.stat().st_size
        except OSError:  # closed meanwhile
            continue
    return process.memory_info().rss + nameless
