from dataclasses import replace

import pytest

from backend.labels.core.labels import Label, LabelSource, count_by_label, verdicts
from tasks import detector_task

ROTATION, INVERSION = detector_task("rotation"), detector_task("inversion")


def label(text, source=LabelSource.REVIEWER, at="2026-01-01", denied=False, task="rotation"):
    return Label("film", task, text, source, at, denied=denied)


def verdict_of(*labels, task=ROTATION):
    return verdicts(labels, task)["film"]


def test_the_latest_answer_wins():
    verdict = verdict_of(label("turned_90", at="2026-01-02"), label("upright", at="2026-01-01"))
    assert verdict.label == "turned_90"
    assert verdict.is_bad(ROTATION)


def test_a_reviewer_outweighs_a_later_rule():
    verdict = verdict_of(
        label("upright"), label("turned_90", source=LabelSource.RULE, at="2027-01-01")
    )
    assert verdict.label == "upright"
    assert not verdict.is_bad(ROTATION)


def test_a_film_flagged_on_an_upright_sheet_is_bad_but_needs_its_exact_class():
    verdict = verdict_of(label("upright", denied=True))
    assert verdict.is_bad(ROTATION)
    assert verdict.needs_exact_class


def test_a_film_flagged_on_a_turned_sheet_is_not_known_to_be_bad():
    verdict = verdict_of(label("turned_90", denied=True))
    assert not verdict.is_bad(ROTATION)
    assert verdict.needs_exact_class


def test_with_two_labels_a_flag_is_the_other_label():
    verdict = verdict_of(label("normal", denied=True, task="inversion"), task=INVERSION)
    assert verdict.label == "inverted"
    assert not verdict.needs_exact_class


def test_denials_add_up_until_one_label_is_left():
    denials = [label(name, denied=True) for name in ("upright", "turned_90", "turned_180")]
    assert verdict_of(*denials).label == "turned_270"


def test_a_plain_answer_ends_all_earlier_denials():
    verdict = verdict_of(label("upright", denied=True), label("upright", at="2026-01-03"))
    assert verdict.label == "upright"
    assert verdict.denied == frozenset()


def test_a_later_denial_takes_an_answer_back():
    verdict = verdict_of(label("turned_90"), label("turned_90", at="2026-01-03", denied=True))
    assert verdict.label is None
    assert verdict.denied == {"turned_90"}


def test_labels_of_another_task_are_refused():
    with pytest.raises(ValueError, match="expected labels of 'rotation', got 'inversion'"):
        verdicts([label("normal", task="inversion")], ROTATION)


def test_verdicts_are_counted_in_the_order_of_the_labels():
    counted = count_by_label(verdicts([label("turned_180")], ROTATION), ROTATION)
    assert counted == {"upright": 0, "turned_90": 0, "turned_180": 1, "turned_270": 0}


def test_a_reviewer_outweighs_a_sure_report_that_came_later():
    mined = label("turned_90", source=LabelSource.REPORT, at="2027-01-01")
    verdict = verdict_of(mined, label("upright"))
    assert (verdict.label, verdict.decided_by.source) == ("upright", LabelSource.REVIEWER)


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan")])
def test_confidence_is_a_share(confidence):
    with pytest.raises(ValueError, match="confidence must be from 0 to 1"):
        Label("film", "rotation", "upright", LabelSource.REPORT, "2026", confidence=confidence)


def test_a_label_names_a_person_or_a_rule_as_its_source_asks():
    by_rule = Label("film", "rotation", "upright", LabelSource.REPORT, "2026", rule="rod.any")
    by_person = Label("film", "rotation", "upright", LabelSource.REVIEWER, "2026", "user 1")
    assert (by_rule.given_by, by_person.given_by) == ("rod.any", "user 1")
    with pytest.raises(ValueError, match="REPORT without a reviewer, got reviewer='user 1'"):
        replace(by_rule, reviewer="user 1")
    with pytest.raises(ValueError, match=r"REVIEWER without a rule, got rule='rod\.any'"):
        replace(by_person, rule="rod.any")


def test_a_suspicion_of_a_rule_is_no_verdict_and_a_policy_is_one():
    quality = detector_task("quality")
    rules = [
        Label("thin", "quality", "washed_out", LabelSource.RULE, "2026-01-01", rule="r"),
        Label("copy", "quality", "exact_duplicate", LabelSource.RULE, "2026-01-01", rule="r"),
        Label("good", "quality", "fine", LabelSource.RULE, "2026-01-01", rule="r"),
    ]
    ruled = verdicts(rules, quality)
    assert set(ruled) == {"copy"}
    assert ruled["copy"].is_decided(quality)
    assert ruled["copy"].is_bad(quality)


def test_a_report_makes_a_verdict_that_decides_nothing():
    verdict = verdict_of(label("turned_90", source=LabelSource.REPORT))
    assert verdict.is_bad(ROTATION)
    assert not verdict.is_decided(ROTATION)


def test_a_reviewer_who_calls_a_suspect_fine_has_the_only_word():
    quality = detector_task("quality")
    said = [
        Label("film", "quality", "fine", LabelSource.REVIEWER, "2026-01-01", "user 1"),
        Label("film", "quality", "washed_out", LabelSource.RULE, "2026-02-01", rule="r"),
    ]
    assert verdicts(said, quality)["film"].label == "fine"
