"""Says for every place of a film whether what is looked for lies there: for small things.

Averaged over a whole film, as the shared features are, a clip or a wire vanishes. So a small head
looks at the frozen backbone's maps: fine ones to see a wire, coarse ones to tell an implant from
the letters beside the body.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from backend.adapters.backbone import ARCHITECTURE, SEEN_DEVIATION, imagenet_weights
from backend.adapters.tiny_network import choose_device
from backend.base.core.chunks import in_chunks

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
