"""What a sheet says of fine films names each label that is asked for, and each that is not."""

from hypothesis import given
from hypothesis import strategies as st

from backend.base.core.joint_question import nameable, nameable_parts
from backend.review.core.asked import what_is_asked
from tasks import load_detector_tasks

TASKS = load_detector_tasks()
JOINT = TASKS["any_problem"]
PARTS = {part.name: part for part in nameable_parts(JOINT)}
COVERED = st.lists(st.sampled_from(sorted(PARTS)), unique=True).map(
    lambda names: {name: PARTS[name].expected_label for name in names}
)


def problems(task):
    return [
        task.words(label)
        for label in task.labels
        if label != task.expected_label and not (task.rule and task.rule.is_policy(label))
    ]


def parted(details):
    """Return the sentences on what is not fine, and those on what is not asked."""
    asked = " ".join(line for line in details if line.startswith("Not fine are: "))
    return asked, " ".join(line for line in details if line.startswith("Not asked: "))


@given(COVERED)
def test_each_problem_is_not_fine_where_it_is_asked_for_and_else_said_to_be_not_asked(covered):
    said = what_is_asked(JOINT, covered)
    not_fine, not_asked = parted(said.details)
    for name, part in PARTS.items():
        here, there = (not_fine, not_asked) if name in covered else (not_asked, not_fine)
        for words in problems(part):
            assert f"{part.display_name} (" in here
            assert words in here
        assert f"{part.display_name} (" not in there


@given(COVERED)
def test_the_line_says_what_fine_means_and_names_what_is_not_asked(covered):
    line = what_is_asked(JOINT, covered).short
    means, _, others = line.partition("Not asked: ")
    for name, part in PARTS.items():
        if name in covered:
            assert part.words(part.expected_label) in means
        else:
            assert part.display_name in others


def test_a_sheet_that_asks_for_turned_and_inverted_films_says_that_it_does_not_ask_for_the_view():
    said = what_is_asked(JOINT, {"inversion": "normal", "rotation": "upright"})
    assert said.short == (
        "Fine means: not inverted, upright; disease does not matter. Not asked: body region, "
        "metal, left and right, view, film quality."
    )
    not_fine, not_asked = parted(said.details)
    assert "turned to the left, upside down, turned to the right" in not_fine
    assert "view (lateral view, another view)" in not_asked
    assert "body region (abdomen, pelvis, hand," in not_asked


def test_an_item_of_one_task_asks_for_it_alone():
    view = TASKS["projection"]
    said = what_is_asked(view, None)
    assert said.short.startswith("Fine means: frontal view; disease does not matter. Not asked: ")
    assert said == what_is_asked(view, {})
    assert all(part.display_name in said.short for part in nameable(view)[1:])


def test_boxes_are_not_called_fine():
    assert what_is_asked(TASKS["hip_box"], None).short == ""
