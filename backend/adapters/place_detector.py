"""Detectors whose head sits on what place heads say of a film."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load as parse_weights
from safetensors.torch import save as weights_bytes

from backend.adapters.detector import FilmPixels
from backend.adapters.head_detector import HeadUse, head_bytes, parse_head
from backend.adapters.place_network import Maps, PlaceHead, place_backbone
from backend.adapters.tiny_network import choose_device
from backend.base.core.chunks import in_chunks
from backend.core.linear_head import LinearHead
from backend.core.place_summary import WIDTH, place_summary

PLACE = "place"
"""Kind of a version that is one head on the maps of place heads."""
_HEAD = "head"
_FILMS_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class PlaceHeads:
    """Several heads: each learnt from films of other patients."""

    heads: tuple[PlaceHead, ...]
    device: str

    def summaries(
        self, thumbnails: NDArray[np.uint8], seen_by: NDArray[np.int64] | None = None
    ) -> NDArray[np.float32]:
        """Return the mean of what the heads say, shape (films, WIDTH).

        Args:
            thumbnails: shape (films, 256, 256).
            seen_by: shape (films,): the head that may have seen films of the same patient; it is
                not asked. None where none has.
        """
        backbone, empty = place_backbone(self.device), np.zeros((len(self.heads), 0, WIDTH))
        parts = in_chunks(range(len(thumbnails)), _FILMS_AT_ONCE)
        found = [self._said(backbone.maps(thumbnails[list(part)])) for part in parts]
        said = np.concatenate([empty, *found], axis=1)
        asked = np.ones(said.shape[:2], dtype=np.bool_)
        if seen_by is not None:
            asked = np.arange(len(self.heads))[:, None] != seen_by
        weighted = (said * asked[:, :, None]).sum(axis=0) / asked.sum(axis=0)[:, None]
        return np.asarray(weighted, dtype=np.float32)

    def _said(self, maps: Maps) -> NDArray[np.float32]:
        return np.stack([place_summary(head.logits(maps)) for head in self.heads])


class PlaceDetector:
    """Place heads and a linear head, ready to predict."""

    def __init__(
        self, model_version: str, places: PlaceHeads, head: LinearHead, use: HeadUse
    ) -> None:
        """Take what was learnt; the backbone is loaded when the first film comes."""
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


def place_bytes(places: PlaceHeads, head: LinearHead | None = None) -> bytes:
    """Return place heads, and the linear head where there is one, as safetensors."""
    tensors = {
        f"{number}.{name}": value.detach().cpu().contiguous()
        for number, one in enumerate(places.heads)
        for name, value in one.state_dict().items()
    }
    if head is not None:
        tensors[_HEAD] = torch.frombuffer(bytearray(head_bytes(head)), dtype=torch.uint8)
    return bytes(weights_bytes(tensors))


def parse_places(weights: bytes, device: str) -> PlaceHeads:
    """Return the place heads that `place_bytes` wrote, on a device: `auto`, `cpu` or `cuda`."""
    stored = parse_weights(weights)
    stored.pop(_HEAD, None)
    count = 1 + max(int(name.split(".")[0]) for name in stored)
    heads = []
    for number in range(count):
        mark = f"{number}."
        state = {k.removeprefix(mark): v for k, v in stored.items() if k.startswith(mark)}
        one = PlaceHead()
        one.load_state_dict(state)
        heads.append(one.to(choose_device(device)).eval())
    return PlaceHeads(tuple(heads), device)


def parse_place_head(weights: bytes) -> LinearHead:
    """Return the linear head that `place_bytes` wrote."""
    return parse_head(bytes(parse_weights(weights)[_HEAD].numpy()))
