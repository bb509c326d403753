import numpy as np
import pytest

from backend.labels.core.labels import Slice
from backend.review.core.ranking.shares import (
    LEAST_OUTLIERS,
    MOST_OUTLIERS,
    SliceYield,
    adapted_shares,
)


def batch(**counts):
    return {Slice(name): SliceYield(*pair) for name, pair in counts.items()}


def shares(*history, audit=0.25, dry=0.8):
    return adapted_shares(history, audit_share=audit, dry_audit_share=dry)


def test_without_history_a_fifth_of_the_ranked_films_are_outliers():
    found = shares()
    assert (found.audit, found.outliers) == (0.25, pytest.approx(0.2))


def test_the_audit_takes_over_once_ranked_looks_find_two_in_a_hundred_or_less():
    assert shares(batch(likely=(60, 1), outlier=(40, 1))).audit == 0.8
    assert shares(batch(likely=(60, 2), outlier=(40, 1))).audit == 0.25


def test_it_gives_way_when_they_find_something_again():
    assert shares(batch(likely=(100, 0)), batch(likely=(50, 5))).audit == 0.25


def test_a_few_looks_are_judged_together_with_the_batch_before():
    rich, few = batch(likely=(100, 50)), batch(likely=(10, 0))
    assert shares(rich, few).audit == 0.25
    assert shares(few).audit == 0.25
    assert shares(batch(likely=(100, 0)), few).audit == 0.8


def test_what_the_audit_finds_has_no_part_in_it():
    assert shares(batch(likely=(100, 0), audit=(100, 30), report_audit=(50, 20))).audit == 0.8


def test_the_setting_is_a_floor():
    assert shares(batch(likely=(100, 0)), audit=0.9, dry=0.8).audit == 0.9


def test_more_outliers_are_shown_where_outliers_find_more():
    more = shares(batch(likely=(50, 5), outlier=(50, 25))).outliers
    fewer = shares(batch(likely=(50, 25), outlier=(50, 5))).outliers
    assert fewer < 0.2 < more


def test_neither_kind_of_ranked_look_starves():
    rng = np.random.default_rng(3)
    for _ in range(200):
        looked = rng.integers(0, 100, 2)
        found = rng.integers(0, looked + 1)
        history = batch(
            uncertain=(int(looked[0]), int(found[0])), outlier=(int(looked[1]), int(found[1]))
        )
        assert LEAST_OUTLIERS <= shares(history).outliers <= MOST_OUTLIERS


def test_what_was_long_ago_counts_less():
    good, bad = batch(outlier=(50, 5)), batch(outlier=(50, 0))
    assert shares(good, bad).outliers < shares(bad, good).outliers
