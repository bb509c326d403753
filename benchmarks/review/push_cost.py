"""What a push, an audit and an export cost: database statements, files entered, seconds.

    python -m benchmarks.review.push_cost [--films 10000] [--batches 4]

Of a push the planning is measured: follow-ups, the next batch and the warning of newcomers. What
goes to Label Studio is not, so none is needed. The export is one of all detectors, its report
without pictures. The archive is made of rows (`made_review`): single batches of three detectors,
then joint ones of any problem. One JSON object is printed.
"""

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import click
from sqlalchemy import Engine, event

import backend
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.certificate.loop.audit import audit_archive
from backend.certificate.loop.audit_films import came_later
from backend.export.loop.export import BiasTerms, export
from backend.review.loop.push import plan_batch, plan_follow_ups, push_material
from backend.review.loop.studio.connect import TaskProjects
from benchmarks.review.made_review import made_archive, publish_made, review_batches
from tasks import load_detector_tasks

_REVIEWED = ("inversion", "rotation", "mirror")
_COVERED = ("inversion", "rotation")
_BATCH_FILMS = 96


def plan_a_push(workspace: Workspace, task: DetectorTask) -> None:
    """Do what a push does without Label Studio."""
    material = push_material(workspace, task, TaskProjects(sheet=1, single=2))
    plan_follow_ups(material)
    plan_batch(material, count=workspace.settings.batch_films, single=False)
    came_later(workspace.database, material.state.draws)


def export_all(workspace: Workspace, tasks: Mapping[str, DetectorTask]) -> None:
    """Export what is known, whichever films lose more than the rest."""
    bias = BiasTerms(accept="a benchmark")
    export(workspace, tasks, workspace.root / "out", bias=bias, with_pictures=False)


@dataclass
class Cost:
    """What a call cost."""

    statements: Counter[str] = field(default_factory=Counter)
    """By the first words of the SQL."""
    files: set[str] = field(default_factory=set)
    """Of the backend, of which a function ran."""
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "statements": self.statements.total(),
            "selects": sum(n for sql, n in self.statements.items() if sql.startswith("SELECT")),
            "files": len(self.files),
            "seconds": round(self.seconds, 3),
        }


def cost_of(engine: Engine, call: Callable[[], object]) -> Cost:
    """Call it twice: once to count statements and seconds, once to list the files entered."""
    cost = Cost()
    with counted_statements(engine, cost.statements):
        start = time.perf_counter()
        call()
        cost.seconds = time.perf_counter() - start
    with entered_files(cost.files):
        call()
    return cost


@contextmanager
def counted_statements(engine: Engine, into: Counter[str]) -> Iterator[None]:
    """Count the statements that reach the database, by their SQL."""

    def note(*seen: Any) -> None:  # noqa: ANN401 - the signature is SQLAlchemy's
        into[" ".join(str(seen[2]).split())] += 1

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", note)


@contextmanager
def entered_files(into: set[str]) -> Iterator[None]:
    """List the files of the backend of which a function runs in this thread."""
    folder = str(Path(backend.__file__).parent)

    def note(frame: FrameType, what: str, _: object) -> None:
        if what == "call" and frame.f_code.co_filename.startswith(folder):
            into.add(frame.f_code.co_filename.removeprefix(f"{folder}/"))

    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)


def reviewed_archive(root: Path, films: int, batches: int) -> Workspace:
    """Return a made archive with batches of three detectors, and joint ones, on record."""
    workspace, tasks = made_archive(root, films), load_detector_tasks()
    for name in _REVIEWED:
        publish_made(workspace, tasks[name])
        review_batches(workspace, tasks[name], batches)
    covered = [tasks[name] for name in _COVERED]
    joint = tasks["any_problem"]
    review_batches(workspace, joint, batches, covered=covered, begin=batches * _BATCH_FILMS)
    return workspace


@click.command()
@click.option("--films", default=10_000, show_default=True)
@click.option("--batches", default=4, show_default=True, help="Of each detector, and joint ones.")
def main(films: int, batches: int) -> None:
    """Print statements, files entered and seconds of two pushes, one audit and one export."""
    tasks = load_detector_tasks()
    with tempfile.TemporaryDirectory() as folder:
        workspace = reviewed_archive(Path(folder), films, batches)
        engine = workspace.database
        costs = {"audit": cost_of(engine, lambda: audit_archive(engine, tasks))}
        costs["export"] = cost_of(engine, lambda: export_all(workspace, tasks))
        for name in ("inversion", "any_problem"):
            push = cost_of(engine, lambda task=tasks[name]: plan_a_push(workspace, task))
            costs[f"push {name}"] = push
    click.echo(json.dumps({what: cost.as_json() for what, cost in costs.items()}))


if __name__ == "__main__":
    main()
