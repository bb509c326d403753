"""How much evidence a claim may gather against itself before it is given up, by finds so far.

Evidence comes in such a way that the next find waits for an exponential clock of rate 1. A true
claim is given up wrongly if a Poisson process of rate 1 has had at most `f` finds when the evidence
reaches the multiplier of `f`, for any `f`. The table makes the chance of that exactly `alpha`,
however often somebody looks (facts: own construction; exact sequential Poisson thresholds as in
Silva, Maro & Kulldorff 2021, doi 10.1002/sim.9094).
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

_CLEAN_SHARE = 0.6
"""Of alpha, for audits without any find: those give the smallest bounds."""
_DECAY = 1.5
"""The rest is spent over f = 1, 2, ... in proportion to f to the power of minus this."""
_KNEE, _RESERVE = 4000, 1e-5
"""The table of the facts has spent everything by 4,000 finds. Of what it spends on finds, so much
is kept for all that come after: its entries stay what they are, and so does alpha."""
_LEAST_BUILT = 64


def multipliers(alpha: float, count: int) -> NDArray[np.float64]:
    """Return the multipliers of 0, 1, 2, ... finds, at least `count` of them.

    The table is built as far as it is asked for: an entry that stood for more finds than its own
    would be wrong too often.

    >>> multipliers(0.05, 3)[:3].round(2).tolist()
    [3.51, 6.11, 8.63]
    """
    return _built(alpha, max(_LEAST_BUILT, 1 << (count - 1).bit_length()))


@lru_cache(maxsize=64)
def _built(alpha: float, count: int) -> NDArray[np.float64]:
    first = -math.log(_CLEAN_SHARE * alpha)
    # Counts far above what the clock has reached weigh less than the rounding.
    band = math.ceil(15 * math.sqrt(count)) + 200
    found = [first]
    # Chance of each count from 1 on, of processes that have not failed so far.
    alive = _poisson(first, band + 1)[1:]
    for spent in _spending(alpha, count):
        step = max(0.0, math.log(alive[0] / spent))
        found.append(found[-1] + step)
        # A Poisson count is no further than this above its mean once in 10^30.
        terms = math.ceil(step + 12 * math.sqrt(step)) + 30
        alive = np.asarray(np.convolve(alive, _poisson(step, terms))[1 : band + 1], np.float64)
    table = np.array(found)
    table.setflags(write=False)
    return table


def _spending(alpha: float, count: int) -> NDArray[np.float64]:
    """Return the part of alpha that 1, 2, ... finds may use up; all of them together: 0.4 alpha."""
    shares = np.arange(1, max(count, _KNEE + 1), dtype=np.float64) ** -_DECAY
    before = shares[:_KNEE].sum()
    after = special.zeta(_DECAY) - before
    shares[:_KNEE] *= (1 - _RESERVE) / before
    shares[_KNEE:] *= _RESERVE / after
    return np.asarray((1 - _CLEAN_SHARE) * alpha * shares[: count - 1])


def _poisson(mean: float, terms: int) -> NDArray[np.float64]:
    counts = np.arange(terms, dtype=np.float64)
    return np.asarray(np.exp(special.xlogy(counts, mean) - mean - special.gammaln(counts + 1)))
