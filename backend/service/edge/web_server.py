"""The web server that our applications run in: Waitress, with a guard before every body.

One thread reads all connections, so a slow one holds up nobody. Waitress alone takes a whole body
before the application can ask who sends it, waits for ever for one that drips, and takes nobody in
once a hundred connections are open; docs/decisions/0015 has the measurements.
"""

import json
import logging
import socket
import time
from functools import partial
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.utilities import Error

from backend.service.edge.door import Caller
from backend.service.edge.guarded_app import (
    CHALLENGE,
    MAX_REQUEST_BYTES,
    WHO_MAY_ASK,
    GuardedApp,
)
from backend.service.edge.webhooks import MAX_HINT_BYTES

THREADS = 8
RECEIVE_BYTES = 2**17
"""Waitress takes 8 kB at a time by default, which makes a 20 MB webhook wait 0.1 s."""
MAX_HEADER_BYTES = 2**16
MAX_HELD_BYTES = 4 * MAX_REQUEST_BYTES
"""Of the bodies of all requests that are being received or answered."""
CONNECTIONS = 256
"""With one more, the oldest that has not shown a password is closed."""
HEADERS_WITHIN_S = 10.0
BODY_WITHIN_S = 60.0
"""From the first byte of a request to the last of its body."""
IDLE_S = 15.0
"""How long a connection may lie open between requests."""
_TAKEN_AT_ONCE = 32
_FAREWELL_S, _FAREWELL_BYTES = 2.0, 2**20
"""What a refused caller still sends is thrown away, so that it gets to read the refusal."""


def make_server(app: GuardedApp, host: str, port: int, also: str | None = None) -> "GuardedServer":
    """Return a server that listens already; its `run` answers until SystemExit or Ctrl-C.

    Args:
        app: what it serves.
        host: the address that it listens on.
        port: 0 takes a free one.
        also: another address to listen on at the same port; None: no other.
    """
    # Or whoever asks often fills the log.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    limits = _limits()
    adjustments = Adjustments(host=host, port=port, **limits)
    server = GuardedServer(app, adjustments)
    if also:
        second = Adjustments(host=also, port=int(server.effective_port), **limits)
        GuardedServer(app, second, beside=server)
    return server


def _limits() -> dict[str, Any]:
    return {
        "threads": THREADS,
        "recv_bytes": RECEIVE_BYTES,
        "max_request_header_size": MAX_HEADER_BYTES,
        # A length that is told is refused by `GuardedServer.refusal`; this ends a body in chunks.
        "max_request_body_size": MAX_REQUEST_BYTES + 1,
        # The server makes room itself; here Waitress would stop to take anybody in.
        "connection_limit": 4 * CONNECTIONS,
        "cleanup_interval": 1,
        # `select` fails where a process has more than 1024 files open.
        "asyncore_use_poll": True,
        "ident": None,
    }


class Refusal(Error):  # type: ignore[misc]
    """An answer, in JSON, to a request whose body is not read."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        """Take the status and what to do."""
        super().__init__(message)
        self.code, self.reason = code, reason

    def to_response(self, ident: object = None) -> tuple[str, list[tuple[str, str]], bytes]:
        """Return status, headers and body, as Waitress asks for them."""
        headers = [("Content-Type", "application/json")]
        if self.code == 401:
            headers.append(("WWW-Authenticate", CHALLENGE.to_header()))
        return f"{self.code} {self.reason}", headers, json.dumps({"error": self.body}).encode()


class _Request(HTTPRequestParser):  # type: ignore[misc]
    """A request that is refused as soon as its headers are read, if it is."""

    def __init__(self, connection: "_Connection", adjustments: Adjustments) -> None:
        super().__init__(adjustments)
        self.began = time.time()
        self.caller: Caller | None = None
        self._connection = connection

    @property
    def promised_bytes(self) -> int:
        """How much memory or disk its body may take; a body in chunks does not say."""
        return MAX_REQUEST_BYTES if self.chunked else int(self.content_length)

    def received(self, data: bytes) -> int:
        """Take bytes; return how many of them belong to this request."""
        were_finished = self.headers_finished
        consumed = int(super().received(data))
        if self.headers_finished and not were_finished:
            server = self._connection.server
            self.caller = server.door.caller(self.headers.get("AUTHORIZATION"))
            refusal = server.refusal(self) if self.promised_bytes else None
            if refusal:
                self.error, self.completed, self.expect_continue = refusal, True, False
                self._connection.is_refused = True
        return consumed


class _Connection(HTTPChannel):  # type: ignore[misc]
    """A connection that has a deadline, and that lets a refused caller read why."""

    is_refused = False
    _farewell_since: float | None = None
    _thrown_away = 0

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - Waitress's own
        self.parser_class = partial(_Request, self)
        super().__init__(*arguments, **options)

    @property
    def _all_requests(self) -> list[_Request]:
        """Those that are answered or wait for it, and the one that is being received."""
        return [*self.requests, *([self.request] if self.request else [])]

    @property
    def is_strange(self) -> bool:
        """Whether nothing is received from, or done for, somebody with a password."""
        return not any(request.caller for request in self._all_requests)

    @property
    def held_bytes(self) -> int:
        """What the bodies of its requests take, or may take."""
        return sum(each.promised_bytes for each in self._all_requests if not each.error)

    def is_overdue(self, now: float) -> bool:
        """Whether it has had its time; never while a request is answered."""
        if self._farewell_since is not None:
            return now - self._farewell_since > _FAREWELL_S
        if self.requests:
            return False
        if self.request is None:
            return bool(now - self.last_activity > IDLE_S)
        allowed = BODY_WITHIN_S if self.request.headers_finished else HEADERS_WITHIN_S
        return bool(now - self.request.began > allowed)

    def readable(self) -> bool:
        """Whether more is read from it."""
        return self._farewell_since is not None or bool(super().readable())

    def handle_read(self) -> None:
        """Read what has come; of a refused caller only to throw it away."""
        if self._farewell_since is None:
            super().handle_read()
            return
        try:
            self._thrown_away += len(self.recv(RECEIVE_BYTES))
        except OSError:
            self.handle_close()
        if self._thrown_away > _FAREWELL_BYTES:
            self.handle_close()

    def handle_close(self) -> None:
        """Close; first only our side, where a refused caller may still be sending."""
        if self.is_refused and self.connected and self._farewell_since is None:
            self._farewell_since, self.will_close = time.time(), False
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                super().handle_close()
        else:
            super().handle_close()


class GuardedServer(TcpWSGIServer):  # type: ignore[misc]
    """Waitress that asks the application's door before it takes a body, and bounds the rest."""

    channel_class = _Connection

    def __init__(
        self, app: GuardedApp, adjustments: Adjustments, beside: "GuardedServer | None" = None
    ) -> None:
        """Listen at once, before `run` is called; one beside another is run by that one."""
        self.door = app.door
        shared = {"map": beside._map, "dispatcher": beside.task_dispatcher} if beside else {}
        super().__init__(app, adj=adjustments, **shared)
        if beside:  # one bound for the connections and bodies of both
            self.active_channels: dict[int, _Connection] = beside.active_channels

    def refusal(self, request: _Request) -> Refusal | None:
        """Return why the body of a request is not read, or None."""
        if request.caller is None:
            return Refusal(401, "Unauthorized", WHO_MAY_ASK)
        # Everybody in Label Studio can read the password of a webhook.
        largest = MAX_HINT_BYTES if request.caller is Caller.HINT else MAX_REQUEST_BYTES
        if request.promised_bytes > largest:
            most = f"expected a body of at most {largest} bytes"
            return Refusal(413, "Request Entity Too Large", most)
        if sum(each.held_bytes for each in self.active_channels.values()) > MAX_HELD_BYTES:
            return Refusal(503, "Service Unavailable", "busy with other large requests; try again")
        return None

    def maintenance(self, now: float) -> None:
        """Close the connections that have had their time; called every second."""
        for connection in self.active_channels.values():
            if connection.is_overdue(now):
                connection.will_close = True

    def handle_accept(self) -> None:
        """Take in those that wait, some at a time: between two rounds a busy thread may run."""
        for _ in range(_TAKEN_AT_ONCE):
            before = len(self.active_channels)
            super().handle_accept()
            if len(self.active_channels) == before:
                return
            self._make_room()

    def _make_room(self) -> None:
        """Where too many are open, let the oldest stranger go.

        It is closed with the next round: within this one, its number must not be given anew.
        """
        there = [each for each in self.active_channels.values() if not each.will_close]
        strangers = [each for each in there if each.is_strange]
        if len(there) > CONNECTIONS and strangers:
            min(strangers, key=lambda each: each.creation_time).will_close = True
