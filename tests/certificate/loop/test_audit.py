"""From sheets answered in Label Studio to the certificate."""

import json

import pytest
from click.testing import CliRunner

from backend.base.core.errors import RadsieveError
from backend.certificate.core.bound import ALPHA, RunEnd
from backend.certificate.core.forecast import halve
from backend.certificate.core.slips import BOUND_SHARE
from backend.certificate.loop.audit import audit
from backend.review.adapters.batch_store import draws
from backend.review.core.look import Purpose
from backend.review.loop.push import NextBatch, push
from scripts import main

pytestmark = pytest.mark.studio

SETTINGS = "sheet_films = 20\nhidden_share = 0\naudit_share = 0.5\ndry_audit_share = 0.5\n"


@pytest.fixture
def reviewer(connect, new_reviewer):
    return new_reviewer(connect(SETTINGS))


def answer_truly(reviewer, true_label, of=(), films=None):
    """Answer what waits as somebody who makes no mistakes, all of it or what is of these."""
    truth = truths(reviewer, true_label)
    for item in reviewer.waiting(*of):
        if films is not None and not films.issuperset(item.radiograph_ids):
            continue
        if item.shown_label:
            wrong = {film for film in item.shown_ids if truth[film] != item.shown_label}
            reviewer.answer(item, wrong)
        else:
            reviewer.answer(item, label=truth[item.radiograph_ids[0]])
    reviewer.pull()


def truths(reviewer, true_label):
    return {
        film.radiograph_id: true_label(film.path.rsplit("/", 1)[-1], reviewer.task)
        for film in reviewer.films()
    }


def audited(reviewer):
    return audit(reviewer.workspace.database, reviewer.task)


def test_before_anything_was_drawn_there_is_nothing_to_certify(reviewer):
    with pytest.raises(RadsieveError, match="nothing was drawn at random yet"):
        audited(reviewer)


def test_only_films_that_were_drawn_and_looked_at_are_evidence(reviewer, true_label):
    reviewer.push(count=40)
    nothing = audited(reviewer).certificate
    assert (nothing.audit_looks, nothing.at_most_unreviewed) == (0, nothing.films)
    (draw,) = draws(reviewer.workspace.database, "rotation")
    assert len(draw.ranked) == len(draw.drawn) == 20
    assert draw.drawn_from == nothing.films - 20
    answer_truly(reviewer, true_label)
    said, truth = audited(reviewer), truths(reviewer, true_label)
    settled = [film for film in draw.drawn if film not in said.reading.waiting]
    runs = said.reading.log.runs
    assert sum(run.looks for run in runs) == said.certificate.audit_looks == len(settled)
    assert set(said.reading.waiting) == {film for film in draw.drawn if truth[film] != "upright"}
    assert runs[0].drawn_from == draw.drawn_from
    assert said.certificate.unreviewed == nothing.films - 40
    assert said.certificate.at_most_unreviewed < said.certificate.films


@pytest.mark.slow
def test_answers_for_ranked_films_alone_change_nothing_but_by_what_they_find(reviewer, true_label):
    reviewer.push(count=40)
    answer_truly(reviewer, true_label)
    push_singles(reviewer)
    answer_truly(reviewer, true_label, of=(Purpose.SECOND, Purpose.SETTLE))
    before = audited(reviewer).certificate
    draw = draws(reviewer.workspace.database, "rotation")[-1]
    assert draw.ranked
    assert draw.drawn
    answer_truly(reviewer, true_label, films=set(draw.ranked))
    push_singles(reviewer)
    answer_truly(reviewer, true_label, of=(Purpose.SECOND, Purpose.SETTLE))
    said = audited(reviewer).certificate
    assert said.unreviewed == before.unreviewed - len(draw.ranked)
    assert (said.audit_looks, said.audit_finds) == (before.audit_looks, before.audit_finds)
    assert said.kappa_hat == before.kappa_hat
    assert said.at_most_unreviewed == before.at_most_unreviewed - (said.found - before.found)


def push_singles(reviewer):
    push(reviewer.workspace, reviewer.task, reviewer.studio.client, NextBatch(30, single=True))


@pytest.mark.slow
def test_the_certificate_is_right_at_every_step_until_nothing_is_left(reviewer, true_label):
    bad = sum(label != "upright" for label in truths(reviewer, true_label).values())
    assert bad
    for _ in range(12):
        reviewer.push(count=30)
        if not reviewer.waiting():
            break
        answer_truly(reviewer, true_label)
        said = audited(reviewer).certificate
        assert said.found <= bad
        assert bad - said.found <= said.at_most_unreviewed
    assert (said.found, said.unreviewed, said.at_most_unreviewed) == (bad, 0, 0)
    assert "Every film has a verdict" in said.sentence


@pytest.mark.slow
def test_a_drawn_film_that_nobody_has_answered_ends_the_evidence_of_its_batch(reviewer, true_label):
    reviewer.push(count=40)
    truth = truths(reviewer, true_label)
    (draw,) = draws(reviewer.workspace.database, "rotation")
    left_out = next(item for item in reviewer.waiting() if draw.drawn[0] in item.radiograph_ids)
    for item in reviewer.waiting():
        if item.item_key != left_out.item_key:
            reviewer.answer(item, {one for one in item.shown_ids if truth[one] != item.shown_label})
    reviewer.pull()
    reading = audited(reviewer).reading
    assert draw.drawn[0] in reading.waiting
    assert all(run.end is RunEnd.ASSUMED or run.clean for run in reading.log.runs)


@pytest.mark.slow
def test_a_find_in_the_audit_is_one_only_once_two_looks_agree(reviewer, true_label):
    reviewer.push(count=40)
    (draw,) = draws(reviewer.workspace.database, "rotation")
    item = next(one for one in reviewer.waiting() if draw.drawn[0] in one.radiograph_ids)
    reviewer.answer(item, [draw.drawn[0]] if item.shown_label == "upright" else [])
    reviewer.pull()
    assert draw.drawn[0] in audited(reviewer).reading.waiting
    assert audited(reviewer).certificate.found == 0


@pytest.mark.slow
def test_films_whose_item_was_deleted_unanswered_come_first_into_the_next_batch(
    reviewer, true_label
):
    reviewer.push(count=40)
    (draw,) = draws(reviewer.workspace.database, "rotation")
    lost = next(item for item in reviewer.waiting() if draw.drawn[0] in item.radiograph_ids)
    reviewer.studio.client.delete_items(lost.project_id, [lost.item_id])
    reviewer.pull()
    answer_truly(reviewer, true_label)
    owed = [film for film in draw.drawn if film in lost.radiograph_ids]
    assert set(owed) <= set(audited(reviewer).reading.waiting)
    reviewer.push(count=40)
    assert draws(reviewer.workspace.database, "rotation")[-1].ranked[: len(owed)] == owed
    answer_truly(reviewer, true_label)
    truth = truths(reviewer, true_label)
    settled = {film for film in owed if truth[film] == "upright"}
    assert settled
    assert not settled.intersection(audited(reviewer).reading.waiting)


def test_the_command_prints_the_sentence_and_writes_the_certificate(reviewer, true_label, tmp_path):
    reviewer.push(count=40)
    answer_truly(reviewer, true_label)
    path = tmp_path / "certificate.json"
    command = ["audit", "rotation", "--target", "3", "--out", str(path)]
    result = CliRunner().invoke(main, [*command, "--workspace", str(reviewer.workspace.root)])
    assert result.exit_code == 0, result.output
    assert "drawn at random" in result.output or "at random from those" in result.output
    assert "to halve it" in result.output
    written = json.loads(path.read_text())
    assert written["detector_task"] == "rotation"
    assert written["sentence"] in result.output
    assert written["target"]["target"] == 3


@pytest.mark.slow
def test_slips_that_were_measured_cost_the_forecast_what_they_cost_the_certificate(
    connect, new_reviewer, true_label, monkeypatch
):
    reviewer = new_reviewer(connect(SETTINGS))
    reviewer.push(count=40)
    answer_truly(reviewer, true_label)
    plain = audited(reviewer)
    monkeypatch.setattr("backend.certificate.loop.audit.misses", lambda _looks, _label: (0, 500))
    measured = audited(reviewer)
    assert measured.certificate.slips is not None
    assert measured.certificate.at_most_unreviewed >= plain.certificate.at_most_unreviewed
    said = measured.certificate
    again = halve(measured.reading.log, said, alpha=ALPHA * BOUND_SHARE)
    assert measured.halved == again


@pytest.mark.slow
def test_second_looks_are_no_draws_of_their_own(reviewer, true_label):
    reviewer.push(count=40)
    answer_truly(reviewer, true_label)
    reviewer.push(count=40)
    assert reviewer.waiting(Purpose.SECOND) or audited(reviewer).certificate.found == 0
    assert len(draws(reviewer.workspace.database, "rotation")) == 2
