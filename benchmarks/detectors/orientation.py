"""How well detectors find turned and inverted films, also where films have another problem.

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
"""Films in NIH ChestX-ray14, and the numbers of bad ones that L. Oakden-Rayner lists."""
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
    """Cross-fitted detectors, and one that learnt from all films, which judges other sources."""

    films: FilmSet
    held_out: Sequence[NDArray[np.bool_]]
    trained: Sequence[tuple[TinyDetector, FittedMade]]
    """One detector for each fold that was held out, then one trained on all films."""
    foreign: dict[str, Thumbnails]

    def says(self, task: DetectorTask, views: Thumbnails) -> NDArray[np.float64]:
        """Return probabilities, each by a detector that did not learn from the view's patient.

        Args:
            task: the detector task.
            views: one view of each film, shape (films, side, side).

        Returns:
            Shape (films, labels).
        """
        probabilities = np.zeros((len(views), len(task.labels)))
        for out, (detector, _) in zip(self.held_out, self.trained, strict=False):
            probabilities[out] = detector.probabilities(views[out])[task.name]
        return probabilities

    def pixels_say(self, task: DetectorTask, views: Thumbnails) -> NDArray[np.float64]:
        """Return probabilities by the 16 x 16 pixel baseline, on the same films; see `says`."""
        probabilities = np.zeros((len(views), len(task.labels)))
        for out, (_, fitted) in zip(self.held_out, self.trained, strict=False):
            training = self.films.only(~out)
            suspects = np.isin(training.radiograph_ids, fitted.suspects[task.name])
            baseline = PixelBaseline(task, training.only(~suspects).thumbnails)
            probabilities[out] = baseline.probabilities(views[out])
        return probabilities


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
    for name, tables in {"rotation": mixed, "inversion": []}.items():
        judged = judged_halves(measured, detector_task(name))
        draw_errors(judged, out / name)
        write_card(card(measured, judged, tables))


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


def card(measured: Measured, judged: "JudgedHalves", more: Sequence[Table]) -> DetectorCard:
    """Return the card of a detector task.

    Args:
        measured: the detectors.
        judged: their probabilities for the views of the task.
        more: tables to add to the card.
    """
    views, task = judged.views, judged.views.task
    said = judged.plain.said
    nih = np.concatenate([each.said for each in (judged.plain, *judged.others)])
    truth = np.tile(views.truth, 1 + len(judged.others))
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
            _balanced_table(views, {"radsieve": said, "16x16 pixels": judged.pixels_say}),
            _archive_table(views, said),
            another_table([*_problem_rows(judged.others, views), *_foreign_rows(measured, task)]),
            *more,
        ],
        calibration=calibration_of(nih, truth),
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
        """Return both halves with another problem as well, shape (2 * films, side, side)."""
        good = [UNCHANGED] * len(self.films)
        bad = [self.task.made_by[self.task.labels[label]] for label in self.wrong]
        thumbnails = self.films.thumbnails
        return np.concatenate([problem.made(thumbnails, changes) for changes in (good, bad)])

    def ask(self, says: Says, problem: Problem = AS_THEY_ARE) -> NDArray[np.float64]:
        """Return the probabilities of both halves, shape (2 * films, labels)."""
        halves = np.split(self.both(problem), 2)
        return np.concatenate([says(self.task, half) for half in halves])

    def figures(self, p_bad: NDArray[np.float64]) -> BinaryFigures:
        """Return figures of the two halves from p_bad, shape (2 * films,)."""
        patients = [*self.films.patients, *self.films.patients]
        rng = np.random.default_rng(SEED)
        return binary_figures(self.truth != self.expected, p_bad, patients, rng=rng)


@dataclass(frozen=True)
class Asked:
    """Probabilities of both halves, where films have another problem as well."""

    problem: str
    seen: Thumbnails
    said: NDArray[np.float64]
    """Shape (2 * films, labels)."""


@dataclass(frozen=True)
class JudgedHalves:
    """Probabilities of a task's views, with and without another problem."""

    views: Halves
    plain: Asked
    """By the detectors, without another problem."""
    pixels_say: NDArray[np.float64]
    """By the 16 x 16 pixel baseline, without another problem: shape (2 * films, labels)."""
    others: Sequence[Asked]
    """By the detectors, with another problem each."""


def judged_halves(measured: Measured, task: DetectorTask) -> JudgedHalves:
    """Judge the views of a detector task, with and without another problem."""
    views = Halves.of(measured.films, task)
    plain = Asked("nothing else", views.both(AS_THEY_ARE), views.ask(measured.says))
    others = [
        Asked(problem.name, views.both(problem), views.ask(measured.says, problem))
        for problem in problems_for(task)
    ]
    return JudgedHalves(views, plain, views.ask(measured.pixels_say), others)


def draw_errors(judged: JudgedHalves, out: Path) -> None:
    """Draw every view that a detector labelled wrongly, into one folder per other problem."""
    views, names = judged.views, judged.views.task.labels
    for asked in (judged.plain, *judged.others):
        best = asked.said.argmax(axis=1)
        for view in np.flatnonzero(best != views.truth):
            film = views.films.radiograph_ids[view % len(views.films)]
            truth, label = names[views.truth[view]], names[best[view]]
            caption = (
                f"{film}  {asked.problem}, {truth}  said: {label}, {asked.said[view].max():.3f}"
            )
            draw_film(asked.seen[view], caption, out / asked.problem / f"{truth}_{film}")


def _balanced_table(views: Halves, said: dict[str, NDArray[np.float64]]) -> Table:
    rows = []
    for name, probabilities in said.items():
        figures = views.figures(1 - probabilities[:, views.expected])
        shares = (figures.accuracy, figures.precision, figures.recall)
        cells = [shown(figure) for figure in (*shares, figures.auc, figures.auprc)]
        wrong = f"{figures.false_positives} false alarms, {figures.false_negatives} missed"
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
    for name, is_flagged in flagged.items():
        figures = views.figures(np.array(is_flagged, dtype=np.float64))
        precision = precision_at_prevalence(figures, listed / ARCHIVE_FILMS)
        good = f"{figures.false_positives} of {len(views.films)}"
        shares = (figures.false_positive_rate, figures.recall, precision)
        rows.append([name, good, *map(shown, shares)])
    return Table(
        title=f"Where {listed} of {ARCHIVE_FILMS:,} films are bad, as listed in NIH ChestX-ray14",
        columns=("cut-off", "untouched films", "false alarms", "recall", "precision"),
        rows=rows,
    )


def _problem_rows(others: Sequence[Asked], views: Halves) -> Iterator[list[str]]:
    for asked in others:
        yield another_row(f"NIH, {asked.problem}", asked.said, views.truth, views.expected)


def _foreign_rows(measured: Measured, task: DetectorTask) -> Iterator[list[str]]:
    detector, _ = measured.trained[-1]
    expected = task.labels.index(task.expected_label)
    for name, films in measured.foreign.items():
        wrong = draw_wrong_labels(task, len(films), np.random.default_rng(SEED))
        truth = np.concatenate([np.full(len(films), expected), wrong])
        seen = np.concatenate([films, made_views(task, films, wrong)])
        said = detector.probabilities(seen)[task.name].astype(np.float64)
        yield another_row(f"{name} ({len(films)} films)", said, truth, expected)


if __name__ == "__main__":
    main()
