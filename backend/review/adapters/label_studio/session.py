"""Requests to Label Studio, by its SDK and as plain JSON; an error says what to do about it."""

import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

# Not `LabelStudio`: its extras import pandas and more, five seconds at the start of every command.
from label_studio_sdk.base_client import LabelStudioBase as Sdk
from label_studio_sdk.core.api_error import ApiError

from backend.base.core.errors import LabelStudioError
from backend.review.adapters.label_studio.bounded_time import bound_time, time_left, within
from backend.review.adapters.label_studio.json_fields import as_object, text_in

_TRIES = 3
_RETRY_AFTER_S = 0.5
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_GATEWAY_ERRORS = {500, 502, 503, 504}


class RefusedError(LabelStudioError):
    """Label Studio answered, and the answer was no."""

    def __init__(self, message: str, *, status: int, detail: str, cure: str) -> None:
        super().__init__(message + cure)
        self.status = status
        self.detail = detail
        self.cure = cure


@contextmanager
def gone_is_fine() -> Iterator[None]:
    """Ignore that Label Studio has no such thing, or no longer has it, in the lines inside."""
    try:
        yield
    except RefusedError as error:
        if error.status != 404:
            raise


class LabelStudioSession:
    """An address, a token, and requests that either work or raise `LabelStudioError`."""

    def __init__(self, url: str, token: str, *, timeout_s: float = 60.0) -> None:
        """Take an address and a token, personal (PAT) or legacy; nothing is sent yet.

        Args:
            url: the address.
            token: of a user.
            timeout_s: how long a request may take in all, repeated or not.

        Raises:
            LabelStudioError: the address is not one, or a personal token has expired.
        """
        self.url = _checked_url(url)
        client = _Client(self.url, timeout_s)
        weakref.finalize(self, client.close)
        try:
            # Any: the SDK's types describe the enterprise edition, not what this one answers.
            self._sdk: Any = Sdk(base_url=self.url, api_key=token, httpx_client=client)
        except ApiError as error:
            raise LabelStudioError(f"{_detail_of(error.body)}; {token_cure(self.url)}") from error

    def version(self) -> str:
        """Return the version of Label Studio, e.g. `1.23.2`."""
        answer = as_object(self._json("GET", "api/version"), "Label Studio's version")
        package = as_object(answer.get("label-studio-os-package") or {}, "its package")
        return str(answer.get("release") or text_in(package, "version"))

    def check_token(self) -> None:
        """Do nothing, but only if the token is accepted.

        Raises:
            LabelStudioError: it is not; the message says how to get one that is.
        """
        self._json("GET", "api/current-user/whoami")

    def read_file(self, path: str) -> bytes:
        """Return what Label Studio serves at a path, e.g. `data/local-files/?d=review/x.png`."""
        return self._send("GET", path).content

    def _json(self, method: str, path: str, **options: Any) -> Any:  # noqa: ANN401
        response = self._send(method, path, **options)
        try:
            return response.json() if response.content else None
        except ValueError as error:
            raise LabelStudioError(
                f"expected JSON from Label Studio at {self.url}, got {_what_came(response)} to "
                f"{method} {response.request.url.path}; look at that address in a browser: another "
                "program, a login page of the network or a proxy may answer there"
            ) from error

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401
        # The SDK's own sender adds the token, and renews the short-lived one made from a PAT.
        sender = self._sdk._client_wrapper.httpx_client
        response: httpx.Response = sender.request(path, method=method, **options)
        return response


class _Client(httpx.Client):
    """A client that raises `LabelStudioError` for failed requests, and repeats failed reads."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self._address = url
        # A proxy for the outside world must not be asked for a server on this machine.
        local = urlsplit(url).hostname in _LOOPBACK
        super().__init__(timeout=timeout_s, follow_redirects=True, trust_env=not local)
        self._timeout_s = timeout_s
        bound_time(self)

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:  # noqa: ANN401
        """Send, and return only good answers.

        Raises:
            LabelStudioError: no answer, or an answer of 400 and above.
        """
        with within(self._timeout_s):
            return self._send_in_time(request, options)

    def _send_in_time(self, request: httpx.Request, options: dict[str, Any]) -> httpx.Response:
        # Reads are repeated: a row deleted while a page is built makes Label Studio answer 500.
        tries = _TRIES if request.method == "GET" else 1
        for left in reversed(range(tries)):
            try:
                response = super().send(request, **options)
            except httpx.RequestError as error:
                failure = self._unreachable(error)
            else:
                if response.status_code < 400:
                    return response
                failure = self._refused(request, response)
            if not left or not _is_passing(failure) or (time_left() or 0.0) < _RETRY_AFTER_S:
                raise failure
            time.sleep(_RETRY_AFTER_S)
        raise AssertionError("the loop above returns or raises")

    def _unreachable(self, error: httpx.RequestError) -> LabelStudioError:
        what = str(error)
        if isinstance(error, httpx.TimeoutException):
            what = "does not answer in time"
        elif isinstance(error, httpx.TooManyRedirects):
            what = "it redirects in a circle"
        return LabelStudioError(
            f"cannot reach Label Studio at {self._address}: {what or type(error).__name__}; start "
            "it, or correct its address with `radsieve connect URL`"
        )

    def _refused(self, request: httpx.Request, response: httpx.Response) -> RefusedError:
        response.read()
        detail = _detail_of(_body(response))
        message = (
            f"Label Studio at {self._address} answered {response.status_code} to "
            f"{request.method} {request.url.path}: {detail}"
        )
        cure = _cure(response.status_code, detail, self._address)
        return RefusedError(message, status=response.status_code, detail=detail, cure=cure)


def token_cure(url: str) -> str:
    """Return what to do about a token that is not accepted."""
    return (
        f"make a personal access token at {url}/user/account/personal-access-token and pass it in "
        "RADSIEVE_LABEL_STUDIO_TOKEN"
    )


def _what_came(response: httpx.Response) -> str:
    kind = response.headers.get("content-type", "").partition(";")[0]
    return "a web page" if kind == "text/html" else "half an answer, or none that is JSON"


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise LabelStudioError(
            f"expected an address such as http://localhost:8080, got {url!r}; correct it with "
            "`radsieve connect URL`"
        )
    return url.rstrip("/")


def _is_passing(failure: LabelStudioError) -> bool:
    return not isinstance(failure, RefusedError) or failure.status in _GATEWAY_ERRORS


def _cure(status: int, detail: str, url: str) -> str:
    if status == 401:
        return f"; {token_cure(url)}"
    if status == 403 and "reserved network" in detail:
        return (
            "; `radsieve connect` says with which settings Label Studio may call the ML backend, "
            "and no other address inside the network"
        )
    return ""


def _body(response: httpx.Response) -> object:
    try:
        return response.json()
    except ValueError:
        return response.text if response.status_code < 500 else "an error page"


def _detail_of(body: object) -> str:
    if isinstance(body, dict):
        body = body.get("validation_errors") or body.get("detail") or body
    return " ".join(_words(body).split())[:400]


def _words(body: object) -> str:
    if isinstance(body, dict):
        return "; ".join(f"{key}: {_words(value)}" for key, value in body.items())
    if isinstance(body, list):
        return "; ".join(_words(value) for value in body)
    return str(body).strip()
