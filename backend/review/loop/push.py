"""Show a review batch in Label Studio, pre-annotated; nothing is ever pushed twice."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from sqlalchemy import Engine

from backend.archive.adapters.catalogue import films
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.detectors.adapters.versions.registry import COLD_START, published_parts
from backend.detectors.loop.film_predictions import film_probabilities
from backend.labels.core.labels import Label, Slice
from backend.reports.loop.report_labels import labels_in_force
from backend.review.adapters.batch_store import open_items, plan_items, record_batch, task_items
from backend.review.adapters.browse_store import films_sent
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.review_turn import review_turn
from backend.review.adapters.screens.contact_sheet import sheet_key
from backend.review.adapters.screens.single_item import single_key
from backend.review.core.batch_plan import PlannedSheet, plan_sheets, read_twice, shared_out
from backend.review.core.item import (
    SHEET,
    SINGLE,
    BatchFacts,
    DrawRecord,
    Item,
    first_looks_waiting,
)
from backend.review.core.look import Purpose
from backend.review.core.ranking.pool import Pick
from backend.review.core.ranking.strategies import RankingStrategy, strategy_named
from backend.review.core.sent_films import films_to_show
from backend.review.loop.follow_ups import follow_ups
from backend.review.loop.known_answer_films import CheckMixer, known_answer_films, room_for_films
from backend.review.loop.looks import covered_now
from backend.review.loop.planning_material import PlanningMaterial, planning_material
from backend.review.loop.rank import by_strategy, ranking_material
from backend.review.loop.review_state import ReviewState
from backend.review.loop.studio.connect import TaskProjects, ensure_projects
from backend.review.loop.studio.send import send_planned
from backend.review.loop.studio.stray_items import (
    archive_former_projects,
    move_former_items,
    projects_with_answers,
    send_stray_items_again,
)
from backend.review.loop.studio.waiting_items import align_waiting_items
from backend.review.loop.suspect_batch import RuleFindings, findings_for, suspect_batch

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
    earlier_draws: Sequence[DrawRecord]
    """The random draws that counted for the task before this push."""


@dataclass(frozen=True, slots=True)
class NextBatch:
    """What a push may choose for first looks."""

    films: int
    """0: none, so that only what has to be looked at again is sent."""
    single: bool = False
    """One film an item, instead of contact sheets."""
    ahead: int = 0
    """The batch is made while at most so many items of the last one wait."""


def push(
    workspace: Workspace, task: DetectorTask, studio: LabelStudio, batch: NextBatch
) -> PushReport:
    """Send the next batch, unless the last one still waits for a reviewer.

    Boxes are drawn on single items only. What needs another look (`review.loop.follow_ups`) is
    sent in any case. A push that was interrupted is finished first: its items were planned in the
    database, and what reached Label Studio is recognised there by its key.

    Raises:
        LabelStudioError: Label Studio is not reachable or refuses us.
        NothingPublishedError: the detector task has no published model version.
    """
    wanted = replace(batch, single=batch.single or task.answer is AnswerKind.BOX)
    # The worker pushes too, and two pushes at once would plan two batches.
    with review_turn(workspace.root):
        return _push(workspace, task, studio, wanted)


def _push(
    workspace: Workspace, task: DetectorTask, studio: LabelStudio, wanted: NextBatch
) -> PushReport:
    engine, settings, pictures = workspace.database, workspace.settings, workspace.review
    reviewers = settings.reviewers
    projects = ensure_projects(engine, studio, task, pictures=pictures, reviewers=reviewers)
    projects_with_answers(engine, task, studio)
    move_former_items(engine, task, studio, projects)
    material = push_material(workspace, task, projects, new_batch=bool(wanted.films))
    source = material.planning.predictions
    plan_follow_ups(material)
    plan_sent_films(material, single=wanted.single)
    send_stray_items_again(engine, task, studio, reviewers=reviewers)
    sent = send_planned(source, settings, task, studio, pictures=pictures)
    waiting = _first_looks(engine, task, SINGLE if wanted.single else SHEET)
    is_due = bool(wanted.films) and waiting <= wanted.ahead
    new_batch = is_due and plan_batch(material, count=wanted.films, single=wanted.single)
    if new_batch:
        sent += send_planned(source, settings, task, studio, pictures=pictures)
    align_waiting_items(source, task, studio)
    archive_former_projects(engine, studio, [task, *task.others, *task.parts])
    shown = sum(len(item.radiograph_ids) for item in sent)
    return PushReport(len(sent), shown, waiting, projects, new_batch, material.state.draws)


@dataclass(frozen=True, slots=True)
class PushMaterial:
    """What a push plans from, read once at its beginning."""

    planning: PlanningMaterial
    projects: TaskProjects
    covered: Mapping[str, str] | None
    """See `looks.covered_now`."""
    labels: Sequence[Label]
    """That count for the task, see `labels_in_force`."""
    strategy: RankingStrategy | None
    """That ranks the next batch, by the setting `ranking_strategy`; None: the slices share it."""
    archive_key: bytes = field(repr=False)
    """Makes the ids under which films with a known answer are shown."""
    ruled: Sequence[RuleFindings] = ()
    """What rules suspect: the task's own rule, or those among the tasks that it sums up."""
    new_seed: Callable[[], int] = lambda: secrets.randbits(48)
    """Makes the seed that all chance in a batch comes from, on record with it; nobody can know it
    before, or films could be kept out of what is drawn."""

    @property
    def task(self) -> DetectorTask:
        """The detector task."""
        return self.planning.task

    @property
    def state(self) -> ReviewState:
        """Where its review stands."""
        return self.planning.state


def push_material(
    workspace: Workspace, task: DetectorTask, projects: TaskProjects, *, new_batch: bool = True
) -> PushMaterial:
    """Read what a push plans from.

    Args:
        workspace: the archive.
        task: the detector task.
        projects: where its items go.
        new_batch: whether films are chosen for first looks; rules are applied only for that.

    Raises:
        NothingPublishedError: the detector task has no published model version.
        RadsieveError: the setting `ranking_strategy` names no strategy.
    """
    # First: the cut-offs of a rule follow the answers, and so does its version.
    ruled = findings_for(workspace, task) if new_batch else []
    planning = planning_material(workspace, task)
    published = published_parts(workspace.database, task) if task.sums_up else ()
    return PushMaterial(
        planning=planning,
        projects=projects,
        covered=covered_now(task, published, planning.state.parts_answered),
        labels=labels_in_force(
            workspace.database, workspace.seal_terms, task, planning.state.labels
        ),
        strategy=strategy_named(workspace.settings.ranking_strategy),
        archive_key=workspace.secrets.archive_key,
        ruled=ruled,
    )


def _first_looks(engine: Engine, task: DetectorTask, kind: str) -> int:
    return first_looks_waiting(open_items(engine, task.name), kind)


def plan_follow_ups(material: PushMaterial) -> None:
    """Plan the items of films that have to be looked at again."""
    planned = follow_ups(material.planning)
    if planned:
        picks = [
            Pick(film, Slice.FOLLOW_UP, _WHY_AGAIN[sheet.purpose])
            for sheet in planned
            for film in sheet.radiograph_ids
        ]
        facts = BatchFacts(material.task.name, material.planning.model_version, seed=0)
        _plan(material, facts, picks, planned)


def plan_sent_films(material: PushMaterial, *, single: bool) -> None:
    """Plan the items of films that somebody sent to review from the grid; they come first."""
    engine, name = material.planning.database, material.task.name
    sent = films_to_show(films_sent(engine, name), task_items(engine, name))
    for batch_id, chosen in sent.items():
        planned = _laid_out(material, chosen, material.new_seed(), single=single)
        plan_items(engine, _items(material, batch_id, planned))


def plan_batch(material: PushMaterial, *, count: int, single: bool) -> bool:
    """Plan the items of the next batch; False where no film is left to choose.

    Films that waited when the push began are left out, though they may have been answered since:
    the material does not know those answers. What rules suspect comes on sheets of its own; for a
    task that sums up others it makes half of the batch at most.
    """
    if material.task.rule is not None:
        return _plan_suspects(material, count=count, single=single) > 0
    shown = 0 if single else _plan_suspects(material, count=count // 2, single=False)
    return _plan_ranked(material, count=count - shown, single=single) or shown > 0


def _plan_suspects(material: PushMaterial, *, count: int, single: bool) -> int:
    """Plan films that rules suspect; return how many. Nothing is drawn at random of them.

    Who leaves a film unticked on such a sheet has answered the rule's question, too.
    """
    planning, task, shown = material.planning, material.task, 0
    for findings in material.ruled:
        # A joint look does not answer a rule's question unless its sheet has asked it.
        busy = _asked(planning) if task.sums_up else _busy(planning)
        batch = suspect_batch(findings, busy, planning, count=count - shown, single=single)
        if not batch.picks:
            continue
        asked = material
        if task.sums_up:
            rule = findings.task
            covered = {**(material.covered or {}), rule.name: rule.expected_label}
            asked = replace(material, covered=covered)
        sheets = [
            replace(sheet, shown_label=task.expected_label if sheet.shown_label else "")
            for sheet in batch.sheets
        ]
        _plan(asked, BatchFacts(task.name, planning.model_version, seed=0), batch.picks, sheets)
        shown += len(batch.picks)
    return shown


def _plan_ranked(material: PushMaterial, *, count: int, single: bool) -> bool:
    planning, settings, seed = material.planning, material.planning.settings, material.new_seed()
    archive, busy = films(planning.database), _busy(planning)
    ranking = ranking_material(planning, archive, material.labels, busy)
    if material.strategy:
        ranking = by_strategy(ranking, planning, material.strategy, archive)
    batch = ranking.batch(count, settings, seed)
    if not batch.picks:
        return False
    facts = BatchFacts(
        planning.task.name,
        planning.model_version,
        seed,
        films=len(archive),
        drawn_from=batch.drawn_from,
        set_aside=sorted(busy - planning.state.first_looked.keys()),
    )
    picked = [pick.radiograph_id for pick in batch.picks]
    planned = _laid_out(material, picked, seed, single=single)
    _plan(material, facts, batch.picks, planned)
    return True


def _busy(planning: PlanningMaterial) -> set[str]:
    """Return the films that are not to be asked about, those on items planned since included."""
    return _asked(planning).union(planning.state.first_looked)


def _asked(planning: PlanningMaterial) -> set[str]:
    """Return films that wait, on items planned since as well, and those with a known problem."""
    task, state = planning.task, planning.state
    waiting = open_items(planning.database, task.name)
    asked = {film for item in waiting for film in item.radiograph_ids}
    bad = {film for film, verdict in state.verdicts.items() if verdict.is_bad(task)}
    return asked.union(state.not_to_ask, bad if task.sums_up else ())


def _laid_out(
    material: PushMaterial, picked: Sequence[str], seed: int, *, single: bool
) -> list[PlannedSheet]:
    """Put films on single items, or on sheets."""
    if not single:
        return _sheets(material, picked, seed)
    alone = [PlannedSheet("", (film,)) for film in picked]
    return shared_out(alone, material.planning.settings.reviewers)


def _sheets(material: PushMaterial, picked: Sequence[str], seed: int) -> list[PlannedSheet]:
    """Lay films out on sheets, some of them for two readers, with a few known films mixed in."""
    settings, task, state = material.planning.settings, material.task, material.state
    known = known_answer_films(state.looks, state.verdicts, task)
    predicted = _predicted(material.planning, picked)
    dealt = shared_out(
        plan_sheets(predicted, task, room_for_films(settings, known)), settings.reviewers
    )
    rng = np.random.default_rng([seed, 2])
    again = read_twice(dealt, settings.double_reading_share, settings.reviewers, rng)
    mixer = CheckMixer(known, settings, material.archive_key, seed)
    return [*mixer.mixed(dealt, task), *again]


def _predicted(planning: PlanningMaterial, picked: Sequence[str]) -> dict[str, str]:
    task, version = planning.task, planning.model_version
    # What a rule suspects is shown as expected, so that a click calls it bad.
    if version == COLD_START or task.sums_up or task.rule:
        return dict.fromkeys(picked, task.expected_label)
    best = film_probabilities(planning.predictions, task, version, picked).argmax(axis=1)
    return {film: task.labels[label] for film, label in zip(picked, best, strict=True)}


def _plan(
    material: PushMaterial,
    facts: BatchFacts,
    chosen: Sequence[Pick],
    planned: Sequence[PlannedSheet],
) -> None:
    # In one transaction: what was drawn and is on no item would count as bad.
    engine = material.planning.database
    record_batch(engine, facts, chosen, lambda batch: _items(material, batch, planned))


def _items(material: PushMaterial, batch: int, planned: Sequence[PlannedSheet]) -> list[Item]:
    """Return the items of a batch that show these sheets, in order."""
    task, projects = material.task, material.projects
    stood = {film: other for item in material.state.items for film, other in item.beside.items()}
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
            covered=_covered(material, sheet),
            beside=sheet.beside or _shown_beside(stood, sheet),
        )
        for position, sheet in enumerate(planned)
    ]


def _shown_beside(stood: Mapping[str, str], sheet: PlannedSheet) -> Mapping[str, str]:
    """Return the film that stood beside one that is now shown alone, when it was shown before."""
    if sheet.shown_label:
        return {}
    return {film: stood[film] for film in sheet.radiograph_ids if film in stood}


def _covered(material: PushMaterial, sheet: PlannedSheet) -> Mapping[str, str] | None:
    """Return what an answer to an item is an answer to as well.

    On a single film problems of other tasks can be named, though nothing is said of those that
    are not.
    """
    is_named = not sheet.shown_label and material.task.answer is AnswerKind.CHOICE
    return {} if material.covered is None and is_named else material.covered


def _content_key(task: DetectorTask, sheet: PlannedSheet) -> str:
    if sheet.shown_label:
        return sheet_key(task.name, sheet.shown_label, sheet.radiograph_ids)
    return single_key(task.name, sheet.radiograph_ids[0])


def _suffix(sheet: PlannedSheet) -> str:
    """Tell the second reader's copy of a sheet from the first one's."""
    return "-2" if sheet.purpose is Purpose.DOUBLE else ""
