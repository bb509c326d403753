"""A batch of films that a rule suspects: fitted to the answers so far, one check on a sheet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from backend.archive.adapters.catalogue import films
from backend.archive.loop.film_measures import COPY_MEASURES, best_copies, measure_store
from backend.base.adapters.settings import Settings
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.joint_question import suspecting_rules
from backend.base.core.rule import Force
from backend.detectors.adapters.versions.registry import published_version
from backend.detectors.loop.rule_predictions import sweep_by_rule
from backend.labels.core.suspicion import Suspicions
from backend.labels.loop.apply_rules import answers_for
from backend.review.adapters.batch_store import open_items
from backend.review.core.batch_plan import PlannedSheet, shared_out
from backend.review.core.ranking.pool import Pick
from backend.review.core.suspect_sheets import SuspectSheet, suspect_sheets
from backend.review.loop.planning_material import PlanningMaterial


@dataclass(frozen=True, slots=True)
class RuleFindings:
    """What a rule makes of the archive today, and which films it need not ask about."""

    task: DetectorTask
    found: Suspicions
    answers: Mapping[str, bool]
    """By radiograph id, whether a reviewer called the film bad."""
    not_to_ask: frozenset[str]
    """Answered, taken out by a policy, or waiting on an item of the task itself."""


@dataclass(frozen=True, slots=True)
class SuspectBatch:
    """The films of a batch, and how they are laid out."""

    picks: list[Pick]
    sheets: list[PlannedSheet]


def findings_for(workspace: Workspace, task: DetectorTask) -> list[RuleFindings]:
    """Apply the rules whose suspects are shown for a task: its own, or those among its parts.

    A rule among the parts is left out until `radsieve rules` has applied it once.
    """
    if task.rule is not None:
        return [rule_findings(workspace, task)] if task.rule.suspects else []
    rules = suspecting_rules(task)
    applied = [rule for rule in rules if published_version(workspace.database, rule.name)]
    return [rule_findings(workspace, rule) for rule in applied]


def rule_findings(workspace: Workspace, task: DetectorTask) -> RuleFindings:
    """Apply a rule with the cut-offs that follow from the answers so far."""
    judged = sweep_by_rule(workspace, task).labelled.judged
    answers = answers_for(workspace.database, task)
    decided = {film for film, label in judged.labels.items() if task.leaves_out(label)}
    items = open_items(workspace.database, task.name)
    waiting = {film for item in items for film in item.radiograph_ids}
    not_to_ask = frozenset(decided.union(waiting, answers))
    return RuleFindings(task, judged.suspicions, answers, not_to_ask)


def suspect_batch(
    findings: RuleFindings,
    busy: Collection[str],
    planning: PlanningMaterial,
    *,
    count: int,
    single: bool = False,
) -> SuspectBatch:
    """Return the next films to ask about, of those that a rule suspects.

    Args:
        findings: what the rule makes of the archive.
        busy: further films that are not to be asked about.
        planning: where films are measured, how many make a sheet, and for how many reviewers.
        count: at most so many films.
        single: one film an item instead of sheets.
    """
    task, settings, copies = findings.task, planning.settings, _copy_labels(findings.task)
    sheets = suspect_sheets(
        findings.found,
        findings.answers,
        findings.not_to_ask.union(busy),
        films=count,
        sheet_films=settings.sheet_films,
        in_pairs=copies,
    )
    picks = [
        Pick(film, sheet.slice, sheet.title(task.words(sheet.label)))
        for sheet in sheets
        for film in sheet.radiograph_ids
    ]
    planned = _planned(sheets, task, settings, single=single)
    suspected = [film for one in sheets if one.label in copies for film in one.radiograph_ids]
    return SuspectBatch(picks, _beside_what_stays(planned, _what_stays(planning, suspected)))


def _copy_labels(task: DetectorTask) -> set[str]:
    """Return the labels of films that a rule suspects because they resemble another one."""
    checks = task.rule.checks if task.rule else ()
    return {
        check.label
        for check in checks
        if check.measure in COPY_MEASURES and check.force is Force.SUSPICION
    }


def _what_stays(planning: PlanningMaterial, copies: Sequence[str]) -> dict[str, str]:
    """Return by film the one that it resembles, and that stays where it is left out."""
    if not copies:
        return {}
    archive = films(planning.database)
    place = {film.radiograph_id: number for number, film in enumerate(archive)}
    store = measure_store(planning.measures, planning.predictions.files.thumbnails)
    stays = best_copies(store, archive, [place[film] for film in copies])
    return {film: other.radiograph_id for film, other in zip(copies, stays, strict=True) if other}


def _beside_what_stays(
    planned: Sequence[PlannedSheet], stays: Mapping[str, str]
) -> list[PlannedSheet]:
    return [
        replace(one, beside={film: stays[film] for film in one.radiograph_ids if film in stays})
        for one in planned
    ]


def _planned(
    sheets: list[SuspectSheet], task: DetectorTask, settings: Settings, *, single: bool
) -> list[PlannedSheet]:
    """Return sheets on which every film is shown as expected, so that a click calls it bad."""
    if single:
        films = [film for sheet in sheets for film in sheet.radiograph_ids]
        planned = [PlannedSheet("", (film,)) for film in films]
    else:
        planned = [PlannedSheet(task.expected_label, sheet.radiograph_ids) for sheet in sheets]
    return shared_out(planned, settings.reviewers)
