"""`radsieve status`: show the state of the workspace."""

from collections.abc import Mapping

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.limits import limits
from backend.base.core.words import counted
from backend.export.core.facts import Facts, ReviewFacts
from backend.export.loop.facts import read_facts
from backend.reports.core.rule_trust import RuleRecord
from backend.service.loop.next_step import stage_of
from backend.service.loop.status import TaskStatus, WorkspaceStatus, status
from scripts._command import Outcome, workspace_command
from scripts._fact_lines import cut_off_lines, fact_lines, task_fact_lines
from scripts._patient_lines import patient_rule
from scripts._review_lines import review_lines
from tasks import load_detector_tasks


@workspace_command
def COMMAND(workspace: Workspace) -> Outcome:
    """Show counts of films, labels, items and jobs, and the versions in use."""
    tasks = load_detector_tasks()
    now, facts = status(workspace, tasks), read_facts(workspace, tasks)
    ahead = f"next        {stage_of(workspace, list(tasks)).next_step}"
    values = now.as_json() | {"facts": facts.as_json()}
    return Outcome("\n".join([*_lines(now, facts, tasks), ahead]), values)


def _lines(
    now: WorkspaceStatus, facts: ReviewFacts, tasks: Mapping[str, DetectorTask]
) -> list[str]:
    told_by = ", ".join(
        f"{count} told by {patient_rule(source)}"
        for source, count in sorted(now.patients_known_by.items())
    )
    lines = [
        f"workspace   {now.workspace}",
        f"films       {now.films}, and {counted(now.unreadable_files, 'file')} that cannot be read "
        "as a film",
        f"patients    {now.patients} ({told_by or 'none'}), {now.sealed_patients} of them sealed",
        f"jobs        {now.jobs_waiting} waiting",
    ]
    if not now.films and not any(map(_is_used, now.tasks.values())):
        return [*lines, "nothing was indexed or reviewed here yet"]
    lines += fact_lines(facts.archive)
    for name, task in now.tasks.items():
        lines += ["", *_task_lines(tasks[name], task, facts.by_task[name])]
    return [*lines, ""]


def _is_used(task: TaskStatus) -> bool:
    return bool(task.versions or task.labels_by_source or task.items_waiting or task.review)


def _task_lines(asked: DetectorTask, task: TaskStatus, facts: Facts) -> list[str]:
    verdicts = {asked.words(label): count for label, count in task.verdicts.items()}
    return [
        f"{asked.full_name}: {_in_use(asked, task)}",
        f"  labels    {_counted(task.labels_by_source)}",
        f"  verdicts  {_counted(verdicts)}, {task.undecided} undecided",
        f"  items     {task.items_waiting} wait for a reviewer",
        *task_fact_lines(facts, asked),
        *(review_lines(task.review.as_json()) if task.review else ()),
        *cut_off_lines(asked, task.cut_offs),
        *(_rule_line(rule, asked) for rule in task.report_rules),
    ]


def _in_use(asked: DetectorTask, task: TaskStatus) -> str:
    """Return the version in use in words; who sums up has none of its own to count."""
    if asked.sums_up:
        return "sums up the other questions" if task.model_version else "nothing published yet"
    version = task.model_version or "nothing published yet"
    trained = counted(task.versions, "version")
    return f"{version}, {trained} so far, {counted(task.predicted_films)} predicted"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"


def _rule_line(record: RuleRecord, task: DetectorTask) -> str:
    precision = record.precision
    measured = (
        f"right {record.right} of {record.drawn} drawn at random (95 % "
        f"{limits(precision.low, precision.high, 2)})"
        if record.drawn
        else "not measured yet"
    )
    others = record.other_looks
    also = f", {record.other_right} of {others} picked for a reason" if others else ""
    down = "; TURNED DOWN" if record.is_turned_down else ""
    says = f"{record.rule} says {task.words(record.label)} of {counted(record.films)}"
    return f"  reports   {says}: {measured}{also}{down}"
