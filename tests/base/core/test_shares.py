import numpy as np
import pytest

from backend.base.core.figures import difference, share

# Newcombe, Statistics in Medicine 17 (1998), table II, method 10.
PUBLISHED = [
    ((56, 70), (48, 80), (0.0524, 0.3339)),
    ((9, 10), (3, 10), (0.1705, 0.8090)),
    ((6, 7), (2, 7), (0.0582, 0.8062)),
    ((5, 56), (0, 29), (-0.0381, 0.1926)),
    ((0, 10), (0, 20), (-0.1611, 0.2775)),
    ((0, 10), (0, 10), (-0.2775, 0.2775)),
    ((10, 10), (0, 20), (0.6791, 1.0)),
    ((10, 10), (0, 10), (0.6075, 1.0)),
]


@pytest.mark.parametrize(("first", "second", "limits"), PUBLISHED)
def test_a_difference_has_the_limits_that_newcombe_printed(first, second, limits):
    found = difference(share(*first), share(*second))
    assert (found.low, found.high) == pytest.approx(limits, abs=5e-5)


def test_turning_a_difference_round_turns_its_interval_round():
    there, back = (
        difference(share(3, 40), share(1, 60)),
        difference(share(1, 60), share(3, 40)),
    )
    assert (there.value, there.low, there.high) == pytest.approx(
        (-back.value, -back.high, -back.low)
    )


def test_a_share_of_nothing_has_no_value_and_neither_has_its_difference():
    assert share(0, 0).figure.value is None
    found = difference(share(0, 0), share(1, 5))
    assert (found.value, found.low, found.high) == (None, -1.0, 1.0)


@pytest.mark.parametrize(("p", "q"), [(0.02, 0.02), (0.3, 0.1), (0.05, 0.0)])
def test_a_difference_holds_the_truth_nearly_always(p, q):
    rng = np.random.default_rng(8)
    held = 0
    for _ in range(400):
        found = difference(share(int(rng.binomial(60, p)), 60), share(int(rng.binomial(40, q)), 40))
        held += found.low <= p - q <= found.high
    assert held >= 380
