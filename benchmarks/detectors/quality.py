"""What the checks of `quality` find on spoilt copies and copies, and what they flag on real films.

    python -m benchmarks.detectors.quality DATA

DATA holds nih_chest and nih_chest.csv (file, patient_id), chest_openi and abdomen. Spoilt films and
copies are synthetic, made of every fifth NIH film. CleanVision looks at the same files with its own
defaults, where it has the same check. Writes docs/figures/quality.json.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import cv2
import numpy as np
import pandas as pd
from cleanvision import Imagelab
from numpy.typing import NDArray

from backend.archive.adapters.catalogue import files_by_film, films
from backend.archive.adapters.metadata_table import read_metadata
from backend.archive.adapters.pixels.film_reader import read_film, thumbnail_of
from backend.archive.loop.film_measures import film_measures, measure_store, measures_of_one
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.base.core.figures import clopper_pearson
from backend.base.core.rule import Check, FilmFacts
from benchmarks.detectors.card import DetectorCard, Table, shown, write_card
from tasks import detector_task

TASK = detector_task("quality")
EVERY = 5
"""So many NIH films for one that is spoilt."""
SEED = 20180424
COLOURED = frozenset({"abd20.png", "abd28.png"})
"""Looked at: of chest_openi and abdomen, the two films with coloured arrows."""
CLEANVISION = {
    "blank": "low_information",
    "tiny": "odd_size",
    "odd_shape": "odd_aspect_ratio",
    "too_dark": "dark",
    "too_bright": "light",
    "blurred": "blurry",
}

Pixels = NDArray[np.uint8]
"""Shape (height, width), or (height, width, 3) in blue, green, red."""


@dataclass(frozen=True)
class Spoiling:
    """One way to spoil a film."""

    label: str
    """Of the check that should find it."""
    how: str
    do: Callable[[Pixels], Pixels]


@dataclass(frozen=True)
class Copying:
    """One way to copy a film."""

    how: str
    write: Callable[[Path, Pixels, Path], object]
    """Original, its pixels, stem of the copy."""


def _exposed(gain: float, offset: float) -> Callable[[Pixels], Pixels]:
    return lambda film: np.clip(film * gain + offset, 0, 255).astype(np.uint8)


def _blurred(sigma_px: float) -> Callable[[Pixels], Pixels]:
    return lambda film: np.asarray(cv2.GaussianBlur(film, (0, 0), sigma_px), np.uint8)


def _bordered(share: float) -> Callable[[Pixels], Pixels]:
    def do(film: Pixels) -> Pixels:
        side = round(len(film) * share)
        small = cv2.resize(film, (side, side), interpolation=cv2.INTER_AREA)
        margin = (len(film) - side) // 2
        return np.pad(small, margin)

    return do


def _noise(film: Pixels) -> Pixels:
    noise = np.random.default_rng(SEED).normal(60, 5, film.shape)
    return np.clip(noise, 0, 255).astype(np.uint8)


def _arrow(film: Pixels) -> Pixels:
    colours = cv2.cvtColor(film, cv2.COLOR_GRAY2BGR)
    return np.asarray(cv2.arrowedLine(colours, (300, 300), (420, 360), (0, 0, 255), 6), np.uint8)


SPOILINGS = (
    Spoiling("blank", "an even grey with noise of 5 levels", _noise),
    Spoiling("tiny", "200 x 200 px", lambda film: _resized(film, 200)),
    Spoiling("odd_shape", "its middle 40 %", lambda film: film[:, 307:717]),
    Spoiling("wide_border", "at 60 % of its size on black", _bordered(0.6)),
    Spoiling("wide_border", "at 80 % of its size on black", _bordered(0.8)),
    Spoiling("too_dark", "greys times 0.3", _exposed(0.3, 0)),
    Spoiling("too_dark", "greys times 0.45", _exposed(0.45, 0)),
    Spoiling("too_bright", "greys times 2.5 and 40 more, clipped", _exposed(2.5, 40)),
    Spoiling("too_bright", "greys times 1.5 and 40 more, clipped", _exposed(1.5, 40)),
    Spoiling("washed_out", "greys times 0.3 and 90 more", _exposed(0.3, 90)),
    Spoiling("washed_out", "greys times 0.45 and 70 more", _exposed(0.45, 70)),
    Spoiling("blurred", "Gaussian blur of 16 px", _blurred(16)),
    Spoiling("blurred", "Gaussian blur of 8 px", _blurred(8)),
    Spoiling("coloured", "a red arrow of 134 x 6 px", _arrow),
)


def _resized(film: Pixels, side: int) -> Pixels:
    return np.asarray(cv2.resize(film, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def _save(film: Pixels, stem: Path, suffix: str = ".png", options: Sequence[int] = ()) -> None:
    cv2.imwrite(str(stem.with_suffix(suffix)), film, list(options))


def _cropped(share: float) -> Callable[[Path, Pixels, Path], None]:
    def write(_: Path, film: Pixels, stem: Path) -> None:
        cut = round(len(film) * share)
        _save(film[cut:-cut, cut:-cut], stem)

    return write


JPEG = (cv2.IMWRITE_JPEG_QUALITY, 60)
COPYINGS = (
    Copying(
        "the same bytes under another name",
        lambda path, _, stem: shutil.copyfile(path, stem.with_suffix(".png")),
    ),
    Copying(
        "the same pixels, other bytes",
        lambda _, film, stem: _save(film, stem, ".png", (cv2.IMWRITE_PNG_COMPRESSION, 0)),
    ),
    Copying("JPEG of quality 60", lambda _, film, stem: _save(film, stem, ".jpg", JPEG)),
    Copying("512 x 512 px", lambda _, film, stem: _save(_resized(film, 512), stem)),
    Copying("20 % brighter", lambda _, film, stem: _save(_exposed(1.2, 0)(film), stem)),
    Copying("1 % cut off each side", _cropped(0.01)),
    Copying("3 % cut off each side", _cropped(0.03)),
    Copying("10 % cut off each side", _cropped(0.10)),
)


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(data: Path) -> None:
    """Measure, and write the card."""
    patients = {row.file: row.patient_id for row in read_metadata(data / "nih_chest.csv").rows}
    originals = sorted((data / "nih_chest").resolve().glob("*.png"))
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made).resolve()
        tables = [
            *_check_tables(originals, folder / "spoilt"),
            _copy_table(originals, folder),
            _colour_table(data),
        ]
    write_card(_card(len(originals), len({patients[path.name] for path in originals}), tables))


def _card(films: int, patients: int, tables: Sequence[Table]) -> DetectorCard:
    return DetectorCard(
        task=TASK.name,
        films=f"{films} frontal films of NIH ChestX-ray14 as they are; synthetic: spoilt films and "
        f"copies, made of every {EVERY}th of them; 40 films from articles (Open-i), two of them "
        "with coloured arrows",
        patients=f"{patients} in NIH; of the films from articles none is known",
        label_source="how the films were spoilt or copied; for colour, looked at",
        split="none: nothing is learnt. The cut-offs were set on these NIH films and on copies "
        "spoilt as strongly as the stronger half here, so expect more false alarms elsewhere",
        command="python -m benchmarks.detectors.quality DATA",
        tables=tables,
        not_for=(
            "judging whether a film can be read for a diagnosis",
            "archives of other body parts, before `radsieve rules quality --report` was looked at: "
            "it shows the films on both sides of each cut-off",
            "copies that are turned, mirrored, or cut by 3 % or more on each side: they are not "
            "found",
        ),
        notes=[
            "CleanVision's checks were run with its defaults on the same files. Our brightness "
            "percentiles and the perceptual hash are CleanVision's and imagehash's own; the "
            "cut-offs, the other measures and the search for copies are ours.",
            "A copy counts as found where one of the pair is flagged; the better one stays. The "
            "film flagged among those as they are is no false alarm: 00002658_001 and 00002658_002 "
            "of NIH ChestX-ray14 hold the same pixels in different bytes.",
        ],
    )


def _check_tables(originals: Sequence[Path], folder: Path) -> Iterator[Table]:
    """Yield what is found on spoilt films, then what is flagged on untouched ones."""
    spoilt = {one: _spoil(one, originals[::EVERY], folder) for one in SPOILINGS}
    everything = [*originals, *(path for paths in spoilt.values() for path in paths)]
    theirs = _cleanvision(everything, list(CLEANVISION.values()))
    ours = {path: _flags(path) for path in everything}
    yield Table(
        title=f"Spoilt films (synthetic, {len(originals[::EVERY])} of each kind)",
        columns=("check", "the film is", "found by it", "found by any", "CleanVision's own"),
        rows=[_spoilt_row(one, paths, ours, theirs) for one, paths in spoilt.items()],
    )
    yield Table(
        title=f"False alarms on {len(originals)} films as they are",
        columns=("check", "flagged", "share", "CleanVision's own"),
        rows=list(_untouched_rows(originals, ours, theirs)),
    )


def _spoil(one: Spoiling, films: Sequence[Path], folder: Path) -> list[Path]:
    paths = []
    for film in films:
        path = folder / f"{SPOILINGS.index(one):02d}_{film.name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        _save(one.do(_pixels(film)), path)
        paths.append(path)
    return paths


def _spoilt_row(
    one: Spoiling,
    paths: Sequence[Path],
    ours: Mapping[Path, frozenset[str]],
    theirs: pd.DataFrame,
) -> list[str]:
    own = sum(one.label in ours[path] for path in paths)
    any_of_them = sum(bool(ours[path]) for path in paths)
    return [
        one.label,
        one.how,
        _share(own, len(paths)),
        _share(any_of_them, len(paths)),
        _theirs(one.label, paths, theirs),
    ]


def _untouched_rows(
    originals: Sequence[Path], ours: Mapping[Path, frozenset[str]], theirs: pd.DataFrame
) -> Iterator[list[str]]:
    for check in _single_checks():
        flagged = sum(check.label in ours[path] for path in originals)
        found = _theirs(check.label, originals, theirs)
        yield [check.label, str(flagged), _share(flagged, len(originals)), found]
    flagged = sum(bool(ours[path]) for path in originals)
    yield ["any of these", str(flagged), _share(flagged, len(originals)), "-"]


def _theirs(label: str, paths: Sequence[Path], theirs: pd.DataFrame) -> str:
    if label not in CLEANVISION:
        return "has none"
    column = theirs[f"is_{CLEANVISION[label]}_issue"]
    return _share(int(column.loc[[str(path) for path in paths]].sum()), len(paths))


def _single_checks() -> list[Check]:
    return [check for check in _checks() if not check.label.endswith("duplicate")]


def _checks() -> Sequence[Check]:
    return TASK.rule.checks if TASK.rule else ()


def _flags(path: Path) -> frozenset[str]:
    """Return the labels of all checks that flag a film on its own."""
    film = read_film(path.read_bytes(), path.name)
    facts = FilmFacts(measures=measures_of_one(film, thumbnail_of(film)))
    cut_offs = {check.cut_off: check.default for check in _single_checks()}
    return frozenset(one.label for one in _single_checks() if one.flags(facts, cut_offs))


def _cleanvision(paths: Sequence[Path], issues: Sequence[str]) -> pd.DataFrame:
    """Return CleanVision's table, by path."""
    lab = Imagelab(filepaths=[str(path) for path in paths], verbose=False)
    lab.find_issues({name: {} for name in issues}, n_jobs=1, verbose=False)
    return lab.issues


def _copy_table(originals: Sequence[Path], folder: Path) -> Table:
    """Return which copies are found, and how many films are taken for copies that are none."""
    chosen = originals[::EVERY]
    rows = [_copies_row(one, chosen, folder) for one in COPYINGS]
    ours = len(_copies_among(originals, folder / "untouched"))
    theirs = len({path for some in _same_by_cleanvision(originals) for path in some})
    alone = f"no copy: {len(originals)} films as they are"
    rows.append([alone, *(_share(one, len(originals)) for one in (ours, theirs))])
    return Table(
        title=f"Copies (synthetic, of {len(chosen)} films) that are flagged",
        columns=("the copy is", "flagged", "CleanVision's own"),
        rows=rows,
    )


def _copies_row(one: Copying, chosen: Sequence[Path], folder: Path) -> list[str]:
    here = folder / f"copies{COPYINGS.index(one)}"
    here.mkdir()
    copies = {}
    for film in chosen:
        # Another name than the original's: the same name in two folders would be no hint either.
        stem = here / f"copy_{film.stem}"
        one.write(film, _pixels(film), stem)
        (copies[film],) = here.glob(f"{stem.name}.*")
    everything = [*chosen, *copies.values()]
    flagged = _copies_among(everything, here / "workspace")
    found = sum(bool({film, copy} & flagged) for film, copy in copies.items())
    sets = _same_by_cleanvision(everything)
    theirs = sum(any({film, copy} <= some for some in sets) for film, copy in copies.items())
    return [one.how, *(_share(count, len(copies)) for count in (found, theirs))]


def _copies_among(paths: Sequence[Path], folder: Path) -> set[Path]:
    """Return the files that are told to be copies of others, indexed as an archive is."""
    workspace = Workspace.open_or_make(folder)
    index(workspace, list(paths))
    archive = films(workspace.database)
    measured = film_measures(measure_store(workspace.measures, workspace.thumbnails), archive)
    checks = [check for check in _checks() if check.label.endswith("duplicate")]
    cut_offs = {check.cut_off: check.default for check in checks}
    facts = {film.path: FilmFacts(measures=measured[film.radiograph_id]) for film in archive}
    alike = {Path(path) for path, of_film in facts.items() if _any(checks, of_film, cut_offs)}
    same_bytes = {Path(p) for some in files_by_film(workspace.database).values() for p in some[1:]}
    return alike | same_bytes


def _any(checks: Sequence[Check], facts: FilmFacts, cut_offs: Mapping[str, float]) -> bool:
    return any(check.flags(facts, cut_offs) for check in checks)


def _same_by_cleanvision(paths: Sequence[Path]) -> list[set[Path]]:
    lab = Imagelab(filepaths=[str(path) for path in paths], verbose=False)
    kinds = ("exact_duplicates", "near_duplicates")
    lab.find_issues({kind: {} for kind in kinds}, n_jobs=1, verbose=False)
    return [{Path(path) for path in some} for kind in kinds for some in lab.info[kind]["sets"]]


def _colour_table(data: Path) -> Table:
    paths = [
        path for each in ("chest_openi", "abdomen") for path in sorted((data / each).iterdir())
    ]
    flagged = {path.name for path in paths if "coloured" in _flags(path)}
    plain = {path.name for path in paths} - COLOURED
    return Table(
        title="Real films from articles, by colour (CleanVision asks the opposite)",
        columns=("the film has", "flagged", "share"),
        rows=[
            [what, f"{len(some & flagged)} of {len(some)}", _share(len(some & flagged), len(some))]
            for what, some in (("coloured arrows", COLOURED), ("no colour", plain))
        ],
    )


def _share(count: int, total: int) -> str:
    return shown(clopper_pearson(count, total), 3)


def _pixels(path: Path) -> Pixels:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8)


if __name__ == "__main__":
    main()
