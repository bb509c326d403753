"""The evidence at which a claim is rejected, by the number of finds so far.

If a claim is true, finds arrive as a Poisson process with rate 1 per unit of evidence. The claim is
rejected wrongly if, for any `f`, the process has at most `f` finds when the evidence reaches the
multiplier of `f`. The table makes the chance of this exactly `alpha`, however often the evidence is
evaluated (own construction; exact sequential Poisson thresholds as in Silva, Maro & Kulldorff 2021,
doi 10.1002/sim.9094).
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

_CLEAN_SHARE = 0.6
"""Share of alpha for audits without any find, which give the smallest bounds."""
_DECAY = 1.5
"""The rest of alpha is spread over f = 1, 2, ... finds in proportion to f ** -_DECAY."""
_KNEE, _RESERVE = 4000, 1e-5
"""Up to `_KNEE` finds the entries share all but `_RESERVE` of that rest; later entries share the
reserve, so that all entries together spend exactly alpha."""
_LEAST_BUILT = 64


def multipliers(alpha: float, count: int) -> NDArray[np.float64]:
    """Return the multipliers of 0, 1, 2, ... finds, at least `count` of them.

    The table grows as far as needed, because an entry that is used for more finds than its own
    would reject true claims too often.

    >>> multipliers(0.05, 3)[:3].round(2).tolist()
    [3.51, 6.11, 8.63]
    """
    return _built(alpha, max(_LEAST_BUILT, 1 << (count - 1).bit_length()))


@lru_cache(maxsize=64)
def _built(alpha: float, count: int) -> NDArray[np.float64]:
    first = -math.log(_CLEAN_SHARE * alpha)
    # Counts far above the mean weigh less than the rounding.
    band = math.ceil(15 * math.sqrt(count)) + 200
    entries = [first]
    # The chance of each count from 1 on, together with no rejection before.
    alive = _poisson(first, band + 1)[1:]
    for spent in _spending(alpha, count):
        step = max(0.0, math.log(alive[0] / spent))
        entries.append(entries[-1] + step)
        # A Poisson count exceeds its mean by more than this once in 10^30.
        terms = math.ceil(step + 12 * math.sqrt(step)) + 30
        alive = np.asarray(np.convolve(alive, _poisson(step, terms))[1 : band + 1], np.float64)
    table = np.array(entries)
    table.setflags(write=False)
    return table


def _spending(alpha: float, count: int) -> NDArray[np.float64]:
    """Return the share of alpha for 1, 2, ... finds; all of them together get 0.4 alpha."""
    shares = np.arange(1, max(count, _KNEE + 1), dtype=np.float64) ** -_DECAY
    before = shares[:_KNEE].sum()
    after = special.zeta(_DECAY) - before
    shares[:_KNEE] *= (1 - _RESERVE) / before
    shares[_KNEE:] *= _RESERVE / after
    return np.asarray((1 - _CLEAN_SHARE) * alpha * shares[: count - 1])


def _poisson(mean: float, terms: int) -> NDArray[np.float64]:
    counts = np.arange(terms, dtype=np.float64)
    return np.asarray(np.exp(special.xlogy(counts, mean) - mean - special.gammaln(counts + 1)))
