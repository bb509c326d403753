"""Before anyone labels: is the question embarrassingly learnable, and are there enough films?"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backend.adapters.curve_plot import Curve, draw_curves
from backend.adapters.files import write_atomically
from backend.adapters.workspace import Workspace
from backend.core.detector_task import DetectorTask
from backend.core.labels import Label
from backend.core.learnability import TARGET, Learnability, enough_films, learnability, review_load
from backend.core.learning_curve import FARTHEST, Forecast, Point, forecast
from backend.core.metrics import BinaryFigures, precision_at_prevalence
from backend.core.nested_films import NOTHING, Positions
from backend.loop.judge import ASSUMED_PREVALENCE
from backend.loop.probe_learners import Learner
from backend.loop.probe_material import Material, probe_material
from backend.loop.probe_runs import (
    Outcome,
    Progress,
    curve_points,
    doubted_films,
    held_out_figures,
    plan_trials,
    run_trials,
)

SEED = 20180424


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of the probe."""

    prevalence: float = ASSUMED_PREVALENCE
    """Share of bad films to reckon with, 0 to 1."""
    target: float = TARGET
    """Precision wanted where half of the films are bad."""


@dataclass(frozen=True, slots=True)
class Way:
    """How one way of learning does."""

    figures: BinaryFigures
    """At the largest size, every film held out once."""
    learnable: Learnability
    points: Sequence[Point]
    curve: Forecast | None
    """None where there was only one size."""

    def as_json(self, prevalence: float) -> dict[str, Any]:
        """Return plain values, precision and review load at a prevalence among them."""
        return {
            "figures": self.figures.as_json(),
            "precision_at_prevalence": asdict(precision_at_prevalence(self.figures, prevalence)),
            "review_per_100000": asdict(review_load(self.figures, prevalence)),
            "learnable": self.learnable.as_json(),
            "points": [asdict(point) for point in self.points],
            "forecast": self.curve and self.curve.as_json(),
        }


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """Both answers, for the detector's own way of learning and for the baseline."""

    task: DetectorTask
    question: Question
    ways: Mapping[str, Way]
    material: Mapping[str, Any]
    """Which films it rests on."""
    doubted: int
    """Films left out, because networks that never saw them say that they look bad as they are."""
    with_doubted: Way
    """The first way, these films counted as its errors."""

    @property
    def ours(self) -> Way:
        """The detector's own way of learning."""
        return next(iter(self.ways.values()))

    @property
    def enough(self) -> str:
        """The second answer, as a sentence."""
        return enough_films(self.ours.curve, self.material["films"])

    def as_json(self) -> dict[str, Any]:
        """Return plain values, as `probe.json` has them."""
        prevalence = self.question.prevalence
        return {
            "task": self.task.name,
            "learnt_from": self.task.learnt_from.value,
            **asdict(self.question),
            **self.material,
            "answer": self.ours.learnable.answer.value,
            "reason": self.ours.learnable.reason,
            "enough": self.enough,
            "doubted_films": self.doubted,
            "with_doubted": self.with_doubted.as_json(prevalence),
            "ways": {name: way.as_json(prevalence) for name, way in self.ways.items()},
        }


def probe(
    workspace: Workspace,
    task: DetectorTask,
    question: Question,
    *,
    extra_labels: Sequence[Label] = (),
    progress: Progress | None = None,
) -> ProbeResult:
    """Cross-validate a detector task by patient, at growing numbers of films.

    Sealed patients take part: what is trained here is thrown away.

    Args:
        workspace: the archive.
        task: a detector task whose answer is one of its labels.
        question: what to reckon with.
        extra_labels: answers that are not in the database, taken as a reviewer's.
        progress: told after every training of the detector's own way.

    Raises:
        TaskDefinitionError: a rule decides the task, or its answer is a box.
        NotEnoughFilmsError: too few films or labels.
    """
    material = probe_material(workspace, task, extra_labels)
    return probe_films(task, material, question, progress=progress)


def probe_films(
    task: DetectorTask,
    material: Material,
    question: Question,
    *,
    progress: Progress | None = None,
) -> ProbeResult:
    """Do what `probe` does, with films from anywhere."""
    outcomes: dict[str, list[Outcome]] = {}
    for name, learner in material.learners.items():
        trials = plan_trials(learner.labels, learner.patients, material.rounds)
        outcomes[name] = run_trials(learner, trials, None if outcomes else progress)
    first = next(iter(outcomes))
    doubted = doubted_films(outcomes[first])
    ways = {
        name: _way(each, material.learners[name], doubted, question)
        for name, each in outcomes.items()
    }
    everything = _way(outcomes[first], material.learners[first], NOTHING, question)
    return ProbeResult(task, question, ways, material.facts, len(doubted), everything)


def write_probe(result: ProbeResult, folder: Path) -> list[Path]:
    """Write `probe.json` and the plot `probe.png`, which shows no film; return their paths."""
    curves = [Curve(name, way.points, way.curve) for name, way in result.ways.items()]
    plot = draw_curves(curves, title=result.task.name, target_error=1 - result.question.target)
    found = {
        folder / "probe.json": (json.dumps(result.as_json(), indent=1) + "\n").encode(),
        folder / "probe.png": plot,
    }
    for path, content in found.items():
        write_atomically(path, content)
    return list(found)


def _way(
    outcomes: Sequence[Outcome], learner: Learner, left_out: Positions, question: Question
) -> Way:
    figures = held_out_figures(outcomes, learner.patients, left_out)
    points = curve_points(outcomes, left_out)
    return Way(figures, learnability(figures, question.target), points, _curve(points, question))


def _curve(points: Sequence[Point], question: Question) -> Forecast | None:
    if len({point.size for point in points}) < 2:
        return None
    most = max(point.films for point in points)
    sizes = [most, 2 * most, FARTHEST * most]
    return forecast(points, 1 - question.target, sizes, np.random.default_rng(SEED))
