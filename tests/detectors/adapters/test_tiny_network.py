import numpy as np
import pytest
import torch

from backend.detectors.adapters.tiny_network import (
    TinyNetwork,
    choose_device,
    predicted_logits,
    shrink,
)

pytestmark = pytest.mark.trains

HEADS = {"rotation": 4, "inversion": 2}


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return TinyNetwork(HEADS)


@pytest.fixture(scope="module")
def thumbnails():
    return np.random.default_rng(0).integers(0, 256, (300, 256, 256), dtype=np.uint8)


def test_shrinking_takes_the_mean_of_each_block():
    thumbnail = np.arange(16, dtype=np.uint8).reshape(1, 4, 4)
    means = shrink(thumbnail, 2) * 255
    assert means.flatten().tolist() == pytest.approx([2.5, 4.5, 10.5, 12.5])


def test_shrinking_by_part_of_a_block_is_refused():
    with pytest.raises(ValueError, match="whole blocks"):
        shrink(np.zeros((1, 256, 256), dtype=np.uint8), 96)


def test_every_head_answers_for_every_film(network, thumbnails):
    logits = predicted_logits(network, thumbnails)
    assert {name: each.shape for name, each in logits.items()} == {
        "rotation": (300, 4),
        "inversion": (300, 2),
    }


def test_no_films_give_no_answers(network, thumbnails):
    assert predicted_logits(network, thumbnails[:0])["rotation"].shape == (0, 4)


def test_a_film_is_judged_alone_whatever_comes_with_it(network, thumbnails):
    together = predicted_logits(network, thumbnails[:20])["rotation"]
    alone = predicted_logits(network, thumbnails[7:8])["rotation"]
    np.testing.assert_allclose(alone[0], together[7], atol=1e-4)


def test_a_washed_out_film_looks_like_itself(network, thumbnails):
    washed_out = (thumbnails[:4] * 0.5 + 100).round().astype(np.uint8)
    clear, pale = (
        predicted_logits(network, shown)["rotation"] for shown in (thumbnails[:4], washed_out)
    )
    np.testing.assert_allclose(pale, clear, rtol=0.02, atol=0.02)


def test_a_uniform_film_gives_finite_answers(network):
    black = np.zeros((1, 256, 256), dtype=np.uint8)
    assert np.isfinite(predicted_logits(network, black)["rotation"]).all()


def test_auto_takes_the_processor_where_there_is_no_cuda():
    assert choose_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    assert choose_device("cpu").type == "cpu"
