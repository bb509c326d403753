"""One look that answers for all detector tasks, with Label Studio."""

from dataclasses import replace

import pytest
from shared_fixtures.archive import emptied_projects

from backend.archive.adapters.catalogue import films
from backend.base.core.task_kinds import SumOfTasks
from backend.certificate.loop.audit import audit
from backend.detectors.adapters.versions.registry import COLD_START, version_in_use
from backend.labels.adapters.label_store import standing_labels
from backend.review.adapters.batch_store import draws, open_items
from backend.review.adapters.label_studio.shapes import ResultRegion, result_json
from backend.review.adapters.screens.contact_sheet import sheet_result
from backend.review.adapters.screens.single_screen import IMAGE_TAG
from backend.review.core.look import Purpose
from backend.review.core.second_look import confirmed_bad
from backend.review.loop.looks import looks
from backend.review.loop.pull import pull
from backend.review.loop.push import NextBatch, push
from backend.review.loop.rank import looked_at
from tasks import load_detector_tasks

pytestmark = [pytest.mark.studio, pytest.mark.slow]

SETTINGS = "sheet_films = 20\nhidden_share = 0\naudit_share = 0.5\ndry_audit_share = 0.5\n"
PLENTY_S = 60.0
PARTS = ("inversion", "rotation")


@pytest.fixture(scope="module")
def known_tasks():
    return load_detector_tasks()


@pytest.fixture
def campaign(connect, known_tasks, studio, true_label):
    return Campaign(connect(SETTINGS), known_tasks, studio.client, true_label)


class Campaign:
    """Somebody who is asked about all tasks at once, and makes no mistakes."""

    def __init__(self, workspace, tasks, client, true_label):
        self.workspace, self.tasks, self.client = workspace, tasks, client
        self.joint = tasks["any_problem"]
        emptied_projects(workspace, client, self.joint)
        self.truth = {
            film.radiograph_id: {
                name: true_label(film.path.rsplit("/", 1)[-1], tasks[name]) for name in PARTS
            }
            for film in films(workspace.database)
        }

    def expected(self, name):
        return self.tasks[name].expected_label

    def wrong_with(self, film):
        return {
            name: label for name, label in self.truth[film].items() if label != self.expected(name)
        }

    def push(self, task="any_problem", count=40):
        return push(self.workspace, self.tasks[task], self.client, NextBatch(count))

    def pull(self, task="any_problem"):
        return pull(self.workspace, self.tasks[task], self.client)

    def waiting(self, task="any_problem"):
        return open_items(self.workspace.database, task)

    def tick(self, item, flagged):
        result = sheet_result(item.shown_ids, set(flagged))
        return self.client.submit_answer(item.item_id, result, lead_time_s=PLENTY_S)

    def name(self, item, *choices):
        region = ResultRegion("answer", IMAGE_TAG, choices)
        return self.client.submit_answer(item.item_id, (region,), lead_time_s=PLENTY_S)

    def answer_truly(self):
        for item in self.waiting():
            if item.shown_label:
                self.tick(item, {film for film in item.shown_ids if self.wrong_with(film)})
            else:
                wrong = self.wrong_with(item.radiograph_ids[0])
                self.name(item, *([f"{n}: {label}" for n, label in wrong.items()] or ["fine"]))
        return self.pull()

    def labels(self, task):
        return {
            one.radiograph_id: one.label
            for one in standing_labels(self.workspace.database, task)
            if not one.denied
        }

    def audited(self, task="any_problem"):
        return audit(self.workspace.database, self.tasks[task]).certificate


def test_one_look_at_a_sheet_answers_for_every_task_in_use(campaign):
    campaign.push()
    items = campaign.waiting()
    assert {item.shown_label for item in items} == {"fine"}
    assert all(dict(one.covered) == {n: campaign.expected(n) for n in PARTS} for one in items)
    campaign.answer_truly()
    shown = {film for item in items for film in item.radiograph_ids}
    fine = {film for film in shown if not campaign.wrong_with(film)}
    assert {film for film, label in campaign.labels("any_problem").items()} == fine
    for name in PARTS:
        assert campaign.labels(name) == dict.fromkeys(fine, campaign.expected(name))
        assert {
            one.radiograph_id for one in looks(campaign.workspace.database, campaign.tasks[name])
        } == fine
        assert looked_at(campaign.workspace.database, campaign.tasks[name]) == shown
    assert not standing_labels(campaign.workspace.database, "body_region")
    assert not standing_labels(campaign.workspace.database, "mirror")


def test_what_is_wrong_is_named_on_a_second_look_and_counts_for_the_task_that_was_named(campaign):
    campaign.push(count=90)
    campaign.answer_truly()
    campaign.push()
    singles = [one for one in campaign.waiting() if one.purpose is Purpose.SECOND]
    turned = [one for one in singles if "rotation" in campaign.wrong_with(one.radiograph_ids[0])]
    assert turned
    assert not any(item.shown_label for item in singles)
    campaign.answer_truly()
    shown = {one.item_id: one.data for one in campaign.client.answers(turned[0].project_id)}
    # Who names what is wrong sees which detector suspects what.
    for item in turned:
        (wrong,) = (f"rotation: {campaign.truth[film]['rotation']}" for film in item.radiograph_ids)
        assert wrong in shown[item.item_id].choices[:2]
    for name in PARTS:
        truth = {film: labels[name] for film, labels in campaign.truth.items()}
        assert campaign.labels(name) == truth
        task = campaign.tasks[name]
        bad = {film for film, label in truth.items() if label != task.expected_label}
        made = looks(campaign.workspace.database, task)
        assert set(confirmed_bad(made, task.expected_label)) == bad


def test_the_certificates_are_right_at_every_step_until_nothing_is_left(campaign):
    bad = {
        "any_problem": sum(bool(campaign.wrong_with(film)) for film in campaign.truth),
        **{n: sum(n in campaign.wrong_with(film) for film in campaign.truth) for n in PARTS},
    }
    for _ in range(12):
        campaign.push(count=30)
        if not campaign.waiting():
            break
        campaign.answer_truly()
        for name, count in bad.items():
            said = audit(campaign.workspace.database, campaign.tasks[name])
            assert not said.reading.unusable
            assert said.certificate.found <= count
            assert count - said.certificate.found <= said.certificate.at_most_unreviewed
    for name, count in bad.items():
        said = campaign.audited(name)
        assert (said.found, said.unreviewed, said.at_most_unreviewed) == (count, 0, 0)


def test_a_task_that_reviewed_some_films_alone_keeps_the_rest_of_a_joint_draw(campaign):
    campaign.push("rotation", count=30)
    for item in campaign.waiting("rotation"):
        truth = {film: campaign.truth[film]["rotation"] for film in item.shown_ids}
        flagged = {film for film, label in truth.items() if label != item.shown_label}
        result = sheet_result(item.shown_ids, flagged)
        campaign.client.submit_answer(item.item_id, result, lead_time_s=PLENTY_S)
    campaign.pull("rotation")
    before = looked_at(campaign.workspace.database, campaign.tasks["rotation"])
    known_bad = {film for film in before if "rotation" in campaign.wrong_with(film)}
    campaign.push(count=40)
    (draw,) = draws(campaign.workspace.database, "any_problem")
    assert set(draw.set_aside) == known_bad
    campaign.answer_truly()
    said = audit(campaign.workspace.database, campaign.tasks["rotation"])
    assert not said.reading.unusable
    new = [film for film in draw.drawn if film not in before]
    assert 0 < len(new) < len(draw.drawn)
    runs = said.reading.log.runs
    assert runs[-1].drawn_from <= len(campaign.truth) - len(before | set(draw.ranked))
    assert not audit(campaign.workspace.database, campaign.joint).reading.unusable


def test_a_joint_answer_that_is_edited_or_deleted_takes_back_all_its_labels_together(campaign):
    campaign.push(count=20)
    item = campaign.waiting()[0]
    annotation = campaign.tick(item, item.shown_ids[:1])
    campaign.pull()
    assert set(campaign.labels("rotation")) == set(item.shown_ids[1:])
    campaign.client._json(
        "PATCH",
        f"api/annotations/{annotation}/",
        json={"result": result_json(sheet_result(item.shown_ids, set(item.shown_ids[:3])))},
    )
    campaign.pull()
    for name in ("any_problem", *PARTS):
        assert set(campaign.labels(name)) == set(item.shown_ids[3:])
    campaign.client.delete_answer(annotation)
    campaign.pull()
    for name in ("any_problem", *PARTS):
        assert not standing_labels(campaign.workspace.database, name)
        assert not looks(campaign.workspace.database, campaign.tasks[name])
    assert item.item_key in {one.item_key for one in campaign.waiting()}


def test_a_skipped_joint_sheet_labels_nothing_for_anybody(campaign):
    campaign.push(count=20)
    item = campaign.waiting()[0]
    campaign.client._json(
        "POST",
        f"api/tasks/{item.item_id}/annotations/",
        json={"result": [], "was_cancelled": True},
    )
    assert campaign.pull().skipped == 1
    for name in ("any_problem", *PARTS):
        assert not standing_labels(campaign.workspace.database, name)


def test_what_nobody_asked_for_can_be_named_and_counts_too(campaign):
    campaign.push(count=20)
    for item in campaign.waiting():
        campaign.tick(item, item.shown_ids[:1])
    campaign.pull()
    campaign.push()
    single = next(one for one in campaign.waiting() if one.purpose is Purpose.SECOND)
    campaign.name(single, "mirror: mirrored", "something else")
    campaign.pull()
    (film,) = single.radiograph_ids
    assert campaign.labels("any_problem")[film] == "problem"
    assert campaign.labels("mirror") == {film: "mirrored"}
    assert campaign.labels("rotation")[film] == "upright"
    mirror = campaign.tasks["mirror"]
    assert film in confirmed_bad(looks(campaign.workspace.database, mirror), mirror.expected_label)


def test_nothing_published_is_a_cold_start(campaign):
    database, joint = campaign.workspace.database, campaign.joint
    assert version_in_use(database, joint).startswith("joint-")
    assert version_in_use(database, replace(joint, kind=SumOfTasks(parts=()))) == COLD_START
