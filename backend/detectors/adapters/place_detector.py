"""Detectors whose linear head has the summaries of place heads as its input."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load as parse_weights
from safetensors.torch import save as weights_bytes
from torch import Tensor, nn
from torch.nn import functional

from backend.base.core.chunks import in_chunks
from backend.detectors.adapters.backbone import ARCHITECTURE, SEEN_DEVIATION, imagenet_weights
from backend.detectors.adapters.detector import FilmPixels
from backend.detectors.adapters.head_detector import HeadDetector, HeadUse, head_bytes, parse_head
from backend.detectors.adapters.tiny_network import choose_device
from backend.detectors.core.linear_head import LinearHead
from backend.detectors.core.model_card import ModelCard, NewVersion

BEST = (1, 3, 10, 30, 100)
"""So many best places are averaged: a clip fills one, a plate many."""
GRID = 4
"""Parts along a side of the film, each summed up by its best place: a marker lies in a corner."""
WIDTH = len(BEST) + GRID * GRID


def place_summary(maps: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return numbers that a head can learn from, shape (films, WIDTH).

    Args:
        maps: shape (films, side, side), for every place the logit that what is looked for is there;
            `side` is a multiple of `GRID`.

    >>> maps = np.full((1, 64, 64), -9.0)
    >>> maps[0, 0, 63] = 5.0
    >>> [round(float(best), 2) for best in place_summary(maps)[0, :2]]
    [5.0, -4.33]
    """
    side = maps.shape[-1]
    ordered = np.sort(maps.reshape(len(maps), -1), axis=1)[:, ::-1]
    best = [ordered[:, :count].mean(axis=1) for count in BEST]
    parts = maps.reshape(len(maps), GRID, side // GRID, GRID, side // GRID).max(axis=(2, 4))
    # Places where nothing is differ by much and mean nothing: softplus makes them alike.
    where = np.logaddexp(0, parts).reshape(len(maps), -1)
    return np.asarray(np.concatenate([np.stack(best, axis=1), where], axis=1), np.float32)


INPUT_PX = 256
"""The thumbnail as it is: every pixel of a wire counts."""
PLACES = 64
"""Places along a side of a film: each stands for 4 x 4 pixels of the thumbnail."""
STAGES = (0, 1, 2, 3)
"""Of the backbone: maps at a half, a quarter, an 8th and a 16th of the input."""
STAGE_CHANNELS = (16, 24, 40, 112)
CHANNELS = 32
SELDOM = -3.0
"""Logit that training begins with: most places hold nothing."""
FILMS_AT_ONCE = 16

Maps = Sequence[Tensor]
"""One per stage, half precision, shape (films, channels, side, side)."""


class PlaceBackbone:
    """Turns films into maps; never trained here."""

    def __init__(self, network: nn.Module) -> None:
        """Take a network that returns the maps of `STAGES`, on its device already."""
        self._network = network.eval()

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return next(self._network.parameters()).device

    def maps(self, thumbnails: NDArray[np.uint8]) -> list[Tensor]:
        """Return the maps of thumbnails of shape (films, 256, 256)."""
        parts = [
            self._maps(thumbnails[list(some)])
            for some in in_chunks(range(len(thumbnails)), FILMS_AT_ONCE)
        ]
        return [torch.cat([part[stage] for part in parts]) for stage in range(len(STAGES))]

    def _maps(self, thumbnails: NDArray[np.uint8]) -> list[Tensor]:
        with torch.inference_mode():
            grey = torch.from_numpy(thumbnails)[:, None].float().to(self.device) / 255
            seen = _standardised(grey).expand(-1, 3, -1, -1)
            stages = self._network(seen.contiguous(memory_format=torch.channels_last))
            return [_no_finer_than_places(stage).half() for stage in stages]


@cache
def place_backbone(device: str) -> PlaceBackbone:
    """Return the one such backbone of this process for a device: `auto`, `cpu` or `cuda`."""
    import timm  # noqa: PLC0415 - takes three times as long as torch

    weights = imagenet_weights()
    network: Any = timm.create_model(ARCHITECTURE, features_only=True, out_indices=STAGES)
    network.load_state_dict({name: weights[name] for name in network.state_dict()})
    return PlaceBackbone(network.to(choose_device(device)).to(memory_format=torch.channels_last))


class PlaceHead(nn.Module):
    """One logit per place."""

    def __init__(self) -> None:
        """Make a head with random weights (drawn from torch's global generator)."""
        super().__init__()
        for stage, width in enumerate(STAGE_CHANNELS):
            self.register_buffer(f"centre{stage}", torch.zeros(1, width, 1, 1))
            self.register_buffer(f"scale{stage}", torch.ones(1, width, 1, 1))
        self.narrow = nn.ModuleList([nn.Conv2d(width, CHANNELS, 1) for width in STAGE_CHANNELS])
        self.look = nn.ModuleList([nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1) for _ in range(2)])
        self.say = nn.Conv2d(CHANNELS, 1, 1)
        nn.init.constant_(self.say.bias, SELDOM)  # type: ignore[arg-type]

    def standardise(self, maps: Maps) -> None:
        """Learn what is usual in the maps of some films."""
        for stage, values in enumerate(maps):
            some = values.float()
            deviation = some.std(dim=(0, 2, 3), keepdim=True)
            self.get_buffer(f"centre{stage}").copy_(some.mean(dim=(0, 2, 3), keepdim=True))
            self.get_buffer(f"scale{stage}").copy_(deviation + 0.1 * deviation.mean() + 1e-6)

    def forward(self, maps: Maps) -> Tensor:
        """Return logits, shape (films, PLACES, PLACES)."""
        spread = []
        for stage, values in enumerate(maps):
            centre, scale = (self.get_buffer(f"{name}{stage}") for name in ("centre", "scale"))
            narrow = self.narrow[stage]((values.float() - centre) / scale)
            size = (PLACES, PLACES)
            spread.append(
                functional.interpolate(narrow, size, mode="bilinear", align_corners=False)
            )
        hidden = functional.silu(torch.stack(spread).sum(dim=0))
        for look in self.look:
            hidden = hidden + functional.silu(look(hidden))
        said: Tensor = self.say(hidden)
        return said[:, 0]

    def logits(self, maps: Maps) -> NDArray[np.float32]:
        """Return the same as numbers, for a head that is trained."""
        with torch.inference_mode():
            return np.asarray(self(maps).cpu().numpy(), dtype=np.float32)


def _standardised(grey: Tensor) -> Tensor:
    """Give every film the same mean and contrast, so that washed-out films look like the others."""
    centred = grey - grey.mean(dim=(1, 2, 3), keepdim=True)
    deviation = centred.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
    return centred / (deviation + 1e-3) * SEEN_DEVIATION


def _no_finer_than_places(maps: Tensor) -> Tensor:
    """Return maps with one value per place at most: the most of finer ones."""
    return functional.adaptive_max_pool2d(maps, PLACES) if maps.shape[-1] > PLACES else maps


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
        """Return the mean summary over the heads, shape (films, WIDTH).

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


class PlaceDetector(HeadDetector):
    """A linear head on the summaries of place heads."""

    def __init__(
        self, model_version: str, places: PlaceHeads, head: LinearHead, use: HeadUse
    ) -> None:
        """Take what was learnt; the backbone is loaded when the first film comes."""
        super().__init__(model_version, head, use)
        self._places = places

    def probabilities(self, thumbnails: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Return calibrated probabilities of thumbnails, shape (films, labels)."""
        return self.of_features(self._places.summaries(thumbnails))

    def of_archive(self, pixels: FilmPixels, rows: Sequence[int]) -> dict[str, NDArray[np.float32]]:
        """Return the same for films of an archive, by thumbnail row."""
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


def place_version(
    places: PlaceHeads, head: LinearHead, card: ModelCard, learnt_from: Collection[str]
) -> NewVersion:
    """Return place heads and the head on them, with card and films, as a version to save."""
    weights = place_bytes(places, head)
    return NewVersion(stored_as=PLACE, card=card, weights=weights, learnt_from=learnt_from)
