import pytest

from backend.labels.core.labels import Label, LabelSource, verdicts
from backend.reports.core.rule_trust import film_label, in_force, rule_records
from tasks import detector_task

TASK = detector_task("metal_implant")


def said(film, label, rule):
    return Label(
        film, TASK.name, label, LabelSource.REPORT, "2026-01-01", rule=rule, confidence=0.9
    )


def looked(film, label):
    return Label(film, TASK.name, label, LabelSource.REVIEWER, "2026-02-01", "user 1")


def records(labels, drawn):
    reviewed = [label for label in labels if label.source is LabelSource.REVIEWER]
    return {
        (one.rule, one.label): one
        for one in rule_records(labels, verdicts(reviewed, TASK), set(drawn))
    }


@pytest.fixture
def labels():
    """One rule is right 9 times of 10, another never, each on ten films."""
    found = [said(f"clip{n}", "metal", "clip.surgical") for n in range(10)]
    found += [looked(f"clip{n}", "metal" if n else "no_metal") for n in range(10)]
    found += [said(f"lead{n}", "metal", "lead.any") for n in range(10)]
    found += [looked(f"lead{n}", "no_metal") for n in range(10)]
    return found


def test_a_rule_is_as_precise_as_reviewers_agree_on_films_drawn_at_random(labels):
    drawn = {label.radiograph_id for label in labels}
    found = records(labels, drawn)
    clips = found["clip.surgical", "metal"]
    assert (clips.films, clips.drawn, clips.right, clips.other_looks) == (10, 10, 9, 0)
    assert clips.precision.low == pytest.approx(0.555, abs=0.001)
    assert found["lead.any", "metal"].precision.value == 0.0


@pytest.mark.parametrize(("right", "turned_down"), [(81, True), (83, True), (84, False)])
def test_a_rule_is_turned_down_where_its_upper_limit_is_below_nine_in_ten(right, turned_down):
    films = [f"film{number}" for number in range(100)]
    labels = [said(film, "metal", "rod.any") for film in films]
    labels += [
        looked(film, "metal" if number < right else "no_metal") for number, film in enumerate(films)
    ]
    (record,) = records(labels, films).values()
    assert record.right == right
    assert record.is_turned_down == turned_down


def test_films_picked_for_a_reason_say_nothing_of_a_rules_precision(labels):
    lead = records(labels, drawn=())["lead.any", "metal"]
    assert (lead.drawn, lead.other_looks, lead.other_right) == (0, 10, 0)
    assert not lead.is_turned_down


def test_a_rule_that_does_badly_is_turned_down_and_the_others_stay(labels):
    drawn = {label.radiograph_id for label in labels}
    found = records(labels, drawn)
    assert found["lead.any", "metal"].is_turned_down
    assert not found["clip.surgical", "metal"].is_turned_down
    kept = in_force(labels, found.values())
    assert {one.given_by for one in kept} == {"clip.surgical", "user 1"}


def test_one_contradiction_turns_nothing_down():
    labels = [said("a", "metal", "stent"), looked("a", "no_metal")]
    assert not records(labels, {"a"})["stent", "metal"].is_turned_down


def test_a_rule_that_says_different_things_has_a_record_for_each():
    labels = [said("a", "metal", "valve"), said("b", "no_metal", "valve")]
    assert set(records(labels, ())) == {("valve", "metal"), ("valve", "no_metal")}


@pytest.mark.parametrize(
    ("task", "word", "label"),
    [
        ("metal_implant", "present", "metal"),
        ("metal_implant", "absent", "no_metal"),
        ("metal_implant", "abstain", None),
        ("metal_implant", "metal", "metal"),
        ("projection", "lateral", "lateral"),
        ("projection", "present", None),
        ("projection", "", None),
    ],
)
def test_what_a_report_says_becomes_a_label_of_the_task(task, word, label):
    assert film_label(detector_task(task), word) == label
