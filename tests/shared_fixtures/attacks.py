"""Attacks on a web server by somebody without a password, over real sockets."""

import contextlib
import http.client
import select
import socket
import time

HALF_REQUEST = b"GET /health HTTP/1.1\r\nX-Half: "
_POST = b"POST /predict HTTP/1.1\r\nHost: x\r\n"
HALF_BODY = _POST + b"Content-Length: 60000000\r\n\r\n"
HUGE_BODY = _POST + b"Content-Length: 190000000\r\n\r\n"
ENDLESS_CHUNKS = _POST + b"Transfer-Encoding: chunked\r\n\r\n"
KEPT_ALIVE = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"

ATTACKS = {
    "headers that drip": (HALF_REQUEST, b"a"),
    "bodies that drip": (HALF_BODY, b"a"),
    "huge bodies": (HUGE_BODY, b"a" * 2**16),
    "chunks without end": (ENDLESS_CHUNKS, b"fff0\r\n" + b"a" * 0xFFF0 + b"\r\n"),
    "idle connections": (KEPT_ALIVE, b""),
}
"""How each begins, and what is sent again and again."""


@contextlib.contextmanager
def attack(port, begin, count):
    """Open connections that each begin a request; inside, they are open."""
    connections = []
    try:
        for _ in range(count):
            connection = socket.create_connection(("127.0.0.1", port), timeout=10)
            connections.append(connection)
            connection.sendall(begin)
            connection.setblocking(False)
        yield connections
    finally:
        for connection in connections:
            connection.close()


def drip(connections, data):
    """Send the same on every connection that still takes it."""
    for connection in connections:
        with contextlib.suppress(OSError):
            connection.send(data)


def seconds_for_health(port):
    """Return how long `/health` takes a caller without a password, connecting included."""
    started = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/health")
    assert connection.getresponse().status == 200
    connection.close()
    return time.monotonic() - started


def answer_to(port, begin, more=b""):
    """Return all that a server says to bytes before it closes; the socket takes what it can."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(begin)
        said = b""
        while True:
            ready, writable, _ = select.select([connection], [connection] if more else [], [], 20)
            if ready:
                data = connection.recv(2**16)
                if not data:
                    return said
                said += data
            elif writable:
                with contextlib.suppress(OSError):
                    connection.send(more)
            else:
                raise TimeoutError("the server neither answers nor closes")
