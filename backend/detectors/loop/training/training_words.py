"""What `radsieve train` prints of a detector that chooses a label."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from backend.base.core.detector_task import DetectorTask
from backend.base.core.figures import clopper_pearson
from backend.base.core.limits import limits, share_limits
from backend.base.core.words import counted, listed
from backend.detectors.core.training_result import Judgement, TrainingResult

SHOWN_FILMS = 10
_SURE = 0.9
"""A detector that may be right less often than this is said to err often."""


def training_words(name: str, result: TrainingResult) -> Iterator[str]:
    """Yield sentences about a training of a detector that chooses a label, and its figures."""
    metrics, training = result.metrics, result.metrics["training"]
    yield (
        f"{name}: {result.model_version} {_how_trained(result)}: {training['films']} films of "
        f"{training['patients']} patients, {training['confirmed_films']} of them confirmed; "
        f"{len(training['suspects'])} left out because they look bad as they are"
    )
    if training["suspects"]:
        yield f"  left out: {_first(training['suspects'])}"
    made = "made into " if metrics["views"] > metrics["films"] else ""
    yield (
        f"{metrics.get('judged_on', 'sealed set')}, {metrics['films']} films of "
        f"{metrics['patients']} patients {made}{metrics['views']} views, {metrics['errors']} "
        "judged wrong:"
    )
    yield from _figure_lines(metrics)
    yield result.judgement.sentence


def training_in_short(task: DetectorTask, result: TrainingResult) -> str:
    """Return what was learnt, how sure that is, and what it means for a reviewer."""
    judgement, films = result.judgement, result.metrics["training"].get("films")
    learnt = f"learnt from {counted(films)}" if films else "learnt"
    name = task.display_name
    if not judgement.publish:
        return f"{name.capitalize()}: {learnt}, but not used, because {judgement.reason}."
    return f"{name.capitalize()}: {learnt}. {_sureness(judgement)}"


def _sureness(judgement: Judgement) -> str:
    views, errors = judgement.sealed_views, judgement.sealed_errors
    if not views:
        return "No film was kept apart to test it on, so nobody knows yet how often it is right."
    right = clopper_pearson(views - errors, views)
    tested = (
        f"Of {counted(views, 'test picture')} of patients it did not learn from, it judged "
        f"{errors or 'none'} wrong: it is right on {share_limits(right.low, right.high)} % of such "
        "pictures (95 % interval)."
    )
    if right.low < _SURE:
        return f"{tested} It still errs often; your answers will teach it."
    return f"{tested} You see the films that it doubts first."


def _how_trained(result: TrainingResult) -> str:
    if result.learnt_with:
        return f"was trained together with {listed(result.learnt_with)}, which share its network"
    return "had been trained on these very films and labels" if result.reused else "trained"


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
        yield f"  bad as they are, or judged wrong: {_first(metrics['suspects'])}"


def _first(films: Sequence[str]) -> str:
    more = f" and {len(films) - SHOWN_FILMS} more" if len(films) > SHOWN_FILMS else ""
    return ", ".join(films[:SHOWN_FILMS]) + more


def _shown(figure: Mapping[str, Any]) -> str:
    value = "none   " if figure["value"] is None else f"{figure['value']:.4f}"
    return f"{value} (95 % {limits(figure['low'], figure['high'], 4)}, {figure['interval']})"
