"""How well lateral films are told from frontal ones after a few dozen answers, and by what.

    python -m benchmarks.detectors.projection DATA --out build/projection

DATA holds the folders `radiographs` and `dicom` (data/README.md of the films). Films that the
detector gets wrong are drawn below --out. Writes projection.json.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click
import numpy as np
import torch
from numpy.typing import NDArray

from backend.detectors.adapters.backbone import load_backbone
from backend.detectors.adapters.training.pixel_baseline import cross_fitted_pixels, pixels_say
from backend.detectors.core.film_choice import answer_folds
from benchmarks.detectors.card import DetectorCard, Table, calibration_of, write_card
from benchmarks.detectors.films.kinds_of_films import (
    FIGURE_COLUMNS,
    FOLDS,
    Chosen,
    Detector,
    Features,
    Films,
    Labels,
    called,
    figure_cells,
    fit,
    read_films,
    share_cells,
    spread_cells,
)
from benchmarks.detectors.films.other_features import (
    OURS,
    PIXELS,
    RANDOM_SEEDS,
    all_features,
    for_all,
    random_features,
)
from benchmarks.detectors.films.spoilt_films import spoilt_rows
from benchmarks.detectors.projection_labels import (
    FRONTAL,
    LATERAL,
    OTHER,
    TASK,
    Labelled,
    hospital_table,
    label_table,
    passes,
)

ARCHIVE = ("nih_chest", "chest_covid", "lateral_chest", "chest_openi")
"""What networks of an archive's own learn from, without labels."""
UNSEEN = {
    "child pelvis": "pelvis_child",
    "hand (64 px)": "hand_64px",
    "abdomen": "abdomen",
    "tibia (one film, two files)": "tibia",
}
COMMAND = "python -m benchmarks.detectors.projection DATA --out build/projection"


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(data: Path, out: Path) -> None:
    """Measure, draw what is wrong, write the card."""
    torch.set_num_threads(1)
    films = read_films(data)
    labelled = Labelled(films, films.of("lateral_chest", "chest_covid"), films.of("nih_chest"))
    asked = labelled.source | labelled.elsewhere
    features = all_features(films.thumbnails, films.of(*ARCHIVE), asked)
    detector = fit(TASK, features[OURS][labelled.source], labelled.labels, labelled.patients)
    draw_errors(labelled, detector, features[OURS], out)
    tables = [
        feature_table(labelled, features),
        detector_table(labelled, detector, features[OURS]),
        hospital_table(labelled, features[OURS]),
        label_table(films, features[OURS]),
        unseen_table(films, detector, features[OURS]),
        unlabelled_table(films, features[OURS]),
        spoilt_table(films, detector),
    ]
    write_card(card(tables, detector, labelled.labels))


def feature_table(labelled: Labelled, features: Mapping[str, Features]) -> Table:
    """Return the same heads, in the same folds, on one kind of features after the other."""
    rows = []
    for name, own in features.items():
        within, wider = labelled.figures(*heads_alone(labelled, own))
        rows += [[name, WITHIN, *figure_cells(within)], [name, WIDER, *figure_cells(wider)]]
    asked = labelled.source | labelled.elsewhere
    some = labelled.films.thumbnails[asked]
    random = [for_all(random_features(some, seed), asked) for seed in RANDOM_SEEDS]
    drawn = [labelled.figures(*heads_alone(labelled, one)) for one in random]
    name = f"random weights, {len(drawn)} seeds: mean and range"
    rows += [
        [name, where, *spread_cells(several)]
        for where, several in zip((WITHIN, WIDER), zip(*drawn, strict=True), strict=True)
    ]
    for where, figures in zip((WITHIN, WIDER), labelled.figures(*baseline(labelled)), strict=True):
        rows.append([f"{PIXELS}, the baseline's own regression", where, *figure_cells(figures)])
    return Table(
        title="Lateral against frontal: the same head in the same folds on other features, without "
        "the comparison with labelled films",
        columns=("features", "films", *FIGURE_COLUMNS),
        rows=rows,
    )


WITHIN, WIDER = "within the source", "NIH frontals added"


def heads_alone(
    labelled: Labelled, features: Features
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what heads say of the source's own films, out of fold, and of those elsewhere."""
    detector = fit(TASK, features[labelled.source], labelled.labels, labelled.patients)
    return detector.held_out_alone, detector.alone(features[labelled.elsewhere])


def baseline(labelled: Labelled) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what 16 x 16 pixels say of the same films in the same folds."""
    own = labelled.films.thumbnails[labelled.source]
    elsewhere = labelled.films.thumbnails[labelled.elsewhere]
    folds = answer_folds(labelled.labels, labelled.patients.tolist(), FOLDS)
    count = len(TASK.labels)
    return (
        cross_fitted_pixels(own, labelled.labels, folds, count),
        pixels_say(own, labelled.labels, elsewhere, count),
    )


def detector_table(labelled: Labelled, detector: Detector, features: Features) -> Table:
    """Return the figures of the detector as it is published: unlike films are held up."""
    said = detector.says(features[labelled.elsewhere])
    within, wider = labelled.figures(detector.held_out, said)
    frontal = labelled.labels == FRONTAL
    held_up = [share_cells(~passes(some))[1] for some in (detector.held_out[frontal], said)]
    strictly = labelled.figures(*(lateral_only(some) for some in (detector.held_out, said)))
    rows = [
        ["not frontal", WITHIN, *figure_cells(within), held_up[0]],
        ["not frontal", WIDER, *figure_cells(wider), held_up[1]],
        ["lateral", WITHIN, *figure_cells(strictly[0]), held_up[0]],
        ["lateral", WIDER, *figure_cells(strictly[1]), held_up[1]],
    ]
    return Table(
        title="Lateral against frontal: the detector as it is published, by its probability of "
        "anything but frontal (films unlike all labelled ones included) and by that of lateral",
        columns=("by", "films", *FIGURE_COLUMNS, "frontals a person has to look at"),
        rows=rows,
    )


def lateral_only(said: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probabilities with all that is not lateral in the first column."""
    return np.stack([1 - said[:, LATERAL], said[:, LATERAL]], axis=1)


def unseen_table(films: Films, detector: Detector, features: Features) -> Table:
    """Return what becomes of body parts nobody labelled: frontal, lateral and nothing else was."""
    rows = []
    for name, kind in UNSEEN.items():
        asked = features[films.of(kind)]
        rows.append(
            [
                name,
                share_cells(called(detector.alone(asked)))[1],
                share_cells(called(detector.says(asked)))[1],
                *share_cells(passes(detector.says(asked))),
            ]
        )
    return Table(
        title="Body parts nobody labelled, asked of a detector that saw frontal and lateral chests",
        columns=UNSEEN_COLUMNS,
        rows=rows,
    )


UNSEEN_COLUMNS = (
    "films",
    "called frontal by the head alone",
    "called frontal",
    "pass as frontal unseen",
    "counts",
)


def unlabelled_table(films: Films, features: Features) -> Table:
    """Return what becomes of laterals where none was labelled, only frontals and other parts."""
    rows = []
    others = films.of("abdomen", "pelvis_child", "hand_64px")
    frontal_sources = {
        "frontals of the same source": ("chest_covid",),
        "frontals of three sources": ("chest_covid", "chest_openi", "nih_chest"),
    }
    for name, sources in frontal_sources.items():
        taught = others | films.of(*sources)
        labels = np.where(others, OTHER, FRONTAL)
        detector = fit(TASK, features[taught], labels[taught], films.patients[taught])
        asked = features[films.of("lateral_chest")]
        good = films.of(*sources)[taught]
        rows.append(
            [
                name,
                share_cells(called(detector.alone(asked)))[1],
                share_cells(called(detector.says(asked)))[1],
                *share_cells(passes(detector.says(asked))),
                share_cells(~passes(detector.held_out[good]))[1],
            ]
        )
    columns = ("labelled as frontal", *UNSEEN_COLUMNS[1:], "frontals a person has to look at")
    return Table(
        title="Lateral chests where no lateral was labelled; abdomens, pelves and hands were, as "
        "other",
        columns=columns,
        rows=rows,
    )


def spoilt_table(films: Films, detector: Detector) -> Table:
    """Return whether frontal films with another problem too (synthetic) still pass."""
    nih = films.thumbnails[films.of("nih_chest")]
    says = load_backbone("cpu")
    return Table(
        title="NIH frontals with another problem too (synthetic): held up, which before they are "
        "put right they should be",
        columns=("problem", "not called frontal", "a person has to look", "counts"),
        rows=spoilt_rows(nih, lambda seen: detector.says(says.features(seen)), TASK),
    )


def draw_errors(labelled: Labelled, detector: Detector, features: Features, out: Path) -> None:
    """Draw films of the source that are called wrongly, and other frontals that are held up."""
    for name, chosen, said in wrong_films(labelled, detector, features):
        captions = [" ".join(f"{value:.2f}" for value in row) for row in said]
        labelled.films.draw(chosen, captions, out / name)


def wrong_films(
    labelled: Labelled, detector: Detector, features: Features
) -> Iterator[tuple[str, Chosen, NDArray[np.float64]]]:
    """Yield folder name, which films, and what was said of those."""
    source, elsewhere = np.flatnonzero(labelled.source), np.flatnonzero(labelled.elsewhere)
    of_elsewhere = detector.says(features[elsewhere])
    wrong = detector.held_out.argmax(axis=1) != labelled.labels
    held_up = ~passes(of_elsewhere)
    for name, places, said in (
        ("wrong within the source", source[wrong], detector.held_out[wrong]),
        ("NIH frontals held up", elsewhere[held_up], of_elsewhere[held_up]),
    ):
        chosen = np.zeros(len(labelled.source), dtype=np.bool_)
        chosen[places] = True
        yield name, chosen, said


def card(tables: Sequence[Table], detector: Detector, labels: Labels) -> DetectorCard:
    """Return the card."""
    return DetectorCard(
        task=TASK.name,
        films="11 lateral and 47 frontal chest films of one source; 330 frontal films of NIH "
        "ChestX-ray14, of a hospital never labelled; 22 chests and 14 abdomens (Open-i), 10 child "
        "pelves, 300 hands, one tibia",
        patients="NIH: 220. Elsewhere unknown: figures of one article count as one patient, two "
        "laterals that show the same film too, every other film as its own",
        label_source="the folders the films came in",
        split=f"{FOLDS} folds by patient, pooled; NIH films by a head fitted to all 58 others",
        command=COMMAND,
        tables=tables,
        calibration=calibration_of(detector.held_out, labels),
        not_for=(
            "excluding films unseen: what it calls other is for review",
            "films that are turned or inverted: put them right first, as the gate does",
        ),
        notes=[
            "Eleven laterals, of which two are the same film and three of one article: every "
            "interval about them is wide. Only the rows within the source keep a detector from "
            "telling the source; with NIH added, laterals are all of one source.",
            "Networks of the archive's own learnt, without labels, from these same films, NIH "
            "included: more than the frozen network was given.",
        ],
    )


if __name__ == "__main__":
    main()
