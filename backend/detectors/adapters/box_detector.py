"""Detectors whose answer is a box."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache

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
from backend.detectors.adapters.tiny_network import choose_device
from backend.detectors.core.boxes.answer import joined_answers
from backend.detectors.core.boxes.sureness import Sureness, spread_of
from backend.detectors.core.boxes.views import unmirrored
from backend.detectors.core.model_card import ModelCard, NewVersion
from backend.detectors.core.open_set import Familiar
from backend.labels.core.box import Boxes

INPUT_PX = 192
CELLS = INPUT_PX // 16
"""Places along a side of the map."""
STAGES = (2, 3, 4)
"""Of the backbone: maps at an 8th, a 16th and a 32nd of the input."""
POOLED = 320
"""The last stage's channels: averaged over the film they tell what kind of film it is."""
CHANNELS = 40 + 112 + POOLED
HEADS = 6
HIDDEN = 24


class SpatialBackbone:
    """Turns films into maps of features; never trained here."""

    def __init__(self, network: nn.Module) -> None:
        """Take a network that returns the maps of `STAGES`, on its device already."""
        self._network = network.eval()

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return next(self._network.parameters()).device

    def maps(self, films: Tensor) -> Tensor:
        """Return shape (films, CHANNELS, CELLS, CELLS), half precision.

        Args:
            films: shape (films, 1, INPUT_PX, INPUT_PX), 0.0 (black) to 1.0 (white).
        """
        with torch.inference_mode():
            seen = _standardised(films.to(self.device)).expand(-1, 3, -1, -1)
            stages = self._network(seen.contiguous(memory_format=torch.channels_last))
            found = [_resized(stage) for stage in stages]
        return torch.cat(found, dim=1).half()

    def thumbnail_maps(self, thumbnails: NDArray[np.uint8]) -> Tensor:
        """Return the maps of thumbnails, shape (films, 256, 256)."""
        grey = torch.from_numpy(thumbnails)[:, None].float() / 255
        size = (INPUT_PX, INPUT_PX)
        return self.maps(functional.interpolate(grey, size, mode="bilinear", antialias=True))


@cache
def spatial_backbone(device: str) -> SpatialBackbone:
    """Return the one spatial backbone of this process for a device: `auto`, `cpu` or `cuda`."""
    import timm  # noqa: PLC0415 - takes three times as long as torch

    weights = imagenet_weights()
    network = timm.create_model(ARCHITECTURE, features_only=True, out_indices=STAGES)
    network.load_state_dict({name: weights[name] for name in network.state_dict()})
    network = network.to(choose_device(device)).to(memory_format=torch.channels_last)
    return SpatialBackbone(network)


class BoxHeads(nn.Module):
    """`HEADS` heads that share nothing, computed together."""

    centre: Tensor
    scale: Tensor

    def __init__(self, labels: int) -> None:
        """Make heads for so many labels, weights random from torch's generator."""
        super().__init__()
        self.labels = labels
        self.register_buffer("centre", torch.zeros(1, CHANNELS, 1, 1))
        self.register_buffer("scale", torch.ones(1, CHANNELS, 1, 1))
        width = HEADS * HIDDEN
        self.narrow = nn.Conv2d(CHANNELS + 2, width, 1)
        self.norm = nn.GroupNorm(HEADS, width)
        self.look = nn.Conv2d(width, width, 3, padding=1, groups=HEADS)
        self.say = nn.Conv2d(width, HEADS * labels * 5, 1, groups=HEADS)

    def forward(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Return boxes and the logarithm of where their middles are.

        Args:
            maps: shape (films, CHANNELS, CELLS, CELLS).

        Returns:
            Middle and size, shape (films, HEADS, labels, 4), and shape (films, HEADS, labels,
            CELLS * CELLS).
        """
        standard = (maps.float() - self.centre) / self.scale
        places = _places(maps.device)
        known = torch.cat([standard, places.expand(len(maps), -1, -1, -1)], dim=1)
        hidden = functional.silu(self.norm(self.narrow(known)))
        said = self.say(functional.silu(self.look(hidden)) + hidden)
        said = said.view(len(maps), HEADS, self.labels, 5, CELLS * CELLS)
        where = said[:, :, :, 0].log_softmax(dim=-1)
        middle = (places.flatten(2) + 1) / 2 + said[:, :, :, 1:3] * 0.1
        size = functional.softplus(said[:, :, :, 3:5] - 1.5)
        at_place = torch.cat([middle, size], dim=3)
        return (at_place * where.exp()[:, :, :, None]).sum(dim=-1), where

    def boxes(self, maps: Tensor) -> NDArray[np.float64]:
        """Return each head's boxes, shape (films, HEADS, labels, 4)."""
        with torch.inference_mode():
            found, _ = self(maps.to(self.centre.device))
        middle, size = found[..., :2], found[..., 2:]
        boxes = torch.cat([middle - size / 2, size], dim=-1)
        return np.asarray(boxes.cpu().numpy(), dtype=np.float64)


def _places(device: torch.device) -> Tensor:
    """Return x and y of every place, -1 to 1, shape (1, 2, CELLS, CELLS)."""
    along = (torch.arange(CELLS, device=device) + 0.5) / CELLS * 2 - 1
    rows, columns = torch.meshgrid(along, along, indexing="ij")
    return torch.stack([columns, rows])[None]


def _resized(stage: Tensor) -> Tensor:
    if stage.shape[-1] > CELLS:
        return functional.adaptive_avg_pool2d(stage, CELLS)
    return functional.interpolate(stage, (CELLS, CELLS), mode="bilinear", align_corners=False)


def _standardised(grey: Tensor) -> Tensor:
    """Give every film the same mean and contrast, so that washed-out films look like the others."""
    centred = grey - grey.mean(dim=(1, 2, 3), keepdim=True)
    deviation = centred.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
    return centred / (deviation + 1e-3) * SEEN_DEVIATION


BOX = "box"
"""Kind of a version that is a set of box heads."""
_FILMS_AT_ONCE = 64
_SURENESS, _FAMILIAR = "sureness.", "familiar."


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntBoxes:
    """Everything that a box version's weights hold."""

    heads: BoxHeads
    mirrored: NDArray[np.int64]
    """Shape (labels,): of `detectors.core.boxes.views.mirrored_places`."""
    sureness: Sureness
    familiar: Familiar
    """The films that were learnt from."""

    def answers(self, backbone: SpatialBackbone, thumbnails: NDArray[np.uint8]) -> Boxes:
        """Return answers, shape (films, labels, 5), for thumbnails of shape (films, 256, 256)."""
        opinions, pooled = opinions_of(self.heads, backbone, thumbnails, self.mirrored)
        same_kind = self.familiar.familiarity(pooled, np.zeros(len(pooled), dtype=np.int64))
        sure = self.sureness.probabilities(spread_of(opinions)) * same_kind[:, None]
        return joined_answers(sure, on_film(opinions.mean(axis=1)))


class BoxDetector:
    """Box heads ready to predict.

    `heads` maps the detector task to its labels, in the order of the boxes.
    """

    def __init__(
        self,
        model_version: str,
        learnt: LearntBoxes,
        heads: Mapping[str, tuple[str, ...]],
        device: str,
    ) -> None:
        """Take what was learnt; the backbone is loaded when the first film comes."""
        self.model_version, self.heads = model_version, heads
        self._learnt, self._device = learnt, device

    def probabilities(self, thumbnails: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Return answers of shape (films, labels, 5), see `detectors.core.boxes.answer`."""
        (task,) = self.heads
        backbone = spatial_backbone(self._device)
        empty = np.zeros((0, len(self.heads[task]), 5), dtype=np.float32)
        parts = [
            self._learnt.answers(backbone, thumbnails[list(some)])
            for some in in_chunks(range(len(thumbnails)), _FILMS_AT_ONCE)
        ]
        return {task: np.concatenate([empty, *parts])}

    def of_archive(self, pixels: FilmPixels, rows: Sequence[int]) -> dict[str, NDArray[np.float32]]:
        """Return the same for films of an archive, by thumbnail row."""
        return self.probabilities(pixels.thumbnails(rows))


def opinions_of(
    heads: BoxHeads,
    backbone: SpatialBackbone,
    thumbnails: NDArray[np.uint8],
    mirrored: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Return the boxes of every head for films and their mirror images, and the films' features.

    Args:
        heads: ready to predict.
        backbone: makes the maps.
        thumbnails: shape (films, 256, 256).
        mirrored: for each label the one it becomes when the film is mirrored.

    Returns:
        Boxes, shape (films, opinions, labels, 4), and features, shape (films, POOLED).
    """
    maps = backbone.thumbnail_maps(thumbnails)
    flipped = backbone.thumbnail_maps(np.ascontiguousarray(thumbnails[:, :, ::-1]))
    said = np.concatenate([heads.boxes(maps), unmirrored(heads.boxes(flipped), mirrored)], axis=1)
    pooled = maps[:, -POOLED:].float().mean(dim=(2, 3)).cpu().numpy()
    return said, np.asarray(pooled, dtype=np.float32)


def on_film(boxes: Boxes) -> NDArray[np.float64]:
    """Return the parts of boxes that lie on the film."""
    start = np.clip(boxes[..., :2], 0, 1 - 1e-3)
    end = np.clip(boxes[..., :2] + boxes[..., 2:], start + 1e-3, 1)
    return np.concatenate([start, end - start], axis=-1)


def box_bytes(learnt: LearntBoxes) -> bytes:
    """Return what was learnt as safetensors."""
    tensors = {name: value.cpu().contiguous() for name, value in learnt.heads.state_dict().items()}
    sureness = {
        _SURENESS + name: np.float64(value) for name, value in asdict(learnt.sureness).items()
    }
    familiar = {_FAMILIAR + name: value for name, value in asdict(learnt.familiar).items()}
    arrays = sureness | familiar | {"mirrored": learnt.mirrored}
    for name, value in arrays.items():
        tensors[name] = torch.from_numpy(np.ascontiguousarray(np.atleast_1d(value)))
    return bytes(weights_bytes(tensors))


def parse_boxes(weights: bytes, labels: int) -> LearntBoxes:
    """Return what `box_bytes` wrote, for a task of so many labels."""
    stored = parse_weights(weights)
    sureness = Sureness(*(float(stored.pop(_SURENESS + one.name)) for one in fields(Sureness)))
    familiar = Familiar(*(stored.pop(_FAMILIAR + one.name).numpy() for one in fields(Familiar)))
    mirrored = stored.pop("mirrored").numpy()
    heads = BoxHeads(labels)
    heads.load_state_dict(stored)
    return LearntBoxes(heads=heads.eval(), mirrored=mirrored, sureness=sureness, familiar=familiar)


def box_version(learnt: LearntBoxes, card: ModelCard, learnt_from: Collection[str]) -> NewVersion:
    """Return box heads, with card and films learnt from, as a version to save."""
    weights = box_bytes(learnt)
    return NewVersion(stored_as=BOX, card=card, weights=weights, learnt_from=learnt_from)
