"""Says for every place of a film whether what is looked for lies there: a network for small things.

Averaged over a whole film, as the shared features are, a clip or a wire vanishes. timm's
`test_resnet` again, trained from scratch, but all its maps are used: fine ones to see a wire,
coarse ones to tell an implant from the letters beside the body.
"""

from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from backend.adapters.tiny_network import TRUNK
from backend.core.chunks import in_chunks

PLACES = 64
"""Places along a side of a thumbnail of 256 px: each stands for 4 x 4 pixels."""
STAGES = (0, 1, 2, 3)
"""Of the trunk: maps at a half, a quarter, an 8th and a 16th of the thumbnail's side."""
CHANNELS = 24
SELDOM = -3.0
"""Logit that training begins with: most places hold nothing."""
FILMS_AT_ONCE = 16


class PlaceNetwork(nn.Module):
    """One logit per place."""

    def __init__(self) -> None:
        """Make a network with random weights (drawn from torch's global generator)."""
        import timm  # noqa: PLC0415 - takes three times as long as torch

        super().__init__()
        trunk: Any = timm.create_model(TRUNK, in_chans=1, features_only=True, out_indices=STAGES)
        widths: list[int] = trunk.feature_info.channels()
        self.trunk: nn.Module = trunk
        self.narrow = nn.ModuleList([nn.Conv2d(width, CHANNELS, 1) for width in widths])
        self.mix = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1)
        self.say = nn.Conv2d(CHANNELS, 1, 1)
        nn.init.constant_(cast(Tensor, self.say.bias), SELDOM)

    def forward(self, grey: Tensor) -> Tensor:
        """Return logits, shape (films, PLACES, PLACES).

        Args:
            grey: shape (films, 1, 256, 256), any affine scale: every film is brought to mean 0 and
                deviation 1.
        """
        centred = grey - grey.mean(dim=(1, 2, 3), keepdim=True)
        deviation = centred.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
        stages: list[Tensor] = self.trunk(centred / (deviation + 1e-3))
        narrow = [_at_places(layer(one)) for layer, one in zip(self.narrow, stages, strict=True)]
        hidden = functional.silu(torch.stack(narrow).sum(dim=0))
        said: Tensor = self.say(functional.silu(self.mix(hidden)))
        return said[:, 0]

    def maps(self, thumbnails: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return logits of thumbnails of shape (films, 256, 256)."""
        self.eval()
        device = next(self.parameters()).device
        found = [torch.zeros(0, PLACES, PLACES)]
        with torch.inference_mode():
            for some in in_chunks(range(len(thumbnails)), FILMS_AT_ONCE):
                grey = torch.from_numpy(thumbnails[list(some)])[:, None].float().to(device) / 255
                found.append(self(grey.contiguous(memory_format=torch.channels_last)).cpu())
        return np.asarray(torch.cat(found).numpy(), dtype=np.float32)


def _at_places(maps: Tensor) -> Tensor:
    """Return maps with one value per place: the most of finer ones, coarser ones spread."""
    if maps.shape[-1] > PLACES:
        return functional.max_pool2d(maps, maps.shape[-1] // PLACES)
    return functional.interpolate(maps, (PLACES, PLACES), mode="bilinear", align_corners=False)
