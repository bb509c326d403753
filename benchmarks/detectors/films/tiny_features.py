"""Features of a tiny network, which the product has no use for: benchmarks compare them."""

import numpy as np
import torch
from numpy.typing import NDArray

from backend.detectors.adapters.tiny_network import FILMS_AT_ONCE, TinyNetwork, shrink


def predicted_features(network: TinyNetwork, thumbnails: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return pooled features of the trunk, shape (films, features)."""
    network.eval()
    device = next(network.parameters()).device
    parts = np.array_split(thumbnails, max(1, -(-len(thumbnails) // FILMS_AT_ONCE)))
    with torch.inference_mode():
        found = [
            network.features(shrink(part, network.input_px).to(device)).cpu() for part in parts
        ]
    return np.asarray(torch.cat(found).numpy(), dtype=np.float32)
