"""How well mirrored films are told, with and without side markers, and with another problem too.

    python -m benchmarks.detectors.mirror DATA --out build/mirror

DATA holds nih_chest and nih_chest.csv (file, patient_id), and lateral_chest, chest_covid and
chest_openi, which are never trained on. Heads are fitted and calibrated by the functions that
`radsieve train` uses. Mirrored films are synthetic: the same films, mirrored. Writes
docs/figures/mirror.json, and every film that is told wrongly as a picture to OUT.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from backend.base.core.figures import BinaryFigures, binary_figures, precision_at_prevalence
from backend.base.core.pixel_change import UNCHANGED, PixelChange
from backend.detectors.adapters.training.pixel_baseline import PixelBaseline
from backend.detectors.core.gate_verdict import Standing, opinion_of
from backend.detectors.loop.training.made_films import FilmSet
from benchmarks.detectors.card import DetectorCard, Table, calibration_of, shown, write_card
from benchmarks.detectors.films.cross_fitted import (
    OUTER_FOLDS,
    HeldOutPairs,
    draw_film,
    films_in,
    folds_of,
    read_films,
    read_thumbnails,
)
from benchmarks.detectors.films.problems import Thumbnails, another_row, another_table, problems_for
from tasks import detector_task

SEED = 20180424
TASK = detector_task("mirror")
CORNER_PX = 38
"""Of 256: burned-in side markers of these films lie within."""
PREVALENCE = 0.001
"""Assumed: nobody has counted mirrored films in this archive."""
MIRRORED = PixelChange(mirror=True)
FOREIGN = {
    "lateral chests": "lateral_chest",
    "frontal chests, another hospital": "chest_covid",
    "chests from articles": "chest_openi",
}

Says = Callable[[Thumbnails], NDArray[np.float64]]
"""One view of each film -> probabilities, shape (films, 2)."""


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
def main(data: Path, out: Path) -> None:
    """Measure, and write the card."""
    films = read_films(data / "nih_chest", data / "nih_chest.csv")
    folds = folds_of(films.patients, f"outer {SEED}", OUTER_FOLDS)
    held_out = [folds == fold for fold in range(OUTER_FOLDS)]
    blanked = replace(films, thumbnails=_blanked(films.thumbnails))
    heads = HeldOutPairs(films, held_out, TASK)
    said = _both(heads.says, films.thumbnails)
    of_blanked = _both(HeldOutPairs(blanked, held_out, TASK).says, blanked.thumbnails)
    of_pixels = _both(lambda views: _pixels_say(films, held_out, views), films.thumbnails)
    ways = {
        "film against its mirror image": said,
        "the same, corners blanked": of_blanked,
        "16x16 pixels": of_pixels,
    }
    foreign = {name: read_thumbnails(films_in(data / each)) for name, each in FOREIGN.items()}
    tables = [
        _balanced_table(films, ways),
        _archive_table(films, said),
        another_table([*_with_problems(films, heads), *_from_elsewhere(heads, foreign)]),
    ]
    write_card(_card(films, said, tables))
    _draw_errors(films, said, out)


def _card(films: FilmSet, said: NDArray[np.float64], tables: list[Table]) -> DetectorCard:
    return DetectorCard(
        task=TASK.name,
        films=f"{len(films)} frontal films of NIH ChestX-ray14, each once as it is and once "
        "mirrored (synthetic); films of other sources, never trained on",
        patients=f"{len(set(films.patients))} in NIH; of the other sources none is known",
        label_source="made from the films",
        split=f"{OUTER_FOLDS} folds by patient, pooled; other sources by a head of all NIH films; "
        f"seed {SEED}",
        command="python -m benchmarks.detectors.mirror DATA --out build/mirror",
        tables=tables,
        calibration=calibration_of(said, _truth(films)),
        not_for=(
            "excluding or correcting anything before a person has looked: every tenth film is "
            "told wrongly, and dextrocardia is no error",
            "films that are turned: the gate puts them right first",
            "lateral films, and body parts without a heart",
        ),
        notes=[
            "Blanked corners hide burned-in side markers: what is left is told by anatomy.",
            "A film and its mirror image get opposite answers, so false alarms and misses are the "
            "same films, and the calibration counts each film twice.",
            "Taught by one hospital's films and asked about another's, it tells every third film "
            "wrongly; it is meant for the archive it was trained on.",
            "As a third head of the network that rotation and inversion share it reached an AUC of "
            ".77, which is why it compares a film with its mirror image instead.",
        ],
    )


def _both(says: Says, films: Thumbnails) -> NDArray[np.float64]:
    """Return what is said of films as they are, then mirrored, shape (2 * films, 2)."""
    return np.concatenate([says(films), says(MIRRORED.apply(films, white=255))])


def _truth(films: FilmSet) -> NDArray[np.int64]:
    return np.repeat([0, 1], len(films))


def _pixels_say(
    films: FilmSet, held_out: list[NDArray[np.bool_]], views: Thumbnails
) -> NDArray[np.float64]:
    said = np.zeros((len(views), 2))
    for out in held_out:
        said[out] = PixelBaseline(TASK, films.thumbnails[~out]).probabilities(views[out])
    return said


def _blanked(films: Thumbnails) -> Thumbnails:
    blanked = films.copy()
    for rows in (slice(0, CORNER_PX), slice(-CORNER_PX, None)):
        for columns in (slice(0, CORNER_PX), slice(-CORNER_PX, None)):
            blanked[:, rows, columns] = 0
    return blanked


def _figures(films: FilmSet, p_bad: NDArray[np.float64]) -> BinaryFigures:
    rng = np.random.default_rng(SEED)
    return binary_figures(_truth(films) == 1, p_bad, [*films.patients, *films.patients], rng=rng)


def _balanced_table(films: FilmSet, ways: dict[str, NDArray[np.float64]]) -> Table:
    rows = []
    for name, said in ways.items():
        one = _figures(films, said[:, 1])
        shares = (one.accuracy, one.auc, one.auprc, one.recall, one.false_positive_rate)
        rows.append([name, *map(shown, shares)])
    columns = ("detector", "accuracy", "AUC", "AUPRC", "recall", "false alarms")
    return Table(title="Half of the films as taken, half mirrored", columns=columns, rows=rows)


def _archive_table(films: FilmSet, said: NDArray[np.float64]) -> Table:
    standings = [opinion_of(TASK, row, "").standing for row in said]
    flagged = {
        f"for review, from {TASK.thresholds.accept_at:g}": [
            standing is not Standing.FINE for standing in standings
        ],
        "called mirrored, from 0.5": said[:, 1] >= 0.5,
    }
    rows = []
    for name, one in flagged.items():
        figures = _figures(films, np.array(one, dtype=np.float64))
        precision = precision_at_prevalence(figures, PREVALENCE)
        shares = (figures.false_positive_rate, figures.recall, precision)
        rows.append([name, f"{figures.false_positives} of {len(films)}", *map(shown, shares)])
    return Table(
        title=f"Where {PREVALENCE:.1%} of the films are mirrored (assumed; nobody has counted)",
        columns=("cut-off", "untouched films", "false alarms", "recall", "precision"),
        rows=rows,
    )


def _with_problems(films: FilmSet, heads: HeldOutPairs) -> Iterator[list[str]]:
    for problem in problems_for(TASK):
        halves = [
            heads.says(problem.made(films.thumbnails, [change] * len(films)))
            for change in (UNCHANGED, MIRRORED)
        ]
        yield another_row(f"NIH, {problem.name}", np.concatenate(halves), _truth(films), 0)


def _from_elsewhere(heads: HeldOutPairs, foreign: dict[str, Thumbnails]) -> Iterator[list[str]]:
    for name, films in foreign.items():
        said = _both(heads.says_of_others, films)
        truth = np.repeat([0, 1], len(films))
        yield another_row(f"{name} ({len(films)} films)", said, truth, 0)


def _draw_errors(films: FilmSet, said: NDArray[np.float64], out: Path) -> None:
    """Draw the films taken for mirrored as they are; their mirror images are those missed."""
    for place in np.flatnonzero(said[: len(films), 1] >= 0.5):
        name = films.radiograph_ids[place]
        draw_film(films.thumbnails[place], f"{name}  mirrored: {said[place, 1]:.3f}", out / name)


if __name__ == "__main__":
    main()
