"""Show a review batch in Label Studio, pre-annotated; nothing is ever pushed twice."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from backend.adapters.batch_store import (
    SHEET,
    SINGLE,
    BatchFacts,
    Item,
    open_items,
    plan_items,
    record_batch,
)
from backend.adapters.label_store import standing_labels
from backend.adapters.label_studio import LabelStudio
from backend.adapters.lock import in_turn
from backend.adapters.registry import COLD_START, version_in_use
from backend.adapters.workspace import Workspace
from backend.core.batch_plan import PlannedSheet, plan_sheets
from backend.core.contact_sheet import sheet_key
from backend.core.detector_task import AnswerKind, DetectorTask
from backend.core.labels import verdicts
from backend.core.ranking import Pick, Slice
from backend.core.single_item import single_key
from backend.loop.align import align_label_studio
from backend.loop.connect import TaskProjects, ensure_projects
from backend.loop.film_predictions import film_probabilities
from backend.loop.rank import rank
from backend.loop.send import send_planned


@dataclass(frozen=True, slots=True)
class PushReport:
    """What a push did."""

    items: int
    """Items added now."""
    films: int
    """Films on them."""
    waiting: int
    """Items of this kind that wait for a reviewer; while there are any, no new batch is made."""
    projects: TaskProjects


def push(
    workspace: Workspace, task: DetectorTask, studio: LabelStudio, *, count: int, single: bool
) -> PushReport:
    """Send the next batch, unless the last one still waits for a reviewer.

    Boxes are drawn on single items only. Films that were flagged on a sheet, but not classified,
    are sent as single items at any time. A push that was interrupted is finished first: its items
    were planned in the database, and what reached Label Studio is recognised there by its key.

    Raises:
        LabelStudioError: Label Studio is not reachable or refuses us.
        NothingPublishedError: the detector task has no published model version.
    """
    single = single or task.answer is AnswerKind.BOX
    # The worker pushes too, and two pushes at once would plan two batches.
    with in_turn(workspace.root / "label-studio.lock"):
        return _push(workspace, task, studio, count=count, single=single)


def _push(
    workspace: Workspace, task: DetectorTask, studio: LabelStudio, *, count: int, single: bool
) -> PushReport:
    kind = SINGLE if single else SHEET
    projects = ensure_projects(workspace, studio, task)
    _plan_exact_class(workspace, task, projects.single)
    sent = send_planned(workspace, task, studio)
    waiting = [item for item in open_items(workspace.database, task.name) if item.kind == kind]
    if not waiting:
        project = projects.single if single else projects.sheet
        _plan_batch(workspace, task, project, count=count, single=single)
        sent += send_planned(workspace, task, studio)
    align_label_studio(workspace, task, studio)
    films = sum(len(item.radiograph_ids) for item in sent)
    return PushReport(len(sent), films, len(waiting), projects)


def _plan_exact_class(workspace: Workspace, task: DetectorTask, project: int) -> None:
    films = _undecided(workspace, task)
    if films:
        picks = [Pick(film, Slice.UNCERTAIN, "flagged on a contact sheet") for film in films]
        _plan(workspace, task, picks, project, [PlannedSheet("", (film,)) for film in films])


def _undecided(workspace: Workspace, task: DetectorTask) -> list[str]:
    found = verdicts(standing_labels(workspace.database, task.name), task)
    waiting = {
        film
        for item in open_items(workspace.database, task.name)
        if item.kind == SINGLE
        for film in item.radiograph_ids
    }
    undecided = {film for film, verdict in found.items() if verdict.needs_exact_class}
    return sorted(undecided - waiting)


def _plan_batch(
    workspace: Workspace, task: DetectorTask, project: int, *, count: int, single: bool
) -> None:
    seed = secrets.randbits(48)
    chosen = rank(workspace, task, count=count, seed=seed)
    if not chosen:
        return
    films = [pick.radiograph_id for pick in chosen]
    if single:
        planned = [PlannedSheet("", (film,)) for film in films]
    else:
        planned = plan_sheets(
            _predicted(workspace, task, films), task, workspace.settings.sheet_films
        )
    _plan(workspace, task, chosen, project, planned, seed=seed)


def _predicted(workspace: Workspace, task: DetectorTask, films: Sequence[str]) -> dict[str, str]:
    version = version_in_use(workspace.database, task)
    if version == COLD_START:
        return dict.fromkeys(films, task.expected_label)
    best = film_probabilities(workspace, task, version, films).argmax(axis=1)
    return {film: task.labels[label] for film, label in zip(films, best, strict=True)}


def _plan(  # noqa: PLR0913 - one row of the plan has that many facts
    workspace: Workspace,
    task: DetectorTask,
    chosen: Sequence[Pick],
    project: int,
    planned: Sequence[PlannedSheet],
    *,
    seed: int = 0,
) -> None:
    version = version_in_use(workspace.database, task)
    batch = record_batch(workspace.database, BatchFacts(task.name, version, seed), chosen)
    items = [
        Item(
            item_key=f"{batch}-{_content_key(task, sheet)}",
            project_id=project,
            batch_id=batch,
            position=position,
            detector_task=task.name,
            kind=SHEET if sheet.shown_label else SINGLE,
            shown_label=sheet.shown_label,
            radiograph_ids=sheet.radiograph_ids,
        )
        for position, sheet in enumerate(planned)
    ]
    plan_items(workspace.database, items)


def _content_key(task: DetectorTask, sheet: PlannedSheet) -> str:
    if sheet.shown_label:
        return sheet_key(task.name, sheet.shown_label, sheet.radiograph_ids)
    return single_key(task.name, sheet.radiograph_ids[0])
