"""A Flask application that asks for the workspace's password and answers errors in JSON."""

import hmac
import json
import logging
import traceback
from collections.abc import Collection
from typing import Any

from flask import Flask, Response, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import HTTPException, Unauthorized

from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import NothingPublishedError, RadsieveError
from backend.review.adapters.label_studio.requests import BadPayloadError
from backend.service.loop.stack import BACKEND_USER

logger = logging.getLogger(__name__)

MAX_REQUEST_BYTES = 64 * 2**20
"""Four thousand contact sheets of 60 films."""


def guarded_app(name: str, workspace: Workspace, open_routes: Collection[str] = ()) -> Flask:
    """Return an application without routes yet.

    Args:
        name: of the module that it belongs to.
        workspace: whose passwords open it.
        open_routes: endpoints that anybody may ask.
    """
    app = Flask(name)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    _ask_for_password(app, workspace, frozenset(open_routes))
    _answer_errors_in_json(app)
    return app


def json_error(response: Any, status: int, message: str) -> Response:  # noqa: ANN401
    """Return the response with its headers kept: `Allow` and `WWW-Authenticate` matter."""
    answer = Response(json.dumps({"error": message}), status, mimetype="application/json")
    answer.headers.extend(
        (key, value) for key, value in response.headers if not key.startswith("Content-")
    )
    return answer


def _ask_for_password(app: Flask, workspace: Workspace, open_routes: Collection[str]) -> None:
    """Let Label Studio in with its password; people see pages with their Label Studio login, too.

    Pages are what a blueprint serves.
    """
    secrets = workspace.secrets
    program = f"{BACKEND_USER}:{secrets.backend_password}"
    person = f"{workspace.settings.label_studio_username}:{secrets.label_studio_password}"

    @app.before_request
    def check() -> None:
        if request.endpoint is None or request.endpoint in open_routes:
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
        return json_error(error.get_response(), error.code or 500, error.description or error.name)

    @app.errorhandler(RadsieveError)
    def failed(error: RadsieveError) -> Response:
        logger.warning("%s: %s", request.path, error)
        status = {BadPayloadError: 400, NothingPublishedError: 503}.get(type(error), 500)
        return json_error(Response(), status, " ".join(str(error).split()))

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        # Where, but not what: the message of a foreign error may quote an item's data.
        where = "".join(traceback.format_tb(error.__traceback__))
        logger.error("%s: %s at\n%s", request.path, type(error).__name__, where)
        return json_error(Response(), 500, "internal error; the backend's log says where")
