"""What happens on the wire between us and a Label Studio that misbehaves."""

import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import jwt
import pytest
from shared_fixtures.faults.ground import trickling
from shared_fixtures.served import answered_by

from backend.base.core.errors import LabelStudioError
from backend.review.adapters.label_studio import session as label_studio_session
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.label_studio.server import answers_health
from backend.review.adapters.label_studio.session import RefusedError


class Moody(BaseHTTPRequestHandler):
    """Answers with the status codes it was told, one after the other, then with 200."""

    def do_GET(self):
        self.server.asked.append(self.command)
        time.sleep(self.server.delay_s)
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        self.send_response(status)
        self.send_header("Content-Type", self.server.content_type)
        self.end_headers()
        self.wfile.write(self.server.body)

    do_PATCH = do_GET

    def log_message(self, *_):
        pass


@pytest.fixture
def host(monkeypatch):
    monkeypatch.setattr(label_studio_session, "_RETRY_AFTER_S", 0.01)
    says = {"content_type": "application/json", "body": b'{"release": "1.23.2"}'}
    with answered_by(Moody, statuses=[], asked=[], delay_s=0.0, **says) as server:
        yield server


@pytest.fixture
def client(host):
    return LabelStudio(f"http://127.0.0.1:{host.server_port}", "legacy", timeout_s=0.5)


def test_a_read_that_fails_in_passing_is_repeated(host, client):
    host.statuses = [500, 502]
    assert client.version() == "1.23.2"
    assert len(host.asked) == 3


def test_a_read_that_keeps_failing_is_given_up(host, client):
    host.statuses = [500] * 9
    with pytest.raises(LabelStudioError, match="answered 500 to GET /api/version"):
        client.version()
    assert len(host.asked) == 3


def test_a_write_is_never_repeated(host, client):
    host.statuses = [500]
    with pytest.raises(LabelStudioError, match="answered 500 to PATCH"):
        client.set_model_version(1, "m1")
    assert host.asked == ["PATCH"]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refused_read_is_not_repeated(host, client, status):
    host.statuses = [status]
    with pytest.raises(RefusedError) as caught:
        client.version()
    assert caught.value.status == status
    assert len(host.asked) == 1


def test_a_server_that_takes_too_long_is_named(host, client):
    host.delay_s = 1.0
    with pytest.raises(LabelStudioError, match="does not answer in time"):
        client.set_model_version(1, "m1")


def test_a_server_that_does_not_run_is_reported_with_what_to_do(free_port):
    with pytest.raises(LabelStudioError, match=r"cannot reach .*`radsieve connect"):
        LabelStudio(f"http://127.0.0.1:{free_port()}", "legacy").set_model_version(1, "m1")


def test_an_error_page_is_not_quoted(host, client):
    host.statuses, host.body = [500] * 3, b"<html>Traceback: secret</html>"
    with pytest.raises(LabelStudioError) as caught:
        client.version()
    assert "secret" not in str(caught.value)


def test_what_label_studio_complains_about_is_quoted_without_its_brackets(host, client):
    host.statuses, host.body = [400], b'{"validation_errors": {"title": ["Too short.", "No."]}}'
    with pytest.raises(RefusedError) as caught:
        client.set_model_version(1, "m1")
    assert caught.value.detail == "title: Too short.; No."


def test_a_blocked_address_is_reported_with_who_names_the_variables_to_set(host, client):
    host.statuses = [403]
    host.body = b'{"detail": "URL resolves to a reserved network address"}'
    with pytest.raises(LabelStudioError, match="radsieve connect"):
        client.set_model_version(1, "m1")


@pytest.mark.parametrize("url", ["", "localhost:8080", "ftp://host", "http://", "http:///path"])
def test_what_is_no_address_is_refused_at_once(url):
    with pytest.raises(LabelStudioError, match="http://localhost:8080"):
        LabelStudio(url, "legacy")


def test_an_expired_personal_token_is_refused_at_once():
    yesterday = datetime.now(UTC) - timedelta(days=1)
    token = jwt.encode({"exp": yesterday, "token_type": "refresh"}, "k" * 32)
    with pytest.raises(LabelStudioError, match=r"expired.*personal access token"):
        LabelStudio("http://localhost:8080", token)


def test_a_proxy_is_not_asked_for_a_server_on_this_machine(client, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert LabelStudio(client.url, "legacy").version() == "1.23.2"


def test_no_error_ever_holds_the_token(host, client):
    host.statuses = [401]
    with pytest.raises(LabelStudioError) as caught:
        client.version()
    assert "legacy" not in str(caught.value)


@pytest.mark.parametrize("head", [True, False], ids=["its head", "its body"])
def test_a_server_that_sends_a_byte_now_and_then_is_given_up_in_time(head):
    with trickling(head=head, every_s=0.1) as url:
        begun = time.monotonic()
        with pytest.raises(LabelStudioError, match="does not answer in time"):
            LabelStudio(url, "legacy", timeout_s=0.5).version()
        assert time.monotonic() - begun < 10


def test_a_server_that_sends_a_byte_now_and_then_does_not_answer():
    with trickling(head=True, every_s=0.1) as url:
        assert not answers_health(url)
