"""Answer what rules decide, for every film of the archive."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.adapters.catalogue import Film, films
from backend.adapters.database import utc_now
from backend.adapters.label_store import RuleChanges, replace_rule_labels
from backend.adapters.workspace import Workspace
from backend.core.detector_task import DetectorTask
from backend.core.errors import TaskDefinitionError
from backend.core.film_rule import FilmFacts, FilmRule
from backend.core.labels import Label, LabelSource


@dataclass(frozen=True, slots=True)
class RuleReport:
    """What a rule says of an archive."""

    counts: Mapping[str, int]
    """Films by label, in the task's order."""
    unknown: int
    """Films of which the rule cannot tell, as their facts are missing."""
    cut_offs: Mapping[str, float]
    changes: RuleChanges


def apply_rule(workspace: Workspace, task: DetectorTask) -> RuleReport:
    """Ask a task's rule about every film, and make what it finds the labels with source RULE.

    Only films that are not as expected get a label. One that a changed cut-off or changed metadata
    no longer supports is withdrawn; what reviewers said stays.

    Raises:
        TaskDefinitionError: the task has no rule.
        InputFileError: `radsieve.toml` sets a cut-off that the rule does not have.
    """
    rule = _rule(task)
    cut_offs = rule.adjusted(task.name, workspace.settings.cut_offs.get(task.name, {}))
    archive = films(workspace.database)
    said = {film.radiograph_id: rule.decide(film_facts(film), cut_offs) for film in archive}
    bad = {film: label for film, label in said.items() if label not in (None, task.expected_label)}
    changes = replace_rule_labels(workspace.database, task.name, _labels(task, bad))
    counts = Counter(said.values())
    return RuleReport(
        {label: counts[label] for label in task.labels}, counts[None], cut_offs, changes
    )


def film_facts(film: Film) -> FilmFacts:
    """Return what rules may know of a catalogued film."""
    return FilmFacts(
        age_years=film.age_years,
        sex=film.sex,
        view_position=film.view_position,
        width_px=film.width_px,
        height_px=film.height_px,
    )


def _rule(task: DetectorTask) -> FilmRule:
    if task.rule is None:
        raise TaskDefinitionError(
            f"{task.name} has no rule, it is learnt; train it with `radsieve train {task.name}`"
        )
    return task.rule


def _labels(task: DetectorTask, bad: Mapping[str, str | None]) -> Sequence[Label]:
    now = utc_now()
    return [
        Label(film, task.name, label, LabelSource.RULE, now, reviewer=f"rule {task.name}")
        for film, label in bad.items()
        if label is not None
    ]
