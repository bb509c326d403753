"""Apply a rule to every film of the archive, and store what it finds as labels.

What a policy finds is decided. What else it finds is suspected, by how unlike the archive's own
films a film is (`labels.core.suspicion`), and waits for a person.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import films
from backend.archive.core.film import Film
from backend.archive.loop.film_measures import film_measures, measure_store
from backend.base.adapters.database import utc_now
from backend.base.adapters.settings import Settings
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import InputFileError, TaskDefinitionError
from backend.base.core.progress import Progress
from backend.base.core.rule import CutOffs, FilmFacts, FilmRule
from backend.labels.adapters.label_store import LabelChanges, replace_labels, standing_labels
from backend.labels.core.labels import Label, LabelSource, verdicts
from backend.labels.core.rule_in_force import RuleInForce
from backend.labels.core.suspicion import Suspicions, suspicions


@dataclass(frozen=True, slots=True)
class JudgedArchive:
    """What a rule makes of every film of the archive."""

    facts: Mapping[str, FilmFacts]
    """By radiograph id, what the rule was asked with."""
    labels: Mapping[str, str | None]
    """By radiograph id; None where the rule cannot tell."""
    cut_offs: CutOffs
    """In use, in the unit of each measure: set by a person, learnt from answers, or as they start.
    """
    suspicions: Suspicions


@dataclass(frozen=True, slots=True)
class RuleReport:
    """How many films a rule judged, and what it called them."""

    counts: Mapping[str, int]
    """Films by label, in the task's order."""
    unknown: int
    """Films of which the rule cannot tell, as their facts are missing."""
    changes: LabelChanges
    judged: JudgedArchive


def judge_archive(
    workspace: Workspace, task: DetectorTask, *, progress: Progress | None = None
) -> JudgedArchive:
    """Ask a task's rule about every film, by the archive's own bulk and the reviewers' answers.

    Raises:
        TaskDefinitionError: the task has no rule.
        InputFileError: `radsieve.toml` sets a cut-off that the rule does not have.
    """
    rule, cut_offs = rule_of(task), rule_cut_offs(workspace.settings, task)
    given = workspace.settings.cut_offs.get(task.name, {})
    facts = archive_facts(workspace, task, progress=progress)
    found = suspicions(rule, facts, given, answers_for(workspace.database, task))
    moved = {scale.check.cut_off: round(scale.cut_off_value, 6) for scale in found.scales}
    labels = RuleInForce(rule, task.expected_label, cut_offs, found.scales).labels(facts)
    return JudgedArchive(facts, labels, cut_offs | moved, found)


def answers_for(engine: Engine, task: DetectorTask) -> dict[str, bool]:
    """Return whether a reviewer called a film bad, by radiograph id; unclear answers left out."""
    given = standing_labels(engine, task.name, source=LabelSource.REVIEWER)
    return {
        film: verdict.is_bad(task)
        for film, verdict in verdicts(given, task).items()
        if verdict.label is not None or verdict.is_bad(task)
    }


def apply_rule(
    workspace: Workspace, task: DetectorTask, *, progress: Progress | None = None
) -> RuleReport:
    """Ask a task's rule about every film, and make what it finds the labels with source RULE.

    Only films that are not as expected get a label. One that a changed cut-off or changed metadata
    no longer supports is withdrawn; what reviewers said stays.

    Raises:
        TaskDefinitionError: the task has no rule.
        InputFileError: `radsieve.toml` sets a cut-off that the rule does not have.
    """
    judged = judge_archive(workspace, task, progress=progress)
    labels, cut_offs = judged.labels, judged.cut_offs
    bad = {film: name for film, name in labels.items() if name not in (None, task.expected_label)}
    counts = Counter(labels.values())
    films_by_label = {label: counts[label] for label in task.labels}
    changes = replace_labels(
        workspace.database,
        task.name,
        LabelSource.RULE,
        _labels(task, bad),
        facts={"cut_offs": dict(cut_offs), "films": films_by_label, "unknown": counts[None]},
    )
    return RuleReport(films_by_label, counts[None], changes, judged)


def rule_cut_offs(settings: Settings, task: DetectorTask) -> dict[str, float]:
    """Return the cut-offs that a person has set, and the defaults of the others.

    Raises:
        TaskDefinitionError: the task has no rule.
        InputFileError: `radsieve.toml` sets a cut-off that the rule does not have.
    """
    return rule_of(task).adjusted(task.name, settings.cut_offs.get(task.name, {}))


def refuse_unknown_cut_offs(settings: Settings, tasks: Mapping[str, DetectorTask]) -> None:
    """Check that `radsieve.toml` sets cut-offs of rules only.

    Raises:
        InputFileError: a detector task is misspelt, or has no rule.
    """
    known = [name for name, task in tasks.items() if task.rule]
    for name in settings.cut_offs:
        if name not in known:
            raise InputFileError(
                f"setting 'cut_offs.{name}': no detector task of that name has a rule; expected "
                f"any of {', '.join(known)}; correct the name in radsieve.toml"
            )


def archive_facts(
    workspace: Workspace, task: DetectorTask, *, progress: Progress | None = None
) -> dict[str, FilmFacts]:
    """Return the values that the task's rule uses, by radiograph id."""
    archive = films(workspace.database)
    measures = (
        film_measures(
            measure_store(workspace.measures, workspace.thumbnails), archive, progress=progress
        )
        if rule_of(task).needs_pixels
        else {}
    )
    return {
        film.radiograph_id: film_facts(film, measures.get(film.radiograph_id, {}))
        for film in archive
    }


def film_facts(film: Film, measures: Mapping[str, float] | None = None) -> FilmFacts:
    """Return the values of a catalogued film that rules use; unmeasured values are left out."""
    return FilmFacts(
        age_years=film.age_years,
        sex=film.sex,
        view_position=film.view_position,
        width_px=film.width_px,
        height_px=film.height_px,
        measures=measures or {},
    )


def rule_of(task: DetectorTask) -> FilmRule:
    """Return the rule of a task.

    Raises:
        TaskDefinitionError: it has none.
    """
    if task.rule is None:
        raise TaskDefinitionError(
            f"{task.name} has no rule, it is learnt; train it with `radsieve train {task.name}`"
        )
    return task.rule


def _labels(task: DetectorTask, bad: Mapping[str, str | None]) -> Sequence[Label]:
    now = utc_now()
    return [
        Label(film, task.name, label, LabelSource.RULE, now, rule=f"rule {task.name}")
        for film, label in bad.items()
        if label is not None
    ]
