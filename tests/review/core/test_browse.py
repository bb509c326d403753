"""The columns of the grid against a slow and simple recount, film by film."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.review.core.browse import (
    CLASS_UNKNOWN,
    CUT_STEPS,
    DECISIONS,
    REASONS,
    UNDECIDED,
    ArchiveColumns,
    FilmFilter,
    FilmOrder,
    TaskColumns,
    cosine_to,
    cut_sides,
    in_order,
    matching,
)

LABELS = 3
SEXES, VIEWS = ("", "F", "M"), ("", "AP", "PA")
SHARES = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0])
AGES = st.sampled_from([math.nan, 0.0, 4.5, 40.0, 90.0])


@st.composite
def archives(draw):
    """An archive of few films, in which every column has ties and gaps."""
    count = draw(st.integers(0, 12))

    def column(values):
        return draw(st.lists(values, min_size=count, max_size=count))

    archive = ArchiveColumns(
        radiograph_ids=[f"film{number}" for number in range(count)],
        thumbnail_rows=np.arange(count),
        width_px=np.full(count, 10, np.int32),
        height_px=np.full(count, 10, np.int32),
        ages=np.array(column(AGES), np.float32),
        sexes=SEXES,
        sex=np.array(column(st.integers(0, 2)), np.int16),
        views=VIEWS,
        view=np.array(column(st.integers(0, 2)), np.int16),
    )
    rows = [
        [math.nan] * LABELS if missing else [first, second, 1 - first]
        for missing, first, second in zip(
            column(st.booleans()), column(SHARES), column(SHARES), strict=True
        )
    ]
    task = TaskColumns(
        probabilities=np.array(rows, np.float32).reshape(count, LABELS),
        expected=0,
        decided=np.array(column(st.integers(CLASS_UNKNOWN, LABELS - 1)), np.int16),
        decision=np.array(column(st.integers(0, len(DECISIONS) - 1)), np.int16),
        reason=np.array(column(st.integers(0, len(REASONS) - 1)), np.int16),
        waits=np.zeros(count, bool),
    )
    return archive, task


def maybe(values):
    return st.none() | values


FILTERS = st.builds(
    FilmFilter,
    label=maybe(st.integers(0, LABELS - 1)),
    low=maybe(SHARES),
    high=maybe(SHARES),
    decision=maybe(st.integers(0, len(DECISIONS) - 1)),
    reason=maybe(st.integers(1, len(REASONS) - 1)),
    sex=maybe(st.integers(0, 2)),
    view=maybe(st.integers(0, 2)),
    youngest=maybe(st.sampled_from([0.0, 4.5, 41.0])),
    oldest=maybe(st.sampled_from([4.5, 40.0])),
)


def taken_for(task, place):
    if task.decided[place] != UNDECIDED:
        return int(task.decided[place])
    row = [float(p) for p in task.probabilities[place]]
    return UNDECIDED if math.isnan(row[0]) else row.index(max(row))


def probability(task, place, label):
    row = task.probabilities[place]
    return float(np.float32(1 - row[task.expected]) if label is None else row[label])


def lies_within(number, low, high):
    if low is None and high is None:
        return True
    if math.isnan(number):
        return False
    return (low is None or number >= np.float32(low)) and (
        high is None or number <= np.float32(high)
    )


def fits(archive, task, wanted, place):
    return (
        wanted.label in (None, taken_for(task, place))
        and wanted.decision in (None, task.decision[place])
        and wanted.reason in (None, task.reason[place])
        and wanted.sex in (None, archive.sex[place])
        and wanted.view in (None, archive.view[place])
        and lies_within(probability(task, place, wanted.label), wanted.low, wanted.high)
        and lies_within(float(archive.ages[place]), wanted.youngest, wanted.oldest)
    )


@given(archives(), FILTERS)
def test_a_filter_finds_exactly_the_films_that_fit(columns, wanted):
    archive, task = columns
    slowly = [place for place in range(len(archive)) if fits(archive, task, wanted, place)]
    assert matching(archive, task, wanted).tolist() == slowly


def last_if_unknown(number, *, descending):
    return (1, 0.0) if math.isnan(number) else (0, -number if descending else number)


@given(archives(), maybe(st.integers(0, LABELS - 1)), st.randoms(use_true_random=False))
def test_an_order_is_that_of_a_stable_sort_with_what_is_not_known_last(columns, label, rng):
    archive, task = columns
    places = np.array(rng.sample(range(len(archive)), len(archive)), np.int64)
    numbers = {
        FilmOrder.PROBABLE: (lambda place: probability(task, place, label), True),
        FilmOrder.IMPROBABLE: (lambda place: probability(task, place, label), False),
        FilmOrder.UNSURE: (lambda place: float(task.unsureness[place]), True),
        FilmOrder.YOUNGEST: (lambda place: float(archive.ages[place]), False),
        FilmOrder.OLDEST: (lambda place: float(archive.ages[place]), True),
        FilmOrder.ARCHIVE: (lambda _place: 0.0, False),
    }
    for order, (number, descending) in numbers.items():
        slowly = sorted(
            places.tolist(),
            key=lambda place, number=number, descending=descending: last_if_unknown(
                number(place), descending=descending
            ),
        )
        assert in_order(places, order, archive, task, label).tolist() == slowly, order


@given(archives(), maybe(st.integers(0, LABELS - 1)))
def test_every_mark_of_the_slider_counts_the_films_below_it(columns, label):
    archive, task = columns
    numbers = task.probability_of(label)
    sides = cut_sides(np.arange(len(archive)), numbers)
    known = [float(number) for number in numbers if not math.isnan(number)]
    assert numbers[sides.ascending].tolist() == sorted(known)
    assert len(sides.below) == CUT_STEPS + 1
    for step in (0, 1, 100, 250, 500, 999, CUT_STEPS):
        below = sum(number < np.float32(step / CUT_STEPS) for number in known)
        assert sides.below[step] == below


def test_how_sure_a_detector_is_is_the_gap_between_its_two_best_labels():
    rows = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [0.1, 0.2, 0.7]], np.float32)
    zeros = np.zeros(3, np.int16)
    task = TaskColumns(rows, 0, zeros, zeros, zeros, np.zeros(3, bool))
    np.testing.assert_allclose(task.unsureness, [1.0, 0.0, 0.5], atol=1e-6)


@given(st.integers(0, 4), st.integers(1, 12))
def test_likeness_is_the_cosine_of_what_differs_from_each_film_s_own_mean(place, width):
    vectors = np.random.default_rng([place, width]).integers(0, 255, (5, width)).astype(np.uint8)
    vectors[1] = 7  # the same everywhere: like nothing
    like = cosine_to(vectors, place)
    slowly = [correlation(vectors[place], other) for other in vectors]
    np.testing.assert_allclose(like, slowly, atol=1e-4)


def correlation(one, other):
    first = [float(value) - float(one.astype(float).mean()) for value in one]
    second = [float(value) - float(other.astype(float).mean()) for value in other]
    lengths = math.sqrt(sum(a * a for a in first) * sum(b * b for b in second))
    return sum(a * b for a, b in zip(first, second, strict=True)) / lengths if lengths else 0.0


def test_a_film_whose_class_is_not_known_is_taken_for_no_label():
    zeros = np.zeros(1, np.int16)
    task = TaskColumns(
        np.array([[0.9, 0.1]], np.float32), 0, zeros + CLASS_UNKNOWN, zeros, zeros, zeros > 0
    )
    assert task.taken_for.tolist() == [CLASS_UNKNOWN]
    assert replace(task, decided=zeros + UNDECIDED).taken_for.tolist() == [0]


@pytest.mark.parametrize("count", [0, 9000])
def test_likeness_is_worked_out_for_any_number_of_films(count):
    vectors = np.tile(np.array([[0.0, 1.0]], np.float16), (count, 1))
    if count:
        assert cosine_to(vectors, count - 1).tolist() == pytest.approx([1.0] * count)
