from collections import Counter
from dataclasses import replace

import numpy as np

from backend.labels.core.labels import Slice
from backend.review.core.ranking.pool import Pool, ReportWord
from backend.review.core.ranking.rank import BatchShape, rank_for_review
from backend.review.core.ranking.scores import mutual_information

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
    return rank_for_review(pool, shape, seed=seed).picks


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


def test_a_batch_says_from_how_many_films_its_audit_was_drawn():
    pool = pool_of(np.linspace(0, 1, 100))
    found = rank_for_review(pool, SHAPE, seed=3)
    assert found.drawn_from == 100 - 30
    assert {pick.inclusion for pick in found.picks if pick.slice is Slice.AUDIT} == {10 / 70}


def test_a_film_that_a_score_picked_has_no_chance_of_inclusion():
    ranked = [pick for pick in batch(pool_of(np.linspace(0, 1, 100))) if pick.slice != "audit"]
    assert {pick.inclusion for pick in ranked} == {None}


def test_films_with_reports_carry_the_chance_they_had_among_their_like():
    words = {f"film{n:03d}": "inverted" if n < 20 else "normal" for n in range(300)}
    pool = with_reports(pool_of([0.9] * 20 + [0.1] * 380), words)
    shape = BatchShape(films=60, audit_share=0.5, films_per_patient=0, report_share=0.25)
    drawn = {pick.radiograph_id: pick.inclusion for pick in batch(pool, shape) if pick.inclusion}
    of_reports = {drawn[film] for film in drawn.keys() & words.keys()} - {45 / 385}
    assert of_reports == {7 / 20, 8 / 280}


def test_what_labels_made_of_the_predictions_has_no_part_in_the_draws():
    """Where the ranked films are the same, so are the drawn ones, in the same order."""
    rng = np.random.default_rng(2)
    bad = np.r_[np.full(10, 0.9), rng.uniform(0, 0.4, 190)]
    other = np.r_[np.full(10, 0.7), rng.permutation(bad[10:])]
    shape = BatchShape(films=30, audit_share=2 / 3, films_per_patient=9, outlier_share=0)
    one, two = (rank_for_review(pool_of(some), shape, seed=4) for some in (bad, other))
    assert set(one.of(Slice.LIKELY)) == set(two.of(Slice.LIKELY))
    assert one.of(Slice.AUDIT) == two.of(Slice.AUDIT)


def test_the_order_of_the_draws_does_not_depend_on_the_order_of_the_pool():
    pool = pool_of(np.linspace(0, 0.4, 50))
    turned = replace(
        pool,
        radiograph_ids=pool.radiograph_ids[::-1],
        patients=pool.patients[::-1],
        probabilities=pool.probabilities[::-1],
        outlyingness=pool.outlyingness[::-1],
    )
    assert batch(pool) == batch(turned)


def test_a_film_without_a_prediction_is_drawn_like_all_others():
    bad = np.linspace(0.0, 0.4, 40)
    bad[:20] = np.nan
    shape = BatchShape(films=10, audit_share=1.0, films_per_patient=1)
    drawn = Counter(
        pick.radiograph_id for seed in range(1200) for pick in batch(pool_of(bad), shape, seed)
    )
    # 300 draws expected of each film, standard deviation 15: six of them on either side.
    assert len(drawn) == 40
    assert 210 < min(drawn.values()) <= max(drawn.values()) < 390


def test_a_film_without_a_prediction_is_neither_likely_nor_uncertain():
    bad = np.linspace(0.0, 0.9, 40)
    bad[::2] = np.nan
    by_model = [pick for pick in batch(pool_of(bad)) if pick.slice in {"likely", "uncertain"}]
    assert by_model
    assert not any(np.isnan(bad[int(pick.radiograph_id[4:])]) for pick in by_model)


def test_before_any_prediction_all_ranked_films_are_outliers():
    counts = Counter(pick.slice for pick in batch(pool_of(np.full(100, np.nan))))
    assert counts == {Slice.OUTLIER: 30, Slice.AUDIT: 10}


def test_the_audit_is_drawn_of_capped_patients_and_copies_too():
    pool = replace(
        pool_of(np.full(30, 0.9), patients=["one"] * 30), copy_groups=[0] * 15 + [1] * 15
    )
    counts = Counter(
        pick.slice
        for pick in batch(pool, BatchShape(films=20, audit_share=0.5, films_per_patient=2))
    )
    assert counts == {Slice.LIKELY: 2, Slice.AUDIT: 18}


def test_of_copies_only_one_is_ranked():
    pool = replace(pool_of(np.linspace(0.6, 0.9, 12)), copy_groups=[0] * 6 + [1] * 6)
    shape = BatchShape(films=12, audit_share=0.0, films_per_patient=9, outlier_share=0)
    ranked = [pick.radiograph_id for pick in batch(pool, shape) if pick.slice is Slice.LIKELY]
    assert ranked == ["film011", "film005"]


def test_places_are_kept_for_outliers_however_many_finds_are_likely():
    counts = Counter(pick.slice for pick in batch(pool_of(np.full(100, 0.9))))
    assert counts == {Slice.LIKELY: 24, Slice.OUTLIER: 6, Slice.AUDIT: 10}


def test_the_strategy_for_uncertain_films_can_be_another_one():
    pool = replace(
        pool_of(np.full(9, 0.1)), members=np.random.default_rng(1).dirichlet([1, 1], (3, 9))
    )
    shape = replace(SHAPE, films=1, audit_share=0.0, outlier_share=0, uncertain=mutual_information)
    [pick] = batch(pool, shape)
    assert pick.radiograph_id == f"film{mutual_information(pool).argmax():03d}"


def test_films_owed_to_an_earlier_audit_come_first_and_whatever_the_caps():
    pool = pool_of([0.1] * 40)
    pool = replace(pool, patients=["one"] * 40)
    owed = list(pool.radiograph_ids[20:28])
    shape = replace(SHAPE, films=20, audit_share=0.5, films_per_patient=1)
    found = rank_for_review(replace(pool, owed=owed), shape, seed=3)
    assert [pick.radiograph_id for pick in found.picks[:8]] == owed
    assert {pick.reason for pick in found.picks[:8]} == {"drawn earlier, and not looked at yet"}
    assert found.of(Slice.AGAIN) == owed
    # They fill the only patient's places among ranked films, and the draw is from what is left.
    assert len(found.of(Slice.AUDIT)) == 12
    assert found.drawn_from == 40 - 8
    assert not set(owed).intersection(found.of(Slice.AUDIT))


def test_films_owed_fill_a_batch_that_has_no_room_for_more():
    pool = pool_of([0.1] * 40)
    owed = list(pool.radiograph_ids[5:35])
    found = rank_for_review(replace(pool, owed=owed), replace(SHAPE, films=10), seed=3)
    assert [pick.radiograph_id for pick in found.picks] == owed[:10]
    assert found.drawn_from == 30
