"""`radsieve train`: train a detector, judge it, publish it if it is not worse."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask, LearntFrom
from backend.base.core.errors import TaskDefinitionError
from backend.detectors.adapters.versions.registry import published_version, refuse_joint
from backend.detectors.loop.training.train_answers import train_from_answers
from backend.detectors.loop.training.train_boxes import train_boxes
from backend.detectors.loop.training.train_made import train
from backend.detectors.loop.training.train_pair import train_pair
from backend.detectors.loop.training.trained import TrainingResult
from backend.labels.adapters.box_table import read_box_table
from backend.labels.adapters.label_table import read_label_table
from backend.labels.core.labels import Label
from backend.review.loop.publish import publish
from scripts._box_lines import box_lines
from scripts._command import Outcome, progress_bar, workspace_command
from tasks import detector_task, load_detector_tasks

SHOWN_FILMS = 10


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

    Where films of every label can be made from other films, it learns from those; films that
    reviewers have answered for are put right first. Such detectors share one network, so training
    the next of them on the same films takes a moment. The other detectors learn from answers: those
    of reviewers, of reports, or of a table given here.
    """
    task = detector_task(name)
    refuse_joint(task, "train")
    read_table = read_box_table if task.answer is AnswerKind.BOX else read_label_table
    extra = read_table(labels, task, workspace.database) if labels else []
    result = _train(workspace, task, extra)
    published = _publish(workspace, task, result)
    lines = box_lines if task.answer is AnswerKind.BOX else _lines
    return Outcome("\n".join(lines(name, result)), _facts(result, published))


def _train(workspace: Workspace, task: DetectorTask, extra: Sequence[Label]) -> TrainingResult:
    if task.learnt_from is LearntFrom.RULE:
        raise TaskDefinitionError(
            f"{task.name} is decided by a rule, so there is nothing to train; apply it with "
            f"`radsieve rules {task.name}`"
        )
    if task.answer is AnswerKind.BOX:
        with progress_bar("train", "step") as progress:
            return train_boxes(workspace, task, extra_labels=extra, progress=progress)
    if task.learnt_from is LearntFrom.ANSWERS:
        with progress_bar("features") as progress:
            return train_from_answers(workspace, task, extra_labels=extra, progress=progress)
    if task.told_by_change:
        return train_pair(workspace, task, extra_labels=extra)
    family = [one for one in load_detector_tasks().values() if one.shares_network]
    with progress_bar("train", "view") as progress:
        return train(workspace, task, family, extra_labels=extra, progress=progress)


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


def _lines(name: str, result: TrainingResult) -> Iterator[str]:
    metrics, training = result.metrics, result.metrics["training"]
    how = "had been trained on these very films and labels" if result.reused else "trained"
    yield (
        f"{name}: {result.model_version} {how}: {training['films']} films of "
        f"{training['patients']} patients, {training['confirmed_films']} of them confirmed; "
        f"{len(training['suspects'])} left out because they look bad as they are"
    )
    made = "made into " if metrics["views"] > metrics["films"] else ""
    yield (
        f"{metrics.get('judged_on', 'sealed set')}, {metrics['films']} films of "
        f"{metrics['patients']} patients {made}{metrics['views']} views, {metrics['errors']} "
        "judged wrong:"
    )
    yield from _figure_lines(metrics)
    verdict = "published" if result.judgement.publish else "not published"
    yield f"{verdict}: {result.judgement.reason}"


def _figure_lines(metrics: Mapping[str, Any]) -> Iterator[str]:
    for name in ("accuracy", "precision", "recall", "auc", "auprc"):
        yield f"  {name:<10} {_shown(metrics['binary'][name])}"
    archive = metrics["in_archive"]
    yield (
        f"  precision  {_shown(archive['precision'])} where {archive['prevalence']:.2%} of films "
        f"are bad ({archive['prevalence_source']})"
    )
    unseen = metrics["training"]["out_of_fold"]
    yield (
        f"  calibration error {metrics['calibration_error']:.4f} (out of fold "
        f"{unseen['calibration_error_before']:.4f} before the temperature, "
        f"{unseen['calibration_error_after']:.4f} after)"
    )
    better = "; IT IS BETTER than the network" if metrics["baseline_is_better"] else ""
    yield f"  baseline, 16x16 pixels: {metrics['baseline']['errors']} judged wrong{better}"
    if metrics["suspects"]:
        yield f"  bad as they are, or judged wrong: {_some(metrics['suspects'])}"


def _some(films: Sequence[str]) -> str:
    more = f" and {len(films) - SHOWN_FILMS} more" if len(films) > SHOWN_FILMS else ""
    return ", ".join(films[:SHOWN_FILMS]) + more


def _shown(figure: Mapping[str, Any]) -> str:
    value = "none   " if figure["value"] is None else f"{figure['value']:.4f}"
    return f"{value} (95 % {figure['low']:.4f} to {figure['high']:.4f}, {figure['interval']})"
