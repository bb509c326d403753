"""The ML backend's routes, as Label Studio 1.23 calls them; every answer is JSON."""

from collections.abc import Mapping

from flask import Flask, Response, g, jsonify, request
from sqlalchemy import Engine
from werkzeug.exceptions import BadRequest

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.detectors.adapters.versions.registry import versions
from backend.detectors.loop.gate import Gate
from backend.review.adapters.label_studio.json_fields import JsonObject
from backend.review.adapters.label_studio.requests import (
    predict_request,
    setup_screen,
)
from backend.service.edge.backend import RadsieveBackend, Scheduler
from backend.service.edge.browse import grid_pages
from backend.service.edge.door import Caller
from backend.service.edge.film_oracle import film_oracle
from backend.service.edge.guarded_app import GuardedApp, guarded_app
from backend.service.edge.start_page import add_start_page
from backend.service.edge.webhooks import MAX_HINT_BYTES, WebhookInbox

_OPEN_ROUTES = frozenset({"health"})
_HINT_ROUTES = frozenset({"webhook"})


def create_app(
    workspace: Workspace, tasks: Mapping[str, DetectorTask], schedule: Scheduler
) -> GuardedApp:
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
    app = guarded_app(__name__, workspace, _OPEN_ROUTES, _HINT_ROUTES)
    engine = workspace.database
    backend = RadsieveBackend(engine, film_oracle(workspace), tasks, schedule)
    _add_model_routes(app, backend)
    _add_versions_route(app, engine, tasks)
    _add_gate_route(app, Gate(workspace, tasks))
    _add_webhook_route(app, WebhookInbox(engine, tasks, schedule))
    add_start_page(app, workspace)
    app.register_blueprint(grid_pages(workspace, tasks, schedule))
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
        # Who only has the password of a webhook can have answers read again, and nothing else.
        body = request.get_data(cache=False) if is_small else b""
        inbox.put(body, may_train=g.caller is Caller.PROGRAM)
        return jsonify(status="accepted"), 202


def _payload() -> JsonObject:
    try:
        payload = request.get_json(force=True)
    except RecursionError as error:
        raise BadRequest("the body is nested too deeply") from error
    if not isinstance(payload, dict):
        raise BadRequest(f"expected a JSON object, got {type(payload).__name__}")
    return payload
