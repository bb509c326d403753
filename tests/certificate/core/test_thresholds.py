"""The multipliers: those printed in the facts, and their chance of being wrong."""

import math

import numpy as np
import pytest
from scipy import special

from backend.certificate.core.thresholds import multipliers

PRINTED = {
    0.05: {
        **{0: 3.507, 1: 6.115, 2: 8.628, 3: 10.807, 4: 12.807, 5: 14.692, 6: 16.495, 7: 18.235},
        **{8: 19.926, 10: 23.192, 15: 30.903, 20: 38.204, 30: 52.093, 50: 78.33, 100: 139.96},
    },
    0.04: {
        **{0: 3.730, 1: 6.400, 2: 8.952, 3: 11.158, 4: 13.181, 5: 15.086, 6: 16.905},
        **{7: 18.661, 8: 20.366, 10: 23.657},
    },
}


@pytest.mark.parametrize("alpha", PRINTED)
def test_multipliers_rounded_up_are_those_printed(alpha):
    table = multipliers(alpha, 101)
    digits = {finds: 3 if finds < 50 else 2 for finds in PRINTED[alpha]}
    rounded = {f: math.ceil(table[f] * 10**d) / 10**d for f, d in digits.items()}
    assert rounded == PRINTED[alpha]


@pytest.mark.parametrize("alpha", [0.05, 0.04, 0.025, 0.01, 0.001])
def test_first_multiplier_is_given_and_every_find_costs_more(alpha):
    table = multipliers(alpha, 200)
    assert table[0] == pytest.approx(-math.log(0.6 * alpha))
    assert (np.diff(table) > 0).all()


def test_a_longer_table_begins_with_the_shorter_one_and_never_repeats_its_end():
    # 4,000 finds are as many as the printed table was made for.
    short, long = multipliers(0.05, 60), multipliers(0.05, 6000)
    np.testing.assert_allclose(long[: len(short)], short, atol=1e-9)
    assert len(long) >= 6000
    assert (np.diff(long) > 0).all()
    assert long[5999] > long[4999] > long[len(short)] > short[-1]


def test_table_cannot_be_changed_by_who_uses_it():
    with pytest.raises(ValueError, match="read-only"):
        multipliers(0.05, 10)[0] = 1.0


def chance_of_failing(alpha, finds, processes, seed):
    """Simulate: a process fails if the first f + 1 waits together pass the multiplier of f."""
    rng, table, failed = np.random.default_rng(seed), multipliers(alpha, finds), 0
    for _ in range(processes // 20_000):
        waits = np.cumsum(rng.standard_exponential((20_000, finds)), axis=1)
        failed += int((waits >= table[:finds]).any(axis=1).sum())
    return failed / processes


def spent(alpha, finds):
    """Return what the facts allow for fewer finds than so many."""
    some = (np.arange(1, finds) ** -1.5).sum() / (np.arange(1, 4001) ** -1.5).sum()
    return alpha * (0.6 + 0.4 * some)


@pytest.mark.parametrize("alpha", [0.05, 0.04, 0.0125])
def test_poisson_processes_fail_as_often_as_alpha_says(alpha):
    chance = spent(alpha, 60)
    error = math.sqrt(chance * (1 - chance) / 200_000)
    assert chance_of_failing(alpha, 60, 200_000, seed=1) == pytest.approx(chance, abs=3 * error)


def test_a_table_a_little_lower_fails_too_often():
    # The check above can tell a wrong table: without what finds cost, every wait is a new chance.
    flat = np.full(60, multipliers(0.05, 1)[0])
    waits = np.cumsum(np.random.default_rng(2).standard_exponential((20_000, 60)), axis=1)
    failed = (waits >= flat + np.arange(60)).any(axis=1).mean()
    assert failed > 0.06


@pytest.mark.slow
def test_a_million_poisson_processes_fail_as_often_as_alpha_says():
    chance = spent(0.05, 400)
    found = chance_of_failing(0.05, 400, 1_000_000, seed=3)
    error = math.sqrt(chance * (1 - chance) / 1_000_000)
    assert found == pytest.approx(chance, abs=3 * error)
    # What is left of alpha belongs to more finds than were simulated.
    assert found <= 0.05 + 3 * error
    assert 0.05 - spent(0.05, 400) < 0.001


def test_all_that_is_ever_spent_is_alpha():
    # By the recursion itself, without simulation: the chance to pass every multiplier and survive.
    alpha, finds = 0.05, 300
    table = multipliers(alpha, finds)
    counts = np.arange(3000)
    alive = np.exp(special.xlogy(counts, table[0]) - table[0] - special.gammaln(counts + 1))
    failed = alive[0]
    alive[0] = 0.0
    for find in range(1, finds):
        step = table[find] - table[find - 1]
        move = np.exp(special.xlogy(counts[:90], step) - step - special.gammaln(counts[:90] + 1))
        alive = np.convolve(alive, move)[:3000]
        failed += alive[find]
        alive[find] = 0.0
    assert failed == pytest.approx(spent(alpha, finds), rel=1e-4)
