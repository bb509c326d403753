"""Check whether a Label Studio is set up so that the loop can work, and say what to change."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from PIL import Image

from backend.base.adapters.files import write_atomically
from backend.base.core.errors import LabelStudioError
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.label_studio.inner_addresses import host_of, protection
from backend.review.adapters.label_studio.projects import MlBackend

OLDEST = (1, 20)
_PROBE_TITLE = "radsieve: connection check (may be deleted)"
_PROBE_SCREEN = (
    '<View><Image name="radiograph" value="$radiograph"/>'
    '<Choices name="probe" toName="radiograph"><Choice value="yes"/></Choices></View>'
)
_PROBE_PICTURES = 3
# Nothing listens on the discard port: only whether Label Studio may call the host is of interest.
_DISCARD_PORT = 9
_INNER_URL = f"http://10.255.255.254:{_DISCARD_PORT}"
"""A private address. Label Studio is asked whether it would call it, and does not."""


@dataclass(frozen=True, slots=True)
class ServerFinding:
    """The outcome of one check of a Label Studio."""

    ok: bool
    what: str
    fix: str = ""
    """What to do, with the exact environment variables; empty where all is well.

    Advice where `ok`: the loop works without it.
    """


@dataclass(frozen=True, slots=True)
class Wanted:
    """Addresses and folders that Label Studio must reach for the loop to work."""

    backend_url: str
    pictures: Path
    """Folder of the review pictures; Label Studio's document root is the folder it is in."""


def check_label_studio(studio: LabelStudio, wanted: Wanted) -> list[ServerFinding]:
    """Try version, token, calls to the backend and pictures; leaves nothing behind.

    Later checks are left out where an earlier one makes them pointless.
    """
    findings = [_check_version(studio)]
    if findings[-1].ok:
        findings.append(_check_token(studio))
    if findings[-1].ok:
        with _probe_project(studio) as project_id:
            findings.append(_check_calls(studio, project_id, wanted))
            findings.append(_check_inner_addresses(studio, project_id, wanted))
            findings.append(_check_pictures(studio, project_id, wanted.pictures))
    return findings


def _check_version(studio: LabelStudio) -> ServerFinding:
    try:
        version = studio.version()
    except LabelStudioError as error:
        return ServerFinding(False, f"reachable at {studio.url}", str(error))
    what = f"Label Studio {version} answers at {studio.url}"
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if numbers < OLDEST:
        oldest = ".".join(str(part) for part in OLDEST)
        return ServerFinding(
            False, what, f"version {oldest} or newer is needed: upgrade Label Studio"
        )
    return ServerFinding(True, what)


def _check_token(studio: LabelStudio) -> ServerFinding:
    try:
        studio.check_token()
    except LabelStudioError as error:
        return ServerFinding(False, "the token is accepted", _token_fix(studio, str(error)))
    return ServerFinding(True, "the token is accepted")


def _token_fix(studio: LabelStudio, message: str) -> str:
    if "legacy token" not in message:
        return message
    return (
        f"{message}; or allow legacy tokens under Organization > API Tokens Settings at "
        f"{studio.url}/organization"
    )


def _check_calls(studio: LabelStudio, project_id: int, wanted: Wanted) -> ServerFinding:
    host = host_of(wanted.backend_url)
    what = f"Label Studio may call the ML backend's machine, {host}"
    nobody = MlBackend(f"http://{host}:{_DISCARD_PORT}", "radsieve probe", "probe", "probe")
    blocked = _is_blocked(studio.ensure_webhook_auth, project_id, nobody) or _is_blocked(
        studio.ensure_ml_backend, project_id, nobody
    )
    return ServerFinding(not blocked, what, _only(host) if blocked else "")


def _check_inner_addresses(studio: LabelStudio, project_id: int, wanted: Wanted) -> ServerFinding:
    """Advise where Label Studio's users can have it call addresses inside its network."""
    what = "Label Studio calls no other address inside its network for its users"
    nobody = MlBackend(_INNER_URL, "radsieve probe", "probe", "probe")
    if _is_blocked(studio.ensure_webhook_auth, project_id, nobody):
        return ServerFinding(True, what)
    host = host_of(wanted.backend_url)
    return ServerFinding(True, f"not so: {what}", _only(host))


def _only(host: str) -> str:
    told = protection(host)
    return _set_and_restart([f"LABEL_STUDIO_{name}={value}" for name, value in told.items()])


def _is_blocked(
    attempt: Callable[[int, MlBackend], int], project_id: int, backend: MlBackend
) -> bool:
    try:
        attempt(project_id, backend)
    except LabelStudioError as error:
        return "reserved network" in str(error)
    return False


def _check_pictures(studio: LabelStudio, project_id: int, pictures: Path) -> ServerFinding:
    what = f"Label Studio shows pictures below {pictures}"
    with _probe_pictures(pictures) as probes:
        try:
            studio.ensure_local_storage(project_id, pictures)
            seen = [_shown(studio, probe, pictures.parent) for probe in probes]
        except LabelStudioError as error:
            return ServerFinding(False, what, _pictures_fix(pictures, str(error)))
        wrong = sum(shown != probe.read_bytes() for shown, probe in zip(seen, probes, strict=True))
    if wrong:
        cause = f"{wrong} of {len(probes)} pictures came back as something else"
        return ServerFinding(False, what, _pictures_fix(pictures, cause))
    return ServerFinding(True, what)


def _shown(studio: LabelStudio, picture: Path, document_root: Path) -> bytes:
    relative = picture.relative_to(document_root).as_posix()
    return studio.read_file(f"data/local-files/?d={quote(relative)}")


def _pictures_fix(pictures: Path, cause: str) -> str:
    root = pictures.parent
    settings = [
        "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true",
        f"LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT={root}",
    ]
    return (
        f"{cause}; make the folder {root} readable on Label Studio's machine under this same path "
        f"(in a container: mount {root}:{root}:ro), and {_set_and_restart(settings)}"
    )


def _set_and_restart(settings: list[str]) -> str:
    if not settings:
        return ""
    return "set in Label Studio's environment, then restart it:\n" + "\n".join(settings)


@contextmanager
def _probe_project(studio: LabelStudio) -> Iterator[int]:
    project_id = studio.ensure_project(_PROBE_TITLE, _PROBE_SCREEN)
    try:
        yield project_id
    finally:
        studio.delete_project(project_id)


@contextmanager
def _probe_pictures(folder: Path) -> Iterator[list[Path]]:
    probes = [folder / f"connection-check-{number}.png" for number in range(_PROBE_PICTURES)]
    for number, probe in enumerate(probes):
        write_atomically(probe, _png(grey=80 * number))
    try:
        yield probes
    finally:
        for probe in probes:
            probe.unlink(missing_ok=True)


def _png(grey: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (8, 8), grey).save(buffer, "PNG")
    return buffer.getvalue()
