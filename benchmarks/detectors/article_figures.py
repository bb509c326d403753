"""The article's figures, measured: 5-fold by patient, each held-out film once right, once wrong.

Training is `backend.detectors.loop.training.fit_made.fit_made`, as in production, suspects and
all; of a held-out patient it sees nothing. Errors are written as pictures, because figures do not
say what went wrong.

    python -m benchmarks.detectors.article_figures FILMS METADATA.csv --out build/article
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from backend.base.core.detector_task import DetectorTask
from backend.base.core.figures import BinaryFigures, Figure, binary_figures
from backend.detectors.adapters.tiny_detector import TinyDetector
from backend.detectors.adapters.training.pixel_baseline import PixelBaseline
from backend.detectors.loop.training.fit_made import FittedMade
from backend.detectors.loop.training.made_films import FilmSet
from benchmarks.detectors.films.cross_fitted import (
    OUTER_FOLDS,
    draw_film,
    draw_wrong_labels,
    fit_side_by_side,
    folds_of,
    made_views,
    read_films,
)
from tasks import load_detector_tasks

ARTICLE = {
    "rotation": {"accuracy": 0.996, "precision": 0.998, "recall": 0.994, "auc": 0.999},
    "inversion": {"accuracy": 0.9995, "precision": 0.999, "recall": 1.0, "auc": 1.0},
}
FIGURES = ("accuracy", "precision", "recall", "auc", "auprc")
NETWORK, BASELINE = "radsieve", "16x16 pixels, logistic regression"


@dataclass(frozen=True, slots=True)
class Views:
    """For one detector task: every film as it is, then every film made into a wrong label."""

    films: FilmSet
    task: DetectorTask
    wrong: NDArray[np.int64]
    """Shape (films,), positions in the task's labels."""

    def thumbnails(self, chosen: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the right views of the chosen films, then the wrong ones."""
        right = self.films.thumbnails[chosen]
        return np.concatenate([right, made_views(self.task, right, self.wrong[chosen])])

    def truth(self, view: int) -> str:
        """Return the label of a view."""
        count = len(self.films)
        return (
            self.task.labels[self.wrong[view - count]]
            if view >= count
            else (self.task.expected_label)
        )


@dataclass(frozen=True, slots=True)
class Run:
    """One cross-validation: what each method gave each view as probability of being wrong."""

    seed: int
    views: Sequence[Views]
    p_bad: dict[tuple[str, str], NDArray[np.float64]]
    """(Method, detector task) -> shape (2 * films,)."""
    suspects: int
    seconds: float


@click.command()
@click.argument("films", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("metadata", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--seed", "seeds", type=int, multiple=True, default=(0,), help="May be repeated.")
def main(films: Path, metadata: Path, out: Path, seeds: tuple[int, ...]) -> None:
    """Print the article's table for FILMS; METADATA has the columns file and patient_id."""
    out.mkdir(parents=True, exist_ok=True)
    film_set = read_films(films, metadata)
    family = [task for task in load_detector_tasks().values() if task.shares_network]
    print(f"{len(film_set)} films, {len(set(film_set.patients))} patients", flush=True)
    facts = [report(cross_validate(film_set, family, seed), out) for seed in seeds]
    (out / "figures.json").write_text(json.dumps(facts, indent=1))


def cross_validate(films: FilmSet, family: Sequence[DetectorTask], seed: int) -> Run:
    """Train on four fifths of the patients, predict the others, five times."""
    start, rng = time.monotonic(), np.random.default_rng(seed)
    views = [Views(films, task, draw_wrong_labels(task, len(films), rng)) for task in family]
    folds = folds_of(films.patients, f"outer {seed}", OUTER_FOLDS)
    held_out = [folds == fold for fold in range(OUTER_FOLDS)]
    p_bad: dict[tuple[str, str], NDArray[np.float64]] = {
        (method, task.name): np.zeros(2 * len(films))
        for method in (NETWORK, BASELINE)
        for task in family
    }
    trained = fit_side_by_side(films, held_out, family, seed)
    for out, (detector, fitted) in zip(held_out, trained, strict=True):
        for key, values in _said(views, out, detector, fitted).items():
            p_bad[key][np.tile(out, 2)] = values
    suspects = sum(fitted.suspect_count for _, fitted in trained)
    return Run(seed, views, p_bad, suspects, time.monotonic() - start)


def report(run: Run, out: Path) -> dict[str, Any]:
    """Print one table per detector task, write its errors, return everything as plain values."""
    print(f"\nseed {run.seed}: {run.seconds:.0f} s, {run.suspects} suspects left out of training")
    facts: dict[str, Any] = {"seed": run.seed, "seconds": run.seconds, "suspects": run.suspects}
    for views in run.views:
        figures = {method: _figures(run, method, views) for method in (NETWORK, BASELINE)}
        print("\n".join(_table(views.task.name, figures)), flush=True)
        wrong = list(_errors(run, views))
        for view, p_bad in wrong:
            _draw_error(views, view, p_bad, out / f"seed{run.seed}_{views.task.name}_{view}.png")
        facts[views.task.name] = {name: each.as_json() for name, each in figures.items()}
        facts[views.task.name]["errors"] = [_error_facts(views, *each) for each in wrong]
    return facts


def _said(
    views: Sequence[Views], held_out: NDArray[np.bool_], detector: TinyDetector, fitted: FittedMade
) -> dict[tuple[str, str], NDArray[np.float64]]:
    """Return p(bad) of the held-out views per method and task."""
    training = views[0].films.only(~held_out)
    found: dict[tuple[str, str], NDArray[np.float64]] = {}
    for each in views:
        shown, name = each.thumbnails(np.flatnonzero(held_out)), each.task.name
        trusted = training.only(~np.isin(training.radiograph_ids, fitted.suspects[name]))
        expected = each.task.labels.index(each.task.expected_label)
        baseline = PixelBaseline(each.task, trusted.thumbnails)
        found[NETWORK, name] = 1.0 - detector.probabilities(shown)[name][:, expected].astype(float)
        found[BASELINE, name] = 1 - baseline.probabilities(shown)[:, expected]
    return found


def _figures(run: Run, method: str, views: Views) -> BinaryFigures:
    count = len(views.films)
    return binary_figures(
        np.repeat([False, True], count),
        run.p_bad[method, views.task.name],
        [*views.films.patients, *views.films.patients],
        rng=np.random.default_rng(run.seed),
    )


def _table(name: str, figures: dict[str, BinaryFigures]) -> Iterator[str]:
    yield f"\n| {name} | ACC | PREC | REC | AUC | AUPRC | wrong |\n|---|---|---|---|---|---|---|"
    if name in ARTICLE:
        theirs = [f"{ARTICLE[name][key]:.4f}" if key in ARTICLE[name] else "-" for key in FIGURES]
        yield f"| the article (ResNet50, 4,000 films) | {' | '.join(theirs)} | - |"
    for method, each in figures.items():
        cells = [_cell(getattr(each, key)) for key in FIGURES]
        total = each.errors + each.true_positives + each.true_negatives
        yield (
            f"| {method} | {' | '.join(cells)} | {each.false_positives} false alarms, "
            f"{each.false_negatives} missed of {total} |"
        )


def _cell(figure: Figure) -> str:
    value = "-" if figure.value is None else f"{figure.value:.4f}"
    return f"{value} ({figure.low:.4f}-{figure.high:.4f})"


def _errors(run: Run, views: Views) -> Iterator[tuple[int, float]]:
    p_bad = run.p_bad[NETWORK, views.task.name]
    is_bad = np.repeat([False, True], len(views.films))
    for view in np.flatnonzero((p_bad >= 0.5) != is_bad):
        yield int(view), float(p_bad[view])


def _error_facts(views: Views, view: int, p_bad: float) -> dict[str, Any]:
    film = views.films.radiograph_ids[view % len(views.films)]
    return {"file": film, "truth": views.truth(view), "p_bad": p_bad}


def _draw_error(views: Views, view: int, p_bad: float, path: Path) -> None:
    film, made = view % len(views.films), view // len(views.films)
    facts = _error_facts(views, view, p_bad)
    caption = f"{facts['file']}  truth: {facts['truth']}  p(anything but expected): {p_bad:.3f}"
    draw_film(views.thumbnails(np.array([film]))[made], caption, path)


if __name__ == "__main__":
    main()
