"""What `radsieve train` prints of a detector that chooses a label."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from backend.detectors.core.training_result import TrainingResult

SHOWN_FILMS = 10


def training_words(name: str, result: TrainingResult) -> Iterator[str]:
    """Yield sentences about a training of a detector that chooses a label, and its figures."""
    metrics, training = result.metrics, result.metrics["training"]
    how = "had been trained on these very films and labels" if result.reused else "trained"
    yield (
        f"{name}: {result.model_version} {how}: {training['films']} films of "
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
    return f"{value} (95 % {figure['low']:.4f} to {figure['high']:.4f}, {figure['interval']})"
