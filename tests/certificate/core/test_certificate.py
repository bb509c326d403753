"""What the certificate says, in words and as JSON."""

import json
from dataclasses import replace

from backend.certificate.core.bound import AuditLog, Run, RunEnd
from backend.certificate.core.certificate import Newcomers, certify
from backend.certificate.core.slips import Repeats

CLEAN = AuditLog(112_120, (Run(112_120, 0, 1_000),), 0, 111_120)


def test_a_doctor_reads_what_was_drawn_and_what_would_have_been_expected():
    assert certify(CLEAN).sentence == (
        "We judged 1,000 films drawn at random from those nobody had looked at; none was bad. Had "
        "more than 390 bad films been left, we would have expected about 3.5 among them. This "
        "takes every verdict as right. With this rule fewer than 1 archive in 20 ever gets a wrong "
        "number, however often you look at it."
    )


def test_slips_are_told_with_both_numbers():
    log = replace(CLEAN, found=1_000, unreviewed=110_120)
    said = certify(log, repeats=Repeats(3, 500))
    assert "missed 3 of 500 films known to be bad" in said.sentence
    assert f"at most {said.slips.at_most_unreviewed:,} bad films may be left among" in said.sentence
    assert f"at most {said.at_most_remaining:,} in all" in said.sentence


def test_finds_are_told_and_which_draws_decided():
    late = AuditLog(112_120, (Run(112_120, 0, 1_000, RunEnd.FIND), Run(111_119, 1, 9)), 1, 111_110)
    assert "We judged 1,010 films" in certify(late).sentence
    assert "1 was bad" in certify(late).sentence
    assert "among the first 1,000, when none counted as bad" in certify(late).sentence


def test_nothing_is_claimed_before_anything_was_drawn():
    said = certify(AuditLog(500, (), 3, 400))
    assert said.at_most_unreviewed == 400
    assert said.sentence.startswith("No film drawn at random has a verdict yet. That says nothing")


def test_all_reviewed_is_told_as_such():
    said = certify(AuditLog(100, (Run(100, 0, 90), Run(10, 0, 10)), 0, 0))
    assert "Every film has a verdict" in said.sentence
    assert said.at_most_unreviewed == 0
    assert said.certified_recall is None


def test_a_withdrawn_certificate_is_said_to_be_withdrawn():
    said = certify(AuditLog(1_000, (Run(1_000, 0, 500), Run(400, 80, 20)), 80, 380))
    assert said.withdrawn == 1
    assert said.alpha == 0.025
    assert said.sentence.startswith("More bad films were found than an earlier certificate")
    assert "fewer than 1 archive in 40" in said.sentence
    assert said.audit_looks == 20
    assert said.at_most_unreviewed > 0


def test_alpha_is_shared_among_tasks_that_are_to_hold_together():
    apart, together = certify(CLEAN), certify(CLEAN, alpha=0.05 / 3)
    assert together.at_most_unreviewed > apart.at_most_unreviewed
    assert "fewer than 1 archive in 60" in together.sentence


def test_recall_counts_what_may_be_left():
    said = certify(replace(CLEAN, found=610, unreviewed=110_510))
    assert said.certified_recall == 610 / (610 + said.at_most_unreviewed)


def test_films_that_came_later_are_told_of_and_are_counted_by_nothing_else():
    plain = certify(CLEAN)
    said = certify(CLEAN, newcomers=Newcomers(1_200, 1_200))
    told = "1,200 films came later (or were replaced): nothing is known of them."
    assert told in said.sentence
    assert said.sentence.replace(f"{told} ", "") == plain.sentence
    assert said.as_json()["newcomers"] == {"films": 1_200, "unknown": 1_200}
    assert replace(said, newcomers=Newcomers()) == plain


def test_of_films_that_came_later_and_were_looked_at_the_certificate_still_says_nothing():
    assert str(Newcomers(1, 1)).endswith("(or was replaced): nothing is known of it")
    assert str(Newcomers(9, 0)).endswith("; the certificate says nothing of them")
    assert str(Newcomers(9, 4)).endswith("says nothing of them, and 4 have no verdict")


def test_that_all_was_looked_at_is_said_of_the_films_of_the_first_draw_where_others_came():
    log = AuditLog(100, (Run(100, 0, 90), Run(10, 0, 10)), 0, 0)
    said = certify(log, newcomers=Newcomers(7, 7))
    assert "Every film of the first draw has a verdict" in said.sentence


def test_json_holds_every_number_of_the_sentence():
    said = certify(replace(CLEAN, found=5, unreviewed=111_115), repeats=Repeats(1, 300))
    read = json.loads(json.dumps(said.as_json()))
    assert read["confidence"] == 0.95
    assert read["at_most_unreviewed"] == said.at_most_unreviewed
    assert read["at_most_remaining"] == said.at_most_remaining
    assert read["slips"]["shown"] == 300
    assert read["sentence"] == said.sentence
    assert read["decided"]["looks"] == 1_000
