"""What `radsieve train` prints of a detector whose answer is a box."""

from collections.abc import Iterator, Mapping
from typing import Any

from backend.base.core.limits import limits
from backend.detectors.core.boxes.figures import FAIR, GOOD
from backend.detectors.core.training_result import TrainingResult

_FIGURES = {
    "mean_overlap": "mean overlap",
    "films_fair": f"films with every overlap >= {FAIR}",
    "films_good": f"films with every overlap >= {GOOD}",
    "corner_error_px": "mean corner error, px",
}


def box_words(name: str, result: TrainingResult) -> Iterator[str]:
    """Yield sentences about a training."""
    metrics, training = result.metrics, result.metrics["training"]
    how = "had been trained on these very boxes" if result.reused else "trained"
    yield (
        f"{name}: {result.model_version} {how}: {training['films']} films of "
        f"{training['patients']} patients"
    )
    yield f"{metrics['judged_on']}, {metrics['films']} films with {metrics['boxes']} boxes:"
    for figure, words in _FIGURES.items():
        baseline = _shown(metrics["baseline"][figure])
        yield f"  {words:<32} {_shown(metrics[figure])}; the mean box: {baseline}"
    yield result.judgement.sentence


def _shown(figure: Mapping[str, Any]) -> str:
    if figure["value"] is None:
        return "none"
    return f"{figure['value']:.3f} (95 % {limits(figure['low'], figure['high'], 3)})"
