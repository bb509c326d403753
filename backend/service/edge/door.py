"""Who is asking: told by the headers of a request alone, before any of its body is read."""

import hmac
from enum import StrEnum

from werkzeug.datastructures import Authorization

from backend.base.adapters.workspace import Workspace
from backend.review.adapters.label_studio.projects import HINT_USER_PREFIX, hint_secret
from backend.service.loop.stack import BACKEND_USER


class Caller(StrEnum):
    """Who gave a password that opens something."""

    PROGRAM = "program"
    """Label Studio, or a program of ours: the user `radsieve`."""
    PERSON = "person"
    """Who reviews, with the login of Label Studio."""
    HINT = "hint"
    """A project's webhook. Everybody in Label Studio can read its password: it reads nothing."""


class Door:
    """Knows the passwords of a workspace; the web server and its application ask the same one."""

    def __init__(self, workspace: Workspace) -> None:
        """Read the passwords once: a new one needs a new start."""
        secrets = workspace.secrets
        self._password = secrets.backend_password
        person = f"{workspace.settings.label_studio_username}:{secrets.label_studio_password}"
        self._known = {
            Caller.PROGRAM: f"{BACKEND_USER}:{secrets.backend_password}".encode(),
            Caller.PERSON: person.encode(),
        }

    def caller(self, header: str | None) -> Caller | None:
        """Return whose password an `Authorization` header gives; None for nobody's.

        All passwords are compared, so the time tells nothing.
        """
        given = Authorization.from_header(header)
        name, secret = (given.username, given.password) if given else (None, None)
        pair = f"{name}:{secret}".encode("utf-8", "surrogatepass")
        if name and name.startswith(HINT_USER_PREFIX):
            return self._webhook(name, pair)
        fitting = [who for who, known in self._known.items() if hmac.compare_digest(pair, known)]
        return fitting[0] if fitting else None

    def _webhook(self, name: str, pair: bytes) -> Caller | None:
        number = name.removeprefix(HINT_USER_PREFIX)
        if not number.isascii() or not number.isdigit() or len(number) > 18:
            return None
        known = f"{name}:{hint_secret(self._password, int(number))}".encode()
        return Caller.HINT if hmac.compare_digest(pair, known) else None
