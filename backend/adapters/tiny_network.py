"""One small network with one head per detector task, and what it sees of a film.

timm's `test_resnet`: 0.37 million parameters, 0.03 GFLOP at 64 px. It is enough because the shape
of a chest tells which way up a film is, and needs no pretrained weights.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

TRUNK = "test_resnet"
INPUT_PX = 64
THUMBNAIL_PX = 256
FILMS_AT_ONCE = 256

DeviceChoice = Literal["auto", "cpu", "cuda"]


class TinyNetwork(nn.Module):
    """A shared trunk and one linear head per detector task."""

    def __init__(self, labels_per_head: Mapping[str, int], input_px: int = INPUT_PX) -> None:
        """Make a network with random weights (drawn from torch's global generator)."""
        # Importing timm takes three times as long as torch; most commands never make a network.
        import timm  # noqa: PLC0415

        super().__init__()
        self.input_px = input_px
        self.trunk: nn.Module = timm.create_model(TRUNK, in_chans=1, num_classes=0)
        width = cast(int, self.trunk.num_features)
        self.heads = nn.ModuleDict(
            {name: nn.Linear(width, count) for name, count in labels_per_head.items()}
        )

    def features(self, grey: Tensor) -> Tensor:
        """Return pooled trunk features, shape (films, features).

        Args:
            grey: shape (films, 1, input_px, input_px), any affine scale: every film is brought to
                mean 0 and deviation 1, so that washed-out films look like the others.
        """
        deviation, mean = torch.std_mean(grey, dim=(1, 2, 3), keepdim=True)
        pooled: Tensor = self.trunk((grey - mean) / (deviation + 1e-3))
        return pooled

    def forward(self, grey: Tensor) -> dict[str, Tensor]:
        """Return logits per detector task, each of shape (films, labels)."""
        features = self.features(grey)
        return {name: head(features) for name, head in self.heads.items()}


def choose_device(wanted: str) -> torch.device:
    """Return the device networks run on; `auto` is CUDA where there is one."""
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(wanted)


def shrink(thumbnails: NDArray[np.uint8], side_px: int) -> Tensor:
    """Return the area mean, shape (films, 1, side_px, side_px), 0.0 (black) to 1.0 (white).

    Args:
        thumbnails: shape (films, side, side); `side` is a multiple of `side_px`.
        side_px: the wanted side.

    Raises:
        ValueError: the sides do not divide.
    """
    side = thumbnails.shape[-1]
    if side % side_px:
        raise ValueError(f"cannot shrink {side} px to {side_px} px by whole blocks")
    grey = torch.from_numpy(thumbnails).unsqueeze(1).float() / 255.0
    return functional.avg_pool2d(grey, side // side_px)


def predicted_logits(
    network: TinyNetwork, thumbnails: NDArray[np.uint8]
) -> dict[str, NDArray[np.float32]]:
    """Return logits per detector task, each of shape (films, labels)."""
    parts = [network(grey) for grey in _in_parts(network, thumbnails)]
    return {name: torch.cat([part[name] for part in parts]).cpu().numpy() for name in network.heads}


def predicted_features(network: TinyNetwork, thumbnails: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return pooled trunk features, shape (films, features)."""
    parts = [network.features(grey) for grey in _in_parts(network, thumbnails)]
    return np.asarray(torch.cat(parts).cpu().numpy(), dtype=np.float32)


def _in_parts(network: TinyNetwork, thumbnails: NDArray[np.uint8]) -> Iterator[Tensor]:
    network.eval()
    device = next(network.parameters()).device
    with torch.inference_mode():
        for start in range(0, max(1, len(thumbnails)), FILMS_AT_ONCE):
            yield shrink(thumbnails[start : start + FILMS_AT_ONCE], network.input_px).to(device)
