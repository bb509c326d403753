"""Features to compare those of the frozen network with, all of the same films."""

from collections.abc import Mapping

import cv2
import numpy as np
import timm
import torch
from numpy.typing import NDArray

from backend.base.adapters.settings import Settings
from backend.base.core.chunks import in_chunks
from backend.detectors.adapters.backbone import ARCHITECTURE, Backbone, load_backbone
from backend.detectors.adapters.training.network_trainer import TrainingFilms, fit_network
from backend.detectors.adapters.training.pixel_baseline import SIDE_PX
from backend.detectors.loop.kinds.made_head import make_plan
from benchmarks.detectors.films.self_supervised import self_supervised_features
from benchmarks.detectors.films.tiny_features import predicted_features
from tasks import detector_task

OURS = "ImageNet, last stage (in use)"
FINAL = "ImageNet, after the last convolution"
TINY = "the tiny network that tells rotation and inversion"
SELF_SUPERVISED = "self-supervised on the archive"
PIXELS = "16x16 pixels"
RANDOM_SEEDS = range(3)
_FILMS_AT_ONCE = 32

Pixels = NDArray[np.uint8]
Features = NDArray[np.float32]


def all_features(
    thumbnails: Pixels, archive: NDArray[np.bool_], asked: NDArray[np.bool_]
) -> Mapping[str, Features]:
    """Return features of films by what they are; shape (films, width) each.

    Args:
        thumbnails: shape (films, 256, 256).
        archive: shape (films,): those that networks of an archive's own may learn from, unlabelled.
        asked: shape (films,): only the features in use are computed for other films too.
    """
    ours, some, own = load_backbone("cpu"), thumbnails[asked], thumbnails[archive]
    others = {
        FINAL: final_features(ours, some),
        TINY: tiny_features(own, some),
        SELF_SUPERVISED: self_supervised_features(own, some),
        PIXELS: pixels(some),
    }
    return {OURS: ours.features(thumbnails)} | {
        name: for_all(found, asked) for name, found in others.items()
    }


def for_all(features: Features, asked: NDArray[np.bool_]) -> Features:
    """Return features with a row for every film, NaN for those that were not asked."""
    found = np.full((len(asked), features.shape[1]), np.nan, dtype=np.float32)
    found[asked] = features
    return found


def final_features(backbone: Backbone, thumbnails: Pixels) -> Features:
    """Return what the network gives its own classifier, shape (films, 1280)."""
    parts = in_chunks(range(len(thumbnails)), _FILMS_AT_ONCE)
    found = [backbone.maps(thumbnails[list(part)])[1].mean(dim=(2, 3)).numpy() for part in parts]
    return np.asarray(np.concatenate(found), dtype=np.float32)


def tiny_features(archive: Pixels, thumbnails: Pixels) -> Features:
    """Return features of a tiny network trained as `radsieve train rotation` does."""
    family = [detector_task("rotation"), detector_task("inversion")]
    recipe = make_plan(Settings(device="cpu"), len(archive)).final
    films = TrainingFilms(archive, np.ones(len(archive), dtype=np.int64))
    network = fit_network(films, family, recipe, device=torch.device("cpu"))
    return predicted_features(network, thumbnails)


def random_features(thumbnails: Pixels, seed: int) -> Features:
    """Return features of the frozen network's architecture, its weights drawn at random."""
    torch.manual_seed(seed)
    network = timm.create_model(ARCHITECTURE, num_classes=0, global_pool="")
    return Backbone(network.to(memory_format=torch.channels_last)).features(thumbnails)


def pixels(thumbnails: Pixels) -> Features:
    """Return what the baseline nobody may lose to sees."""
    size = (SIDE_PX, SIDE_PX)
    small = [cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in thumbnails]
    return np.asarray(np.stack(small).reshape(len(small), -1) / 255, dtype=np.float32)
