"""How well implanted metal is told: drawn on real films (synthetic), and real metal.

    python -m benchmarks.detectors.metal_implant DATA --out build/metal_implant

DATA holds the folders nih_chest, abdomen, pelvis_child and lateral_chest, and nih_chest.csv with
the columns file and patient_id. Implants are drawn at full size on half of the NIH films; films
with real metal are kept out of that and judged apart. Films that are judged wrongly are drawn below
--out. Writes metal_implant.json.
"""

from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
import torch
from numpy.typing import NDArray

from backend.archive.adapters.pixels.film_reader import read_film
from backend.base.core.figures import (
    BinaryFigures,
    binary_figures,
    clopper_pearson,
    precision_at_prevalence,
)
from backend.detectors.adapters.backbone import load_backbone
from backend.detectors.adapters.place_detector import PlaceHeads
from backend.detectors.adapters.training.head_trainer import (
    Answered,
    CrossFitted,
    cross_fit,
    fit_head,
)
from backend.detectors.adapters.training.pixel_baseline import cross_fitted_pixels
from backend.detectors.core.film_choice import answer_folds
from backend.detectors.core.gate_verdict import Standing, opinion_of
from benchmarks.detectors.card import DetectorCard, Table, calibration_of, shown, write_card
from benchmarks.detectors.films.cross_fitted import draw_film, films_in
from benchmarks.detectors.films.metal_films import (
    FINER_PX,
    FOLDS,
    SEED,
    SIDE_PX,
    Features,
    Films,
    Flags,
    Pixels,
    answered,
    crossed,
    folds_of,
    read_films,
    reduced,
    says,
    says_of_real,
    taught_places,
    whole_head,
)
from benchmarks.detectors.films.metal_labels import (
    FALSE_ALARMS_READ,
    REAL_METAL,
)
from benchmarks.detectors.films.metal_on_abdomens import abdomen_note, abdomen_table
from benchmarks.detectors.films.spoilt_films import spoilt
from tasks import detector_task

PREVALENCE = 251 / 3851
"""Reports that say metal is present, among 3,851 of Open-i: one reader."""
NOISE = (0.0, 0.03, 0.10)
"""Share of labels that a report gets wrong."""
REPORT_WEIGHT = 0.7
COMMAND = "python -m benchmarks.detectors.metal_implant DATA --out build/metal_implant"
COLUMNS = ("detector", "AUC", "AUPRC", "recall", "false alarms", f"precision at {PREVALENCE:.1%}")


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(data: Path, out: Path) -> None:
    """Measure, draw what is wrong, write the card."""
    torch.set_num_threads(1)
    films = read_films(data)
    places = taught_places(films)
    summaries = places.summaries(films.judged, films.half)
    fitted = crossed(summaries, films, films.metal)
    head = whole_head(summaries, films, films.metal, fitted)
    of_real = says_of_real(films, places, summaries, fitted)
    draw_errors(films, fitted, of_real, out)
    tables = [
        detector_table(films, fitted),
        kind_table(films, fitted),
        real_table(films, summaries, fitted, of_real, places),
        gate_table(films, fitted, of_real),
        abdomens := abdomen_table(data, places, head, fitted),
        noise_table(films, summaries),
        spoilt_table(data, films, places, summaries, fitted),
    ]
    notes = [alarm_note(films, fitted, of_real), abdomen_note(abdomens)]
    write_card(card(tables, fitted, films, notes))


def figures_of(films: Films, said: NDArray[np.float64]) -> BinaryFigures:
    """Return the figures of the usable films."""
    use = films.usable
    rng = np.random.default_rng(SEED)
    return binary_figures(films.metal[use], said[:, 1], films.patients[use].tolist(), rng=rng)


def row(name: str, figures: BinaryFigures) -> list[str]:
    """Return the cells of `COLUMNS`."""
    return [
        name,
        shown(figures.auc),
        shown(figures.auprc),
        shown(figures.recall),
        shown(figures.false_positive_rate),
        shown(precision_at_prevalence(figures, PREVALENCE)),
    ]


def detector_table(films: Films, fitted: CrossFitted) -> Table:
    """Return the detector beside plain heads on the shared features and beside pixels."""
    rows = [row("places on 256 px thumbnails (radsieve)", figures_of(films, fitted.calibrated))]
    backbone = load_backbone("cpu")
    plain = crossed(backbone.features(films.judged), films, films.metal)
    rows.append(row("shared features, 160 px, plain head", figures_of(films, plain.calibrated)))
    for side, pixels in ((SIDE_PX, films.judged), (FINER_PX, films.finer)):
        found = crossed(pooled(pixels), films, films.metal)
        name = f"the same network at {side} px, plain head"
        rows.append(row(name, figures_of(films, found.calibrated)))
    use = films.usable
    labels = films.metal[use].astype(np.int64)
    said = cross_fitted_pixels(films.judged[use], labels, folds_of(films), 2)
    rows.append(row("16x16 pixels", figures_of(films, said)))
    return Table(title="Metal drawn (synthetic) against none", columns=COLUMNS, rows=rows)


def pooled(pixels: Pixels) -> Features:
    """Return the last maps of the frozen network, averaged, at the films' own size."""
    import timm  # noqa: PLC0415

    from backend.detectors.adapters.backbone import ARCHITECTURE, imagenet_weights  # noqa: PLC0415

    weights = imagenet_weights()
    network = timm.create_model(ARCHITECTURE, num_classes=0)
    network.load_state_dict({name: weights[name] for name in network.state_dict()})
    network.eval()
    found = []
    with torch.inference_mode():
        for start in range(0, len(pixels), 8):
            grey = torch.from_numpy(pixels[start : start + 8])[:, None].float() / 255
            centred = grey - grey.mean(dim=(1, 2, 3), keepdim=True)
            deviation = centred.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
            found.append(network((centred / (deviation + 1e-3) * 0.5).expand(-1, 3, -1, -1)))
    return torch.cat(found).numpy().astype(np.float32)


def kind_table(films: Films, fitted: CrossFitted) -> Table:
    """Return how many of each kind are found at probability 0.5."""
    use = films.usable
    said, metal, kinds = fitted.calibrated[:, 1], films.metal[use], films.kinds[use]
    patients, rows = films.patients[use], []
    for kind in dict.fromkeys(sorted(kinds.tolist())):
        own = metal & (kinds == kind)
        asked = own | ~metal
        area = auc_cell(own[asked], said[asked], patients[asked])
        rows.append([*share_row(kind, said[own] >= 0.5), area])
    columns = ("drawn", "found", "films", "AUC against films without")
    return Table(title="By kind of drawn metal (synthetic)", columns=columns, rows=rows)


def share_row(name: str, flags: Flags) -> list[str]:
    """Return a share with its limits, and the counts."""
    found = int(flags.sum())
    return [name, shown(clopper_pearson(found, len(flags))), f"{found} of {len(flags)}"]


def auc_cell(truth: Flags, score: NDArray[np.float64], patients: NDArray[np.str_]) -> str:
    """Return the area of films with metal against films without."""
    rng = np.random.default_rng(SEED)
    return shown(binary_figures(truth, score, patients.tolist(), rng=rng).auc)


def real_table(
    films: Films,
    summaries: Features,
    fitted: CrossFitted,
    of_real: NDArray[np.float64],
    places: PlaceHeads,
) -> Table:
    """Return how real metal does: taught by drawings alone, and by the real films as well."""
    use, said_of = films.usable, np.zeros(len(films.names))
    said_of[use], said_of[films.real] = fitted.calibrated[:, 1], of_real[:, 1]
    rows = [["drawings alone", *real_cells(films, said_of)]]
    both = np.where(films.real[:, None], places.summaries(films.clean, films.half), summaries)
    labels = (films.metal | films.real).astype(np.int64)
    keep = use | films.real
    some = Answered(both[keep], labels[keep], films.patients[keep], np.ones(int(keep.sum())))
    folds = answer_folds(labels[keep], films.patients[keep].tolist(), FOLDS)
    said_of[keep] = cross_fit(some, folds, 2, None).calibrated[:, 1]
    rows.append(["and by real films, folds by patient", *real_cells(films, said_of)])
    return Table(
        title="Real metal (27 films of 20 patients, as one person read them) against films read as "
        "free of metal",
        columns=("taught by", "AUC", "found", "films", "false alarms", "found, by kind"),
        rows=rows,
    )


def real_cells(films: Films, said_of: NDArray[np.float64]) -> list[str]:
    """Return AUC, recall, counts, false alarms and counts by kind, from what is said of all."""
    free = films.usable & ~films.metal
    good, bad, asked = said_of[free], said_of[films.real], free | films.real
    area = auc_cell(films.real[asked], said_of[asked], films.patients[asked])
    names = [name for name, real in zip(films.names, films.real, strict=True) if real]
    kinds = np.array([REAL_METAL[name] for name in names])
    by_kind = ", ".join(
        f"{kind} {int((bad[kinds == kind] >= 0.5).sum())} of {int((kinds == kind).sum())}"
        for kind in sorted(set(kinds.tolist()))
    )
    found = share_row("", bad >= 0.5)[1:]
    alarms = clopper_pearson(int((good >= 0.5).sum()), len(good))
    return [area, *found, shown(alarms), by_kind]


def gate_table(films: Films, fitted: CrossFitted, of_real: NDArray[np.float64]) -> Table:
    """Return how many films the task's own limits send to a person at the gate."""
    task, metal = detector_task("metal_implant"), films.metal[films.usable]
    asked = {
        "read as free of metal": fitted.calibrated[~metal],
        "metal drawn (synthetic)": fitted.calibrated[metal],
        "real metal": of_real,
    }
    rows = []
    for name, said in asked.items():
        stands = [opinion_of(task, row, "benchmark").standing for row in said]
        held_up = np.array([one is not Standing.FINE for one in stands])
        rows.append(share_row(name, held_up))
    return Table(
        title="Films that the gate sends to a person, by this detector alone",
        columns=("films", "sent", "counts"),
        rows=rows,
    )


def noise_table(films: Films, summaries: Features) -> Table:
    """Return the figures where labels are a report's: some wrong, all trusted a little less."""
    rows = []
    for share in NOISE:
        rng = np.random.default_rng(SEED)
        wrong = rng.random(len(films.metal)) < share
        fitted = crossed(summaries, films, films.metal ^ wrong, REPORT_WEIGHT)
        name = f"{share:.0%} of labels wrong"
        rows.append(row(name, figures_of(films, fitted.calibrated)))
    return Table(
        title=f"Labels as of reports, weight {REPORT_WEIGHT}, some wrong (simulated); judged by "
        "what was drawn (synthetic)",
        columns=("labels", *COLUMNS[1:]),
        rows=rows,
    )


def spoilt_table(
    data: Path, films: Films, places: PlaceHeads, summaries: Features, fitted: CrossFitted
) -> Table:
    """Return false alarms and recall on films with another problem, by heads new to the patient."""
    use, folds = films.usable, folds_of(films)
    some, metal = answered(summaries, films, films.metal), films.metal[use]
    heads = {
        int(fold): fit_head(some.only(folds != fold), 2, fitted.strength)
        for fold in np.unique(folds)
    }
    rows = []
    for name, seen in spoilt(films.judged[use]).items():
        told = places.summaries(seen, films.half[use])
        flagged = np.zeros(len(folds), dtype=np.bool_)
        for fold, head in heads.items():
            own = folds == fold
            flagged[own] = says(head, told[own], fitted)[:, 1] >= 0.5
        alarms, found = share_row("", flagged[~metal])[1:], share_row("", flagged[metal])[1:]
        rows.append([name, *alarms, *found])
    lateral = [
        reduced(read_film(p.read_bytes(), p.name).pixels, SIDE_PX)
        for p in films_in(data / "lateral_chest")
    ]
    told = places.summaries(np.stack(lateral))
    whole = fit_head(some, 2, fitted.strength)
    rows.append(
        ["lateral chests", *share_row("", says(whole, told, fitted)[:, 1] >= 0.5)[1:], "-", "-"]
    )
    return Table(
        title="Films with another problem too (synthetic, but for the lateral ones)",
        columns=("problem", "false alarms", "films", "recall", "films with drawn metal"),
        rows=rows,
    )


def draw_errors(films: Films, fitted: CrossFitted, of_real: NDArray[np.float64], out: Path) -> None:
    """Draw false alarms, missed drawings and real metal, the surest errors first by name."""
    said = np.zeros(len(films.names))
    said[films.usable], said[films.real] = fitted.calibrated[:, 1], of_real[:, 1]
    wrong = {
        "false_alarm": films.usable & ~films.metal & (said >= 0.5),
        "missed": films.usable & films.metal & (said < 0.5),
        "real": films.real,
    }
    for name, chosen in wrong.items():
        for place in np.flatnonzero(chosen):
            seen = films.clean[place] if films.real[place] else films.judged[place]
            caption = f"{films.names[place]} {said[place]:.2f} {films.kinds[place]}"
            path = out / name / f"{said[place]:.3f}-{films.names[place]}"
            draw_film(seen, caption if name == "missed" else caption.rsplit(" ", 1)[0], path)


def alarm_note(films: Films, fitted: CrossFitted, of_real: NDArray[np.float64]) -> str:
    """Say what the alarms on films without drawn metal really show, as far as they were read."""
    alarms = (fitted.calibrated[:, 1] >= 0.5) & ~films.metal[films.usable]
    names = np.array(films.names)[films.usable][alarms].tolist()
    read = [FALSE_ALARMS_READ[name] for name in names if name in FALSE_ALARMS_READ]
    counts = "; ".join(f"{read.count(what)} {what}" for what in sorted(set(read)))
    real = int((of_real[:, 1] >= 0.5).sum())
    return (
        f"What alarms show, read by one person, no radiologist: of {len(names)} false alarms "
        f"{len(read)} were read, none with implanted metal ({counts}). Had the films with real "
        f"metal been left among those without, {real} of {len(names) + real} alarms would have "
        "been right."
    )


def card(
    tables: Sequence[Table], fitted: CrossFitted, films: Films, notes: Sequence[str]
) -> DetectorCard:
    """Return the card."""
    truth = films.metal[films.usable].astype(np.int64)
    use = films.usable
    return DetectorCard(
        task="metal_implant",
        films=f"{int(use.sum())} of 330 frontal chest films of NIH ChestX-ray14, on "
        f"{int(films.metal[use].sum())} of which implants of seven kinds were drawn at full size "
        "(synthetic); apart from them 27 films with real metal, and 14 abdomens (Open-i). 10 films "
        "of which it could not be told were left out",
        patients=f"{len(set(films.patients[use].tolist()))} in the drawn films, 20 with real metal",
        label_source="what was drawn; for real metal one reader, no radiologist",
        split=f"{FOLDS} folds by patient, pooled; places by heads that never saw the patient",
        command=COMMAND,
        tables=tables,
        calibration=calibration_of(fitted.calibrated, truth),
        not_for=(
            "excluding films unseen: it is for review",
            "clips and single wires: a thumbnail of 256 px hardly shows them",
            "telling implants from metal outside the body: electrodes and markers raise alarms",
        ),
        notes=[
            *notes,
            "The drawings that teach where metal is and those that are judged share their shapes; "
            "real metal does much worse, and its figures are the ones to go by.",
            "Archive prevalence: 251 of 3,851 Open-i reports (6.5 %) say metal is present, as one "
            "person read them.",
        ],
    )


if __name__ == "__main__":
    main()
