"""Model versions on disk: one folder each, never changed, named by a hash of what is in it."""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load as parse_weights
from safetensors.torch import save as weights_bytes

from backend.adapters.tiny_network import (
    INPUT_PX,
    TRUNK,
    TinyNetwork,
    choose_device,
    predicted_features,
    predicted_logits,
)
from backend.core.calibration import softmax
from backend.core.errors import UnknownModelVersionError

WEIGHTS_FILE = "weights.safetensors"
CARD_FILE = "card.json"
_NAME = re.compile(r"tiny-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class HeadCard:
    """One detector task of a model version."""

    labels: tuple[str, ...]
    expected_label: str
    temperature: float
    """Logits are divided by it before the softmax."""
    threshold: float = 0.5
    """At least this probability of any label but the expected one flags a film."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """Everything about a model version that is not its weights; plain JSON on disk."""

    heads: Mapping[str, HeadCard]
    """By detector task."""
    training: Mapping[str, Any]
    """What it was trained on and how; `training["fingerprint"]` names all of it."""
    figures: Mapping[str, Any] = field(default_factory=dict)
    """By detector task: how it did on the sealed films when it was made."""
    trunk: str = TRUNK
    input_px: int = INPUT_PX
    initial_weights: str = "random: trained from scratch"
    weights_sha256: str = ""
    """Filled in when it is saved."""


class Detector:
    """A model version ready to predict.

    `heads` maps detector tasks to their labels, in the order of the probabilities.
    """

    def __init__(self, model_version: str, network: TinyNetwork, card: ModelCard) -> None:
        """Take a network that is on its device already."""
        self.model_version = model_version
        self.heads: Mapping[str, tuple[str, ...]] = {
            name: head.labels for name, head in card.heads.items()
        }
        self._network = network
        self._temperatures = {name: head.temperature for name, head in card.heads.items()}

    def probabilities(self, thumbnails: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Return calibrated probabilities per detector task, each of shape (films, labels).

        Args:
            thumbnails: shape (films, 256, 256), whole films squashed to a square.
        """
        logits = predicted_logits(self._network, thumbnails)
        return {
            name: softmax(logits[name], temperature).astype(np.float32)
            for name, temperature in self._temperatures.items()
        }

    def embeddings(self, thumbnails: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return pooled trunk features, shape (films, 96), not normalised."""
        return predicted_features(self._network, thumbnails)


def save_model_version(models: Path, network: TinyNetwork, card: ModelCard) -> str:
    """Write a new folder and return its name; the same content again changes nothing.

    A crash leaves the whole folder or none; what a crash leaves behind starts with a dot.
    """
    state = {
        name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()
    }
    weights = weights_bytes(state)
    stored = asdict(card) | {"weights_sha256": hashlib.sha256(weights).hexdigest()}
    text = json.dumps(stored, indent=1, sort_keys=True).encode()
    model_version = _name_of(text)
    if not (models / model_version).exists():
        _write_folder(models, model_version, {WEIGHTS_FILE: weights, CARD_FILE: text})
    return model_version


def read_card(models: Path, model_version: str) -> ModelCard:
    """Return the card of a version.

    Raises:
        UnknownModelVersionError: there is no such version, or its card was altered.
    """
    path = models / model_version / CARD_FILE
    if not _NAME.fullmatch(model_version) or not path.is_file():
        raise UnknownModelVersionError(
            f"no model version {model_version!r} in {models}; `radsieve models` lists them"
        )
    text = path.read_bytes()
    if _name_of(text) != model_version:
        raise _damaged(models, model_version, CARD_FILE)
    stored = json.loads(text)
    heads = {
        name: HeadCard(**head | {"labels": tuple(head["labels"])})
        for name, head in stored.pop("heads").items()
    }
    return ModelCard(heads=heads, **stored)


def model_versions(models: Path) -> list[str]:
    """Return the versions that are on disk, sorted by name."""
    if not models.exists():
        return []
    return sorted(path.name for path in models.iterdir() if _NAME.fullmatch(path.name))


def load_detector(models: Path, model_version: str, device: str) -> Detector:
    """Read a version from disk; nothing that can run code is read.

    Args:
        models: the folder of the versions.
        model_version: its name.
        device: `auto`, `cpu` or `cuda`.

    Raises:
        UnknownModelVersionError: there is no such version, or its files were altered.
    """
    card = read_card(models, model_version)
    path = models / model_version / WEIGHTS_FILE
    weights = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(weights).hexdigest() != card.weights_sha256:
        raise _damaged(models, model_version, WEIGHTS_FILE)
    return Detector(model_version, _network(card, weights).to(choose_device(device)), card)


def _network(card: ModelCard, weights: bytes) -> TinyNetwork:
    sizes = {name: len(head.labels) for name, head in card.heads.items()}
    network = TinyNetwork(sizes, card.input_px)
    network.load_state_dict(parse_weights(weights))
    return network.eval().to(memory_format=torch.channels_last)


def _name_of(card_text: bytes) -> str:
    # The card holds the hash of the weights, so its own hash stands for both.
    return f"tiny-{hashlib.sha256(card_text).hexdigest()[:12]}"


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
        temporary.chmod(0o755)
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
