"""A Flask application that asks for the workspace's password and answers errors in JSON."""

import json
import logging
import traceback
from collections.abc import Collection
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import HTTPException, Unauthorized

from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import NothingPublishedError, RadsieveError
from backend.review.adapters.label_studio.requests import BadPayloadError
from backend.service.edge.door import Caller, Door
from backend.service.loop.stack import BACKEND_USER

logger = logging.getLogger(__name__)

MAX_REQUEST_BYTES = 64 * 2**20
"""Four thousand contact sheets of 60 films."""
WHO_MAY_ASK = f"expected basic auth as {BACKEND_USER}; connect with `radsieve connect`"
CHALLENGE = WWWAuthenticate("basic", {"realm": "radsieve"})


class GuardedApp(Flask):
    """A Flask application with the door that its web server asks before it takes a body."""

    def __init__(self, name: str, door: Door) -> None:
        """Take the name of the module that it belongs to, and the door."""
        super().__init__(name)
        self.door = door


def guarded_app(
    name: str,
    workspace: Workspace,
    open_routes: Collection[str] = (),
    hint_routes: Collection[str] = (),
) -> GuardedApp:
    """Return an application without routes yet.

    Args:
        name: of the module that it belongs to.
        workspace: whose passwords open it.
        open_routes: endpoints that anybody may ask.
        hint_routes: endpoints that the webhooks of projects may ask.
    """
    app = GuardedApp(name, Door(workspace))
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    _ask_for_password(app, frozenset(open_routes), frozenset(hint_routes))
    _answer_errors_in_json(app)
    return app


def json_error(response: Any, status: int, message: str) -> Response:  # noqa: ANN401
    """Return the response with its headers kept: `Allow` and `WWW-Authenticate` matter."""
    answer = Response(json.dumps({"error": message}), status, mimetype="application/json")
    answer.headers.extend(
        (key, value) for key, value in response.headers if not key.startswith("Content-")
    )
    return answer


def _ask_for_password(
    app: GuardedApp, open_routes: Collection[str], hint_routes: Collection[str]
) -> None:
    """Let Label Studio in with its password; people see pages with their Label Studio login, too.

    Pages are what a blueprint serves.
    """

    @app.before_request
    def check() -> None:
        if request.endpoint is None or request.endpoint in open_routes:
            return
        may_ask = {Caller.PROGRAM, Caller.PERSON} if request.blueprint else {Caller.PROGRAM}
        if request.endpoint in hint_routes:
            may_ask.add(Caller.HINT)
        g.caller = app.door.caller(request.headers.get("Authorization"))
        if g.caller not in may_ask:
            raise Unauthorized(WHO_MAY_ASK, www_authenticate=CHALLENGE)


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
