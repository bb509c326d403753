"""What the worker does of itself, without Label Studio."""

from backend.detectors.adapters.versions.registry import record_publication
from backend.review.adapters.batch_store import record_batch
from backend.review.core.item import SHEET, BatchFacts, Item
from backend.service.loop.worker import Worker
from tasks import load_detector_tasks


def worker_of(workspace):
    return Worker(workspace, load_detector_tasks(), queue=None)


def plan_sheet(workspace, name, *, covered=None):
    item = Item(f"sheet-of-{name}", 1, 1, 0, name, SHEET, "fine", ("film",), covered=covered)
    facts = BatchFacts(name, "v", 1, films=1, drawn_from=1)
    record_batch(workspace.database, facts, [], lambda _: [item])


def test_of_detectors_that_need_no_answers_those_without_a_version_are_trained_unasked(workspace):
    assert worker_of(workspace).teaches_itself() == ["mirror"]


def test_a_joint_sheet_begins_no_rule_that_nobody_asked_for_by_name(workspace):
    plan_sheet(workspace, "any_problem", covered={"rotation": "upright"})
    worker, tasks = worker_of(workspace), load_detector_tasks()
    assert not worker._is_begun(tasks["age"])
    assert not worker._is_begun(tasks["quality"])
    record_publication(workspace.database, "quality", "rule-1", reason="applied")
    assert not worker._is_begun(tasks["quality"])
    plan_sheet(workspace, "quality")
    assert worker._is_begun(tasks["quality"])


def test_a_task_that_was_pushed_by_name_gets_batches_and_others_only_second_looks(workspace):
    worker = worker_of(workspace)
    assert worker._how_to_push("rotation") == ["--second-looks"]
    assert worker._how_to_push("any_problem") == ["--ahead", "3"]
    plan_sheet(workspace, "rotation")
    assert worker._how_to_push("rotation") == ["--ahead", "3"]
