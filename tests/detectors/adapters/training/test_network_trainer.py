from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.detectors.adapters.tiny_network import predicted_logits
from backend.detectors.adapters.training.network_trainer import (
    Recipe,
    TrainingFilms,
    fit_network,
    one_core_each,
)
from tasks import load_detector_tasks

pytestmark = pytest.mark.trains

TASKS = load_detector_tasks()
FAMILY = [TASKS["rotation"], TASKS["inversion"]]
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def letters():
    """Films with a bright F: it has a way up, and its negative is dark."""
    rng = np.random.default_rng(0)
    films = rng.normal(90, 12, (60, 128, 128))
    for film in films:
        top, left = rng.integers(10, 40, 2)
        film[top : top + 70, left : left + 14] = 230
        film[top : top + 14, left : left + 50] = 230
        film[top + 30 : top + 42, left : left + 35] = 230
    return TrainingFilms(films.clip(0, 255).astype(np.uint8), np.ones(60, dtype=np.int64))


FEW = 8
"""Views at a step where it does not matter what is learnt: the least that takes as many steps."""


def fit(films, recipe):
    with one_core_each():
        return fit_network(films, FAMILY, recipe, device=CPU)


@pytest.fixture(scope="module")
def fitted(letters):
    return fit(letters, Recipe(views=3200))


@pytest.mark.slow
def test_a_network_learns_turns_and_inversion_in_seconds(fitted, letters):
    for task in FAMILY:
        for place, label in enumerate(task.labels):
            made = task.made_by[label].apply(letters.thumbnails, white=255)
            said = predicted_logits(fitted, made)[task.name].argmax(axis=1)
            assert (said == place).mean() > 0.85, (task.name, label)


@pytest.mark.slow
@pytest.mark.other_start
def test_a_film_that_is_turned_and_inverted_is_judged_right_by_both_heads(fitted, letters):
    turned = TASKS["rotation"].made_by["turned_180"].apply(letters.thumbnails, white=255)
    both = TASKS["inversion"].made_by["inverted"].apply(turned, white=255)
    said = predicted_logits(fitted, both)
    assert (said["rotation"].argmax(axis=1) == 2).mean() > 0.8
    assert (said["inversion"].argmax(axis=1) == 1).mean() > 0.9


def weights(network):
    return {name: value.numpy() for name, value in network.state_dict().items()}


def test_the_same_seed_gives_the_same_network_alone_or_beside_another(letters):
    few = Recipe(views=10 * FEW, batch=FEW)
    alone = weights(fit(letters, replace(few, seed=5)))
    with one_core_each(), ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(fit, letters, replace(few, seed=seed)) for seed in (5, 6)]
        beside, other = (weights(job.result()) for job in jobs)
    for name, values in alone.items():
        np.testing.assert_array_equal(beside[name], values)
    assert any((other[name] != values).any() for name, values in alone.items())


def test_progress_counts_every_view(letters):
    seen = []
    recipe = Recipe(views=10 * FEW, batch=FEW)
    fit_network(letters, FAMILY, recipe, device=CPU, progress=seen.append)
    assert sum(seen) == recipe.views_shown == 10 * FEW


def test_training_gives_the_cores_back():
    before = torch.get_num_threads()
    with one_core_each():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(("views", "steps"), [(1, 10), (160, 20), (266, 33)])
def test_even_the_shortest_training_runs_to_its_end(letters, views, steps):
    told, recipe = [], Recipe(views=views, batch=FEW)
    with one_core_each():
        fit_network(letters, FAMILY, recipe, device=CPU, progress=told.append)
    assert len(told) == recipe.steps == steps
    assert sum(told) == recipe.views_shown
