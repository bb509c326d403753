"""`radsieve train`: train a detector, judge it, publish it if it is not worse."""

from pathlib import Path
from typing import Any

import click

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.detectors.adapters.versions.registry import published_version
from backend.detectors.core.training_result import TrainingResult
from backend.detectors.loop.kinds import kind_of
from backend.detectors.loop.train import read_extra_labels, train
from backend.detectors.loop.training.training_words import training_in_short
from backend.review.loop.publish import publish
from scripts._command import Outcome, progress_bar, workspace_command
from scripts._film_names import with_file_names
from tasks import detector_task, load_detector_tasks


@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    help="CSV with the columns file,label: answers you already have; of boxes also "
    "left,top,width,height in pixels of the film. Labels mined from reports: also "
    "source (report) and confidence (0 to 1).",
)
@click.argument("name", metavar="TASK")
@workspace_command
def COMMAND(workspace: Workspace, name: str, labels: Path | None) -> Outcome:
    """Train a detector, judge it on sealed patients, publish it if it is not worse.

    Where films of every label can be made from other films, the detector learns from made films;
    films that reviewers called bad are corrected first. Such detectors share one network, so
    training the next of them on the same films takes a moment. The other detectors learn from
    answers: of reviewers, of reports, or of the table in --labels.
    """
    task = detector_task(name)
    kind = kind_of(task)
    extra = read_extra_labels(workspace.database, task, labels)
    tasks = list(load_detector_tasks().values())
    doing, unit = kind.progress_words
    with progress_bar(doing.about(task.display_name), unit) as progress:
        result = train(workspace, task, tasks, extra_labels=extra, progress=progress)
    published = _publish(workspace, task, result)
    text = with_file_names(workspace, "\n".join(kind.explain(task, result)))
    facts = _facts(result, published)
    return Outcome(text, facts, in_short=training_in_short(task, result))


def _publish(workspace: Workspace, task: DetectorTask, result: TrainingResult) -> bool:
    if not result.judgement.publish:
        return False
    if published_version(workspace.database, task.name) != result.model_version:
        publish(workspace, task, result.model_version, reason=result.judgement.reason)
    return True


def _facts(result: TrainingResult, published: bool) -> dict[str, Any]:
    return {
        "model_version": result.model_version,
        "published": published,
        "reason": result.judgement.reason,
        "reused": result.reused,
        "metrics": dict(result.metrics),
        "judgement": result.judgement.as_json(),
    }
