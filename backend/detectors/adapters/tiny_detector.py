"""Detectors whose heads share one tiny network."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load as parse_weights
from safetensors.torch import save as weights_bytes

from backend.detectors.adapters.detector import FilmPixels
from backend.detectors.adapters.tiny_network import (
    TinyNetwork,
    predicted_logits,
)
from backend.detectors.core.calibration import softmax
from backend.detectors.core.model_card import ModelCard, NewVersion

TINY = "tiny"
"""Names of versions whose heads share a tiny network begin so."""


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
        """Return the same for films of an archive, by thumbnail row."""
        return self.probabilities(pixels.thumbnails(rows))


def tiny_version(
    network: TinyNetwork, card: ModelCard, learnt_from: Collection[str] | None = None
) -> NewVersion:
    """Return a network and its card as a version to save.

    Args:
        network: that was trained.
        card: of it.
        learnt_from: radiograph ids; None where they are not known.
    """
    state = {
        name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()
    }
    weights = weights_bytes(state)
    return NewVersion(stored_as=TINY, card=card, weights=weights, learnt_from=learnt_from)


def parse_network(card: ModelCard, weights: bytes) -> TinyNetwork:
    """Return the network that `tiny_version` wrote, on the processor."""
    sizes = {name: len(head.labels) for name, head in card.heads.items()}
    network = TinyNetwork(sizes, card.input_px)
    network.load_state_dict(parse_weights(weights))
    return network.eval().to(memory_format=torch.channels_last)
