"""One small network with one head per detector task, and how a film becomes its input.

timm's `test_resnet`: 0.37 million parameters, 0.03 GFLOP at 64 px. It is enough because the shape
of a chest tells which way up a film is, and needs no pretrained weights.
"""

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

TRUNK = "test_resnet"
INPUT_PX = 64
THUMBNAIL_PX = 256
FILMS_AT_ONCE = 256


class TinyNetwork(nn.Module):
    """A shared trunk and one linear head per detector task."""

    def __init__(self, labels_per_head: Mapping[str, int], input_px: int = INPUT_PX) -> None:
        """Make a network with random weights (drawn from torch's global generator).

        On a processor it is about twice as fast in `channels_last` memory format.
        """
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
        # Not torch.std_mean: it warns about a batch without films.
        centred = grey - grey.mean(dim=(1, 2, 3), keepdim=True)
        deviation = centred.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
        pooled: Tensor = self.trunk(centred / (deviation + 1e-3))
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
    block = side // side_px
    # Whole numbers, rows first: five times as fast as torch's pooling of floats.
    rows = thumbnails.reshape(-1, side_px, block, side).sum(axis=2, dtype=np.uint32)
    sums = rows.reshape(-1, 1, side_px, side_px, block).sum(axis=4, dtype=np.uint32)
    return torch.from_numpy(sums.astype(np.float32) / (255 * block * block))


def predicted_logits(
    network: TinyNetwork, thumbnails: NDArray[np.uint8]
) -> dict[str, NDArray[np.float32]]:
    """Return logits per detector task, each of shape (films, labels)."""
    parts = _run(network, thumbnails)
    return {name: _joined([part[name] for part in parts]) for name in network.heads}


def _run(network: TinyNetwork, thumbnails: NDArray[np.uint8]) -> list[dict[str, Tensor]]:
    """Return the logits of `FILMS_AT_ONCE` films at a time."""
    network.eval()
    device = next(network.parameters()).device
    pieces = [
        thumbnails[start : start + FILMS_AT_ONCE]
        for start in range(0, max(1, len(thumbnails)), FILMS_AT_ONCE)
    ]
    with torch.inference_mode():
        return [network(shrink(piece, network.input_px).to(device)) for piece in pieces]


def _joined(parts: Sequence[Tensor]) -> NDArray[np.float32]:
    return np.asarray(torch.cat(list(parts)).cpu().numpy(), dtype=np.float32)
