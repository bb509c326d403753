"""Verdicts on one film, from what detectors say of it."""

from dataclasses import replace

import numpy as np
import pytest

from backend.base.core.pixel_change import UNCHANGED, PixelChange
from backend.detectors.core.gate_verdict import (
    GateDecision,
    Opinion,
    Standing,
    correction_for,
    decide,
    opinion_of,
)
from tasks import detector_task


def says(name, label, probability=0.999):
    """An opinion: `probability` for the label, the rest shared evenly."""
    task = detector_task(name)
    rest = (1 - probability) / (len(task.labels) - 1)
    stated = np.full(len(task.labels), rest)
    stated[task.labels.index(label)] = probability
    return opinion_of(task, stated, "tiny-0123456789ab")


QUALITY = detector_task("quality")
UPRIGHT, NORMAL = says("rotation", "upright"), says("inversion", "normal")
FRONTAL = says("projection", "frontal")
FINE = (UPRIGHT, NORMAL, FRONTAL)


def verdict(*opinions):
    return decide(opinions, opinions, UNCHANGED)


def test_a_film_with_nothing_wrong_is_accepted_without_a_word():
    answer = verdict(*FINE)
    assert (answer.verdict, answer.reasons, answer.correction) == (GateDecision.ACCEPT, (), None)


def test_a_turned_and_inverted_film_is_corrected_when_the_corrected_film_passes():
    first = (says("rotation", "turned_90"), says("inversion", "inverted"), FRONTAL)
    change = correction_for(first)
    answer = decide(first, FINE, change)
    assert change == PixelChange(turns_ccw=3, invert=True)
    assert (answer.verdict, answer.correction) == (GateDecision.CORRECT, change)
    assert [reason.split(",")[0] for reason in answer.reasons] == [
        "rotation: turned_90",
        "inversion: inverted",
    ]


def test_a_corrected_film_that_still_fails_is_for_review_and_nothing_is_corrected():
    first = (says("rotation", "turned_90"), NORMAL)
    answer = decide(first, (says("rotation", "turned_180"), NORMAL), correction_for(first))
    assert (answer.verdict, answer.correction) == (GateDecision.REVIEW, None)
    assert answer.reasons[-1].endswith("after the correction")


def test_a_turned_lateral_is_excluded_for_what_it_is_after_the_turn():
    first = (says("rotation", "turned_90"), NORMAL, says("projection", "other"))
    corrected = (UPRIGHT, NORMAL, says("projection", "lateral"))
    answer = decide(first, corrected, correction_for(first))
    assert answer.verdict is GateDecision.EXCLUDE
    assert any(reason.startswith("projection: lateral") for reason in answer.reasons)


@pytest.mark.parametrize(
    ("opinion", "expected"),
    [
        (says("projection", "lateral"), GateDecision.EXCLUDE),
        (says("projection", "lateral", 0.9), GateDecision.REVIEW),
        (says("projection", "frontal", 0.6), GateDecision.REVIEW),
        (says("projection", "other"), GateDecision.REVIEW),
        (says("mirror", "mirrored"), GateDecision.REVIEW),
        (says("mirror", "mirrored", 0.9), GateDecision.ACCEPT),
    ],
    ids=["sure", "likely", "undecided", "like no label", "review only", "review only, unsure"],
)
def test_only_what_is_sure_is_excluded(opinion, expected):
    assert verdict(UPRIGHT, NORMAL, opinion).verdict is expected


def test_while_orientation_is_in_doubt_no_other_detector_is_trusted():
    doubtful = says("rotation", "turned_90", 0.8)
    assert verdict(doubtful, NORMAL, says("projection", "lateral")).verdict is GateDecision.REVIEW


def test_surely_turned_but_unsure_which_way_is_not_corrected():
    task = detector_task("rotation")
    torn = opinion_of(task, np.array([0.001, 0.5, 0.001, 0.498]), "tiny-0123456789ab")
    assert correction_for([torn, NORMAL]) == UNCHANGED
    assert verdict(torn, NORMAL).verdict is GateDecision.REVIEW


def test_an_inverted_film_whose_tag_says_otherwise_has_the_tag_for_its_reason():
    task = detector_task("inversion")
    stated = np.array([0.001, 0.999])
    inverted = opinion_of(task, stated, "tiny-0123456789ab", tag="MONOCHROME1")
    answer = decide((UPRIGHT, inverted), FINE, correction_for([UPRIGHT, inverted]))
    assert answer.verdict is GateDecision.CORRECT
    assert answer.reasons == (
        "inversion: the tag says MONOCHROME1, the pixels say otherwise, 0.999 (tiny-0123456789ab)",
    )


def test_a_tag_that_the_pixels_bear_out_is_no_reason():
    task = detector_task("rotation")
    turned = opinion_of(
        task, np.array([0.001, 0.997, 0.001, 0.001]), "tiny-0123456789ab", tag="MONOCHROME1"
    )
    assert turned.reason == "rotation: turned_90, 0.997 (tiny-0123456789ab)"


@pytest.mark.parametrize("label", [name for name in QUALITY.labels if name != "fine"])
def test_what_a_rule_suspects_is_for_a_person_and_a_policy_alone_excludes(label):
    opinion = Opinion(QUALITY, label, 1.0, 1.0, "rule", basis="grey_range below 0.3")
    policy = label == "exact_duplicate"
    answer = verdict(*FINE, opinion)
    assert answer.verdict is (GateDecision.EXCLUDE if policy else GateDecision.REVIEW)
    what = "by policy" if policy else "suspected: for a person to see"
    assert answer.reasons == (f"quality: {label}, {what} (grey_range below 0.3)",)


@pytest.mark.parametrize(
    ("label", "probability", "p_bad", "standing"),
    [
        ("lateral", 0.98, 0.98, Standing.SURELY_BAD),
        ("lateral", 0.979, 0.979, Standing.DOUBTFUL),
        ("frontal", 0.7, 0.3, Standing.FINE),
        ("frontal", 0.699, 0.301, Standing.DOUBTFUL),
        ("other", 1.0, 1.0, Standing.DOUBTFUL),
    ],
)
def test_the_limits_themselves_are_sure_enough(label, probability, p_bad, standing):
    task = detector_task("projection")
    limits = replace(task.thresholds, review_below=0.7, accept_at=0.98)
    opinion = Opinion(replace(task, thresholds=limits), label, probability, p_bad, "tiny")
    assert opinion.standing is standing
