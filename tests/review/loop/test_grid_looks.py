"""What is done in the grid: looks that count like others, taken back whole, and films sent on."""

import pytest
from shared_fixtures.kept_answers import add_labels
from sqlalchemy import delete, insert, select

from backend.base.adapters.database import files
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import NothingPublishedError, RadsieveError
from backend.certificate.loop.audit import audit
from backend.detectors.loop.rule_predictions import sweep_by_rule
from backend.labels.adapters.label_store import label_history, standing_labels
from backend.labels.adapters.ledger_store import check_ledger, labels_that_differ
from backend.labels.core.labels import DRAWN_AT_RANDOM, Label, LabelSource, Slice, verdicts
from backend.review.adapters.batch_store import all_picks, draws, leave_out, open_items, task_items
from backend.review.core.browse import DECISIONS, HowDecided
from backend.review.core.look import Call, Purpose
from backend.review.core.second_look import awaiting_second_look, confirmed_bad, disputed
from backend.review.loop.browse import ArchiveBrowser
from backend.review.loop.grid_looks import (
    GridLook,
    GridRefusedError,
    label_films,
    send_to_review,
    take_back,
    waits_for_push,
)
from backend.review.loop.looks import looks, review_meters
from backend.review.loop.push import plan_batch, plan_sent_films, push_material
from backend.review.loop.studio.connect import TaskProjects
from backend.service.loop.why import why
from tasks import load_detector_tasks

PLENTY_S = 60.0
TASKS = load_detector_tasks()
ROTATION = TASKS["rotation"]
PROJECTS = TaskProjects(sheet=7, single=8)


class Desk:
    """Somebody at the grid of a workspace."""

    def __init__(self, workspace):
        self.workspace, self.browser = workspace, ArchiveBrowser(workspace, TASKS)
        self.engine = workspace.database

    @property
    def films(self):
        return list(self.browser.archive().radiograph_ids)

    def label(self, films, label, *, reviewer="R1", seconds=PLENTY_S, task="rotation"):
        given = GridLook(task, label, films, reviewer, seconds)
        return label_films(self.workspace, self.browser, given)

    def take_back(self, batch, reviewer="R1"):
        return take_back(self.workspace, self.browser, batch, reviewer)

    def send(self, films, task="rotation"):
        return send_to_review(self.workspace.database, self.browser, task, films, "R1")

    def verdict(self, film):
        known = verdicts(standing_labels(self.engine, "rotation"), ROTATION)
        return known[film].label if film in known else None

    def looks(self):
        return looks(self.engine, ROTATION)

    def decision(self, film):
        columns = self.browser.task_columns("rotation")
        return DECISIONS[columns.decision[self.browser.archive().place_of[film]]]

    def material(self):
        return push_material(self.workspace, ROTATION, PROJECTS)

    def plan(self, count=20):
        return plan_batch(self.material(), count=count, single=False)


@pytest.fixture
def desk(predicted):
    return Desk(predicted)


def test_a_label_in_the_grid_is_a_timed_look_with_what_was_suggested(desk):
    films = desk.films[:4]
    desk.label(films, "turned_90", seconds=10.0)
    found = desk.looks()
    assert [look.radiograph_id for look in found] == films
    assert {look.called for look in found} == {Call("turned_90")}
    assert {look.seconds for look in found} == {2.5}
    assert {look.reviewer for look in found} == {"grid:R1"}
    suggested = desk.browser.task_columns("rotation").predicted
    assert [look.suggested for look in found] == [
        Call(ROTATION.labels[suggested[n]]) for n in range(4)
    ]
    assert [desk.verdict(film) for film in films] == ["turned_90"] * 4
    assert review_meters(desk.engine, ROTATION).total.films == 4


def test_a_find_in_the_grid_goes_on_to_a_second_look_like_any_other(desk):
    film = desk.films[0]
    desk.label([film], "turned_90")
    assert awaiting_second_look(desk.looks(), "upright") == [film]
    assert desk.decision(film) is HowDecided.ONE_LOOK


def test_two_looks_in_the_grid_do_not_confirm_each_other_whoever_gives_them(desk):
    film = desk.films[0]
    for reviewer in ("R1", "R1", "R2"):
        desk.label([film], "turned_90", reviewer=reviewer)
    assert not confirmed_bad(desk.looks(), "upright")
    assert len([one for one in task_items(desk.engine, "rotation")]) == 1


def test_reviewers_who_disagree_in_the_grid_are_in_dispute(desk):
    film = desk.films[0]
    desk.label([film], "turned_90")
    desk.label([film], "upright", reviewer="R2")
    assert disputed(desk.looks(), "upright") == [film]
    assert desk.decision(film) is HowDecided.DISPUTED


def test_what_is_taken_back_is_gone_and_what_stood_before_stands_again(desk):
    film, other = desk.films[:2]
    desk.label([film], "turned_90")
    batch = desk.label([film, other], "upright")
    assert desk.take_back(batch) == 2
    assert (desk.verdict(film), desk.verdict(other)) == ("turned_90", None)
    assert [look.called for look in desk.looks()] == [Call("turned_90")]
    assert desk.take_back(batch) == 0
    assert [one.withdrawn_at is None for one in label_history(desk.engine, "rotation", film)] == [
        True,
        False,
    ]


def test_nobody_takes_back_what_somebody_else_said(desk):
    batch = desk.label(desk.films[:2], "turned_90")
    assert desk.take_back(batch, reviewer="R2") == 0
    assert len(desk.looks()) == 2


def test_the_ledger_tells_of_all_of_it_and_agrees_with_the_tables(desk):
    batch = desk.label(desk.films[:3], "turned_90")
    desk.take_back(batch)
    desk.label(desk.films[1:3], "upright")
    desk.send(desk.films[5:7])
    assert check_ledger(desk.engine).fault is None
    assert labels_that_differ(desk.engine) == []
    history = why(desk.workspace, TASKS, desk.films[0]).history
    told = " ".join(str(row["text"]) for row in history)
    assert "grid:R1" in told
    assert "taken back in the grid" in told


def test_the_looks_of_the_grid_were_never_drawn_at_random(desk):
    desk.label(desk.films[:5], "upright")
    desk.send(desk.films[5:9])
    assert draws(desk.engine, "rotation") == []
    slices = {
        name
        for chosen in all_picks(desk.engine, "rotation").values()
        for name, _ in chosen.values()
    }
    assert slices == {Slice.CHOSEN.value}
    assert not slices & DRAWN_AT_RANDOM
    assert {look.slice for look in desk.looks()} == {""}
    assert {look.purpose for look in desk.looks()} == {Purpose.CHOSEN}


def test_a_look_in_the_grid_counts_for_the_certificate_and_spoils_no_draw(desk):
    desk.plan()
    waiting = {film for item in open_items(desk.engine, "rotation") for film in item.radiograph_ids}
    before = audit(desk.engine, ROTATION).reading.log
    free = [film for film in desk.films if film not in waiting][:6]
    desk.label(free[:5], "upright")
    desk.label(free[5:], "turned_90")
    desk.plan()
    after = audit(desk.engine, ROTATION).reading
    assert after.unusable == ()
    assert after.log.unreviewed == before.unreviewed - 6
    assert after.log.unresolved == before.unresolved + 1
    assert after.log.found == before.found


def test_a_drawn_film_that_is_labelled_in_the_grid_keeps_its_place_in_the_draw(desk):
    desk.plan()
    (drawn,) = draws(desk.engine, "rotation")
    desk.label(list(drawn.drawn), "upright")
    reading = audit(desk.engine, ROTATION).reading
    assert reading.unusable == ()
    assert reading.waiting == ()
    assert sum(run.clean for run in reading.log.runs) == len(drawn.drawn)


def test_films_that_were_sent_come_on_items_of_the_next_push_and_only_once(desk):
    films = desk.films[:5]
    assert desk.send(films).sent == 5
    assert waits_for_push(desk.engine, "rotation") == 5
    again = desk.send(films)
    assert (again.sent, again.waiting) == (0, 5)
    plan_sent_films(desk.material(), single=False)
    planned = open_items(desk.engine, "rotation")
    shown = [film for item in planned for film in item.radiograph_ids]
    assert sorted(shown) == sorted(films)
    assert {item.purpose for item in planned} == {Purpose.FIRST}
    plan_sent_films(desk.material(), single=False)
    assert open_items(desk.engine, "rotation") == planned
    assert waits_for_push(desk.engine, "rotation") == 0
    assert desk.send(films).waiting == 5


def test_a_film_that_was_sent_and_leaves_the_archive_is_waited_for_only_when_it_is_back(desk):
    sent = desk.films[:3]
    desk.send(sent)
    with desk.engine.begin() as connection:
        of_film = files.c.radiograph_id == sent[0]
        gone = connection.execute(select(files).where(of_film)).mappings().all()
        connection.execute(delete(files).where(of_film))
    assert waits_for_push(desk.engine, "rotation") == 2
    with desk.engine.begin() as connection:
        connection.execute(insert(files), gone)
    assert waits_for_push(desk.engine, "rotation") == 3


def test_a_film_that_was_sent_and_cannot_be_shown_is_left_out_once_and_for_all(desk):
    desk.send(desk.films[:3])
    plan_sent_films(desk.material(), single=True)
    (left_out, *rest) = open_items(desk.engine, "rotation")
    leave_out(desk.engine, left_out, left_out.radiograph_ids)
    assert waits_for_push(desk.engine, "rotation") == 0
    plan_sent_films(desk.material(), single=True)
    assert open_items(desk.engine, "rotation") == rest
    assert desk.send(left_out.radiograph_ids).sent == 1


def test_films_that_were_sent_can_be_shown_alone(desk):
    desk.send(desk.films[:3])
    plan_sent_films(desk.material(), single=True)
    assert [len(item.radiograph_ids) for item in open_items(desk.engine, "rotation")] == [1, 1, 1]


def test_sent_films_are_left_out_of_the_next_draw_and_the_draw_is_evidence(desk):
    desk.plan()
    waiting = {film for item in open_items(desk.engine, "rotation") for film in item.radiograph_ids}
    sent = [film for film in desk.films if film not in waiting][:4]
    desk.send(sent)
    plan_sent_films(desk.material(), single=False)
    desk.plan()
    second = draws(desk.engine, "rotation")[-1]
    assert set(sent) <= set(second.set_aside)
    assert not set(sent) & {*second.drawn, *second.ranked}
    assert audit(desk.engine, ROTATION).reading.unusable == ()


@pytest.mark.parametrize(
    ("label", "reviewer", "task", "seconds"),
    [
        ("sideways", "R1", "rotation", PLENTY_S),
        ("upright", "", "rotation", PLENTY_S),
        ("upright", "Dr. Who", "rotation", PLENTY_S),
        ("fine", "R1", "any_problem", PLENTY_S),
        ("left_hip", "R1", "hip_box", PLENTY_S),
        ("upright", "R1", "rotation", 0.01),
        ("upright", "R1", "rota", PLENTY_S),
    ],
)
def test_what_cannot_be_a_look_is_refused_and_nothing_is_saved(
    desk, label, reviewer, task, seconds
):
    with pytest.raises(RadsieveError):
        desk.label(desk.films[:3], label, reviewer=reviewer, task=task, seconds=seconds)
    assert not standing_labels(desk.engine, *TASKS)
    assert not task_items(desk.engine, "rotation")


def test_films_that_are_not_there_too_many_or_none_are_refused(desk):
    for films in ([], ["0" * 20], desk.films[:1] * 2):
        with pytest.raises(GridRefusedError):
            desk.label(films, "upright")
        with pytest.raises(GridRefusedError):
            desk.send(films)


def test_what_a_policy_decides_is_labelled_but_in_no_queue(desk):
    film = desk.films[0]
    with pytest.raises(GridRefusedError, match="no queue"):
        desk.send([film], task="age")
    with pytest.raises(NothingPublishedError, match="radsieve rules quality"):
        desk.send([film], task="quality")
    desk.label([film], "fine", task="quality")
    assert [label.label for label in standing_labels(desk.engine, "quality")] == ["fine"]


def test_a_suspicion_of_a_rule_is_shown_as_one_until_somebody_looks(desk):
    suspected, other = desk.films[:2]
    label = Label(
        suspected, "quality", "blurred", LabelSource.RULE, "2026-01-01", rule="rule quality"
    )
    policy = Label(other, "quality", "exact_duplicate", LabelSource.RULE, "2026-01-01", rule="rule")
    add_labels(desk.engine, [label, policy])
    desk.browser.look_again()
    columns, labels = desk.browser.task_columns("quality"), TASKS["quality"].labels
    assert [labels[number] for number in columns.taken_for[:2]] == ["blurred", "exact_duplicate"]
    assert [DECISIONS[code] for code in columns.decision[:3]] == [
        HowDecided.SUSPECTED,
        HowDecided.POLICY,
        HowDecided.NOBODY,
    ]
    desk.label([suspected], "fine", task="quality")
    columns = desk.browser.task_columns("quality")
    assert DECISIONS[columns.decision[0]] is HowDecided.ONE_LOOK
    assert labels[columns.taken_for[0]] == "fine"


def test_what_a_rule_suspects_has_scores_and_is_sent_to_review(desk):
    sweep_by_rule(desk.workspace, TASKS["quality"])
    desk.browser.look_again()
    columns = desk.browser.task_columns("quality")
    assert columns.has_prediction.any()
    assert desk.send(desk.films[:2], task="quality").sent == 2


def test_another_program_sees_at_once_what_was_labelled(desk):
    film = desk.films[0]
    other = Desk(Workspace(desk.workspace.root))
    assert other.decision(film) is HowDecided.NOBODY
    desk.label([film], "turned_90")
    other.browser.look_again()
    assert other.decision(film) is HowDecided.ONE_LOOK
