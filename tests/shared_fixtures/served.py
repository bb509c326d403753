"""Servers on free ports of this machine, each in a thread of the tests."""

import threading
from contextlib import contextmanager
from http.server import ThreadingHTTPServer


@contextmanager
def served_app(app, also=None):
    """Serve an application as `radsieve serve` does, and give its server.

    Args:
        app: the application.
        also: see `make_server`.
    """
    from backend.service.edge.web_server import make_server  # noqa: PLC0415 - it brings Flask

    server = make_server(app, "127.0.0.1", 0, also)
    server.adj.asyncore_loop_timeout = 0.1
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        server.asyncore.close_all(server._map)
        thread.join()
        server.task_dispatcher.shutdown()


@contextmanager
def answered_by(handler, *, host="127.0.0.1", **facts):
    """Let a request handler answer, and give its server, where it finds these facts."""
    with ThreadingHTTPServer((host, 0), handler) as server:
        vars(server).update(facts)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
