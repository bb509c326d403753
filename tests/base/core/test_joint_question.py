import numpy as np
import pytest

from backend.base.core.detector_task import AnswerKind, DetectorTask, LearntFrom, Thresholds
from backend.base.core.errors import LabelStudioError, TaskDefinitionError
from backend.base.core.joint_question import (
    SOMETHING_ELSE,
    Named,
    covered_by,
    detectors_of,
    joint_probabilities,
    joint_version,
    nameable_parts,
    read_named,
    single_choices,
    suspected_problems,
    with_others,
    with_parts,
)
from backend.base.core.rule import Check, Force, rule_of_checks
from backend.base.core.task_kinds import DecidedByRule, DrawnBoxes, LearntFromAnswers, SumOfTasks


def a_task(name, labels, kind=None, **facts):
    return DetectorTask(
        name=name,
        question="?",
        labels=labels,
        expected_label=labels[0],
        thresholds=Thresholds(0.7, 0.9),
        kind=kind or LearntFromAnswers(),
        **facts,
    )


AGE_RULE = rule_of_checks(
    [
        Check(
            label="child",
            measure="age_years",
            cut_off="youngest_years",
            default=10.0,
            flags_above=False,
            meaning="age in years",
            force=Force.POLICY,
        )
    ],
    expected_label="adult",
)
TURNED = a_task("turned", ("upright", "left", "right"))
VIEW = a_task("view", ("frontal", "lateral"))
MIRROR = a_task("mirror", ("as_taken", "mirrored"), review_only=True, seen_on_thumbnail=False)
AGE = a_task("age", ("adult", "child"), kind=DecidedByRule(rule=AGE_RULE), seen_on_thumbnail=False)
HIPS = a_task("hips", ("left", "right"), kind=DrawnBoxes())
ALONE = a_task("any", ("fine", "problem"), kind=SumOfTasks())
JOINT = with_parts(ALONE, [TURNED, VIEW, MIRROR, AGE, HIPS, ALONE])


def p(*rows):
    return np.array(rows, np.float32)


def combined(said, ruled=None):
    films = len(said[0][1]) if said else len(ruled)
    bad = np.zeros(films, bool) if ruled is None else np.array(ruled)
    return joint_probabilities(JOINT, said, bad)


def test_it_is_made_of_the_tasks_that_choose_a_label_and_learns_nothing():
    assert [part.name for part in JOINT.parts] == ["turned", "view", "mirror", "age"]
    assert [part.name for part in detectors_of(JOINT)] == ["turned", "view", "mirror"]
    assert JOINT.learnt_from is LearntFrom.OTHERS
    assert with_parts(VIEW, [TURNED]) == VIEW


@pytest.mark.parametrize(
    ("labels", "kind"),
    [(("a", "b", "c"), SumOfTasks()), (("adult", "child"), SumOfTasks(answer=AnswerKind.BOX))],
)
def test_a_task_that_sums_up_has_two_labels_to_choose_from(labels, kind):
    with pytest.raises(TaskDefinitionError, match="sums up"):
        a_task("any", labels, kind)


@pytest.mark.parametrize("teacher", [{"rule": AGE_RULE}, {"made_by": {}}])
def test_a_task_that_sums_up_has_no_teacher_of_its_own(teacher):
    with pytest.raises(TypeError, match="unexpected keyword"):
        SumOfTasks(**teacher)


def test_a_look_at_a_thumbnail_answers_what_is_in_use_and_can_be_seen_there():
    everything = {"turned", "view", "mirror", "age"}
    assert covered_by(JOINT, everything) == {"turned": "upright", "view": "frontal"}
    assert covered_by(JOINT, {"view"}) == {"view": "frontal"}
    assert covered_by(JOINT, ()) == {}


def test_a_problem_is_as_probable_as_the_part_that_is_surest_of_one():
    said = [(TURNED, p([0.9, 0.1, 0.0], [0.2, 0.7, 0.1])), (VIEW, p([0.6, 0.4], [0.99, 0.01]))]
    np.testing.assert_allclose(combined(said), [[0.6, 0.4], [0.2, 0.8]], rtol=1e-5)


def test_what_a_rule_suspects_can_be_named_and_a_policy_cannot():
    pale, copy = (
        Check(
            label=label,
            measure="m",
            cut_off=label,
            default=0.5,
            flags_above=False,
            meaning="made up",
            force=force,
        )
        for label, force in (("pale", Force.SUSPICION), ("copy", Force.POLICY))
    )
    rule = rule_of_checks([pale, copy], "fine", needs_pixels=True)
    quality = a_task("quality", ("fine", "pale", "copy"), kind=DecidedByRule(rule=rule))
    joint = with_parts(ALONE, [VIEW, AGE, quality])
    assert [part.name for part in nameable_parts(joint)] == ["view", "quality"]
    assert single_choices(joint) == ("fine", "view: lateral", "quality: pale", SOMETHING_ELSE)
    assert covered_by(joint, {"view", "quality"}) == {"view": "frontal"}


def test_a_part_without_a_prediction_says_nothing():
    nan = np.nan
    said = [(TURNED, p([0.9, 0.1, 0.0], [nan] * 3)), (VIEW, p([nan, nan], [nan, nan]))]
    found = combined(said)
    np.testing.assert_allclose(found[0], [0.9, 0.1], rtol=1e-5)
    assert np.isnan(found[1]).all()


def test_a_detector_for_review_only_makes_suspects_and_decides_nothing():
    (found,) = combined([(MIRROR, p([0.01, 0.99]))])
    assert found[0] < JOINT.thresholds.review_below
    assert found.argmax() == JOINT.labels.index("fine")


def test_what_is_suspected_is_named_as_it_is_answered_the_likeliest_first():
    nan = np.nan
    said = [
        (TURNED, p([0.02, 0.9, 0.08], [0.9, 0.06, 0.04])),
        (VIEW, p([0.05, 0.95], [nan, nan])),
        (MIRROR, p([0.99, 0.01], [0.5, 0.5])),
    ]
    assert list(suspected_problems(said, 0)) == ["view: lateral", "turned: left", "turned: right"]
    assert suspected_problems(said, 1) == pytest.approx(
        {"mirror: mirrored": 0.5, "turned: left": 0.06}
    )
    assert set(suspected_problems(said, 0)) <= set(single_choices(JOINT))


def test_what_a_rule_calls_bad_has_a_problem():
    said = [(VIEW, p([0.9, 0.1], [0.9, 0.1]))]
    np.testing.assert_allclose(combined(said, [False, True]), [[0.9, 0.1], [0, 1]], rtol=1e-5)
    assert np.isnan(combined([], [False, True])[0]).all()


def test_the_choices_on_a_single_film_are_what_can_be_wrong_with_it():
    assert single_choices(JOINT) == (
        "fine",
        "turned: left",
        "turned: right",
        "view: lateral",
        "mirror: mirrored",
        SOMETHING_ELSE,
    )
    assert single_choices(VIEW) == ("fine", "view: lateral", SOMETHING_ELSE)
    assert single_choices(HIPS) == HIPS.labels


ASKED = with_others(VIEW, [TURNED, VIEW, MIRROR, AGE, HIPS, JOINT])


def test_other_problems_can_be_named_beside_those_of_the_task_that_is_asked_for():
    assert single_choices(ASKED) == (
        *("fine", "view: lateral", "turned: left", "turned: right", "mirror: mirrored"),
        SOMETHING_ELSE,
    )
    assert with_others(JOINT, [TURNED]) == JOINT
    assert with_others(HIPS, [TURNED]) == HIPS


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"fine"}, Named("frontal", {})),
        ({"view: lateral"}, Named("lateral", {})),
        ({"turned: left"}, Named("frontal", {"turned": "left"})),
        ({"turned: left", "view: lateral"}, Named("lateral", {"turned": "left"})),
        ({SOMETHING_ELSE}, Named("frontal", {"any": "problem"})),
    ],
)
def test_the_asked_task_has_the_label_that_is_named_for_it_else_its_expected_one(chosen, expected):
    assert read_named(chosen, ASKED) == expected


@pytest.mark.parametrize(
    "chosen", [set(), {"fine", "turned: left"}, {"turned: left", "turned: right"}, {"hips: left"}]
)
def test_of_one_task_too_what_cannot_be_true_together_is_refused(chosen):
    with pytest.raises(LabelStudioError, match="choose again"):
        read_named(chosen, ASKED)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"fine"}, Named("fine", {})),
        ({SOMETHING_ELSE}, Named("problem", {})),
        ({"turned: left"}, Named("problem", {"turned": "left"})),
        (
            {"turned: left", "view: lateral", SOMETHING_ELSE},
            Named("problem", {"turned": "left", "view": "lateral"}),
        ),
    ],
)
def test_what_was_chosen_is_a_label_of_each_task_that_was_named(chosen, expected):
    assert read_named(chosen, JOINT) == expected


@pytest.mark.parametrize(
    "chosen",
    [set(), {"fine", "view: lateral"}, {"turned: left", "turned: right"}, {"view: oblique"}, {"x"}],
)
def test_what_cannot_be_true_together_is_refused(chosen):
    with pytest.raises(LabelStudioError, match="choose again"):
        read_named(chosen, JOINT)


def test_the_version_changes_with_that_of_any_part():
    one = joint_version({"turned": "1", "view": "2"})
    assert one.startswith("joint-")
    assert (
        len({one, joint_version({"turned": "2", "view": "2"}), joint_version({"view": "2"})}) == 3
    )
