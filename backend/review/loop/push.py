"""Show a review batch in Label Studio, pre-annotated; nothing is ever pushed twice."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backend.archive.adapters.catalogue import films
from backend.base.adapters.lock import in_turn
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.detectors.adapters.versions.registry import COLD_START, version_in_use
from backend.detectors.loop.film_predictions import film_probabilities
from backend.labels.core.labels import Slice
from backend.review.adapters.batch_store import open_items, record_batch
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.screens.contact_sheet import sheet_key
from backend.review.adapters.screens.single_item import single_key
from backend.review.core.batch_plan import PlannedSheet, plan_sheets, read_twice, shared_out
from backend.review.core.item import SHEET, SINGLE, BatchFacts, Item
from backend.review.core.look import Purpose
from backend.review.core.ranking.pool import Pick
from backend.review.loop.follow_ups import follow_ups
from backend.review.loop.known_answer_films import known_answer_films, room_for_films, with_checks
from backend.review.loop.looks import covered_now
from backend.review.loop.rank import looked_at, rank_batch, waiting_films
from backend.review.loop.studio.connect import TaskProjects, ensure_projects
from backend.review.loop.studio.send import send_planned
from backend.review.loop.studio.stray_items import adopt_former_projects, send_stray_items_again
from backend.review.loop.studio.waiting_items import align_waiting_items

_WHY_AGAIN = {
    Purpose.SECOND: "found by one look: a second, independent look",
    Purpose.SETTLE: "two looks disagree, or the detector doubts the answer: this look settles it",
}


@dataclass(frozen=True, slots=True)
class PushReport:
    """What a push did."""

    items: int
    """Items added now."""
    films: int
    """Films on them."""
    waiting: int
    """Items of this kind that wait for a first look; while there are any, no batch is made."""
    projects: TaskProjects
    new_batch: bool
    """Whether films were chosen for first looks now."""


def push(
    workspace: Workspace, task: DetectorTask, studio: LabelStudio, *, count: int, single: bool
) -> PushReport:
    """Send the next batch, unless the last one still waits for a reviewer.

    Boxes are drawn on single items only. What needs another look (`review.loop.follow_ups`) is
    sent in any case. A push that was interrupted is finished first: its items were planned in the
    database, and what reached Label Studio is recognised there by its key.

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
    projects = ensure_projects(workspace, studio, task)
    adopt_former_projects(workspace, task, studio, projects)
    _plan_follow_ups(workspace, task, projects)
    send_stray_items_again(workspace, task, studio)
    sent = send_planned(workspace, task, studio)
    waiting = _first_looks(workspace, task, SINGLE if single else SHEET)
    new_batch = not waiting and _plan_batch(workspace, task, projects, count=count, single=single)
    if new_batch:
        sent += send_planned(workspace, task, studio)
    align_waiting_items(workspace, task, studio)
    shown = sum(len(item.radiograph_ids) for item in sent)
    return PushReport(len(sent), shown, waiting, projects, new_batch)


def _first_looks(workspace: Workspace, task: DetectorTask, kind: str) -> int:
    """Count the items of a batch that wait; second looks do not hold up the next batch."""
    later = (Purpose.SECOND, Purpose.SETTLE)
    waiting = open_items(workspace.database, task.name)
    return sum(item.kind == kind and item.purpose not in later for item in waiting)


def _plan_follow_ups(workspace: Workspace, task: DetectorTask, projects: TaskProjects) -> None:
    planned = follow_ups(workspace, task)
    if planned:
        picks = [
            Pick(film, Slice.FOLLOW_UP, _WHY_AGAIN[sheet.purpose])
            for sheet in planned
            for film in sheet.radiograph_ids
        ]
        facts = BatchFacts(task.name, version_in_use(workspace.database, task), seed=0)
        _plan(workspace, facts, task, picks, projects, planned)


def _plan_batch(
    workspace: Workspace, task: DetectorTask, projects: TaskProjects, *, count: int, single: bool
) -> bool:
    """Plan the items of the next batch; False where no film is left to choose."""
    seed = secrets.randbits(48)
    facts = BatchFacts(
        task.name,
        version_in_use(workspace.database, task),
        seed,
        films=len(films(workspace.database)),
        set_aside=sorted(waiting_films(workspace, task) - looked_at(workspace, task)),
    )
    batch = rank_batch(workspace, task, count=count, seed=seed)
    chosen = batch.picks
    if not chosen:
        return False
    picked = [pick.radiograph_id for pick in chosen]
    if single:
        planned = shared_out(
            [PlannedSheet("", (film,)) for film in picked], workspace.settings.reviewers
        )
    else:
        planned = _sheets(workspace, task, picked, seed)
    facts = replace(facts, drawn_from=batch.drawn_from)
    _plan(workspace, facts, task, chosen, projects, planned)
    return True


def _sheets(
    workspace: Workspace, task: DetectorTask, picked: Sequence[str], seed: int
) -> list[PlannedSheet]:
    """Lay films out on sheets, some of them for two readers, with a few known films mixed in."""
    settings, known = workspace.settings, known_answer_films(workspace, task)
    planned = plan_sheets(
        _predicted(workspace, task, picked), task, room_for_films(workspace, known)
    )
    dealt = shared_out(planned, settings.reviewers)
    rng = np.random.default_rng([seed, 2])
    again = read_twice(dealt, settings.double_reading_share, settings.reviewers, rng)
    return [*with_checks(workspace, task, dealt, known, seed), *again]


def _predicted(workspace: Workspace, task: DetectorTask, picked: Sequence[str]) -> dict[str, str]:
    version = version_in_use(workspace.database, task)
    if version == COLD_START or task.sums_up:
        return dict.fromkeys(picked, task.expected_label)
    best = film_probabilities(workspace, task, version, picked).argmax(axis=1)
    return {film: task.labels[label] for film, label in zip(picked, best, strict=True)}


def _plan(  # noqa: PLR0913, PLR0917 - one row of the plan has that many facts
    workspace: Workspace,
    facts: BatchFacts,
    task: DetectorTask,
    chosen: Sequence[Pick],
    projects: TaskProjects,
    planned: Sequence[PlannedSheet],
) -> None:
    covered = covered_now(workspace, task)

    def items_of(batch: int) -> list[Item]:
        return [
            Item(
                item_key=f"{batch}-{_content_key(task, sheet)}{_suffix(sheet)}",
                project_id=projects.sheet if sheet.shown_label else projects.single,
                batch_id=batch,
                position=position,
                detector_task=task.name,
                kind=SHEET if sheet.shown_label else SINGLE,
                shown_label=sheet.shown_label,
                radiograph_ids=sheet.radiograph_ids,
                purpose=sheet.purpose,
                shard=sheet.shard,
                checks=sheet.checks,
                covered=covered,
            )
            for position, sheet in enumerate(planned)
        ]

    # In one transaction: what was drawn and is on no item would count as bad.
    record_batch(workspace.database, facts, chosen, items_of)


def _content_key(task: DetectorTask, sheet: PlannedSheet) -> str:
    if sheet.shown_label:
        return sheet_key(task.name, sheet.shown_label, sheet.radiograph_ids)
    return single_key(task.name, sheet.radiograph_ids[0])


def _suffix(sheet: PlannedSheet) -> str:
    """Tell the second reader's copy of a sheet from the first one's."""
    return "-2" if sheet.purpose is Purpose.DOUBLE else ""
