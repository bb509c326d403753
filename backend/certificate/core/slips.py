"""Bound the number of bad films that reviewers looked at and missed.

Films known to be bad are shown again, unmarked among others. The share of them that reviewers miss
bounds the share of bad films that they miss in the archive. Only a film that two independent looks
call bad counts as bad, so a bad film is missed if either look misses it.
"""

from dataclasses import dataclass

from scipy import special

from backend.base.core.errors import RadsieveError

BOUND_SHARE = 0.8
"""Share of alpha for the bound on the films that two looks would call bad."""
_MISS_SHARE = 0.1
"""Share of alpha for the bound of the miss rate; the same share for the films missed at that rate.
"""
_LOOKS = 2
_FARTHEST = 1 << 62


@dataclass(frozen=True, slots=True)
class Repeats:
    """Films known to be bad that were shown again unmarked: how many, and how many were missed."""

    missed: int
    """Number of shown films that were not called bad."""
    shown: int
    """Number of films known to be bad that were shown again."""

    def __post_init__(self) -> None:
        if not 0 <= self.missed <= self.shown:
            raise RadsieveError(
                f"expected 0 to {self.shown} repeats missed of {self.shown} shown, "
                f"got {self.missed}"
            )


@dataclass(frozen=True, slots=True)
class Slips:
    """Upper bounds on the share of bad films that reviewers miss."""

    one_look: float
    """Upper bound of the share of bad films that one look misses, 0 to 1."""
    two_looks: float
    """Upper bound of the share of bad films that at least one of two looks misses, 0 to 1."""
    miss_alpha: float
    """Chance that more bad films were missed than the bound allows for at this rate, 0 to 1."""

    def bad_among(self, called_bad: int) -> int | None:
        """Return an upper bound on the bad films, where two looks call `called_bad` films bad.

        Returns:
            None where there is no bound, because reviewers may miss all bad films.

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
        """Whether it is likely enough that two looks call only `called_bad` of `bad` films bad."""
        at_most = special.betainc(bad - called_bad, called_bad + 1, self.two_looks)
        return bool(at_most > self.miss_alpha)


def slips_from(repeats: Repeats, *, alpha: float) -> Slips:
    """Return upper bounds on the share of bad films that reviewers miss.

    Args:
        repeats: the films that were shown again, and those missed.
        alpha: alpha of the whole certificate; each of the two bounds gets a tenth of it.
    """
    seen = repeats.shown - repeats.missed
    one_look = (
        float(special.betaincinv(repeats.missed + 1, seen, 1 - _MISS_SHARE * alpha))
        if seen
        else 1.0
    )
    return Slips(one_look, 1 - (1 - one_look) ** _LOOKS, _MISS_SHARE * alpha)
