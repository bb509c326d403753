"""What reviewers' slips add to the certificate: bad films that were looked at, and passed.

Films known to be bad are shown again, hidden among the others; how many of them are missed bounds
the share of bad films that pass. Every find gets a second, independent look, and only films called
bad twice count, so a bad film passes if either look misses it.
"""

from dataclasses import dataclass

from scipy import special

from backend.base.core.errors import RadsieveError

BOUND_SHARE = 0.8
"""Of alpha, for the bound on films that would be called bad."""
_MISS_SHARE = 0.1
"""Of alpha, for the miss rate; as much again for how many bad films are missed at this rate."""
_LOOKS = 2
_FARTHEST = 1 << 62


@dataclass(frozen=True, slots=True)
class Repeats:
    """Films known to be bad that were shown without saying so."""

    missed: int
    shown: int

    def __post_init__(self) -> None:
        if not 0 <= self.missed <= self.shown:
            raise RadsieveError(
                f"expected 0 to {self.shown} repeats missed of {self.shown} shown, "
                f"got {self.missed}"
            )


@dataclass(frozen=True, slots=True)
class Slips:
    """How often bad films pass, at most."""

    one_look: float
    """Upper bound of the share of bad films that one look misses, 0 to 1."""
    two_looks: float
    """The same where both looks have to call the film bad."""
    miss_alpha: float
    """Chance that more bad films were missed than this rate lets one expect."""

    def bad_among(self, called_bad: int) -> int | None:
        """Return how many films can be bad where so many would be called bad.

        Returns:
            None where there is no bound: all repeats may have been missed.

        >>> Slips(0.0, 0.0, 0.005).bad_among(7)
        7
        """
        if self.two_looks <= 0:
            return called_bad
        if not self._possible(called_bad, _FARTHEST):
            return self._largest_possible(called_bad)
        return None

    def _largest_possible(self, called_bad: int) -> int:
        low, step = called_bad, 1
        while self._possible(called_bad, low + step):
            low, step = low + step, 2 * step
        high = low + step
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._possible(called_bad, middle) else (low, middle)
        return low

    def _possible(self, called_bad: int, bad: int) -> bool:
        """Whether of `bad` films, more than `called_bad`, so few may well be called bad."""
        at_most = special.betainc(bad - called_bad, called_bad + 1, self.two_looks)
        return bool(at_most > self.miss_alpha)


def slips_from(repeats: Repeats, *, alpha: float) -> Slips:
    """Return bounds on how often bad films pass.

    Args:
        repeats: what was measured.
        alpha: of the whole certificate; a tenth goes into each of the two bounds.
    """
    seen = repeats.shown - repeats.missed
    one = (
        float(special.betaincinv(repeats.missed + 1, seen, 1 - _MISS_SHARE * alpha))
        if seen
        else 1.0
    )
    return Slips(one, 1 - (1 - one) ** _LOOKS, _MISS_SHARE * alpha)
