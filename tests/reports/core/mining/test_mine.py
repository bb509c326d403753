import random
from itertools import pairwise

import pytest
from shared_fixtures.lexicons import lexicon_of

from backend.reports.core.mining.finding import MetalLabel, Status
from backend.reports.core.mining.lexicon import confidence_from
from backend.reports.core.mining.mine import label_of, mine


def _statuses(text):
    return {
        text[hit.start : hit.end]: hit.status.value for hit in mine(text, lexicon_of("en")).hits
    }


def test_an_empty_report_mentions_nothing():
    finding = mine("", lexicon_of("en"))
    assert (finding.label, finding.status, finding.hits) == ("absent", "not_mentioned", ())


def test_only_what_is_plainly_there_becomes_a_positive_label():
    positive = [status for status in Status if label_of(status) is MetalLabel.PRESENT]
    assert positive == [Status.PRESENT]


@pytest.mark.parametrize("status", ["implied", "history_only", "uncertain", "planned"])
def test_what_does_not_decide_abstains(status):
    assert label_of(Status(status)) is MetalLabel.ABSTAIN


def test_a_bullet_is_no_label_because_it_looks_like_an_implant():
    assert mine("A bullet overlies the hip.", lexicon_of("en")).label is MetalLabel.ABSTAIN


@pytest.mark.parametrize("text", ["No hardware.", "The plate has been removed.", "Normal hip."])
def test_what_is_denied_removed_or_unmentioned_is_absent(text):
    assert mine(text, lexicon_of("en")).label is MetalLabel.ABSENT


def test_present_decides_over_everything_else():
    text = "HISTORY: Pacemaker.\nFINDINGS: Plate removed, screws remain. No clips. Possible stent."
    finding = mine(text, lexicon_of("en"))
    assert (finding.label, finding.decided_by.rule) == ("present", "fixation.screw")
    assert {hit.status.value for hit in finding.hits} == {
        *("history_only", "removed", "present", "negated", "uncertain")
    }


def test_plate_removed_and_screws_remaining_are_both_told():
    assert _statuses("Plate removed, screws remain.") == {"Plate": "removed", "screws": "present"}


def test_a_tube_that_is_there_decides_over_one_that_was_removed():
    text = "The chest tube has been removed. Left PICC is unchanged."
    assert mine(text, lexicon_of("en")).status == "line_tube"


@pytest.mark.parametrize(
    ("history", "status"),
    [
        ("Hardware in the ankle.", "negated"),
        ("Scheduled for hardware fixation.", "negated"),
        ("Pacemaker.", "history_only"),
    ],
)
def test_what_is_seen_to_be_missing_decides_over_the_same_kind_in_the_history(history, status):
    assert mine(f"HISTORY: {history}\nFINDINGS: No hardware.", lexicon_of("en")).status == status


def test_a_foreign_body_that_is_only_asked_for_is_denied():
    text = "INDICATION: Swallowed foreign body.\nFINDINGS: No radiopaque foreign body."
    assert mine(text, lexicon_of("en")).status == "negated"


def test_a_device_in_the_history_is_history_even_if_the_sentence_says_intact():
    assert mine("INDICATION: Hip prosthesis is intact?", lexicon_of("en")).status == "history_only"


def test_what_is_seen_counts_although_the_history_names_it_too():
    text = "INDICATION: Scheduled for hip replacement.\nFINDINGS: Left hip prosthesis."
    finding = mine(text, lexicon_of("en"))
    assert [hit.status.value for hit in finding.hits] == ["planned", "present"]
    assert finding.label is MetalLabel.PRESENT


def test_a_hit_says_where_which_rule_and_which_section():
    text = "FINDINGS: Normal chest. No pacemaker."
    (hit,) = mine(text, lexicon_of("en")).hits
    assert text[hit.start : hit.end] == "pacemaker"
    assert (hit.rule, hit.cue, hit.section) == ("cardiac.pacemaker", "negated.said", "findings")


@pytest.mark.parametrize(
    ("text", "region", "side"),
    [
        ("Left total hip arthroplasty.", "hip", "left"),
        ("Right knee prosthesis, left hip normal.", "knee", "right"),
        ("THA on the right.", "hip", "right"),
        ("Bilateral TKAs.", "knee", "both"),
        ("Plate along the left fibula.", "lower_leg", "left"),
        ("Pedicle screws at L4.", "spine", ""),
        ("Pacemaker on the left.", "chest", "left"),
        ("Hardware is intact.", "", ""),
    ],
)
def test_region_and_side_are_told(text, region, side):
    hit = mine(text, lexicon_of("en")).hits[0]
    assert (hit.region, hit.side) == (region, side)


def test_of_two_rules_for_the_same_words_the_longer_match_counts():
    rules = [hit.rule for hit in mine("Growth plates are open.", lexicon_of("en")).hits]
    assert rules == ["sense.plate"]


def test_a_plain_rule_goes_before_a_vague_one():
    hits = mine("Postoperative changes from spinal rods.", lexicon_of("en")).hits
    assert [hit.status.value for hit in hits] == ["present"]


def test_hits_never_overlap_and_stay_inside_the_report():
    words = "no|the|left|hip|plate|screws|removed|XXXX|sternotomy|pacemaker|leads|to|,|.|\n|of"
    rng = random.Random(7)
    for _ in range(300):
        text = " ".join(rng.choices(words.split("|"), k=40))
        hits = mine(text, lexicon_of("en")).hits
        assert all(0 <= hit.start < hit.end <= len(text) for hit in hits)
        assert all(a.end <= b.start for a, b in pairwise(hits))


def test_a_report_of_nothing_but_filler_words_is_read_at_once():
    # An expression that tries every way to split these would not come back.
    text = (
        "no evidence of any "
        + "left hip right knee previously seen of the " * 300
        + "finding screw"
    )
    assert len(mine(text, lexicon_of("en")).hits) == 1


def test_confidence_is_what_was_counted_drawn_towards_rules_nobody_saw():
    counted = confidence_from({"unseen": 0.8, "rules": {"present": {"clip": [15, 15]}}})
    assert counted.of("present", "clip") == pytest.approx((15 + 5 * 0.8) / 20)
    assert counted.of("present", "never") == 0.8


def test_a_lexicon_without_counts_claims_nothing():
    assert (
        confidence_from({}).of("present", "clip") == confidence_from({}).of_absent("removed") == 0
    )


def test_confidence_goes_with_the_label():
    clips, silent, implied = (
        mine(text, lexicon_of("en")) for text in ("Surgical clips.", "Normal.", "Status post CABG.")
    )
    assert clips.confidence == clips.decided_by.confidence > 0.9
    assert silent.confidence == lexicon_of("en").confidence.absent["not_mentioned"] > 0.9
    assert implied.confidence == 0


def test_a_rule_seen_often_is_surer_than_one_never_seen():
    seen, unseen = (
        mine("Surgical clips.", lexicon_of("en")),
        mine("A gamma nail is seen.", lexicon_of("en")),
    )
    assert seen.confidence > unseen.confidence > 0.5
