"""Measure the hip boxes: leave-one-out on ten real pelves, a learning curve on phantoms.

    python -m benchmarks.detectors.hip_box DATA --out build/hip_box

DATA/radiographs has the folders `pelvis_child` (films and landmarks), `nih_chest` and `abdomen`.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from backend.archive.adapters.pixels.film_reader import read_film, thumbnail_of
from backend.base.core.figures import clopper_pearson
from backend.detectors.adapters.box_detector import (
    HEADS,
    BoxHeads,
    LearntBoxes,
    opinions_of,
    spatial_backbone,
)
from backend.detectors.adapters.training.box_trainer import (
    BoxExamples,
    PaintedViews,
    box_examples,
    fit_heads,
    make_views,
)
from backend.detectors.core.boxes.answer import GOOD_OVERLAP, split_answers
from backend.detectors.core.boxes.figures import BoxFigures, box_figures
from backend.detectors.core.boxes.sureness import learn_sureness, spread_of
from backend.detectors.core.film_choice import answer_folds
from backend.detectors.core.open_set import Familiar, learn_familiar
from backend.detectors.loop.kinds.box import (
    MOST_FOLDS,
    CrossFittedBoxes,
    cross_fit_boxes,
    fit_boxes,
)
from backend.labels.core.box import Boxes, box_rows, mean_box, overlap
from backend.phantoms.core.hip_region import hip_boxes
from backend.phantoms.core.pelvis import pelvis_phantom
from benchmarks.detectors.card import (
    Calibration,
    DetectorCard,
    Table,
    calibration_of,
    shown,
    write_card,
)
from benchmarks.detectors.films.spoilt_pelves import Thumbnails, problems
from tasks import detector_task

TASK = detector_task("hip_box")
BACKBONE = spatial_backbone("cpu")
CURVE_FILMS = (5, 12, 30, 75, 188, 375)
"""Two boxes each: 10 to 750 boxes."""
CALIBRATED_AT = 75
JUDGED_PHANTOMS = 100
CHESTS = 100
SEED = 7


def main() -> None:
    """Measure, draw the real films, write the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="folder for pictures of the boxes")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    tables = real_tables(arguments.data / "radiographs", arguments.out)
    curve, calibration = phantom_curve()
    write_card(card([*tables, *curve], calibration))


def real_tables(radiographs: Path, out: Path) -> list[Table]:
    """Measure the real pelves, each by heads that were not trained on it."""
    paths = sorted((radiographs / "pelvis_child").glob("*.jpg"))
    films, size_px = read_pelves(paths)
    views = make_views(BACKBONE, films)
    said = leave_one_out(films, views)
    opinions = said["as it is"].opinions
    found = opinions.mean(axis=1)
    draw(paths, films.boxes, found, out)
    means = [mean_box(np.delete(films.boxes, film, axis=0)) for film in range(len(paths))]
    rows = {
        "ours": figures(films, found, size_px),
        "the mean box of the other nine": figures(films, np.stack(means), size_px),
    }
    fitted = CrossFittedBoxes(opinions, np.stack(means))
    learnt = fit_boxes(BACKBONE, films, views, fitted)
    return [
        figure_table(
            "Ten real child pelves, leave-one-out (boxes from software's landmarks)", rows
        ),
        problem_table(films, said),
        stranger_table(radiographs, learnt),
    ]


def read_pelves(paths: Sequence[Path]) -> tuple[BoxExamples, NDArray[np.int64]]:
    """Return the films with the boxes that follow from their landmarks, and their sizes."""
    decoded = [read_film(path.read_bytes(), path.name) for path in paths]
    size_px = [film.pixels.shape[::-1] for film in decoded]
    rows = []
    for path, size in zip(paths, size_px, strict=True):
        (marks,) = json.loads(path.with_suffix(".json").read_text())["landmark_list"]
        one, other = (
            (np.array(marks[f"pel_{side}_o"]), np.array(marks[f"pel_{side}_i"])) for side in "lr"
        )
        rows.append(box_rows(hip_boxes((one, other), size), TASK.labels))
    names = [path.stem for path in paths]
    thumbnails = np.stack([thumbnail_of(film) for film in decoded])
    return box_examples(TASK, thumbnails, np.stack(rows), names), np.array(size_px)


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of films that were not learnt from."""

    opinions: Boxes
    """Shape (films, opinions, labels, 4)."""
    familiarity: NDArray[np.float64]
    """Shape (films,): how sure it is that the film is like those that were learnt from."""


def leave_one_out(films: BoxExamples, views: PaintedViews) -> dict[str, Said]:
    """Return by problem what heads trained without a film say of it when it has that problem."""
    count = len(films.patients)
    shape = (count, 2 * HEADS, *films.boxes.shape[1:])
    found = {name: Said(np.zeros(shape), np.zeros(count)) for name in problems(films.mirrored)}
    for film in range(count):
        others = np.delete(np.arange(count), film)
        heads = fit_heads(views, others, seed=film)
        known = familiar(films, heads, others)
        for name, problem in problems(films.mirrored).items():
            spoilt = problem.spoil(films.thumbnails[[film]])
            (said,), pooled = opinions_of(heads, BACKBONE, spoilt, films.mirrored)
            found[name].opinions[film] = said
            (found[name].familiarity[film],) = known.familiarity(pooled, np.array([0]))
    return found


def familiar(films: BoxExamples, heads: BoxHeads, some: NDArray[np.int64]) -> Familiar:
    """Return what is usual among some of the films."""
    _, pooled = opinions_of(heads, BACKBONE, films.thumbnails[some], films.mirrored)
    patients = [films.patients[film] for film in some]
    return learn_familiar(pooled, np.zeros(len(some), dtype=np.int64), patients, 1)


def figures(films: BoxExamples, found: Boxes, size_px: NDArray[np.int64]) -> BoxFigures:
    """Return how well boxes stand for the true ones."""
    rng = np.random.default_rng(SEED)
    return box_figures(found, films.boxes, size_px, films.patients, rng=rng)


def figure_table(title: str, rows: Mapping[str, BoxFigures]) -> Table:
    """Return figures side by side."""
    columns = (
        "boxes by",
        "films",
        "mean overlap (IoU)",
        "both hips IoU >= .5",
        "both hips IoU >= .7",
        "corner error, px",
    )
    return Table(
        title=title,
        columns=columns,
        rows=[
            (
                name,
                str(one.films),
                shown(one.mean_overlap, 3),
                shown(one.films_fair, 3),
                shown(one.films_good, 3),
                shown(one.corner_error_px, 1),
            )
            for name, one in rows.items()
        ],
    )


def problem_table(films: BoxExamples, said: Mapping[str, Said]) -> Table:
    """Return how much another problem harms, and whether the stated probability tells."""
    rows = []
    for name, problem in problems(films.mirrored).items():
        overlaps = overlap(said[name].opinions.mean(axis=1), problem.move(films.boxes))
        good = int((overlaps >= GOOD_OVERLAP).all(axis=1).sum())
        sure = stated(films, said, name)
        used = int((sure >= TASK.thresholds.accept_at).sum())
        rows.append(
            (
                name,
                f"{overlaps.mean():.3f}",
                shown(clopper_pearson(good, len(overlaps)), 3),
                f"{sure.mean():.3f}",
                f"{used} of {len(overlaps)}",
            )
        )
    columns = (
        "the film is",
        "mean overlap (IoU)",
        "both hips IoU >= .7",
        "stated probability of the less sure hip, mean",
        "cut without a look",
    )
    title = "The same ten films with another problem, leave-one-out"
    return Table(title=title, columns=columns, rows=rows)


def stated(films: BoxExamples, said: Mapping[str, Said], name: str) -> NDArray[np.float64]:
    """Return how sure a detector that knows the other films only is of each film's worse box."""
    as_is, found = said["as it is"].opinions, said[name]
    sure = []
    for film in range(len(films.boxes)):
        sureness = learn_sureness(
            np.delete(as_is, film, axis=0), np.delete(films.boxes, film, axis=0)
        )
        sure.append(sureness.probabilities(spread_of(found.opinions[[film]])).min())
    return np.array(sure) * found.familiarity


def stranger_table(radiographs: Path, learnt: LearntBoxes) -> Table:
    """Return how sure the detector is of hips on films that show none or were never learnt from."""
    chests = sorted((radiographs / "nih_chest").glob("*.png"))[:CHESTS]
    abdomens = sorted((radiographs / "abdomen").glob("*.png"))
    phantoms, _ = draw_phantoms(50, SEED + 2)
    rows = []
    for name, thumbnails in {
        "frontal chests": read_thumbnails(chests),
        "abdomens (some show hips)": read_thumbnails(abdomens),
        "pelvis phantoms (synthetic)": phantoms.thumbnails,
    }.items():
        sure, _ = split_answers(learnt.answers(BACKBONE, thumbnails))
        used = int((sure >= TASK.thresholds.accept_at).any(axis=1).sum())
        share = shown(clopper_pearson(used, len(sure)), 3)
        rows.append((name, str(len(sure)), f"{sure.max(axis=1).mean():.3f}", share))
    columns = (
        "films",
        "how many",
        "stated probability, mean of the surer box",
        "a box used unseen",
    )
    return Table(title="Films unlike the ten that were learnt from", columns=columns, rows=rows)


def read_thumbnails(paths: Sequence[Path]) -> Thumbnails:
    """Return whole films squashed to squares."""
    return np.stack([thumbnail_of(read_film(path.read_bytes(), path.name)) for path in paths])


def phantom_curve() -> tuple[list[Table], Calibration]:
    """Measure how the number of boxes matters, each time on the same other phantoms."""
    most, _ = draw_phantoms(max(CURVE_FILMS), SEED)
    judged, size_px = draw_phantoms(JUDGED_PHANTOMS, SEED + 1)
    rows = {}
    for count in CURVE_FILMS:
        films = first(most, count)
        views = make_views(BACKBONE, films)
        heads = fit_heads(views, np.arange(count))
        said, _ = opinions_of(heads, BACKBONE, judged.thumbnails, judged.mirrored)
        rows[f"{2 * count} boxes"] = figures(judged, said.mean(axis=1), size_px)
        if count == CALIBRATED_AT:
            calibration, table = calibrated(films, views, judged)
    baseline = np.tile(mean_box(most.boxes), (JUDGED_PHANTOMS, 1, 1))
    rows["the mean of 750 boxes"] = figures(judged, baseline, size_px)
    title = f"Phantoms (synthetic), judged on {JUDGED_PHANTOMS} others, about 256 x 256 px"
    return [figure_table(title, rows), table], calibration


def calibrated(
    films: BoxExamples, views: PaintedViews, judged: BoxExamples
) -> tuple[Calibration, Table]:
    """Return whether stated probabilities hold on other films than those they were learnt on."""
    nothing = np.zeros(len(films.patients), dtype=np.int64)
    folds = answer_folds(nothing, films.patients, MOST_FOLDS)
    fitted = cross_fit_boxes(BACKBONE, films, views, folds)
    learnt = fit_boxes(BACKBONE, films, views, fitted)
    sure, found = split_answers(learnt.answers(BACKBONE, judged.thumbnails))
    good = (overlap(found, judged.boxes) >= GOOD_OVERLAP).ravel()
    stated = sure.ravel().astype(np.float64)
    used = stated >= TASK.thresholds.accept_at
    kept = clopper_pearson(int(used.sum()), len(used))
    right = clopper_pearson(int(good[used].sum()), int(used.sum()))
    table = Table(
        title=f"Phantoms (synthetic): boxes used unseen after {2 * CALIBRATED_AT} boxes, "
        f"stated probability at least {TASK.thresholds.accept_at}",
        columns=("share of boxes", "of them IoU >= .7"),
        rows=[(shown(kept, 3), shown(right, 3))],
    )
    both = np.stack([1 - stated, stated], axis=1)
    return calibration_of(both, good.astype(np.int64)), table


def draw_phantoms(count: int, seed: int) -> tuple[BoxExamples, NDArray[np.int64]]:
    """Return phantoms with their boxes, and their sizes."""
    rng = np.random.default_rng(seed)
    drawn = [pelvis_phantom(rng) for _ in range(count)]
    boxes = np.stack([box_rows(known, TASK.labels) for _, known in drawn])
    small = [cv2.resize(film, (256, 256), interpolation=cv2.INTER_AREA) for film, _ in drawn]
    thumbnails = np.round(255 * np.stack(small)).astype(np.uint8)
    names = [f"phantom {number}" for number in range(count)]
    sizes = np.array([film.shape[::-1] for film, _ in drawn])
    return box_examples(TASK, thumbnails, boxes, names), sizes


def first(films: BoxExamples, count: int) -> BoxExamples:
    """Return the first films."""
    return box_examples(TASK, films.thumbnails[:count], films.boxes[:count], films.patients[:count])


def draw(paths: Sequence[Path], truth: Boxes, found: Boxes, out: Path) -> None:
    """Write the films with the true boxes in white and those found in yellow."""
    out.mkdir(parents=True, exist_ok=True)
    for path, own, ours in zip(paths, truth, found, strict=True):
        picture = cv2.imread(str(path))
        scale = np.tile(picture.shape[1::-1], 2)
        for boxes, colour in ((own, (255, 255, 255)), (ours, (0, 255, 255))):
            for left, top, width, height in np.round(boxes * scale).astype(int):
                cv2.rectangle(picture, (left, top), (left + width, top + height), colour, 1)
        cv2.imwrite(str(out / path.name), picture)


def card(tables: Sequence[Table], calibration: Calibration) -> DetectorCard:
    """Return the card."""
    return DetectorCard(
        task=TASK.name,
        films="10 child pelves (U. Jordan, Mendeley 10.17632/jf3pv98m9g.2, CC BY 4.0), 331 x 331 "
        "px; 100 frontal chests (NIH ChestX-ray14) and 18 abdomens (Open-i) without boxes; "
        "synthetic pelvis phantoms for the learning curve and the calibration",
        patients="no patient is known for the pelves, so each film stands for one; each phantom is "
        "a patient of its own",
        label_source="pelves: squares that a rule (phantoms/core/hip_region.py) sets around "
        "landmarks made by software; nobody drew or checked a box. Phantoms: the same rule on "
        "true landmarks",
        split="pelves: leave-one-out; phantoms: judged on 100 that were not learnt from",
        command="python -m benchmarks.detectors.hip_box DATA --out build/hip_box",
        tables=tables,
        calibration=calibration,
        not_for=(
            "adult hips, hips with a prosthesis or a fracture: no such film was measured",
            "measuring angles or distances: a box says where to cut, not where a landmark is",
            "cutting films without a look after ten films: no box is stated surer than 11 in 12 "
            "then, below the .95 that it takes",
            "films that are upside down: put them right first; the boxes are wrong and look sure",
            "telling the patient's left from right: the labels are sides of the picture",
        ),
        notes=(
            "Intervals of means: bootstrap over films; of shares: exact (Clopper-Pearson). Ten "
            "films of one hospital, cut alike: on other films expect worse.",
            "Stated probability: from the spread of twelve opinions (six heads, each on the film "
            "and on its mirror image), times how familiar the film is; right means IoU .7 or more. "
            "The calibration plot is of phantoms, on which no box was wrong.",
        ),
    )


if __name__ == "__main__":
    main()
