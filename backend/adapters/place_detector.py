"""Detectors whose head sits on what place networks say of a film."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load as parse_weights
from safetensors.torch import save as weights_bytes

from backend.adapters.detector import FilmPixels
from backend.adapters.head_detector import HeadUse, head_bytes, parse_head
from backend.adapters.place_network import PlaceNetwork
from backend.adapters.tiny_network import choose_device
from backend.core.chunks import in_chunks
from backend.core.linear_head import LinearHead
from backend.core.place_summary import WIDTH, place_summary

PLACE = "place"
"""Kind of a version that is one head on the maps of place networks."""
_HEAD = "head"
_FILMS_AT_ONCE = 128


@dataclass(frozen=True, slots=True)
class PlaceNetworks:
    """Two networks: each learnt from films of other patients."""

    networks: tuple[PlaceNetwork, ...]

    def summaries(
        self, thumbnails: NDArray[np.uint8], seen_by: NDArray[np.int64] | None = None
    ) -> NDArray[np.float32]:
        """Return the mean of what the networks say, shape (films, WIDTH).

        Args:
            thumbnails: shape (films, 256, 256).
            seen_by: shape (films,): the network that may have seen films of the same patient; it is
                not asked. None where none has.
        """
        said = np.stack([self._summary(network, thumbnails) for network in self.networks])
        asked = np.ones(said.shape[:2], dtype=np.bool_)
        if seen_by is not None:
            asked = np.arange(len(self.networks))[:, None] != seen_by
        weighted = (said * asked[:, :, None]).sum(axis=0) / asked.sum(axis=0)[:, None]
        return np.asarray(weighted, dtype=np.float32)

    @staticmethod
    def _summary(network: PlaceNetwork, thumbnails: NDArray[np.uint8]) -> NDArray[np.float32]:
        empty = np.zeros((0, WIDTH), dtype=np.float32)
        parts = in_chunks(range(len(thumbnails)), _FILMS_AT_ONCE)
        return np.concatenate(
            [empty, *(place_summary(network.maps(thumbnails[list(part)])) for part in parts)]
        )


class PlaceDetector:
    """Place networks and a head, ready to predict."""

    def __init__(
        self, model_version: str, places: PlaceNetworks, head: LinearHead, use: HeadUse
    ) -> None:
        """Take networks that are on their device already."""
        self.model_version = model_version
        self.heads: Mapping[str, tuple[str, ...]] = {use.task: use.labels}
        self._places, self._head, self._use = places, head, use

    def probabilities(self, thumbnails: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Return calibrated probabilities of thumbnails, shape (films, labels)."""
        use = self._use
        catch_all = None if use.catch_all is None else use.labels.index(use.catch_all)
        found = self._head.probabilities(
            self._places.summaries(thumbnails), temperature=use.temperature, catch_all=catch_all
        )
        return {use.task: found.astype(np.float32)}

    def of_archive(self, pixels: FilmPixels, rows: Sequence[int]) -> dict[str, NDArray[np.float32]]:
        """Return what it says of films whose pixels are at hand."""
        return self.probabilities(pixels.thumbnails(rows))


def place_bytes(places: PlaceNetworks, head: LinearHead | None = None) -> bytes:
    """Return networks, and the head where there is one, as safetensors."""
    tensors = {
        f"{number}.{name}": value.detach().cpu().contiguous()
        for number, network in enumerate(places.networks)
        for name, value in network.state_dict().items()
    }
    if head is not None:
        tensors[_HEAD] = torch.frombuffer(bytearray(head_bytes(head)), dtype=torch.uint8)
    return bytes(weights_bytes(tensors))


def parse_places(weights: bytes, device: str) -> PlaceNetworks:
    """Return the networks that `place_bytes` wrote, on a device: `auto`, `cpu` or `cuda`."""
    stored = parse_weights(weights)
    stored.pop(_HEAD, None)
    count = 1 + max(int(name.split(".")[0]) for name in stored)
    networks = []
    for number in range(count):
        mark = f"{number}."
        state = {k.removeprefix(mark): v for k, v in stored.items() if k.startswith(mark)}
        network = PlaceNetwork()
        network.load_state_dict(state)
        network = network.to(choose_device(device)).to(memory_format=torch.channels_last)
        networks.append(network.eval())
    return PlaceNetworks(tuple(networks))


def parse_place_head(weights: bytes) -> LinearHead:
    """Return the head that `place_bytes` wrote."""
    return parse_head(bytes(parse_weights(weights)[_HEAD].numpy()))
