"""`radsieve probe`: can a network learn the task, and are there enough films?"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backend.base.adapters.files import write_atomically
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.progress import Progress, step_counter
from backend.detectors.adapters.training.curve_plot import Curve, PlotFrame, draw_curves
from backend.detectors.core.film_choice import NOTHING, Positions
from backend.detectors.core.probe.enough_films import EnoughFilms, enough_films
from backend.detectors.core.probe.learnability import Learnability, disputed
from backend.detectors.core.probe.learning_curve import CurveForecast, Point, forecast
from backend.detectors.loop.kinds import kind_of
from backend.detectors.loop.probe.findings import Findings, Question
from backend.detectors.loop.probe.material import Material
from backend.detectors.loop.probe.trials import (
    Said,
    TrialOutcome,
    cross_validation,
    curve_points,
    doubted_films,
    plan_trials,
    run_trials,
)
from backend.labels.core.labels import Label

SEED = 20180424
_ERRORS = {
    AnswerKind.CHOICE: "judged wrong, where half of the films are bad",
    AnswerKind.BOX: "boxes that overlap the true one by less than 0.7",
}


@dataclass(frozen=True, slots=True)
class Way:
    """One way of learning: its figures, and its learning curve."""

    findings: Findings
    """Figures at the largest size."""
    points: Sequence[Point]
    curve: CurveForecast | None
    """None where only one size was trained."""

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "figures": self.findings.figures,
            "learnable": self.findings.learnable.as_json(),
            "review_per_100000": asdict(self.findings.review_per_100000),
            "forecast": self.curve and self.curve.as_json(),
            "points": [point.as_json() for point in self.points],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """Both answers of a probe, for the detector's own way of learning and for the baseline."""

    task: DetectorTask
    question: Question
    ways: Mapping[str, Way]
    """Name -> way of learning: first the detector's own."""
    enough: EnoughFilms
    doubted: Sequence[str]
    """Ids of films that were left out because out-of-fold networks call them bad."""
    with_doubted: Way
    """The detector's own way, with the doubted films counted as its errors."""
    facts: Mapping[str, Any]
    """Plain values: counts of films, patients and labels."""

    @property
    def ours(self) -> Way:
        """The detector's own way of learning."""
        return next(iter(self.ways.values()))

    @property
    def learnable(self) -> Learnability:
        """The first answer: can a network learn the task?"""
        if_errors = self.with_doubted.findings.learnable
        return disputed(self.ours.findings.learnable, if_errors, len(self.doubted))

    def summary(self) -> dict[str, Any]:
        """Return plain values: both answers, and the figures behind them."""
        findings = self.ours.findings
        return {
            "task": self.task.name,
            "learnt_from": self.task.learnt_from.value,
            **asdict(self.question),
            **self.facts,
            "answer": self.learnable.answer.value,
            "reason": self.learnable.reason,
            "figures": findings.figures,
            "review_per_100000": asdict(findings.review_per_100000),
            "enough": self.enough.answer.value,
            "enough_reason": self.enough.reason,
            "labels_needed": self.enough.as_json(),
            "doubted_films": list(self.doubted),
        }

    def as_json(self) -> dict[str, Any]:
        """Return plain values, as `probe.json` has them."""
        return {
            **self.summary(),
            "ways": {name: way.as_json() for name, way in self.ways.items()},
            "with_doubted": self.with_doubted.as_json(),
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

    Films of sealed patients take no part.

    Args:
        workspace: the archive.
        task: a detector task that learns.
        question: the target, and the assumed prevalence of bad films.
        extra_labels: answers that are not in the database; they count as a reviewer's.
        progress: called after every training.

    Raises:
        TaskDefinitionError: a rule decides the task.
        NotEnoughFilmsError: too few films, labels or boxes.
    """
    material = kind_of(task).probe_material(workspace, task, extra_labels)
    return probe_films(task, material, question, progress=progress)


def probe_films(
    task: DetectorTask,
    material: Material[Said],
    question: Question,
    *,
    progress: Progress | None = None,
) -> ProbeResult:
    """Probe a detector task on films that are already in memory; see `probe`."""
    outcomes = _run(material, progress)
    ours = next(iter(outcomes.values()))
    doubted = doubted_films(ours)
    ways = {
        name: _way(of_learner, material, doubted, question) for name, of_learner in outcomes.items()
    }
    return ProbeResult(
        task=task,
        question=question,
        ways=ways,
        enough=enough_films(next(iter(ways.values())).curve, material.supply),
        doubted=[material.radiograph_ids[film] for film in doubted],
        with_doubted=_way(ours, material, NOTHING, question),
        facts=material.facts,
    )


def write_probe(result: ProbeResult, folder: Path) -> list[Path]:
    """Write `probe.json` and the plot `probe.png`, which shows no film; return their paths."""
    curves = [Curve(name, way.points, way.curve) for name, way in result.ways.items()]
    frame = PlotFrame(
        title=_title(result),
        error_name=_ERRORS[result.task.answer],
        target_error=result.question.target_error,
        there_are=result.enough.there_are,
    )
    contents = {
        folder / "probe.json": (json.dumps(result.as_json(), indent=1) + "\n").encode(),
        folder / "probe.png": draw_curves(curves, frame),
    }
    for path, content in contents.items():
        write_atomically(path, content)
    return list(contents)


def _run(
    material: Material[Said], progress: Progress | None
) -> dict[str, list[TrialOutcome[Said]]]:
    planned = {
        name: plan_trials(learner.labels, learner.patients, material.effort)
        for name, learner in material.learners.items()
    }
    tick = step_counter(progress, sum(map(len, planned.values())))
    return {
        name: run_trials(material.learners[name], trials, tick) for name, trials in planned.items()
    }


def _title(result: ProbeResult) -> str:
    films, patients = result.facts["films"], result.facts["patients"]
    return (
        f"{result.task.name}: learnable? {result.learnable.answer}; enough films? "
        f"{result.enough.answer}\n{films} films of {patients} patients, cross-validated by patient"
    )


def _way(
    outcomes: Sequence[TrialOutcome[Said]],
    material: Material[Said],
    left_out: Positions,
    question: Question,
) -> Way:
    findings = material.findings(cross_validation(outcomes), left_out, question)
    points = curve_points(outcomes, left_out)
    if len({point.size for point in points}) < 2:
        return Way(findings, points, None)
    rng = np.random.default_rng(SEED)
    return Way(findings, points, forecast(points, question.target_error, rng))
