"""Numbers in print: a lower limit is rounded down and an upper one up, so that both stay true."""

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from enum import Enum

_FEW, _MANY = 0.0005, 0.9995
"""Shares beyond these would be rounded to none or to all with one digit."""
_SIGNIFICANT = 2


class Toward(Enum):
    """Where a number is rounded to."""

    NEAREST = ROUND_HALF_EVEN
    DOWN = ROUND_FLOOR
    UP = ROUND_CEILING


def in_digits(value: float, digits: int, toward: Toward = Toward.NEAREST, sign: str = "-") -> str:
    """Return a number with so many digits behind the point.

    Args:
        value: the number; what is not finite is said as it is.
        digits: 0 or more.
        toward: where it is rounded to.
        sign: `+` also marks positive numbers.

    >>> in_digits(0.29, 1, Toward.DOWN), in_digits(0.29, 1, Toward.UP), in_digits(-0.01, 1)
    ('0.2', '0.3', '0.0')
    >>> in_digits(12.26, 1, Toward.DOWN, sign="+"), in_digits(float("inf"), 1, Toward.UP)
    ('+12.2', 'inf')
    """
    if not math.isfinite(value):
        return f"{value:.0f}"
    return _printed(_exact(value), digits, toward, sign)


def at_least(limit: float, digits: int) -> str:
    """Return a lower limit with so many digits.

    >>> at_least(0.9996, 3)
    '0.999'
    """
    return in_digits(limit, digits, Toward.DOWN)


def at_most(limit: float, digits: int) -> str:
    """Return an upper limit with so many digits.

    >>> at_most(0.0001, 3)
    '0.001'
    """
    return in_digits(limit, digits, Toward.UP)


def limits(low: float, high: float, digits: int, sign: str = "-") -> str:
    """Return an interval that holds the one given.

    >>> limits(0.3349, 0.8751, 2), limits(-0.122, 1.0, 1, sign="+")
    ('0.33 to 0.88', '-0.2 to +1.0')
    """
    ends = ((low, Toward.DOWN), (high, Toward.UP))
    return " to ".join(in_digits(end, digits, toward, sign) for end, toward in ends)


def share_at_least(share: float, digits: int = 1) -> str:
    """Return a lower limit of a share in percent; `100 %` only where it is all.

    >>> share_at_least(0.99999), share_at_least(0.29), share_at_least(1.0)
    ('99.9 %', '29.0 %', '100.0 %')
    """
    return f"{_printed(_exact(share) * 100, digits, Toward.DOWN)} %"


def share_at_most(share: float, digits: int = 1) -> str:
    """Return an upper limit of a share in percent; `0 %` only where it is none.

    >>> share_at_most(0.00001), share_at_most(0.0)
    ('0.1 %', '0.0 %')
    """
    return f"{_printed(_exact(share) * 100, digits, Toward.UP)} %"


def share_limits(low: float, high: float, digits: int = 1, sign: str = "-") -> str:
    """Return an interval of shares in percent, without its sign.

    >>> share_limits(0.01235, 0.98765)
    '1.2 to 98.8'
    """
    ends = ((low, Toward.DOWN), (high, Toward.UP))
    return " to ".join(_printed(_exact(end) * 100, digits, toward, sign) for end, toward in ends)


def percent(share: float, toward: Toward = Toward.NEAREST) -> str:
    """Return a share in percent, without its sign, that never rounds to none, or to all.

    An upper limit may round to all, and a lower one to none only where it is none.

    >>> percent(0.5), percent(0.00004), percent(1.0), percent(0.99996)
    ('50.0', '0.004', '100', '99.996')
    >>> percent(0.0004321, Toward.DOWN), percent(0.0004321, Toward.UP)
    ('0.043', '0.044')
    """
    if share in (0.0, 1.0):
        return f"{100 * share:.0f}"
    exact = _exact(share) * 100
    few = 2 * _FEW if toward is Toward.DOWN else _FEW
    if 0 < share <= few:
        return significant(float(exact), _SIGNIFICANT, toward)
    if share >= _MANY:
        return _printed(exact, 3, Toward.UP if toward is Toward.UP else Toward.DOWN)
    return _printed(exact, 1, toward)


def significant(value: float, digits: int, toward: Toward = Toward.NEAREST) -> str:
    """Return a positive number with so many digits that tell, and no zeros behind them.

    >>> significant(1.26, 2, Toward.DOWN), significant(1.26, 2, Toward.UP), significant(2.0, 2)
    ('1.2', '1.3', '2')
    """
    if value <= 0:
        return "0"
    places = max(0, digits - 1 - _exact(value).adjusted())
    printed = _printed(_exact(value), places, toward)
    return printed.rstrip("0").rstrip(".") if "." in printed else printed


def _exact(value: float) -> Decimal:
    """Return a number as it is written: 0.29 is meant, not the binary number just below it."""
    return Decimal(str(float(value)))


def _printed(value: Decimal, digits: int, toward: Toward, sign: str = "-") -> str:
    rounded = value.quantize(Decimal(1).scaleb(-digits), rounding=toward.value)
    return f"{rounded or abs(rounded):{sign},.{digits}f}"
