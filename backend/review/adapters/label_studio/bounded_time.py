"""Requests that end in time, however slowly a server sends: httpx bounds each wait, not the sum."""

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

_WAITS = httpx.Timeout(10.0, connect=3.0)
_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)
"""When the request of this thread has to be over, by the clock that only goes on."""


@contextmanager
def answer_within(url: str, seconds: float, *, trust_env: bool = True) -> Iterator[httpx.Response]:
    """Ask an address, without following where it leads; what is read inside is in time as well.

    Raises:
        HTTPError: of httpx; there is no answer, or it takes longer in all.
        InvalidURL: of httpx.
    """
    with within(seconds), httpx.Client(timeout=_WAITS, trust_env=trust_env) as client:
        bound_time(client)
        with client.stream("GET", url) as response:
            yield response


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let whatever clients of `bound_time` wait for inside take so long in all.

    A wait that is cut short raises what httpx raises where a server does not answer in time.
    """
    before = _ends_at.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(before)


def bound_time(client: httpx.Client) -> None:
    """Have a client heed `within`; its transports are of httpx itself."""
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, httpx.HTTPTransport):
            pool: Any = transport._pool
            pool._network_backend = _BoundedBackend(pool._network_backend)


def time_left() -> float | None:
    """Return the seconds that are left inside `within`; None outside of it."""
    ends_at = _ends_at.get()
    return None if ends_at is None else ends_at - time.monotonic()


def _shortened(timeout_s: float | None, late: type[httpcore.TimeoutException]) -> float | None:
    left = time_left()
    if left is None:
        return timeout_s
    if left <= 0:
        raise late("it did not end in time")
    return left if timeout_s is None else min(timeout_s, left)


class _BoundedStream(httpcore.NetworkStream):
    """A connection that waits no longer than there is time."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _shortened(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _shortened(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _shortened(timeout, httpcore.ConnectTimeout)
        return _BoundedStream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's
        return self._stream.get_extra_info(info)


class _BoundedBackend(httpcore.NetworkBackend):
    """Opens connections that heed `within`."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._backend = backend

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = _shortened(timeout, httpcore.ConnectTimeout)
        stream = self._backend.connect_tcp(host, port, left, local_address, socket_options)
        return _BoundedStream(stream)

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)
