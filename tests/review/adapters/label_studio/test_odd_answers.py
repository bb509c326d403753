"""Whatever answers at Label Studio's address, a person gets one line with what to do."""

import threading
from http.server import BaseHTTPRequestHandler

import pytest
from shared_fixtures.served import answered_by

from backend.base.core.errors import LabelStudioError
from backend.review.adapters.label_studio.session import LabelStudioSession

PAGE = b"<html><body>Please log in to the network</body></html>"
ODD = {
    "half": (200, "application/json", b'{"release": "1.2'),
    "page": (200, "text/html", PAGE),
    "null": (200, "application/json", b"null"),
    "list": (200, "application/json", b"[1, 2]"),
    "numbers": (200, "application/json", b'{"label-studio-os-package": 3}'),
    "nothing": (200, "application/json", b""),
    "bytes": (200, "application/json", b"\xff\xfe\x00"),
    "circle": (302, "text/html", b""),
    "packed": (200, "application/json", b"no gzip"),
}


class OddServer(BaseHTTPRequestHandler):
    """Answers `/KIND/...` as `ODD` says."""

    def do_GET(self):
        kind = self.path.split("/")[1]
        if kind == "slow":
            self.server.stopped.wait(5)
            return
        status, content_type, body = ODD[kind]
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        if status == 302:
            self.send_header("Location", self.path)
        if kind == "packed":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words):
        """Say nothing."""


@pytest.fixture(scope="module")
def address():
    with answered_by(OddServer, stopped=threading.Event()) as server:
        yield f"http://127.0.0.1:{server.server_port}"
        server.stopped.set()


@pytest.mark.parametrize("kind", [*ODD, "slow"])
def test_an_odd_answer_is_one_line_with_the_address(address, kind):
    session = LabelStudioSession(f"{address}/{kind}", "0" * 40, timeout_s=0.2)
    with pytest.raises(LabelStudioError) as raised:
        session.version()
    message = str(raised.value)
    assert "\n" not in message and "<html" not in message
    assert message.startswith("expected") or address in message


def test_a_page_in_place_of_json_tells_where_to_look(address):
    with pytest.raises(LabelStudioError, match="a login page of the network"):
        LabelStudioSession(f"{address}/page", "0" * 40).version()
