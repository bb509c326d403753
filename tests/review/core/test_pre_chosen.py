"""Nothing is chosen on a film beforehand that contradicts what the same page says of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.base.core.detector_task import Subject
from backend.base.core.joint_question import (
    FINE,
    joint_probabilities,
    nameable_parts,
    problem_name,
    read_named,
    suspected_problems,
)
from backend.review.adapters.screens.pre_annotation import suspects
from backend.review.core.pre_chosen import CHOSEN_FROM, pre_chosen
from tasks import load_detector_tasks

TASKS = load_detector_tasks()
JOINT = TASKS["any_problem"]
PARTS = {part.name: part for part in nameable_parts(JOINT)}
TASK_OF = {problem_name(part, label): part for part in PARTS.values() for label in part.labels}


def probabilities(part):
    """Return a strategy of what a detector says of a film: often something it is sure of."""
    weights = st.lists(
        st.sampled_from([0.0, 0.01, 0.1, 1.0, 30.0]),
        min_size=len(part.labels),
        max_size=len(part.labels),
    ).filter(any)
    return weights.map(lambda some: np.array([some], np.float32) / sum(some))


@st.composite
def films(draw):
    """Return what all detectors say of one film: on a single film, and to a sheet."""
    names = draw(st.lists(st.sampled_from(sorted(PARTS)), unique=True, min_size=1))
    said = [(PARTS[name], draw(probabilities(PARTS[name]))) for name in names]
    detectors = [(part, rows) for part, rows in said if part.rule is None]
    joint = joint_probabilities(JOINT, detectors, np.array([False]))
    fine = float(joint[0, JOINT.labels.index(JOINT.expected_label)])
    probable = suspected_problems(said, 0) | ({} if np.isnan(fine) else {FINE: fine})
    return probable, joint


@given(films())
def test_what_is_chosen_can_be_true_together_and_is_more_probable_than_not(film):
    probable, _ = film
    chosen = pre_chosen(JOINT, probable)
    assert all(probable[name] >= CHOSEN_FROM for name in chosen)
    assert list(chosen) == sorted(chosen, key=lambda name: -probable[name])
    assert FINE not in chosen
    if chosen:
        assert read_named(chosen, JOINT).called == "problem"


@given(films())
def test_no_problem_is_chosen_on_a_film_that_a_sheet_would_not_tick(film):
    probable, joint = film
    if pre_chosen(JOINT, probable):
        assert suspects(JOINT, "fine", ["film"], joint) == {"film"}


@given(films())
def test_neither_a_rule_nor_a_detector_for_review_only_chooses_for_others(film):
    probable, _ = film
    for name in pre_chosen(JOINT, probable):
        assert TASK_OF[name].rule is None
        assert not TASK_OF[name].review_only


@given(films())
def test_of_a_film_of_another_kind_nothing_is_chosen_that_was_learnt_from_the_usual_kind(film):
    probable, _ = film
    subjects = {TASK_OF[name].subject for name in pre_chosen(JOINT, probable)}
    assert len(subjects) <= 1
    for name, probability in probable.items():
        surely = name != FINE and probability >= CHOSEN_FROM
        if surely and TASK_OF[name].subject is Subject.PART_OF_BODY and subjects:
            assert subjects == {Subject.PART_OF_BODY}


@pytest.mark.parametrize(
    ("probable", "chosen"),
    [
        ({"rotation: turned_180": 0.93, "body_region: abdomen": 0.7}, ("body_region: abdomen",)),
        ({"inversion: inverted": 0.93, "projection: lateral": 0.6}, ("projection: lateral",)),
        ({"projection: lateral": 0.9, "body_region: hand": 0.6}, ("body_region: hand",)),
        (
            {"rotation: turned_180": 0.6, "inversion: inverted": 0.93},
            ("inversion: inverted", "rotation: turned_180"),
        ),
        ({"mirror: mirrored": 0.99}, ()),
        ({"quality: washed_out": 0.9, FINE: 0.97}, ()),
        ({"rotation: turned_180": 0.93, FINE: 0.97}, ()),
    ],
)
def test_what_is_chosen_of_single_films(probable, chosen):
    assert pre_chosen(JOINT, {FINE: 0.07} | probable) == chosen


@pytest.mark.parametrize(
    ("fine", "chosen"), [(0.97, (FINE,)), (0.6, ()), (0.3, ("mirror: mirrored",))]
)
def test_a_detector_chooses_on_films_of_its_own_task_what_it_is_sure_of(fine, chosen):
    probable = {FINE: fine, "mirror: mirrored": 1 - fine}
    assert pre_chosen(TASKS["mirror"], probable) == chosen


def test_a_rule_chooses_nothing_since_most_of_what_it_suspects_is_good():
    for score in (0.1, 0.9):
        assert pre_chosen(TASKS["quality"], {FINE: 1 - score, "quality: blurred": score}) == ()
