"""How well body regions are told from a few dozen answers, and what never passes as a chest.

    python -m benchmarks.detectors.body_region DATA --out build/body_region

DATA holds the folders `radiographs` and `dicom` (data/README.md of the films). Chests that are held
up and other films that pass are drawn below --out. Writes body_region.json.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import torch
from numpy.typing import NDArray

from backend.base.core.figures import BinaryFigures, roc_auc
from backend.detectors.adapters.backbone import load_backbone
from backend.detectors.adapters.training.pixel_baseline import cross_fitted_pixels
from backend.detectors.core.film_choice import answer_folds
from benchmarks.detectors.card import DetectorCard, Table, calibration_of, write_card
from benchmarks.detectors.films.kinds_of_films import (
    FIGURE_COLUMNS,
    FOLDS,
    SEED,
    Chosen,
    Detector,
    Features,
    Films,
    Labels,
    accepted,
    called,
    figure_cells,
    figures_of,
    read_films,
    share_cells,
    spread_cells,
)
from benchmarks.detectors.films.other_features import (
    OURS,
    PIXELS,
    RANDOM_SEEDS,
    all_features,
    random_features,
)
from benchmarks.detectors.films.spoilt_films import spoilt_rows
from benchmarks.detectors.outlier_scores import CHESTS, score_table
from benchmarks.detectors.region_labels import (
    REGIONS,
    TASK,
    few_labels_table,
    label_table,
    labelled,
    labels_of,
    taught,
)

COMMAND = "python -m benchmarks.detectors.body_region DATA --out build/body_region"


@dataclass(frozen=True)
class Setting:
    """What was labelled, and what is then asked."""

    chests: Sequence[str]
    others: Sequence[str]
    asked: Mapping[str, str]
    """What a row is called -> kind of film."""

    @property
    def name(self) -> str:
        """Say it in words."""
        return f"{SOURCES[tuple(self.chests)]}, {', '.join(self.others)}"


SOURCES = {
    CHESTS: "chests of three sources",
    ("chest_openi",): "chests of Open-i",
    ("chest_64px",): "chests of MedNIST",
}
ELSEWHERE = {
    "pelves": "pelvis_child",
    "pelvis DICOM (two of these films)": "pelvis_dicom",
    "hands": "hand_64px",
    "tibia (one film, two files)": "tibia",
}
SETTINGS = (
    Setting(CHESTS, ("pelvis", "hand"), {"abdomens": "abdomen"}),
    Setting(CHESTS, ("abdomen", "hand"), {"pelves": "pelvis_child"}),
    Setting(CHESTS, ("abdomen", "pelvis"), {"hands": "hand_64px"}),
    Setting(CHESTS, ("abdomen",), ELSEWHERE),
    Setting(("chest_openi",), ("pelvis", "hand"), {"abdomens, same source": "abdomen"}),
    Setting(("chest_64px",), ("abdomen", "pelvis"), {"hands, same source": "hand_64px"}),
)


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(data: Path, out: Path) -> None:
    """Measure, draw what is wrong, write the card."""
    torch.set_num_threads(1)
    films = read_films(data)
    archive = films.of(*CHESTS, "lateral_chest")
    asked = ~films.of("tibia", "pelvis_dicom", "chest_dicom")
    features = all_features(films.thumbnails, archive, asked)
    passing, held_up = left_out_tables(films, features[OURS], out)
    everything = labelled(films, CHESTS, REGIONS)
    tables = [
        feature_table(films, features),
        passing,
        held_up,
        few_labels_table(films, features[OURS]),
        label_table(films, features[OURS]),
        score_table(films, features),
        spoilt_table(films, features[OURS]),
    ]
    detector = taught(films, features[OURS], everything)
    write_card(card(tables, detector, labels_of(films)[everything]))


def feature_table(films: Films, features: Mapping[str, Features]) -> Table:
    """Return the same heads, in the same folds, on one kind of features after the other."""
    groups = {
        "all": labelled(films, CHESTS, REGIONS),
        "Open-i only": labelled(films, ("chest_openi",), ("abdomen",)),
        "MedNIST only": labelled(films, ("chest_64px",), ("hand",)),
    }
    random = {"random weights": [random_features(films.thumbnails, seed) for seed in RANDOM_SEEDS]}
    rows = []
    for name, several in {**{n: [f] for n, f in features.items()}, **random}.items():
        for group, chosen in groups.items():
            found = [alone_figures(films, one, chosen) for one in several]
            cells = figure_cells(found[0]) if len(found) == 1 else spread_cells(found)
            rows.append([name, group, *cells])
    rows += [
        [f"{PIXELS}, the baseline's own regression", group, *baseline_cells(films, chosen)]
        for group, chosen in groups.items()
    ]
    return Table(
        title="Any other region against chest: the same head in the same folds on other features, "
        f"without the comparison with labelled films (random weights: mean and range of "
        f"{len(RANDOM_SEEDS)} seeds)",
        columns=("features", "films", *FIGURE_COLUMNS),
        rows=rows,
    )


def alone_figures(films: Films, features: Features, chosen: Chosen) -> BinaryFigures:
    """Return how well heads tell films out of fold."""
    said = taught(films, features, chosen).held_out_alone
    return figures_of(labels_of(films)[chosen], said, films.patients[chosen])


def baseline_cells(films: Films, chosen: Chosen) -> list[str]:
    """Return the cells of 16 x 16 pixels in the same folds."""
    labels, patients = labels_of(films)[chosen], films.patients[chosen]
    folds = answer_folds(labels, patients.tolist(), FOLDS)
    said = cross_fitted_pixels(films.thumbnails[chosen], labels, folds, len(TASK.labels))
    return figure_cells(figures_of(labels, said, patients))


def left_out_tables(films: Films, features: Features, out: Path) -> tuple[Table, Table]:
    """Leave out a region: do its films pass, and are chests of patients not learnt from held up?"""
    passing, held_up = [], []
    for setting in SETTINGS:
        good, detector = without_half(films, features, setting)
        alone, said = detector.alone(features[good]), detector.says(features[good])
        held_up.append([setting.name, "other patients", *held_up_cells(said)])
        draw_those(films, good, ~accepted(said, TASK), said, out / "chests held up")
        for name, kind in setting.asked.items():
            asked = films.of(kind)
            theirs, judged = detector.alone(features[asked]), detector.says(features[asked])
            passing.append(
                [
                    setting.name,
                    name,
                    f"{area(alone, theirs):.4f}",
                    f"{area(said, judged):.4f}",
                    share_cells(called(theirs))[1],
                    share_cells(called(judged))[1],
                    *share_cells(accepted(judged, TASK)),
                ]
            )
            draw_those(films, asked, called(judged), judged, out / "called chest")
    return passing_table(passing), held_up_table([*held_up, *elsewhere_rows(films, features)])


def without_half(films: Films, features: Features, setting: Setting) -> tuple[Chosen, Detector]:
    """Return chests of half of the patients, and a detector that learnt from the others."""
    chests = films.of(*setting.chests)
    patients = np.random.default_rng(SEED).permutation(np.unique(films.patients[chests]))
    good = chests & np.isin(films.patients, patients[: len(patients) // 2])
    some = labelled(films, setting.chests, setting.others) & ~good
    return good, taught(films, features, some)


def elsewhere_rows(films: Films, features: Features) -> list[list[str]]:
    """Return how many chests of sources never labelled are held up."""
    rows = []
    for chests, asked, name in (
        (("chest_covid", "chest_openi"), "nih_chest", "NIH, a hospital not labelled"),
        (CHESTS, "chest_dicom", "two DICOM files, not labelled"),
        (CHESTS, "chest_64px", "MedNIST, 64 px, not labelled"),
    ):
        detector = taught(films, features, labelled(films, chests, REGIONS))
        said = detector.says(features[films.of(asked)])
        words = "chests of three sources" if chests == CHESTS else "chests of two sources"
        rows.append([f"{words}, {', '.join(REGIONS)}", name, *held_up_cells(said)])
    return rows


def held_up_cells(said: NDArray[np.float64]) -> list[str]:
    """Return the shares not called chest and not accepted."""
    return [share_cells(~called(said))[1], *share_cells(~accepted(said, TASK))]


def area(good: NDArray[np.float64], asked: NDArray[np.float64]) -> float:
    """Return the area under the curve of other films against chests."""
    bad = np.repeat([False, True], [len(good), len(asked)])
    return float(roc_auc(bad, 1 - np.concatenate([good, asked])[:, 0]))


def passing_table(rows: Sequence[Sequence[str]]) -> Table:
    """Return the table of films that nothing labelled is like."""
    return Table(
        title="A region nobody labelled: does it pass as a chest? Asked of detectors that learnt "
        "from the other half of the chests' patients",
        columns=(
            "labelled",
            "asked",
            "AUC, head alone",
            "AUC",
            "called chest by the head alone",
            "called chest",
            "pass as chest unseen",
            "counts",
        ),
        rows=rows,
    )


def held_up_table(rows: Sequence[Sequence[str]]) -> Table:
    """Return the table of chests that a person has to look at though nothing is wrong."""
    columns = ("labelled", "chests asked", "not called chest", "a person has to look", "counts")
    return Table(title="Chests that are held up", columns=columns, rows=rows)


def spoilt_table(films: Films, features: Features) -> Table:
    """Return whether chests with another problem too (synthetic) still pass."""
    good, detector = without_half(films, features, Setting(CHESTS, tuple(REGIONS), {}))
    backbone = load_backbone("cpu")
    nih = films.thumbnails[good & films.of("nih_chest")]
    return Table(
        title="NIH chests of patients not learnt from, with another problem too (synthetic): held "
        "up, which before they are put right they should be",
        columns=("problem", "not called chest", "a person has to look", "counts"),
        rows=spoilt_rows(nih, lambda seen: detector.says(backbone.features(seen)), TASK),
    )


def draw_those(
    films: Films, asked: Chosen, wrong: Chosen, said: NDArray[np.float64], out: Path
) -> None:
    """Draw those of the films asked that were judged wrongly, with all probabilities."""
    chosen = np.zeros(len(asked), dtype=np.bool_)
    chosen[np.flatnonzero(asked)[wrong]] = True
    films.draw(chosen, [" ".join(f"{one:.2f}" for one in row) for row in said[wrong]], out)


def card(tables: Sequence[Table], detector: Detector, labels: Labels) -> DetectorCard:
    """Return the card."""
    return DetectorCard(
        task=TASK.name,
        films="399 chests of three sources (NIH ChestX-ray14, a COVID-19 collection, Open-i), 14 "
        "abdomens (Open-i; 4 more files of that folder show chests and were left out), 10 child "
        "pelves, 300 hands and 300 chests of MedNIST (64 px), one tibia",
        patients="NIH: 220. Elsewhere unknown: figures of one article count as one patient, every "
        "other film as its own",
        label_source="the folders the films came in",
        split=f"{FOLDS} folds by patient, pooled; regions left out: half of the chests' patients",
        command=COMMAND,
        tables=tables,
        calibration=calibration_of(detector.held_out, labels),
        not_for=(
            "excluding films unseen: what it calls other is for review",
            "films that are turned or inverted: put them right first, as the gate does",
            "telling knees and spines apart: no such film was labelled or measured, a tibia aside",
        ),
        notes=[
            "The sources differ between the regions: hands are thumbnails of 64 px, abdomens are "
            "pictures from articles. A detector that recognises the source looks better than it "
            "is; the rows of one source only (Open-i, MedNIST) are free of that.",
            "Passing unseen means: called chest with a probability of "
            f"{TASK.thresholds.review_below:g} or more.",
            "The score in use was found on these same kinds of films; the last row of the scores "
            "compared says what a choice made without a kind would have come to on it.",
        ],
    )


if __name__ == "__main__":
    main()
