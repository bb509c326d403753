"""How many database statements push, audit and export take: not more because more was reviewed."""

import pytest

from backend.certificate.loop.audit import audit_archive
from benchmarks.review.push_cost import (
    Cost,
    counted_statements,
    export_all,
    plan_a_push,
    reviewed_archive,
)
from tasks import load_detector_tasks

TASKS = load_detector_tasks()
FILMS = 1_500
MOST_OF_AN_AUDIT, MOST_OF_A_PUSH, MOST_OF_AN_EXPORT = 24, 55, 91
"""With what the ledger asks of each table: a statement a table that is checked or written."""


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """Two reviewed archives, one with three times as many batches as the other."""
    return [
        reviewed_archive(tmp_path_factory.mktemp(f"batches-{batches}"), FILMS, batches)
        for batches in (1, 3)
    ]


def statements(workspace, call):
    cost = Cost()
    with counted_statements(workspace.database, cost.statements):
        call()
    return cost.statements.total()


def test_an_audit_of_everything_takes_as_many_statements_after_more_looks(archives):
    counts = [
        statements(one, lambda one=one: audit_archive(one.database, TASKS)) for one in archives
    ]
    assert counts[0] == counts[1] <= MOST_OF_AN_AUDIT


def test_an_audit_takes_as_many_statements_for_more_detectors(archives):
    workspace = archives[0]
    few = {name: TASKS[name] for name in ("inversion", "rotation", "any_problem")}
    counts = [
        statements(workspace, lambda tasks=tasks: audit_archive(workspace.database, tasks))
        for tasks in (few, TASKS)
    ]
    assert counts[0] == counts[1]


def test_an_export_takes_as_many_statements_after_more_looks(archives):
    counts = [statements(one, lambda one=one: export_all(one, TASKS)) for one in archives]
    assert counts[0] == counts[1] <= MOST_OF_AN_EXPORT


@pytest.mark.parametrize("name", ["inversion", "any_problem"])
def test_planning_a_push_takes_as_many_statements_after_more_looks(archives, name):
    counts = [statements(one, lambda one=one: plan_a_push(one, TASKS[name])) for one in archives]
    assert counts[0] == counts[1] <= MOST_OF_A_PUSH
