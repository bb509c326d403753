from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from backend.core.ranking import (
    BatchShape,
    Pool,
    ReportWord,
    Slice,
    outlyingness,
    rank_for_review,
)

LABELS = ("normal", "inverted")
SHAPE = BatchShape(films=40, audit_share=0.25, films_per_patient=2)


def pool_of(bad, patients=None):
    bad = np.asarray(bad, dtype=float)
    ids = [f"film{number:03d}" for number in range(len(bad))]
    return Pool(
        radiograph_ids=ids,
        patients=patients or ids,
        probabilities=np.column_stack([1 - bad, bad]),
        outlyingness=np.random.default_rng(5).random(len(bad)),
        labels=LABELS,
        expected_label="normal",
    )


def batch(pool, shape=SHAPE, seed=1):
    return rank_for_review(pool, shape, np.random.default_rng(seed))


def test_likely_finds_come_first_the_most_likely_one_at_the_front():
    bad = np.full(200, 0.01)
    bad[[50, 120, 180]] = [0.7, 0.99, 0.6]
    picks = batch(pool_of(bad))
    assert [pick.radiograph_id for pick in picks[:3]] == ["film120", "film050", "film180"]
    assert {pick.slice for pick in picks[:3]} == {Slice.LIKELY}


def test_what_likely_finds_leave_is_filled_with_outliers_and_uncertain_films():
    picks = batch(pool_of(np.linspace(0, 0.49, 200)))
    counts = Counter(pick.slice for pick in picks)
    assert counts == {Slice.OUTLIER: 6, Slice.UNCERTAIN: 24, Slice.AUDIT: 10}


def test_no_film_is_picked_twice():
    picks = batch(pool_of(np.linspace(0, 1, 60)))
    assert len({pick.radiograph_id for pick in picks}) == len(picks) == 40


def test_the_ranked_slices_hold_no_more_than_two_films_of_a_patient():
    pool = pool_of(np.full(100, 0.9), patients=[f"patient{n // 10}" for n in range(100)])
    ranked = [pick for pick in batch(pool) if pick.slice is not Slice.AUDIT]
    of_patient = Counter(pool.patients[int(pick.radiograph_id[4:])] for pick in ranked)
    assert set(of_patient.values()) == {2}


def test_a_pool_smaller_than_the_batch_is_picked_whole():
    assert len(batch(pool_of([0.1, 0.2, 0.9]))) == 3


def test_an_empty_pool_gives_an_empty_batch():
    assert batch(pool_of([])) == []


def test_the_same_seed_draws_the_same_audit_and_another_seed_another():
    pool = pool_of(np.linspace(0, 0.4, 300))
    assert batch(pool, seed=1) == batch(pool, seed=1)
    assert batch(pool, seed=1) != batch(pool, seed=2)


def test_the_audit_is_uniform_over_the_films_that_the_ranking_leaves():
    pool = pool_of(np.r_[np.full(10, 0.9), np.linspace(0.0, 0.4, 40)])
    shape = BatchShape(films=20, audit_share=0.5, films_per_patient=9, outlier_share=0)
    drawn = Counter(
        pick.radiograph_id
        for seed in range(2000)
        for pick in batch(pool, shape, seed)
        if pick.slice is Slice.AUDIT
    )
    assert len(drawn) == 40
    # 500 draws expected of each film, standard deviation 19: six of them on either side.
    assert 384 < min(drawn.values()) <= max(drawn.values()) < 616


def test_every_pick_says_why():
    reasons = {pick.slice: pick.reason for pick in batch(pool_of(np.linspace(0, 1, 100)))}
    assert reasons[Slice.LIKELY].startswith("probably inverted: 0.")
    assert reasons[Slice.AUDIT].startswith("drawn at random from 70 films")


def test_a_film_unlike_the_rest_is_the_farthest_out():
    rng = np.random.default_rng(8)
    gradient = np.linspace(40, 200, 256)
    sketches = np.clip(gradient + rng.normal(0, 8, (120, 256)), 0, 255).astype(np.uint8)
    sketches[77] = sketches[77][::-1]
    assert outlyingness(sketches).argmax() == 77


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_films_to_compare_are_all_ordinary(count):
    assert outlyingness(np.zeros((count, 256), dtype=np.uint8)).tolist() == [0.0] * count


def test_identical_films_are_all_ordinary():
    assert outlyingness(np.full((9, 256), 7, dtype=np.uint8)).tolist() == [0.0] * 9


def with_reports(pool, words):
    said = {film: ReportWord(label, "a.rule", 0.9) for film, label in words.items()}
    return replace(pool, reports=said)


def test_films_whose_report_and_pixels_disagree_come_first():
    pool = with_reports(
        pool_of([0.01, 0.9, 0.02, 0.6, 0.03]),
        {"film000": "inverted", "film001": "normal", "film002": "normal"},
    )
    picks = batch(pool, BatchShape(films=4, audit_share=0.0, films_per_patient=5))
    assert [pick.radiograph_id for pick in picks[:3]] == ["film000", "film001", "film003"]
    assert [pick.slice for pick in picks[:3]] == [Slice.CONFLICT, Slice.CONFLICT, Slice.LIKELY]


def test_films_with_reports_are_drawn_from_silent_and_telling_ones_beside_the_audit():
    words = {f"film{n:03d}": "inverted" if n < 20 else "normal" for n in range(300)}
    # The pixels agree with every report, so that there are no conflicts.
    pool = with_reports(pool_of([0.9] * 20 + [0.1] * 380), words)
    shape = BatchShape(films=60, audit_share=0.5, films_per_patient=0, report_share=0.25)
    picks = batch(pool, shape)
    counts = Counter(pick.slice for pick in picks)
    assert counts == {Slice.REPORT_AUDIT: 15, Slice.AUDIT: 45}
    drawn = [words[one.radiograph_id] for one in picks if one.slice is Slice.REPORT_AUDIT]
    assert drawn.count("inverted") == 7
    assert len({pick.radiograph_id for pick in picks}) == 60


def test_without_reports_nothing_is_drawn_from_them():
    picks = batch(pool_of([0.1] * 100), replace(SHAPE, report_share=0.5))
    assert Slice.REPORT_AUDIT not in {pick.slice for pick in picks}
