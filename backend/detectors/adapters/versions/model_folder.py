"""Model versions on disk: one folder each, never changed, named by a hash of what is in it."""

import hashlib
import json
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from backend.base.core.errors import UnknownModelVersionError
from backend.detectors.core.model_card import ModelCard, NewVersion, SavedVersion

logger = logging.getLogger(__name__)

WEIGHTS_FILE = "weights.safetensors"
CARD_FILE = "card.json"
LEARNT_FROM_FILE = "learnt-from.txt"
"""The radiograph ids of the films a version learnt from, one a line, sorted."""
_NAME = re.compile(r"(?P<kind>[a-z]+)-[0-9a-f]{12}")


def save_folder(
    models: Path,
    kind: str,
    card: Mapping[str, Any],
    weights: bytes,
    learnt_from: Collection[str] | None = None,
) -> str:
    """Write a new folder and return its name; the same content again changes nothing.

    A crash leaves the whole folder or none; what a crash leaves behind starts with a dot.

    Args:
        models: the folder of the versions.
        kind: lower-case letters that begin the name: they tell how the weights are used.
        card: plain values; `weights_sha256` and `learnt_from_sha256` are filled in here.
        weights: safetensors.
        learnt_from: radiograph ids; None where it is not known.
    """
    content = {WEIGHTS_FILE: weights}
    if learnt_from is not None:
        content[LEARNT_FROM_FILE] = "".join(f"{film}\n" for film in sorted(learnt_from)).encode()
    stored = dict(card) | {
        "weights_sha256": _sha256(weights),
        "learnt_from_sha256": _sha256(content.get(LEARNT_FROM_FILE)),
    }
    text = json.dumps(stored, indent=1, sort_keys=True).encode()
    model_version = f"{kind}-{_digest(text)}"
    if not (models / model_version).exists():
        _write_folder(models, model_version, content | {CARD_FILE: text})
    return model_version


def save_version(models: Path, version: NewVersion) -> str:
    """Write a new version and return its name; the same content again changes nothing."""
    card = version.card.as_json()
    return save_folder(models, version.stored_as, card, version.weights, version.learnt_from)


def read_card(models: Path, model_version: str) -> ModelCard:
    """Return the card of a version.

    Raises:
        UnknownModelVersionError: there is no such version, or its card was altered.
    """
    return ModelCard.from_json(read_card_values(models, model_version))


def read_version(models: Path, model_version: str) -> SavedVersion:
    """Return the card and the weights of a version.

    Raises:
        UnknownModelVersionError: there is no such version, or its files were altered.
    """
    card = read_card(models, model_version)
    weights = read_weights(models, model_version, card.weights_sha256)
    return SavedVersion(model_version, card, weights)


def read_card_values(models: Path, model_version: str) -> dict[str, Any]:
    """Return what `save_folder` was given as the card.

    Raises:
        UnknownModelVersionError: there is no such version, or its card was altered.
    """
    path = models / model_version / CARD_FILE
    if not _NAME.fullmatch(model_version) or not path.is_file():
        raise UnknownModelVersionError(
            f"no model version {model_version!r} in {models}; `radsieve models` lists them"
        )
    text = path.read_bytes()
    # The card holds the hashes of the other files, so its own hash stands for all.
    if not model_version.endswith(_digest(text)):
        raise _damaged(models, model_version, CARD_FILE)
    stored: dict[str, Any] = json.loads(text)
    return stored


def read_weights(models: Path, model_version: str, sha256: str) -> bytes:
    """Return the weights of a version.

    Raises:
        UnknownModelVersionError: they are not those that were saved.
    """
    return _read_saved(models, model_version, WEIGHTS_FILE, sha256)


def refuse_altered(models: Path, model_version: str) -> None:
    """Refuse a version whose files are not those that were saved.

    Raises:
        UnknownModelVersionError: one of them was altered, or is gone.
    """
    card = read_card_values(models, model_version)
    for file, sha256 in (
        (WEIGHTS_FILE, card.get("weights_sha256")),
        (LEARNT_FROM_FILE, card.get("learnt_from_sha256")),
    ):
        if sha256:
            _read_saved(models, model_version, file, sha256)


def films_learnt_from(models: Path, model_version: str) -> frozenset[str] | None:
    """Return the radiograph ids of the films that a version learnt from.

    Returns:
        None for a version of an earlier radsieve, which did not keep them.

    Raises:
        UnknownModelVersionError: there is no such version, or its files were altered.
    """
    sha256 = read_card_values(models, model_version).get("learnt_from_sha256")
    if not sha256:
        return None
    return frozenset(_read_saved(models, model_version, LEARNT_FROM_FILE, sha256).decode().split())


def stored_as(model_version: str) -> str:
    """Return the letters that a version's name begins with; empty for what is no name.

    >>> stored_as("tiny-0123456789ab"), stored_as("none")
    ('tiny', '')
    """
    match = _NAME.fullmatch(model_version)
    return match["kind"] if match else ""


def model_versions(models: Path) -> list[str]:
    """Return the versions that are on disk, sorted by name."""
    if not models.exists():
        return []
    return sorted(path.name for path in models.iterdir() if _NAME.fullmatch(path.name))


def _read_saved(models: Path, model_version: str, file: str, sha256: str) -> bytes:
    path = models / model_version / file
    content = path.read_bytes() if path.is_file() else None
    if content is None or _sha256(content) != sha256:
        raise _damaged(models, model_version, file)
    return content


def _sha256(content: bytes | None) -> str:
    """Return the hash of a file; empty where there is none."""
    return "" if content is None else hashlib.sha256(content).hexdigest()


def _digest(card_text: bytes) -> str:
    return _sha256(card_text)[:12]


def _damaged(models: Path, model_version: str, file: str) -> UnknownModelVersionError:
    return UnknownModelVersionError(
        f"{models / model_version / file} is not what was saved; restore the folder from a "
        "backup, or remove it and train again"
    )


def _write_folder(models: Path, name: str, content: Mapping[str, bytes]) -> None:
    models.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=models, prefix=f".{name}."))
    try:
        for file_name, data in content.items():
            with (temporary / file_name).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        _rename(temporary, models / name)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _rename(temporary: Path, folder: Path) -> None:
    try:
        temporary.rename(folder)
    except OSError:
        if not folder.exists():
            raise
        # Another process saved the same version first; the content is the same by name.
        shutil.rmtree(temporary, ignore_errors=True)
    descriptor = os.open(folder.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def known_learnt_from(models: Path, model_version: str) -> frozenset[str] | None:
    """Return the radiograph ids of the films a version learnt from; None where it is not known.

    It is not known for a version of an earlier radsieve, for one that is gone or damaged, and for
    what has no folder in `models`: a sum of other detectors, a cold start.
    """
    if model_version not in model_versions(models):
        return None
    try:
        return films_learnt_from(models, model_version)
    except UnknownModelVersionError as error:
        logger.warning("what a version learnt from cannot be told: %s", error)
        return None
