"""The whole loop on phantoms, with a scripted reviewer who knows what was done to each film."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import films
from backend.base.adapters.child_process import run_step
from backend.base.adapters.settings import SETTINGS_FILE
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import RadsieveError
from backend.base.core.made_label import made_label
from backend.base.core.pixel_change import PixelChange
from backend.detectors.adapters.versions.registry import versions
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import verdicts
from backend.phantoms.adapters.phantom_archive import read_truth
from backend.review.adapters.batch_store import open_items
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.screens.contact_sheet import sheet_result
from backend.review.adapters.screens.single_item import single_result
from backend.review.core.item import SHEET, Item
from backend.service.loop.prepare import PHANTOMS, prepare
from backend.service.loop.stack import Stack

DEMO_SETTINGS = "batch_films = 96\n"
"""Leaves films for a second batch, ranked by the retrained model."""
SECONDS_PER_FILM = 0.5
"""The time that the scripted reviewer reports, as a person would need."""
WORKER_PATIENCE_S = 900.0

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DemoReport:
    """The result of the demo."""

    items_answered: int
    versions_trained: Mapping[str, int]
    truly_bad: int
    """Phantoms that were spoilt."""
    confirmed_bad: int
    """Those of them that a label says are bad."""
    out: Path


def run_demo(workspace: Workspace, tasks: Mapping[str, DetectorTask], tell: Tell) -> DemoReport:
    """Run the whole loop once: index, train, sweep, push, review, pull, retrain, publish, export.

    Raises:
        RadsieveError: the workspace holds other films than phantoms, or a step failed.
    """
    settings = workspace.root / SETTINGS_FILE
    if not settings.exists():
        settings.write_text(DEMO_SETTINGS)
    made = {name: task for name, task in tasks.items() if task.shares_network}
    answered = 0
    with Stack(workspace, made, tell, command="radsieve demo") as stack:
        prepare(workspace, made, None, partial(run_step, workspace=workspace.root))
        truth = _truth(workspace.database, workspace.root)
        stack.open_review()
        reviewer = _Reviewer(workspace.database, stack.studio, truth)
        for task in made.values():
            run_step(["push", task.name], workspace.root)
            tell(f"{task.name}: the scripted reviewer answers")
            answered += reviewer.work_through(task, stack)
        for task in made.values():
            tell(f"{task.name}: waiting for the worker to retrain")
            _wait_for_retraining(workspace.database, workspace.logs, task, stack)
    out = workspace.root / "export"
    run_step(["export", "--out", str(out), "--apply", str(out / "corrected")], workspace.root)
    trained = {name: len(versions(workspace.database, name)) for name in made}
    truly_bad = {film for film, change in truth.items() if change != PixelChange()}
    confirmed = truly_bad & _confirmed_bad(workspace.database, made)
    return DemoReport(answered, trained, len(truly_bad), len(confirmed), out)


class _Reviewer:
    """Answers every open item with the true labels of the phantoms."""

    def __init__(
        self, engine: Engine, studio: LabelStudio, truth: Mapping[str, PixelChange]
    ) -> None:
        self._engine, self._studio, self._truth = engine, studio, truth

    def work_through(self, task: DetectorTask, stack: Stack) -> int:
        """Answer items until the worker has pulled all answers and no item is open."""
        answered: set[str] = set()
        deadline = time.monotonic() + WORKER_PATIENCE_S
        while time.monotonic() < deadline:
            waiting = open_items(self._engine, task.name)
            if not waiting:
                return len(answered)
            for item in waiting:
                if item.item_id is not None and item.item_key not in answered:
                    self._answer(task, item)
                    answered.add(item.item_key)
            stack.watch(1.0)
        raise RadsieveError(f"{task.name}: the worker did not take in the answers in time")

    def _answer(self, task: DetectorTask, item: Item) -> None:
        labels = {film: made_label(task, self._truth[film]) for film in item.radiograph_ids}
        if item.kind == SHEET:
            labels |= {shown: check.truth for shown, check in item.checks.items()}
            strangers = {film for film, label in labels.items() if label != item.shown_label}
            result = sheet_result(item.shown_ids, strangers)
        else:
            (truth,) = labels.values()
            result = single_result(task, {label: float(label == truth) for label in task.labels})
        lead_time_s = SECONDS_PER_FILM * len(item.radiograph_ids)
        self._studio.submit_answer(item.item_id or 0, result, lead_time_s=lead_time_s)


def _truth(engine: Engine, root: Path) -> dict[str, PixelChange]:
    by_name = read_truth(root / PHANTOMS)
    truth = {film.radiograph_id: by_name.get(Path(film.path).name) for film in films(engine)}
    known = {film: change for film, change in truth.items() if change is not None}
    if len(known) != len(truth):
        raise RadsieveError(
            f"expected a workspace of phantoms, got {len(truth) - len(known)} other films in "
            f"{root}; run the demo in a folder of its own with --workspace"
        )
    return known


def _confirmed_bad(engine: Engine, tasks: Mapping[str, DetectorTask]) -> set[str]:
    return {
        film
        for task in tasks.values()
        for film, verdict in verdicts(standing_labels(engine, task.name), task).items()
        if verdict.is_bad(task)
    }


def _wait_for_retraining(engine: Engine, logs: Path, task: DetectorTask, stack: Stack) -> None:
    deadline = time.monotonic() + WORKER_PATIENCE_S
    while len(versions(engine, task.name)) < 2:
        if time.monotonic() > deadline:
            raise RadsieveError(f"{task.name}: no retraining in time; see {logs}/work.log")
        stack.watch(1.0)
