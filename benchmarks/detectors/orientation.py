"""How well turned and inverted films are told, also where another problem comes on top.

    python -m benchmarks.detectors.orientation DATA --out build/orientation

DATA holds nih_chest and nih_chest.csv (file, patient_id), and lateral_chest, chest_covid,
chest_openi, abdomen and pelvis_child, which are never trained on. Every film is judged by detectors
that have not seen its patient, trained by the functions that `radsieve train` uses. Turned,
inverted, mirrored and otherwise changed films are synthetic. Writes rotation.json and
inversion.json to docs/figures, and every error as a picture to OUT.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from backend.base.core.detector_task import DetectorTask
from backend.base.core.figures import BinaryFigures, binary_figures, precision_at_prevalence
from backend.base.core.pixel_change import UNCHANGED
from backend.detectors.adapters.tiny_detector import TinyDetector
from backend.detectors.adapters.training.network_trainer import keep_to_one_core
from backend.detectors.adapters.training.pixel_baseline import PixelBaseline
from backend.detectors.core.gate_verdict import Standing, opinion_of
from backend.detectors.loop.training.fit_made import FittedMade
from backend.detectors.loop.training.made_films import FilmSet
from benchmarks.detectors.card import DetectorCard, Table, calibration_of, shown, write_card
from benchmarks.detectors.films.cross_fitted import (
    OUTER_FOLDS,
    HeldOutPairs,
    draw_film,
    draw_wrong_labels,
    films_in,
    fit_side_by_side,
    folds_of,
    made_views,
    read_films,
    read_thumbnails,
)
from benchmarks.detectors.films.problems import (
    Problem,
    Thumbnails,
    another_row,
    another_table,
    problems_for,
)
from benchmarks.detectors.mixed_problems import Trio, eight_ways_table, gate_table
from tasks import detector_task, load_detector_tasks

SEED = 20180424
ARCHIVE_FILMS, LISTED = 112_120, {"rotation": 51, "inversion": 62}
"""NIH ChestX-ray14, and how many of its films L. Oakden-Rayner lists as such."""
FOREIGN = {
    "lateral chests": "lateral_chest",
    "frontal chests, another hospital": "chest_covid",
    "chests from articles": "chest_openi",
    "abdomens from articles": "abdomen",
    "child pelves": "pelvis_child",
}
NOT_FOR = {
    "rotation": (
        "turns that are not quarter turns: tilts of up to 10 degrees count as upright",
        "lateral films in an archive of frontal ones: a third of them would be called turned, so "
        "a correction stands only when the projection detector passes the corrected film",
        "other body parts than it was trained on",
    ),
    "inversion": (
        "other body parts than it was trained on: what is bright in an abdomen or a pelvis is not "
        "what is bright in a chest",
        "telling whether the pixels or the tag are wrong: it sees pixels, the tag is compared "
        "after",
    ),
}
AS_THEY_ARE = Problem("as they are")

Says = Callable[[DetectorTask, Thumbnails], NDArray[np.float64]]


@dataclass(frozen=True)
class Measured:
    """Cross-fitted detectors, and one that learnt from all films for those from elsewhere."""

    films: FilmSet
    held_out: Sequence[NDArray[np.bool_]]
    trained: Sequence[tuple[TinyDetector, FittedMade]]
    """One for each set of films left out, then the one that left out none."""
    foreign: dict[str, Thumbnails]

    def says(self, task: DetectorTask, views: Thumbnails) -> NDArray[np.float64]:
        """Return probabilities of views of all films, each by a detector new to its patient."""
        said = np.zeros((len(views), len(task.labels)))
        for out, (detector, _) in zip(self.held_out, self.trained, strict=False):
            said[out] = detector.probabilities(views[out])[task.name]
        return said

    def pixels_say(self, task: DetectorTask, views: Thumbnails) -> NDArray[np.float64]:
        """Return what 16 x 16 pixels say, learnt from the same films."""
        said = np.zeros((len(views), len(task.labels)))
        for out, (_, fitted) in zip(self.held_out, self.trained, strict=False):
            training = self.films.only(~out)
            suspects = np.isin(training.radiograph_ids, fitted.suspects[task.name])
            baseline = PixelBaseline(task, training.only(~suspects).thumbnails)
            said[out] = baseline.probabilities(views[out])
        return said


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
def main(data: Path, out: Path) -> None:
    """Measure both detector tasks and write their cards."""
    measured = measure(data)
    keep_to_one_core()
    trio = Trio(
        measured.says, HeldOutPairs(measured.films, measured.held_out, detector_task("mirror"))
    )
    seen = measured.films.thumbnails
    mixed = [eight_ways_table(trio, seen), gate_table(trio, seen)]
    write_card(card(measured, detector_task("rotation"), out, mixed))
    write_card(card(measured, detector_task("inversion"), out, []))


def measure(data: Path) -> Measured:
    """Read the films and train."""
    films = read_films(data / "nih_chest", data / "nih_chest.csv")
    family = [task for task in load_detector_tasks().values() if task.shares_network]
    folds = folds_of(films.patients, f"outer {SEED}", OUTER_FOLDS)
    held_out = [folds == fold for fold in range(OUTER_FOLDS)]
    nothing = np.zeros(len(films), dtype=np.bool_)
    trained = fit_side_by_side(films, [*held_out, nothing], family, SEED)
    foreign = {name: read_thumbnails(films_in(data / folder)) for name, folder in FOREIGN.items()}
    return Measured(films, held_out, trained, foreign)


def card(measured: Measured, task: DetectorTask, out: Path, more: Sequence[Table]) -> DetectorCard:
    """Return the card of a detector task, and draw its errors."""
    views = Halves.of(measured.films, task)
    said, pixels = views.ask(measured.says), views.ask(measured.pixels_say)
    others = list(_with_problems(measured, views))
    for one in (Asked("nothing else", views.both(AS_THEY_ARE), said), *others):
        _draw_errors(views, one, out / task.name)
    nih = [said, *(one.said for one in others)]
    truth = np.tile(views.truth, len(nih))
    suspects = sum(len(fitted.suspects[task.name]) for _, fitted in measured.trained)
    return DetectorCard(
        task=task.name,
        films=f"{len(measured.films)} frontal films of NIH ChestX-ray14, each once as it is (taken "
        "to be right) and once made into a wrong label (synthetic); films of other sources, never "
        "trained on",
        patients=f"{len(set(measured.films.patients))} in NIH; of the other sources none is known",
        label_source="made from the films",
        split=f"{OUTER_FOLDS} folds by patient, pooled; other sources by a detector of all NIH "
        f"films; seed {SEED}",
        command="python -m benchmarks.detectors.orientation DATA --out build/orientation",
        tables=[
            _balanced_table(views, {"radsieve": said, "16x16 pixels": pixels}),
            _archive_table(views, said),
            another_table([*_problem_rows(others, views), *_foreign_rows(measured, task)]),
            *more,
        ],
        calibration=calibration_of(np.concatenate(nih), truth),
        not_for=NOT_FOR[task.name],
        notes=[
            "The calibration is over NIH views with and without another problem; without one, what "
            f"is stated is nearly always above .99. Films left out of the trainings as suspects: "
            f"{suspects}. Other sources: taken to lie right as they are, each stands for a patient."
        ],
    )


@dataclass(frozen=True)
class Halves:
    """Every film as it is, then every film made into a wrong label."""

    films: FilmSet
    task: DetectorTask
    wrong: NDArray[np.int64]
    """Shape (films,), label positions."""

    @staticmethod
    def of(films: FilmSet, task: DetectorTask) -> "Halves":
        """Draw the wrong labels."""
        rng = np.random.default_rng(SEED)
        return Halves(films, task, draw_wrong_labels(task, len(films), rng))

    @property
    def expected(self) -> int:
        """Position of the expected label."""
        return self.task.labels.index(self.task.expected_label)

    @property
    def truth(self) -> NDArray[np.int64]:
        """Shape (2 * films,), label positions."""
        return np.concatenate([np.full(len(self.films), self.expected), self.wrong])

    def both(self, problem: Problem) -> Thumbnails:
        """Return both halves, with another problem too, shape (2 * films, side, side)."""
        good = [UNCHANGED] * len(self.films)
        bad = [self.task.made_by[self.task.labels[label]] for label in self.wrong]
        return np.concatenate([problem.made(self.films.thumbnails, one) for one in (good, bad)])

    def ask(self, says: Says, problem: Problem = AS_THEY_ARE) -> NDArray[np.float64]:
        """Return what is said of both halves, shape (2 * films, labels)."""
        halves = np.split(self.both(problem), 2)
        return np.concatenate([says(self.task, half) for half in halves])

    def figures(self, p_bad: NDArray[np.float64]) -> BinaryFigures:
        """Return figures of right against wrong."""
        patients = [*self.films.patients, *self.films.patients]
        rng = np.random.default_rng(SEED)
        return binary_figures(self.truth != self.expected, p_bad, patients, rng=rng)


def _balanced_table(views: Halves, said: dict[str, NDArray[np.float64]]) -> Table:
    rows = []
    for name, probabilities in said.items():
        one = views.figures(1 - probabilities[:, views.expected])
        cells = [shown(each) for each in (one.accuracy, one.precision, one.recall)]
        cells += [shown(one.auc), shown(one.auprc)]
        wrong = f"{one.false_positives} false alarms, {one.false_negatives} missed"
        rows.append([name, *cells, f"{wrong} of {len(views.truth)}"])
    columns = ("detector", "accuracy", "precision", "recall", "AUC", "AUPRC", "wrong")
    return Table(title="Half of the films right, half wrong", columns=columns, rows=rows)


def _archive_table(views: Halves, said: NDArray[np.float64]) -> Table:
    listed = LISTED[views.task.name]
    limits = views.task.thresholds
    standings = [opinion_of(views.task, row, "").standing for row in said]
    flagged = {
        f"surely bad, from {limits.accept_at:g}": [s is Standing.SURELY_BAD for s in standings],
        "called bad, from 0.5": 1 - said[:, views.expected] >= 0.5,
        f"not accepted, good by less than {limits.review_below:g}": [
            standing is not Standing.FINE for standing in standings
        ],
    }
    rows = []
    for name, one in flagged.items():
        figures = views.figures(np.array(one, dtype=np.float64))
        precision = precision_at_prevalence(figures, listed / ARCHIVE_FILMS)
        good = f"{figures.false_positives} of {len(views.films)}"
        shares = (figures.false_positive_rate, figures.recall, precision)
        rows.append([name, good, *map(shown, shares)])
    return Table(
        title=f"Where {listed} of {ARCHIVE_FILMS:,} films are bad, as listed in NIH ChestX-ray14",
        columns=("cut-off", "untouched films", "false alarms", "recall", "precision"),
        rows=rows,
    )


@dataclass(frozen=True)
class Asked:
    """What is said of both halves when they have another problem too."""

    problem: str
    seen: Thumbnails
    said: NDArray[np.float64]


def _with_problems(measured: Measured, views: Halves) -> Iterator[Asked]:
    for problem in problems_for(views.task):
        yield Asked(problem.name, views.both(problem), views.ask(measured.says, problem))


def _problem_rows(others: Sequence[Asked], views: Halves) -> Iterator[list[str]]:
    for one in others:
        yield another_row(f"NIH, {one.problem}", one.said, views.truth, views.expected)


def _foreign_rows(measured: Measured, task: DetectorTask) -> Iterator[list[str]]:
    detector, _ = measured.trained[-1]
    expected = task.labels.index(task.expected_label)
    for name, films in measured.foreign.items():
        wrong = draw_wrong_labels(task, len(films), np.random.default_rng(SEED))
        truth = np.concatenate([np.full(len(films), expected), wrong])
        seen = np.concatenate([films, made_views(task, films, wrong)])
        said = detector.probabilities(seen)[task.name].astype(np.float64)
        yield another_row(f"{name} ({len(films)} films)", said, truth, expected)


def _draw_errors(views: Halves, one: Asked, out: Path) -> None:
    for place in np.flatnonzero(one.said.argmax(axis=1) != views.truth):
        film = views.films.radiograph_ids[place % len(views.films)]
        truth, best = (
            views.task.labels[label] for label in (views.truth[place], one.said[place].argmax())
        )
        caption = f"{film}  {one.problem}, {truth}  said: {best}, {one.said[place].max():.3f}"
        draw_film(one.seen[place], caption, out / one.problem / f"{truth}_{film}")


if __name__ == "__main__":
    main()
