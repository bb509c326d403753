"""Read the image that an item points to, from allowed folders and hosts only.

An item's data is written by whoever imported it. So a path is followed only below folders that are
meant for it, and an address only on hosts that are; our token goes to Label Studio alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import httpx

from backend.base.core.errors import LabelStudioError, UnreadableFilmError
from backend.review.adapters.label_studio.bounded_time import answer_within
from backend.review.adapters.label_studio.client import LabelStudio

MAX_IMAGE_BYTES = 128 * 2**20
"""Twice an uncompressed 16-bit film of 5000 x 6000 pixels."""
DOWNLOAD_TIMEOUT_S = 30.0
_LOCAL_FILES = "/data/local-files/"
_UPLOADS = "/data/upload/"
_CHUNK_BYTES = 2**18


@dataclass(frozen=True, slots=True)
class ImageSources:
    """Where images may come from."""

    served: Path
    """What Label Studio serves as `/data/local-files/`: read from disk where we share it."""
    folders: tuple[Path, ...] = ()
    """Folders below which a bare path is followed."""
    hosts: frozenset[str] = frozenset()
    """Other hosts that are asked, without our token."""
    studio: LabelStudio | None = None


def read_unseen_image(reference: str, sources: ImageSources) -> bytes:
    """Return the file an item's image value points to.

    Args:
        reference: `/data/local-files/?d=...`, `/data/upload/...`, an http(s) address or a path.
        sources: where it may lie.

    Raises:
        UnreadableFilmError: it lies elsewhere, is not there, or is too large. The message never
            quotes the reference, which may hold a name.
    """
    try:
        where = urlsplit(reference.strip())
    except ValueError as error:
        raise UnreadableFilmError("expected a path or an address, got neither") from error
    if where.scheme in {"http", "https"}:
        return _from_address(where, sources)
    if where.scheme or where.netloc:
        raise UnreadableFilmError(f"expected http, https or a path, got {where.scheme or '//'}")
    if where.path.startswith((_LOCAL_FILES, _UPLOADS)):
        return _from_label_studio(where, sources)
    return _from_folders(reference.strip(), sources.folders)


def _from_address(where: SplitResult, sources: ImageSources) -> bytes:
    if sources.studio and _origin(where) == _origin(urlsplit(sources.studio.url)):
        return _from_label_studio(where, sources)
    if where.hostname in sources.hosts:
        return _download(where.geturl())
    raise UnreadableFilmError(
        "the image lies on a host that is not asked; if it should be, add the host to the setting "
        "image_hosts"
    )


def _origin(where: SplitResult) -> tuple[str, str | None, int]:
    try:
        port = where.port
    except ValueError as error:
        raise UnreadableFilmError("the image's address has no valid port") from error
    return where.scheme, where.hostname, port or {"http": 80, "https": 443}[where.scheme]


def _from_label_studio(where: SplitResult, sources: ImageSources) -> bytes:
    if where.path == _LOCAL_FILES:
        file = _below(sources.served, parse_qs(where.query).get("d", [""])[0])
        if file:
            return _read(file)
    # Our token may read images, not whatever else the API has at the address an item names.
    elif not where.path.startswith(_UPLOADS) or ".." in unquote(where.path):
        raise UnreadableFilmError("expected an image served by Label Studio, got another path")
    if sources.studio is None:
        raise UnreadableFilmError(
            "the image is not in the served folder and no Label Studio is connected to ask for it"
        )
    try:
        content = sources.studio.read_file(where._replace(scheme="", netloc="").geturl()[1:])
    except LabelStudioError as error:
        raise UnreadableFilmError("Label Studio does not give the image out") from error
    return _checked_size(content)


def _from_folders(path: str, folders: tuple[Path, ...]) -> bytes:
    for folder in folders:
        file = _below(folder, path)
        if file:
            return _read(file)
    raise UnreadableFilmError(
        "no such file below a folder that is read; if there should be, add the folder to the "
        "setting image_folders"
    )


def _below(folder: Path, path: str) -> Path | None:
    """Return a file that truly lies below the folder: no `..` and no link leads out of it."""
    try:
        root = folder.resolve()
        file = (root / path).resolve()
        return file if file.is_relative_to(root) and file.is_file() else None
    except (OSError, ValueError):  # a name that is too long, or holds a zero byte
        return None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return _checked_size(file.read(MAX_IMAGE_BYTES + 1))
    except OSError as error:
        raise UnreadableFilmError(f"the file cannot be read: {error.strerror}") from error


def _checked_size(content: bytes) -> bytes:
    if len(content) > MAX_IMAGE_BYTES:
        raise UnreadableFilmError(f"the file is larger than {MAX_IMAGE_BYTES >> 20} MiB")
    return content


def _download(url: str) -> bytes:
    try:
        # A redirect is not followed: it could lead to a host nobody allowed.
        with answer_within(url, DOWNLOAD_TIMEOUT_S) as response:
            if response.status_code != 200:
                raise UnreadableFilmError(f"the image's host answered {response.status_code}")
            return b"".join(_limited(response.iter_bytes(_CHUNK_BYTES)))
    except httpx.TimeoutException as error:
        raise UnreadableFilmError("the file did not arrive in time") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UnreadableFilmError(
            f"the image's host does not give it out: {type(error).__name__}"
        ) from error


def _limited(chunks: Iterator[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > MAX_IMAGE_BYTES:
            raise UnreadableFilmError(f"the file is larger than {MAX_IMAGE_BYTES >> 20} MiB")
        yield chunk
