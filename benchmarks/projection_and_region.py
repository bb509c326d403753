"""How well projection and body region are told from a few dozen answers, and what is never passed.

    python -m benchmarks.projection_and_region DATA

DATA holds the folders nih_chest, lateral_chest, chest_covid, chest_openi, abdomen, pelvis_child and
hand_64px, and nih_chest.csv with the columns file and patient_id. Heads are fitted and calibrated
by the functions that `radsieve train` uses. Writes projection.json and body_region.json.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backend.adapters.backbone import load_backbone
from backend.adapters.film_reader import read_film, thumbnail_of
from backend.adapters.head_trainer import Answered, cross_fit, fit_head
from backend.adapters.pixel_baseline import cross_fitted_pixels
from backend.core.answer_folds import answer_folds
from backend.core.detector_task import DetectorTask
from backend.core.metrics import (
    BinaryFigures,
    binary_figures,
    clopper_pearson,
    precision_at_prevalence,
)
from backend.core.pixel_change import PixelChange
from benchmarks.card import DetectorCard, Table, calibration_of, shown, write_card
from tasks import detector_task

# Looked at: these four files of the abdomen folder show chests.
NOT_ABDOMEN = {"abd0.png", "abd1.png", "abd3.png", "abd4.png"}
FOLDS, SEED = 5, 20180424
PREVALENCE = 0.002
"""Films of another projection or body part among all: 171 of 112,120 listed in NIH ChestX-ray14."""
COMMAND = "python -m benchmarks.projection_and_region DATA"
SPOILT = {
    "turned by 90": PixelChange(1),
    "turned by 180": PixelChange(2),
    "inverted": PixelChange(invert=True),
    "mirrored": PixelChange(mirror=True),
}


@dataclass(frozen=True)
class Films:
    """Films of one folder or several."""

    thumbnails: NDArray[np.uint8]
    features: NDArray[np.float32]
    patients: NDArray[np.str_]
    folders: NDArray[np.str_]

    def of(self, *folders: str) -> "Films":
        """Return the films of some folders."""
        return self.only(np.isin(self.folders, folders))

    def only(self, keep: NDArray[np.bool_]) -> "Films":
        """Return some of the films."""
        return Films(
            self.thumbnails[keep], self.features[keep], self.patients[keep], self.folders[keep]
        )


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(data: Path) -> None:
    """Measure both detector tasks and write their cards."""
    films = read_films(data)
    write_card(projection_card(films, detector_task("projection")))
    write_card(region_card(films, detector_task("body_region")))


def read_films(data: Path) -> Films:
    """Read all folders; no patient is known but in nih_chest, there each film stands for one."""
    table = pd.read_csv(data / "nih_chest.csv", dtype=str).set_index("file")["patient_id"]
    folders = "nih_chest lateral_chest chest_covid chest_openi abdomen pelvis_child hand_64px"
    paths = [
        path
        for folder in folders.split()
        for path in sorted((data / folder).iterdir())
        if path.suffix != ".json" and path.name not in NOT_ABDOMEN
    ]
    seen = [thumbnail_of(read_film(path.read_bytes(), path.name)) for path in paths]
    thumbnails = np.stack(seen)
    return Films(
        thumbnails,
        load_backbone("cpu").features(thumbnails),
        np.array([str(table.get(path.name, path.name)) for path in paths]),
        np.array([path.parent.name for path in paths]),
    )


def answered(films: Films, labels: NDArray[np.int64]) -> Answered:
    """Return films as the trainer takes them, all answers trusted."""
    return Answered(films.features, labels, films.patients, np.ones(len(labels)))


def projection_card(films: Films, task: DetectorTask) -> DetectorCard:
    """Few laterals, within their own source, then with the frontals of a hospital never seen."""
    known, nih = films.of("lateral_chest", "chest_covid"), films.of("nih_chest")
    labels = np.where(known.folders == "lateral_chest", 1, 0)
    folds = answer_folds(labels, known.patients.tolist(), FOLDS)
    catch_all = task.labels.index("other")
    fitted = cross_fit(answered(known, labels), folds, len(task.labels), catch_all)
    pixels = cross_fitted_pixels(known.thumbnails, labels, folds, len(task.labels))
    head = fit_head(answered(known, labels), len(task.labels), fitted.strength)

    def says(features: NDArray[np.float32]) -> NDArray[np.float64]:
        return head.probabilities(features, temperature=fitted.temperature, catch_all=catch_all)

    of_nih = says(nih.features)
    both = np.concatenate([fitted.calibrated, of_nih])
    truth = np.concatenate([labels, np.zeros(len(of_nih), dtype=np.int64)])
    patients = [*known.patients, *nih.patients]
    within = _figures(labels, fitted.calibrated, known.patients.tolist())
    rows = [
        _row("frozen features, within the source", within),
        _row("16x16 pixels, within the source", _figures(labels, pixels, known.patients.tolist())),
        _row("frozen features, NIH frontals added", _figures(truth, both, patients)),
    ]
    unseen = _unseen(films, says, {"child pelvis": "pelvis_child", "hand": "hand_64px"}, 0)
    return DetectorCard(
        task=task.name,
        films="11 lateral and 47 frontal chest films of one source; 330 frontal films of NIH "
        "ChestX-ray14, never trained on; 10 child pelves and 300 hands, never labelled",
        patients="not known but in NIH (220); elsewhere each film stands for one",
        label_source="the folders the films came in",
        split=f"{FOLDS} folds by patient, pooled; NIH films by a head fitted to all 58 others",
        command=COMMAND,
        tables=[
            Table(title="Not frontal against frontal", columns=_COLUMNS, rows=rows),
            Table(
                title="Films of a kind nobody labelled that would pass as frontal",
                columns=("kind", "share", "films"),
                rows=unseen,
            ),
            _spoilt_table(nih, says, "frontal", 0),
        ],
        calibration=calibration_of(fitted.calibrated, labels),
        not_for=_NOT_FOR,
        notes=["Eleven laterals: every interval about them is wide."],
    )


def region_card(films: Films, task: DetectorTask) -> DetectorCard:
    """Leave out each region in turn: a region never labelled must not pass as chest."""
    regions = {"abdomen": "abdomen", "pelvis": "pelvis_child", "hand": "hand_64px"}
    truth = _regions(films, task, regions)
    use = ~np.isin(films.folders, ["lateral_chest"])
    half = np.random.default_rng(SEED).permutation(np.unique(films.patients))
    held_out = np.isin(films.patients, half[: len(half) // 2])
    rows, chest_rows = [], []
    for name in regions:
        left_out = truth == task.labels.index(name)
        says = _fitted(
            films.only(use & ~held_out & ~left_out), task, truth[use & ~held_out & ~left_out]
        )
        rows.append(_passing(name, says(films.features[left_out]), 0))
        new_chests = says(films.features[use & held_out & (truth == 0)])
        chest_rows.append(_held_up(f"without {name}", new_chests, 0))
    everything = films.only(use)
    labels = truth[use]
    folds = answer_folds(labels, everything.patients.tolist(), FOLDS)
    catch_all = task.labels.index("other")
    fitted = cross_fit(answered(everything, labels), folds, len(task.labels), catch_all)
    pixels = cross_fitted_pixels(everything.thumbnails, labels, folds, len(task.labels))
    says = _fitted(films.only(use & ~held_out), task, truth[use & ~held_out])
    nih = films.only(held_out).of("nih_chest")
    patients = everything.patients.tolist()
    return DetectorCard(
        task=task.name,
        films="399 chests of three sources, 14 abdomens, 10 child pelves, 300 hands (64 px "
        "thumbnails); 4 files of the abdomen folder show chests and were left out",
        patients="not known but in NIH (220); elsewhere each film stands for one",
        label_source="the folders the films came in",
        split=f"{FOLDS} folds by patient, pooled; left out regions: by half of the patients",
        command=COMMAND,
        tables=[
            Table(
                title="Not chest against chest",
                columns=_COLUMNS,
                rows=[
                    _row("frozen features", _figures(labels, fitted.calibrated, patients)),
                    _row("16x16 pixels", _figures(labels, pixels, patients)),
                ],
            ),
            Table(
                title="A region left out of the training: films of it that would pass as chest",
                columns=("region", "share", "films"),
                rows=rows,
            ),
            Table(
                title="Chests of patients not trained on that are not called chest",
                columns=("training", "share", "films"),
                rows=chest_rows,
            ),
            _spoilt_table(nih, says, "chest", 0),
        ],
        calibration=calibration_of(fitted.calibrated, labels),
        not_for=_NOT_FOR,
        notes=[
            "The sources differ between the regions: hands are thumbnails of 64 px, abdomens are "
            "pictures from articles. A detector that recognises the source looks better than it is."
        ],
    )


_COLUMNS = ("detector", "AUC", "AUPRC", "recall", "false alarms", f"precision at {PREVALENCE:.1%}")
_NOT_FOR = (
    "excluding films unseen: what it calls other is for review",
    "films that are turned or inverted: put them right first, as the gate does",
)


def _regions(films: Films, task: DetectorTask, regions: dict[str, str]) -> NDArray[np.int64]:
    truth = np.zeros(len(films.folders), dtype=np.int64)
    for name, folder in regions.items():
        truth[films.folders == folder] = task.labels.index(name)
    return truth


def _fitted(films: Films, task: DetectorTask, labels: NDArray[np.int64]):  # noqa: ANN202
    """Return what a detector trained on these films says of features."""
    some, count = answered(films, labels), len(task.labels)
    folds = answer_folds(labels, films.patients.tolist(), FOLDS)
    catch_all = task.labels.index("other")
    fitted = cross_fit(some, folds, count, catch_all)
    head = fit_head(some, count, fitted.strength)
    return lambda features: head.probabilities(
        features, temperature=fitted.temperature, catch_all=catch_all
    )


def _figures(
    truth: NDArray[np.int64], probabilities: NDArray[np.float64], patients: Sequence[str]
) -> BinaryFigures:
    return binary_figures(
        truth != 0, 1 - probabilities[:, 0], patients, rng=np.random.default_rng(SEED)
    )


def _row(name: str, figures: BinaryFigures) -> list[str]:
    return [
        name,
        shown(figures.auc),
        shown(figures.auprc),
        shown(figures.recall),
        shown(figures.false_positive_rate),
        shown(precision_at_prevalence(figures, PREVALENCE)),
    ]


def _passing(name: str, said: NDArray[np.float64], expected: int) -> list[str]:
    passed = int((said.argmax(axis=1) == expected).sum())
    return [name, shown(clopper_pearson(passed, len(said))), f"{passed} of {len(said)}"]


def _held_up(name: str, said: NDArray[np.float64], expected: int) -> list[str]:
    stopped = int((said.argmax(axis=1) != expected).sum())
    return [name, shown(clopper_pearson(stopped, len(said))), f"{stopped} of {len(said)}"]


def _unseen(films: Films, says, kinds: dict[str, str], expected: int) -> list[list[str]]:  # noqa: ANN001
    return [
        _passing(name, says(films.of(folder).features), expected) for name, folder in kinds.items()
    ]


def _spoilt_table(nih: Films, says, label: str, expected: int) -> Table:  # noqa: ANN001
    """Return how often good films with another problem (synthetic) are still told."""
    backbone = load_backbone("cpu")
    looks = {name: change.apply(nih.thumbnails, white=255) for name, change in SPOILT.items()}
    looks["washed out"] = (90 + nih.thumbnails * 0.3).astype(np.uint8)
    rows = [_held_up("as they are", says(nih.features), expected)]
    rows += [_held_up(name, says(backbone.features(one)), expected) for name, one in looks.items()]
    return Table(
        title=f"NIH films with another problem too (synthetic) that are not called {label}",
        columns=("problem", "share", "films"),
        rows=rows,
    )


if __name__ == "__main__":
    main()
