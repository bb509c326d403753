"""The ML backend's routes, as Label Studio 1.23 calls them; every answer is JSON."""

import hmac
import json
import logging
import traceback
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, jsonify, request
from sqlalchemy import Engine
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, HTTPException, Unauthorized

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import NothingPublishedError, RadsieveError
from backend.detectors.adapters.versions.registry import versions
from backend.detectors.loop.gate import Gate
from backend.review.adapters.label_studio.json_fields import JsonObject
from backend.review.adapters.label_studio.requests import (
    BadPayloadError,
    predict_request,
    setup_screen,
)
from backend.service.edge.backend import RadsieveBackend, Scheduler
from backend.service.edge.film_oracle import film_oracle
from backend.service.edge.start_page import add_start_page
from backend.service.edge.webhooks import MAX_HINT_BYTES, WebhookInbox
from backend.service.loop.stack import BACKEND_USER

logger = logging.getLogger(__name__)

MAX_REQUEST_BYTES = 64 * 2**20
"""Four thousand contact sheets of 60 films."""
_OPEN_ROUTES = frozenset({"health"})


def create_app(
    workspace: Workspace, tasks: Mapping[str, DetectorTask], schedule: Scheduler
) -> Flask:
    """Return the ML backend as a WSGI application.

    All routes but `/` and `/health` ask for the user `radsieve` and the workspace's backend
    password. Nothing is loaded until the first prediction.

    Args:
        workspace: where films, predictions and models are.
        tasks: the detector tasks it answers for, by name.
        schedule: takes the pulls and trainings that webhooks ask for.

    Raises:
        RadsieveError: the workspace cannot be opened.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    _ask_for_password(app, workspace)
    _answer_errors_in_json(app)
    engine = workspace.database
    backend = RadsieveBackend(engine, film_oracle(workspace), tasks, schedule)
    _add_model_routes(app, backend)
    _add_versions_route(app, engine, tasks)
    _add_gate_route(app, Gate(workspace, tasks))
    _add_webhook_route(app, WebhookInbox(engine, tasks, schedule))
    add_start_page(app, workspace)
    return app


def _add_model_routes(app: Flask, backend: RadsieveBackend) -> None:
    @app.get("/", endpoint="health")
    @app.get("/health", endpoint="health")
    def health() -> Response:
        return jsonify(status="UP", model_class=type(backend).__name__)

    @app.post("/setup")
    def setup() -> Response:
        return jsonify(model_version=backend.model_version(setup_screen(_payload())))

    @app.post("/predict")
    def predict() -> Response:
        asked = predict_request(_payload())
        answers = backend.answer(asked.label_config, asked.items)
        return jsonify(model_version=answers.model_version, results=answers.as_json())


def _add_versions_route(app: Flask, engine: Engine, tasks: Mapping[str, DetectorTask]) -> None:
    @app.get("/versions")
    def all_versions() -> Response:
        # Label Studio does not say for which project it asks.
        trained = [version for name in tasks for version in versions(engine, name)]
        names = dict.fromkeys(version.model_version for version in trained)
        return jsonify(versions=list(names))


def _add_gate_route(app: Flask, gate: Gate) -> None:
    @app.post("/gate")
    def judge() -> Response:
        upload = request.files.get("film")
        content = upload.read() if upload else request.get_data(cache=False)
        if not content:
            raise BadRequest("expected a film, as the body or as the form's file `film`")
        return jsonify(gate.judge(content).as_json())


def _add_webhook_route(app: Flask, inbox: WebhookInbox) -> None:
    @app.post("/webhook")
    def webhook() -> tuple[Response, int]:
        is_small = (request.content_length or 0) <= MAX_HINT_BYTES
        inbox.put(request.get_data(cache=False) if is_small else b"")
        return jsonify(status="accepted"), 202


def _payload() -> JsonObject:
    try:
        payload = request.get_json(force=True)
    except RecursionError as error:
        raise BadRequest("the body is nested too deeply") from error
    if not isinstance(payload, dict):
        raise BadRequest(f"expected a JSON object, got {type(payload).__name__}")
    return payload


def _ask_for_password(app: Flask, workspace: Workspace) -> None:
    """Let Label Studio in with its password; people see pages with their Label Studio login, too.

    Pages are what a blueprint serves.
    """
    secrets = workspace.secrets
    program = f"{BACKEND_USER}:{secrets.backend_password}"
    person = f"{workspace.settings.label_studio_username}:{secrets.label_studio_password}"

    @app.before_request
    def check() -> None:
        if request.endpoint is None or request.endpoint in _OPEN_ROUTES:
            return
        given = request.authorization
        name, secret = (given.username, given.password) if given else (None, None)
        pair = f"{name}:{secret}".encode()
        known = (program, person) if request.blueprint else (program,)
        if not any(hmac.compare_digest(pair, each.encode()) for each in known):
            raise Unauthorized(
                f"expected basic auth as {BACKEND_USER}; connect with `radsieve connect`",
                www_authenticate=WWWAuthenticate("basic", {"realm": "radsieve"}),
            )


def _answer_errors_in_json(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        return _json_error(error.get_response(), error.code or 500, error.description or error.name)

    @app.errorhandler(RadsieveError)
    def failed(error: RadsieveError) -> Response:
        logger.warning("%s: %s", request.path, error)
        status = {BadPayloadError: 400, NothingPublishedError: 503}.get(type(error), 500)
        return _json_error(Response(), status, " ".join(str(error).split()))

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        # Where, but not what: the message of a foreign error may quote an item's data.
        where = "".join(traceback.format_tb(error.__traceback__))
        logger.error("%s: %s at\n%s", request.path, type(error).__name__, where)
        return _json_error(Response(), 500, "internal error; the backend's log says where")


def _json_error(response: Any, status: int, message: str) -> Response:  # noqa: ANN401
    """Return the response with its headers kept: `Allow` and `WWW-Authenticate` matter."""
    answer = Response(json.dumps({"error": message}), status, mimetype="application/json")
    answer.headers.extend(
        (key, value) for key, value in response.headers if not key.startswith("Content-")
    )
    return answer
