"""The web server that our applications run in."""

from typing import Any

from flask import Flask
from waitress.server import create_server

from backend.service.edge.guarded_app import MAX_REQUEST_BYTES

THREADS = 8
RECEIVE_BYTES = 2**17
"""Waitress takes 8 kB at a time by default, which makes a 20 MB webhook wait 0.1 s."""


def make_server(app: Flask, host: str, port: int) -> Any:  # noqa: ANN401 - waitress has no types
    """Return a server that listens already; its `run` answers until SystemExit or Ctrl-C."""
    return create_server(
        app,
        host=host,
        port=port,
        threads=THREADS,
        recv_bytes=RECEIVE_BYTES,
        # A body over our limit gets our JSON answer; this cuts off only what is absurd.
        max_request_body_size=4 * MAX_REQUEST_BYTES,
        ident=None,
    )
