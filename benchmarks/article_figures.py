"""The article's figures, measured: 5-fold by patient, each held-out film once right, once wrong.

Training is `backend.loop.fit.fit_detector`, as in production, suspects and all; of a held-out
patient it sees nothing. Errors are written as pictures, because figures do not say what went wrong.

    python benchmarks/article_figures.py FILMS METADATA.csv --out build/article
"""

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from tqdm import tqdm

from backend.adapters.film_reader import read_film, thumbnail_of
from backend.adapters.metadata_table import read_metadata
from backend.adapters.model_store import ModelCard, TinyDetector
from backend.adapters.network_trainer import one_core_each
from backend.adapters.pixel_baseline import PixelBaseline
from backend.adapters.settings import Settings
from backend.core.detector_task import DetectorTask
from backend.core.identity import fold_of
from backend.core.metrics import BinaryFigures, Figure, binary_figures
from backend.loop.fit import fit_detector
from backend.loop.train import make_plan
from backend.loop.training_set import FilmSet
from tasks import load_detector_tasks

OUTER_FOLDS = 5
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
        changes = [self.task.made_by[self.task.labels[label]] for label in self.wrong[chosen]]
        wrong = [change.apply(one, 255) for change, one in zip(changes, right, strict=True)]
        return np.concatenate([right, np.stack(wrong)])

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


def read_films(folder: Path, metadata: Path) -> FilmSet:
    """Read the thumbnails of all films that the table names."""
    rows = sorted(read_metadata(metadata).rows, key=lambda row: row.file)
    files = [folder / Path(row.file).name for row in rows]
    with ThreadPoolExecutor() as pool:
        thumbnails = list(pool.map(_thumbnail, tqdm(files, "read")))
    return FilmSet(
        [file.name for file in files],
        [row.patient_id or row.file for row in rows],
        np.stack(thumbnails),
        np.zeros(len(files), dtype=np.bool_),
    )


def cross_validate(films: FilmSet, family: Sequence[DetectorTask], seed: int) -> Run:
    """Train on four fifths of the patients, predict the others, five times."""
    start, rng = time.monotonic(), np.random.default_rng(seed)
    views = [_draw_views(films, task, rng) for task in family]
    folds = _folds(films.patients, f"outer {seed}", OUTER_FOLDS)
    p_bad: dict[tuple[str, str], NDArray[np.float64]] = {
        (method, task.name): np.zeros(2 * len(films))
        for method in (NETWORK, BASELINE)
        for task in family
    }
    workers, suspects = torch.get_num_threads(), 0
    with one_core_each(), ThreadPoolExecutor(workers) as pool:
        jobs = [pool.submit(_one_fold, views, folds == fold, seed) for fold in range(OUTER_FOLDS)]
        for fold, job in enumerate(tqdm(jobs, f"seed {seed}", unit="fold")):
            places = np.tile(folds == fold, 2)
            for key, values in job.result()[0].items():
                p_bad[key][places] = values
            suspects += job.result()[1]
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


def _thumbnail(file: Path) -> NDArray[np.uint8]:
    return thumbnail_of(read_film(file.read_bytes(), file.name))


def _folds(patients: Sequence[str], key: str, folds: int) -> NDArray[np.int64]:
    return np.array([fold_of(patient, key.encode(), folds) for patient in patients])


def _draw_views(films: FilmSet, task: DetectorTask, rng: np.random.Generator) -> Views:
    expected = task.labels.index(task.expected_label)
    others = np.array([label for label in range(len(task.labels)) if label != expected])
    return Views(films, task, others[rng.integers(len(others), size=len(films))])


def _one_fold(
    views: Sequence[Views], held_out: NDArray[np.bool_], seed: int
) -> tuple[dict[tuple[str, str], NDArray[np.float64]], int]:
    """Return p(bad) of the held-out views per method and task, and the number of suspects."""
    films, family = views[0].films, [each.task for each in views]
    training = films.only(~held_out)
    plan = make_plan(Settings(device="cpu"), len(training))
    plan = replace(
        plan, final=replace(plan.final, seed=seed), fold=replace(plan.fold, seed=1000 + seed)
    )
    inner = _folds(training.patients, f"inner {seed}", Settings().folds)
    fitted = fit_detector(training, inner, family, plan)
    detector = TinyDetector("", fitted.network, ModelCard(heads=fitted.heads(family), training={}))
    found: dict[tuple[str, str], NDArray[np.float64]] = {}
    for each in views:
        shown, name = each.thumbnails(np.flatnonzero(held_out)), each.task.name
        trusted = training.only(~np.isin(training.radiograph_ids, fitted.suspects[name]))
        expected = each.task.labels.index(each.task.expected_label)
        baseline = PixelBaseline(each.task, trusted.thumbnails)
        found[NETWORK, name] = 1.0 - detector.probabilities(shown)[name][:, expected].astype(float)
        found[BASELINE, name] = 1 - baseline.probabilities(shown)[:, expected]
    return found, fitted.suspect_count


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
    shown = Image.fromarray(views.thumbnails(np.array([film]))[made]).resize((512, 512))
    sheet = Image.new("L", (512, 540), 255)
    sheet.paste(shown, (0, 28))
    facts = _error_facts(views, view, p_bad)
    caption = f"{facts['file']}  truth: {facts['truth']}  p(anything but expected): {p_bad:.3f}"
    ImageDraw.Draw(sheet).text((6, 8), caption, fill=0)
    sheet.save(path)


if __name__ == "__main__":
    main()
