"""A printed limit is true: what is at least so much is no less, what is at most so much no more."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.base.core.limits import (
    Toward,
    at_least,
    at_most,
    limits,
    percent,
    share_at_least,
    share_at_most,
    share_limits,
    significant,
)

SHARES = st.floats(0, 1) | st.floats(0, 1e-5) | st.floats(1 - 1e-5, 1)
NUMBERS = st.floats(-1e6, 1e6)
DIGITS = st.integers(0, 6)


def number(text):
    return Decimal(text.removesuffix(" %").replace(",", ""))


def meant(value):
    return Decimal(str(float(value)))


@given(NUMBERS, DIGITS)
def test_limits_never_promise_too_much_and_miss_by_less_than_their_last_digit(value, digits):
    low, high = number(at_least(value, digits)), number(at_most(value, digits))
    step = Decimal(1).scaleb(-digits)
    assert meant(value) - step <= low <= meant(value) <= high <= meant(value) + step


@given(SHARES, DIGITS)
def test_limits_of_shares_say_all_or_none_only_where_that_is_so(share, digits):
    low, high = number(share_at_least(share, digits)), number(share_at_most(share, digits))
    assert low <= 100 * meant(share) <= high
    assert (low == 100) == (share == 1)
    assert (high == 0) == (share == 0)


@given(SHARES, SHARES, DIGITS)
def test_a_printed_interval_holds_the_one_that_was_computed(one, other, digits):
    low, high = sorted((one, other))
    for scale, text in ((1, limits(low, high, digits)), (100, share_limits(low, high, digits))):
        ends = [number(end) for end in text.split(" to ")]
        assert ends[0] <= scale * meant(low) <= scale * meant(high) <= ends[1]


@given(SHARES)
def test_percent_rounds_toward_where_it_is_told_and_never_to_none_or_to_all(share):
    down, near, up = (
        number(percent(share, toward)) for toward in (Toward.DOWN, Toward.NEAREST, Toward.UP)
    )
    assert down <= 100 * meant(share) <= up
    assert down <= near <= up
    assert (near == 0) == (down == 0) == (share == 0)
    assert (near == 100) == (share == 1)


@given(st.floats(1e-9, 1e9), st.integers(1, 4))
def test_digits_that_tell_are_rounded_the_same_way(value, digits):
    down, up = (number(significant(value, digits, way)) for way in (Toward.DOWN, Toward.UP))
    assert down <= meant(value) <= up


@pytest.mark.parametrize(("share", "said"), [(0.99951, "99.9 %"), (31 / 31, "100.0 %")])
def test_a_recall_that_is_not_all_is_not_called_all(share, said):
    assert share_at_least(share) == said


def test_one_film_of_two_thousand_is_neither_none_nor_all():
    assert (percent(1 / 2000), percent(1999 / 2000)) == ("0.05", "99.950")
