"""What a second user of Label Studio gains: somebody who joined by the invite link, for real."""

import base64
import http.server
import sys

import pytest
import requests
from shared_fixtures.served import answered_by, served_app

from backend.review.adapters.label_studio.inner_addresses import OWN_LOOPBACK, protection
from backend.review.adapters.label_studio.projects import MlBackend
from backend.review.adapters.screens.sheet_screen import sheet_config_xml

pytestmark = [
    pytest.mark.studio,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="one loopback address only"),
]
_WAIT_S = 60


@pytest.fixture
def guarded(start_studio):
    """A Label Studio as `radsieve up` starts it."""
    told = {f"LABEL_STUDIO_{name}": value for name, value in protection(OWN_LOOPBACK).items()}
    with start_studio(**told) as studio:
        yield studio


@pytest.fixture
def inner_service():
    """Something on this machine that is nobody's business; notes who asks."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            body = b'[{"data": {"text": "inner"}}]'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *arguments):
            pass

    with answered_by(Handler) as server:
        yield f"http://127.0.0.1:{server.server_port}", asked


@pytest.fixture
def backend(app, stored):
    with served_app(app, OWN_LOOPBACK) as server:
        url = f"http://{OWN_LOOPBACK}:{server.effective_port}"
        yield MlBackend(url, "radsieve", "radsieve", stored.secrets.backend_password)


def second_user(studio):
    """Return a function that calls Label Studio as somebody who joined by the invite link."""
    owner = {"Authorization": f"Token {studio.token}"}
    invite = requests.get(f"{studio.url}/api/invite", headers=owner, timeout=_WAIT_S).json()
    session = requests.Session()
    page = f"{studio.url}/user/signup/?token={invite['token']}"
    assert session.get(page, timeout=_WAIT_S).ok
    form = {
        "email": "second@example.com",
        "password": "another-long-password",
        "csrfmiddlewaretoken": session.cookies["csrftoken"],
    }
    session.post(page, data=form, headers={"Referer": page}, timeout=_WAIT_S)

    def call(method, path, **options):
        headers = {"X-CSRFToken": session.cookies["csrftoken"], "Referer": studio.url}
        return session.request(
            method, f"{studio.url}/api/{path}", headers=headers, timeout=_WAIT_S, **options
        )

    assert call("GET", "current-user/whoami").json()["email"] == form["email"]
    return call


def test_second_user_reaches_nothing_inside_and_gains_nothing_by_our_webhook(
    guarded, inner_service, backend, film_ids, ledger
):
    inner, asked = inner_service
    ours = guarded.client.ensure_project(guarded.new_title(), sheet_config_xml())
    guarded.client.ensure_ml_backend(ours, backend)
    guarded.client.ensure_webhook_auth(ours, backend)
    call = second_user(guarded)

    assert (
        requests.post(
            f"{guarded.url}/user/signup/", data={"email": "x@example.com"}, timeout=_WAIT_S
        ).status_code
        == 403
    )
    made = call("POST", "projects/", json={"title": "theirs", "label_config": "<View/>"})
    theirs = made.json()["id"]
    for address in (inner, inner.replace("127.0.0.1", "localhost"), guarded.url):
        taken = call("POST", f"projects/{theirs}/import", data={"url": f"{address}/secret.json"})
        assert "reserved network" in taken.text
        hook = call("POST", "webhooks/", json={"url": address, "project": theirs})
        assert "reserved network" in hook.text
        model = call("POST", "ml/", json={"url": address, "project": theirs, "title": "x"})
        assert "reserved network" in model.text
    assert asked == []

    (hook,) = call("GET", "webhooks/", params={"project": ours}).json()
    header = {"Authorization": hook["headers"]["Authorization"]}
    assert base64.b64encode(f"radsieve:{backend.password}".encode()).decode() not in str(header)
    for path in ("versions", "start", "browse"):
        assert requests.get(f"{backend.url}/{path}", headers=header, timeout=9).status_code == 401
    for path in ("predict", "setup", "gate"):
        answer = requests.post(f"{backend.url}/{path}", json={}, headers=header, timeout=9)
        assert answer.status_code == 401
    connections = call("GET", "ml/", params={"project": ours}).text
    assert backend.password not in connections
