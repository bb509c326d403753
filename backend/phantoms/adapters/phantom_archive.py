"""A made-up archive on disk: phantom films, some spoilt, with the metadata of made-up patients."""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from backend.base.adapters.csv_table import csv_bytes
from backend.base.adapters.files import write_atomically
from backend.base.core.detector_task import Image
from backend.base.core.pixel_change import PixelChange
from backend.phantoms.core.chest import PhantomAnatomy, expose

METADATA_FILE = "metadata.csv"
TRUTH_FILE = ".truth.csv"  # hidden, so that the index passes over it
_NOT_FILMS = {"empty.png": b"", "notes.png": b"Plain text that somebody renamed to .png.\n"}


@dataclass(frozen=True, slots=True)
class PhantomFilm:
    """One film on disk, and what was done to it."""

    path: Path
    patient_id: str
    truth: PixelChange
    """How the upright film was spoilt; unchanged for most."""


@dataclass(frozen=True, slots=True)
class _Patient:
    patient_id: str
    age_years: int
    anatomy: PhantomAnatomy

    @property
    def sex(self) -> str:
        return "F" if self.anatomy.breast else "M"


def write_phantom_archive(  # noqa: PLR0913 - the shape of an archive, all by name
    folder: Path,
    *,
    films: int,
    seed: int,
    size_px: int = 512,
    turned_share: float = 0.03,
    inverted_share: float = 0.03,
    with_odd_files: bool = False,
) -> list[PhantomFilm]:
    """Write `phantom_0001.png` and so on, 8-bit grey, one to three films per patient.

    The same arguments give the same bytes. Beside the films lie `metadata.csv` (as `radsieve index
    --metadata` reads it) and `.truth.csv` (`file,turns_ccw,mirror,invert`), which is for scripted
    reviewers and tests only.

    Args:
        folder: made where it is missing.
        films: how many.
        seed: where everything random comes from.
        size_px: height of a film.
        turned_share: share of films turned by 90, 180 or 270 degrees, rounded up.
        inverted_share: share of films with black and white swapped, rounded up.
        with_odd_files: add files called .png that are not films.

    Returns:
        The films, in the order of their names.
    """
    rng = np.random.default_rng(seed)
    patients = _draw_patients(films, rng)
    truths = _draw_truths(films, rng, turned_share=turned_share, inverted_share=inverted_share)
    written = []
    for number, (patient, truth) in enumerate(zip(patients, truths, strict=True), start=1):
        film = PhantomFilm(folder / f"phantom_{number:04d}.png", patient.patient_id, truth)
        write_atomically(film.path, _png(truth.apply(expose(patient.anatomy, rng, size_px), 1.0)))
        written.append(film)
    _write_tables(folder, written, patients, rng)
    for name, content in _NOT_FILMS.items() if with_odd_files else ():
        write_atomically(folder / name, content)
    return written


def read_truth(folder: Path) -> dict[str, PixelChange]:
    """Return by file name how each film of a phantom archive was spoilt."""
    with (folder / TRUTH_FILE).open(newline="") as file:
        return {row["file"]: _truth(row) for row in csv.DictReader(file)}


def _truth(row: Mapping[str, str]) -> PixelChange:
    return PixelChange(int(row["turns_ccw"]), row["mirror"] == "1", row["invert"] == "1")


def _draw_patients(films: int, rng: np.random.Generator) -> list[_Patient]:
    """Return one patient per film; neighbours may be the same."""
    drawn: list[_Patient] = []
    number = 0
    while len(drawn) < films:
        number += 1
        patient = _Patient(
            f"PHANTOM-{number:04d}", int(rng.integers(18, 95)), PhantomAnatomy.draw(rng)
        )
        drawn += [patient] * int(rng.integers(1, 4))
    return drawn[:films]


def _draw_truths(
    films: int, rng: np.random.Generator, *, turned_share: float, inverted_share: float
) -> list[PixelChange]:
    turns, inverted = np.zeros(films, int), np.zeros(films, bool)
    turned = rng.permutation(films)[: math.ceil(turned_share * films)]
    # All three turns occur wherever three films are turned.
    turns[turned] = 1 + np.arange(len(turned)) % 3
    inverted[rng.permutation(films)[: math.ceil(inverted_share * films)]] = True
    return [
        PixelChange(int(turn), invert=bool(swap))
        for turn, swap in zip(turns, inverted, strict=True)
    ]


def _png(film: Image) -> bytes:
    grey = np.rint(film * 255).astype(np.uint8)
    # Level 1: grain hardly compresses, and writing must not take longer than drawing.
    _, encoded = cv2.imencode(".png", grey, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return bytes(encoded)


def _write_tables(
    folder: Path, films: list[PhantomFilm], patients: list[_Patient], rng: np.random.Generator
) -> None:
    views = np.where(rng.random(len(films)) < 0.3, "AP", "PA")
    metadata = [
        (film.path.name, patient.patient_id, patient.age_years, patient.sex, str(view))
        for film, patient, view in zip(films, patients, views, strict=True)
    ]
    truths = [
        (film.path.name, film.truth.turns_ccw, int(film.truth.mirror), int(film.truth.invert))
        for film in films
    ]
    header = ("file", "patient_id", "age_years", "sex", "view_position")
    write_atomically(folder / METADATA_FILE, csv_bytes(header, metadata))
    of_truth = ("file", "turns_ccw", "mirror", "invert")
    write_atomically(folder / TRUTH_FILE, csv_bytes(of_truth, truths))
