import numpy as np
import pytest

from backend.review.core.known_answer_films import KnownAnswerFilms, draw_checks
from tasks import detector_task

ROTATION, REGION = detector_task("rotation"), detector_task("body_region")
BAD = {f"bad{number}": "turned_90" for number in range(20)}
GOOD = [f"good{number}" for number in range(20)]


def drawn(known, task, sheets=400, chance=0.9, places=2, seed=3):
    rng = np.random.default_rng(seed)
    return [draw_checks(known, task, places=places, chance=chance, rng=rng) for _ in range(sheets)]


def test_about_half_of_the_checks_are_bad_and_half_of_each_are_ticked():
    checks = [one for sheet in drawn(KnownAnswerFilms(BAD, GOOD), ROTATION) for one in sheet]
    bad = [one for one in checks if one.truth != "upright"]
    assert 0.4 < len(bad) / len(checks) < 0.6
    for some in (bad, [one for one in checks if one.truth == "upright"]):
        assert 0.4 < np.mean([one.ticked for one in some]) < 0.6


def test_a_sheet_gets_no_more_checks_than_it_has_places_and_no_film_twice():
    for sheet in drawn(
        KnownAnswerFilms({"bad": "turned_90"}, ["good"]), ROTATION, chance=1.0, places=4
    ):
        films = [one.radiograph_id for one in sheet]
        assert len(films) == len(set(films)) <= 4


def test_where_no_bad_film_is_known_one_is_made_and_says_so():
    checks = [one for sheet in drawn(KnownAnswerFilms({}, GOOD), ROTATION) for one in sheet]
    bad = [one for one in checks if one.truth != "upright"]
    assert bad
    assert all(one.made and one.radiograph_id in GOOD for one in bad)
    assert {one.truth for one in bad} == {"turned_90", "turned_180", "turned_270"}
    assert not any(one.made for one in checks if one.truth == "upright")


def test_a_detector_whose_labels_cannot_be_made_waits_for_known_bad_films():
    checks = [one for sheet in drawn(KnownAnswerFilms({}, GOOD), REGION) for one in sheet]
    assert {one.truth for one in checks} == {REGION.expected_label}


@pytest.mark.parametrize("known", [KnownAnswerFilms({}, []), KnownAnswerFilms(BAD, [])])
def test_what_is_not_known_is_not_shown(known):
    films = {one.radiograph_id for sheet in drawn(known, ROTATION) for one in sheet}
    assert films <= set(known.bad)
