"""What happens while answers are read, and to projects and tabs between two pulls."""

from types import SimpleNamespace

import pytest

from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import RadsieveError
from backend.labels.adapters.label_store import standing_labels
from backend.review.adapters.batch_store import open_items
from backend.review.adapters.label_studio.shapes import result_json
from backend.review.adapters.screens.contact_sheet import sheet_result
from backend.review.adapters.screens.tabs import REVIEWER
from backend.review.core.look import Purpose
from backend.review.core.second_look import disputed
from backend.review.loop.push import NextBatch, push
from backend.service.loop.worker import SHEETS_AHEAD, Worker

pytestmark = [pytest.mark.studio, pytest.mark.slow]

SHEETS = "sheet_films = 8\nhidden_share = 0\n"


@pytest.fixture
def reviewer(connect, new_reviewer):
    return new_reviewer(connect(SHEETS))


def then(monkeypatch, studio, method, happens):
    """Have something happen once, right after the pull has asked Label Studio for this."""
    asked, pending = getattr(studio.client, method), [happens]

    def ask(*which):
        found = list(asked(*which)) if method == "answers" else asked(*which)
        if pending:
            pending.pop()()
        return found

    monkeypatch.setattr(studio.client, method, ask)


@pytest.mark.parametrize("method", ["item_keys", "answers"])
def test_a_batch_that_is_pushed_during_a_pull_still_waits(reviewer, studio, monkeypatch, method):
    reviewer.push()
    reviewer.accept_all()
    then(monkeypatch, studio, method, reviewer.push)
    reviewer.pull()
    waiting = reviewer.waiting(Purpose.FIRST)
    assert waiting
    for film in waiting[0].radiograph_ids:
        assert (reviewer.workspace.review / f"{film}.jpg").exists()
    assert reviewer.push().items == 0


@pytest.mark.parametrize("method", ["item_keys", "answers"])
def test_an_item_that_is_deleted_during_a_pull_takes_no_label_back(
    reviewer, studio, monkeypatch, method
):
    reviewer.push()
    sheet = reviewer.waiting()[0]
    reviewer.answer(sheet)
    labels = reviewer.pull().labels
    then(
        monkeypatch,
        studio,
        method,
        lambda: studio.client.delete_items(sheet.project_id, [sheet.item_id]),
    )
    assert reviewer.pull().withdrawn == 0
    assert reviewer.pull().withdrawn == 0
    assert len(standing_labels(reviewer.workspace.database, "rotation")) == labels


def test_answers_in_a_renamed_project_still_count(reviewer, studio):
    reviewer.push()
    sheet = reviewer.waiting()[0]
    title = {"title": studio.new_title()}
    studio.client._json("PATCH", f"api/projects/{sheet.project_id}/", json=title)
    reviewer.answer(sheet)
    assert reviewer.pull().labels == len(sheet.radiograph_ids)
    assert sheet.item_key not in {item.item_key for item in reviewer.waiting()}
    reviewer.accept_all()
    assert reviewer.push().items > 0
    assert sheet.project_id not in {item.project_id for item in reviewer.waiting(Purpose.FIRST)}


@pytest.mark.parametrize("first", ["pull", "push"])
def test_the_films_of_a_deleted_project_are_shown_in_a_new_one(reviewer, studio, first):
    reviewer.push()
    lost = reviewer.waiting()
    studio.client.delete_project(lost[0].project_id)
    getattr(reviewer, first)()
    reviewer.push()
    waiting = reviewer.waiting()
    assert waiting
    assert not {item.project_id for item in waiting} & {item.project_id for item in lost}


def accept_in_bulk(studio, project, items):
    """Press `Create Annotations From Predictions` for items."""
    body = {
        "selectedItems": {"all": False, "included": [item.item_id for item in items]},
        "model_version": studio.client.model_version(project),
    }
    parameters = {"id": "predictions_to_annotations", "project": project}
    studio.client._json("POST", "api/dm/actions/", params=parameters, json=body)


def test_predictions_accepted_in_bulk_label_films_that_nobody_has_looked_at(reviewer, studio):
    reviewer.push()
    sheets = reviewer.waiting()
    accept_in_bulk(studio, sheets[0].project_id, sheets)
    assert reviewer.pull().labels == sum(len(sheet.radiograph_ids) for sheet in sheets)
    assert not reviewer.waiting()


def test_predictions_accepted_in_bulk_replace_nothing_that_somebody_has_seen(reviewer, studio):
    reviewer.push()
    sheets = reviewer.waiting()
    seen = next(sheet for sheet in sheets if sheet.shown_label == "upright")
    flagged = seen.radiograph_ids[0]
    reviewer.answer(seen, [flagged])
    reviewer.pull()
    accept_in_bulk(studio, seen.project_id, [seen])
    report = reviewer.pull()
    assert (report.labels, report.not_reviewed) == (0, 1)
    assert reviewer.verdict(flagged).is_bad(reviewer.task)
    assert seen.item_key not in {item.item_key for item in reviewer.waiting()}
    assert reviewer.pull().not_reviewed == 0


def test_an_answer_and_a_bulk_acceptance_in_one_pull_leave_the_answer(reviewer, studio):
    reviewer.push()
    seen = next(sheet for sheet in reviewer.waiting() if sheet.shown_label == "upright")
    flagged = seen.radiograph_ids[0]
    reviewer.answer(seen, [flagged])
    accept_in_bulk(studio, seen.project_id, [seen])
    assert reviewer.pull().labels == len(seen.radiograph_ids)
    assert reviewer.verdict(flagged).is_bad(reviewer.task)


def edit(studio, annotation, sheet, flagged):
    """Open an answered sheet again, flag these films only, and press Update."""
    result = result_json(sheet_result(sheet.shown_ids, set(flagged)))
    studio.client._json("PATCH", f"api/annotations/{annotation}/", json={"result": result})


def test_an_answer_that_counted_still_counts_when_it_is_edited_after_the_floor_has_risen(
    reviewer, studio
):
    reviewer.push()
    first = next(one for one in reviewer.waiting() if one.shown_label == "upright")
    annotation = reviewer.answer(first, first.radiograph_ids[:1], lead_time_s=1.0)
    reviewer.pull()
    for _ in range(3):
        for sheet in reviewer.waiting():
            reviewer.answer(sheet, label="upright", lead_time_s=20.0 * len(sheet.shown_ids))
        reviewer.pull()
        reviewer.push()
    edit(studio, annotation, first, first.radiograph_ids[:2])
    report = reviewer.pull()
    assert (report.not_reviewed, report.annotations) == (0, 1)
    assert reviewer.verdict(first.radiograph_ids[1]).is_bad(reviewer.task)


def test_editing_one_film_of_a_sheet_does_not_reopen_what_others_have_settled(reviewer, studio):
    reviewer.push()
    sheet = next(one for one in reviewer.waiting() if one.shown_label == "upright")
    settled, other = sheet.radiograph_ids[:2]
    annotation = reviewer.answer(sheet, [settled])
    reviewer.pull()
    for _ in range(2):
        reviewer.accept_all()
        reviewer.push()
    assert reviewer.verdict(settled).label == "upright"
    edit(studio, annotation, sheet, [settled, other])
    assert reviewer.pull().annotations == 1
    assert reviewer.verdict(settled).label == "upright"
    assert reviewer.verdict(other).is_bad(reviewer.task)
    assert settled not in disputed(reviewer.looks(), "upright")


def reviewer_fields(studio, project):
    tasks = studio.client._json("GET", "api/tasks/", params={"project": project, "fields": "all"})
    return {item["data"]["sheet_key"]: item["data"][REVIEWER] for item in tasks["tasks"]}


@pytest.mark.parametrize(("before", "after"), [(1, 3), (3, 2)])
def test_waiting_sheets_go_to_the_reviewers_that_there_are(
    connect, new_reviewer, studio, before, after
):
    reviewer = new_reviewer(connect(f"{SHEETS}reviewers = {before}\n"))
    reviewer.push()
    settings = reviewer.workspace.root / "radsieve.toml"
    settings.write_text(f"{SHEETS}reviewers = {after}\n")
    later = new_reviewer(Workspace(reviewer.workspace.root))
    later.push()
    waiting = later.waiting()
    assert {item.shard for item in waiting} == set(range(1, after + 1))
    written = reviewer_fields(studio, waiting[0].project_id)
    assert written == {item.item_key: str(item.shard) for item in waiting}


class AtOnce:
    """A queue that pushes at once, and notes what is to be trained."""

    def __init__(self):
        self.worker, self.to_train = None, []

    def push_now(self, name):
        self.worker.push(name)

    def train_now(self, name):
        self.to_train.append(name)


@pytest.fixture
def working(reviewer, monkeypatch):
    """A worker that pushes in this process, and what it was asked to push."""
    queue, pushed = AtOnce(), []

    def run_step(arguments, _root, *, niceness):
        assert 0 < niceness < reviewer.workspace.settings.training_niceness
        pushed.append(arguments)
        ahead = int(arguments[arguments.index("--ahead") + 1])
        push(reviewer.workspace, reviewer.task, reviewer.studio.client, NextBatch(24, ahead=ahead))

    monkeypatch.setattr("backend.service.loop.worker.run_step", run_step)
    queue.worker = Worker(reviewer.workspace, {"rotation": reviewer.task}, queue)
    return SimpleNamespace(worker=queue.worker, queue=queue, pushed=pushed, run_step=run_step)


def test_a_push_that_failed_is_tried_again_at_the_next_pull(reviewer, working, monkeypatch):
    reviewer.push()
    for sheet in reviewer.waiting():
        reviewer.answer(sheet, label="upright")

    def fails_once(arguments, root, *, niceness):
        monkeypatch.setattr("backend.service.loop.worker.run_step", working.run_step)
        raise RadsieveError("Label Studio was being restarted")

    monkeypatch.setattr("backend.service.loop.worker.run_step", fails_once)
    with pytest.raises(RadsieveError):
        working.worker.pull("rotation")
    for _ in range(2):
        working.worker.pull("rotation")
    assert len(working.pushed) == 1
    assert open_items(reviewer.workspace.database, "rotation")


def test_the_next_batch_is_there_before_the_last_sheet_is_answered(reviewer, working):
    reviewer.push()
    sheets = reviewer.waiting()
    for sheet in sheets[:-SHEETS_AHEAD]:
        reviewer.answer(sheet, label="upright")
    working.worker.pull("rotation")
    left = {sheet.item_key for sheet in sheets[-SHEETS_AHEAD:]}
    waiting = {item.item_key for item in reviewer.waiting()}
    assert left < waiting
    shown = [film for item in reviewer.waiting() for film in item.radiograph_ids]
    assert len(shown) == len(set(shown))


def test_a_training_that_is_due_holds_up_no_push(reviewer, working, monkeypatch):
    monkeypatch.setattr("backend.service.loop.worker.is_due", lambda *_: True)
    reviewer.push()
    reviewer.accept_all()
    working.worker.pull("rotation")
    assert working.queue.to_train == ["rotation"]
    assert working.pushed
    assert reviewer.waiting()


def test_without_first_looks_only_what_was_found_is_sent_again(reviewer):
    reviewer.push()
    sheet = next(one for one in reviewer.waiting() if one.shown_label == "upright")
    reviewer.answer(sheet, sheet.radiograph_ids[:1])
    reviewer.pull()
    for other in reviewer.waiting():
        reviewer.answer(other, label="upright")
    reviewer.pull()
    push(reviewer.workspace, reviewer.task, reviewer.studio.client, NextBatch(0))
    assert {item.purpose for item in reviewer.waiting()} == {Purpose.SECOND}
