"""Where networks start from, and which tests train.

RADSIEVE_TEST_SEED=3 lets every network that a test trains start from other weights. What a test
asserts has to hold for any of them: `pytest -m trains` runs the tests that train.
"""

import os

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

_OTHER_START = int(os.environ.get("RADSIEVE_TEST_SEED", "0"))


class _Trainings:
    """Which fixtures and tests have trained something since the first test."""

    def __init__(self):
        self.being_set_up, self.fixtures, self.in_the_test = [], set(), False

    def note(self):
        self.fixtures.update((made.baseid, made.argname) for made in self.being_set_up)
        self.in_the_test |= not self.being_set_up

    def concern(self, item):
        used = {(base, name) for base, name in self.fixtures if item.nodeid.startswith(base)}
        return self.in_the_test or any(name in item.fixturenames for _, name in used)


_TRAININGS = _Trainings()


@pytest.fixture(scope="session", autouse=True)
def other_start():
    """Let networks start from other weights, where RADSIEVE_TEST_SEED is set, and note trainings.

    Linear heads have no start: they get features that differ by about a thousandth of their
    spread, many times what another processor makes of them.
    """
    other, seed_torch, fit = _OTHER_START, torch.manual_seed, LogisticRegression.fit

    def seed_otherwise(seed):
        _TRAININGS.note()
        return seed_torch(seed + 1_000_003 * other)

    def fit_otherwise(self, features, *rest, **options):
        _TRAININGS.note()
        if other:
            noise = np.random.default_rng([other, *features.shape]).standard_normal(features.shape)
            features = features + 1e-3 * features.std(axis=0) * noise
        return fit(self, features, *rest, **options)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(torch, "manual_seed", seed_otherwise)
        patched.setattr(LogisticRegression, "fit", fit_otherwise)
        yield


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef):
    _TRAININGS.being_set_up.append(fixturedef)
    try:
        return (yield)
    finally:
        _TRAININGS.being_set_up.pop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Fail a test that trains and is not marked: it would be left out of `pytest -m trains`."""
    _TRAININGS.in_the_test = False
    result = yield
    if _TRAININGS.concern(item) and not item.get_closest_marker("trains"):
        pytest.fail("this test trains; mark it with @pytest.mark.trains", pytrace=False)
    return result
