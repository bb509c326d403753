"""Detectors on disk: what a version's card says, and how its weights become a detector again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load as parse_weights
from safetensors.torch import save as weights_bytes

from backend.base.core.errors import UnknownModelVersionError
from backend.base.core.pixel_change import PixelChange
from backend.detectors.adapters.backbone import backbone_name
from backend.detectors.adapters.box_detector import (
    BOX,
    BoxDetector,
    LearntBoxes,
    box_bytes,
    parse_boxes,
)
from backend.detectors.adapters.detector import Detector, FilmPixels
from backend.detectors.adapters.head_detector import (
    HEAD,
    HeadDetector,
    HeadUse,
    head_bytes,
    parse_head,
)
from backend.detectors.adapters.pair_detector import (
    PAIR,
    PairDetector,
    PairHead,
    PairUse,
    pair_bytes,
    parse_pair,
)
from backend.detectors.adapters.place_detector import (
    PLACE,
    PlaceDetector,
    PlaceHeads,
    parse_place_head,
    parse_places,
    place_bytes,
)
from backend.detectors.adapters.tiny_network import (
    INPUT_PX,
    TRUNK,
    TinyNetwork,
    choose_device,
    predicted_features,
    predicted_logits,
)
from backend.detectors.adapters.versions.model_folder import (
    kind_of,
    read_card_values,
    read_weights,
    save_folder,
)
from backend.detectors.core.calibration import softmax
from backend.detectors.core.linear_head import LinearHead

TINY = "tiny"
"""Kind of a version whose heads share a tiny network."""


@dataclass(frozen=True, slots=True)
class HeadCard:
    """One detector task of a model version."""

    labels: tuple[str, ...]
    expected_label: str
    temperature: float
    """Logits are divided by it before the softmax."""
    threshold: float = 0.5
    """At least this probability of any label but the expected one flags a film."""
    catch_all: str | None = None
    """The label that films unlike all labelled ones get."""
    change: Mapping[str, Any] | None = None
    """The `PixelChange` of a detector that compares a film with its changed self."""


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
    """Filled in when it is saved, as `learnt_from_sha256` is."""
    learnt_from_sha256: str = ""
    """Of the list of films it learnt from; empty where that was not kept."""


class TinyDetector:
    """A tiny network ready to predict.

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

    def of_archive(self, pixels: FilmPixels, rows: Sequence[int]) -> dict[str, NDArray[np.float32]]:
        """Return what it says of films of the archive."""
        return self.probabilities(pixels.thumbnails(rows))

    def embeddings(self, thumbnails: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return pooled trunk features, shape (films, 96), not normalised."""
        return predicted_features(self._network, thumbnails)


LearntFilms = Collection[str] | None
"""Radiograph ids of the films a version learnt from, in any way; None where they are not known."""


def save_model_version(
    models: Path, network: TinyNetwork, card: ModelCard, learnt_from: LearntFilms = None
) -> str:
    """Write a new version and return its name; the same content again changes nothing."""
    state = {
        name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()
    }
    return save_folder(models, TINY, asdict(card), weights_bytes(state), learnt_from)


def save_head_version(
    models: Path, head: LinearHead, card: ModelCard, learnt_from: LearntFilms
) -> str:
    """Write a new version that is one head on frozen features, and return its name."""
    return save_folder(models, HEAD, asdict(card), head_bytes(head), learnt_from)


def save_place_version(
    models: Path, places: PlaceHeads, head: LinearHead, card: ModelCard, learnt_from: LearntFilms
) -> str:
    """Write a new version that is one head on what place heads say, and return its name."""
    return save_folder(models, PLACE, asdict(card), place_bytes(places, head), learnt_from)


def save_box_version(
    models: Path, learnt: LearntBoxes, card: ModelCard, learnt_from: LearntFilms
) -> str:
    """Write a new version that finds boxes, and return its name."""
    return save_folder(models, BOX, asdict(card), box_bytes(learnt), learnt_from)


def save_pair_version(
    models: Path, head: PairHead, card: ModelCard, learnt_from: LearntFilms
) -> str:
    """Write a new version that compares a film with its changed self, and return its name."""
    return save_folder(models, PAIR, asdict(card), pair_bytes(head), learnt_from)


def read_card(models: Path, model_version: str) -> ModelCard:
    """Return the card of a version.

    Raises:
        UnknownModelVersionError: there is no such version, or its card was altered.
    """
    stored = read_card_values(models, model_version)
    heads = {
        name: HeadCard(**head | {"labels": tuple(head["labels"])})
        for name, head in stored.pop("heads").items()
    }
    return ModelCard(heads=heads, **stored)


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
    weights = read_weights(models, model_version, card.weights_sha256)
    if kind_of(model_version) == HEAD:
        return _head_detector(model_version, card, weights, device)
    if kind_of(model_version) == PLACE:
        _check_backbone(model_version, card)
        places = parse_places(weights, device)
        use = _head_use(card, device)
        return PlaceDetector(model_version, places, parse_place_head(weights), use)
    if kind_of(model_version) == BOX:
        return _box_detector(model_version, card, weights, device)
    if kind_of(model_version) == PAIR:
        return _pair_detector(model_version, card, weights, device)
    network = _network(card, weights).to(choose_device(device))
    return TinyDetector(model_version, network, card)


def _head_detector(
    model_version: str, card: ModelCard, weights: bytes, device: str
) -> HeadDetector:
    _check_backbone(model_version, card)
    return HeadDetector(model_version, parse_head(weights), _head_use(card, device))


def _head_use(card: ModelCard, device: str) -> HeadUse:
    ((task, head),) = card.heads.items()
    return HeadUse(
        task=task,
        labels=head.labels,
        temperature=head.temperature,
        catch_all=head.catch_all,
        device=device,
    )


def _box_detector(model_version: str, card: ModelCard, weights: bytes, device: str) -> BoxDetector:
    _check_backbone(model_version, card)
    ((task, head),) = card.heads.items()
    learnt = parse_boxes(weights, len(head.labels))
    learnt.heads.to(choose_device(device))
    return BoxDetector(model_version, learnt, {task: head.labels}, device)


def _pair_detector(
    model_version: str, card: ModelCard, weights: bytes, device: str
) -> PairDetector:
    _check_backbone(model_version, card)
    ((task, head),) = card.heads.items()
    use = PairUse(
        task=task,
        labels=head.labels,
        expected_label=head.expected_label,
        temperature=head.temperature,
        change=PixelChange(**head.change or {}),
        device=device,
    )
    return PairDetector(model_version, parse_pair(weights), use)


def _check_backbone(model_version: str, card: ModelCard) -> None:
    if card.trunk != backbone_name():
        raise UnknownModelVersionError(
            f"{model_version} was trained on features of {card.trunk}, but this installation makes "
            f"those of {backbone_name()}; train again"
        )


def _network(card: ModelCard, weights: bytes) -> TinyNetwork:
    sizes = {name: len(head.labels) for name, head in card.heads.items()}
    network = TinyNetwork(sizes, card.input_px)
    network.load_state_dict(parse_weights(weights))
    return network.eval().to(memory_format=torch.channels_last)
