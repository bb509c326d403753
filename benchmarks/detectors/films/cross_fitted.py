"""Films, folds by patient, and detectors that have not seen a film's patient: for benchmarks.

Training is `backend.detectors.loop.training.fit_made.fit_made`, as in `radsieve train`,
suspects and all.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.special import expit
from tqdm import tqdm

from backend.archive.adapters.metadata_table import read_metadata
from backend.archive.adapters.pixels.film_reader import read_film, thumbnail_of
from backend.archive.core.identity import fold_of
from backend.base.adapters.settings import Settings
from backend.base.core.detector_task import DetectorTask
from backend.detectors.adapters.backbone import load_backbone
from backend.detectors.adapters.pair_detector import change_of, differences
from backend.detectors.adapters.tiny_detector import TinyDetector
from backend.detectors.adapters.training.network_trainer import one_core_each
from backend.detectors.core.model_card import ModelCard, TrainingFacts
from backend.detectors.loop.kinds.made_head import make_plan
from backend.detectors.loop.kinds.pair import FittedPair, fit_calibrated
from backend.detectors.loop.training.fit_made import FittedMade, fit_made
from backend.detectors.loop.training.made_films import FilmSet

OUTER_FOLDS = 5
NOT_ABDOMEN = frozenset({"abd0.png", "abd1.png", "abd3.png", "abd4.png"})
"""Looked at: these files of the abdomen folder show chests."""
_FILM_SUFFIXES = frozenset({".png", ".jpg", ".jpeg"})


def read_films(folder: Path, metadata: Path) -> FilmSet:
    """Read the thumbnails of all films that the table names."""
    rows = sorted(read_metadata(metadata).rows, key=lambda row: row.file)
    names = [Path(row.file).name for row in rows]
    return FilmSet(
        names,
        [row.patient_id or row.file for row in rows],
        read_thumbnails([folder / name for name in names]),
        np.zeros(len(names), dtype=np.bool_),
    )


def read_thumbnails(files: Sequence[Path]) -> NDArray[np.uint8]:
    """Return shape (files, 256, 256)."""
    with ThreadPoolExecutor() as pool:
        return np.stack(list(tqdm(pool.map(_thumbnail, files), "read", total=len(files))))


def films_in(folder: Path) -> list[Path]:
    """Return the films of a small folder, by name, without those that show something else."""
    return [
        path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in _FILM_SUFFIXES and path.name not in NOT_ABDOMEN
    ]


def folds_of(patients: Sequence[str], key: str, folds: int) -> NDArray[np.int64]:
    """Return the fold of each film's patient, by keyed hash."""
    return np.array([fold_of(patient, key.encode(), folds) for patient in patients])


def fit_to(
    training: FilmSet, family: Sequence[DetectorTask], seed: int
) -> tuple[TinyDetector, FittedMade]:
    """Return a calibrated detector trained as `radsieve train` does, and what it left out."""
    plan = make_plan(Settings(device="cpu"), len(training))
    plan = replace(
        plan, final=replace(plan.final, seed=seed), fold=replace(plan.fold, seed=1000 + seed)
    )
    inner = folds_of(training.patients, f"inner {seed}", Settings().folds)
    fitted = fit_made(training, inner, family, plan)
    card = ModelCard(heads=fitted.heads(family), training=TrainingFacts())
    return TinyDetector("", fitted.network, card), fitted


def fit_side_by_side(
    films: FilmSet, held_out: Sequence[NDArray[np.bool_]], family: Sequence[DetectorTask], seed: int
) -> list[tuple[TinyDetector, FittedMade]]:
    """Return one detector for each set of films left out, trained one on each core."""
    workers = torch.get_num_threads()
    with one_core_each(), ThreadPoolExecutor(workers) as pool:
        jobs = [pool.submit(fit_to, films.only(~out), family, seed) for out in held_out]
        return [job.result() for job in tqdm(jobs, f"seed {seed}", unit="training")]


class HeldOutPairs:
    """Heads of a detector task that is told by its change, each new to the patients it judges."""

    def __init__(
        self, films: FilmSet, held_out: Sequence[NDArray[np.bool_]], task: DetectorTask
    ) -> None:
        """Fit and calibrate one head for each set of films left out, as `radsieve train` does."""
        self.task, self._change = task, change_of(task)
        self._backbone = load_backbone("cpu")
        self._known: dict[bytes, NDArray[np.float32]] = {}
        seen = self._differences(films.thumbnails)
        patients = np.array(films.patients)
        self._held_out = held_out
        self._fitted = [fit_calibrated(seen[~out], patients[~out].tolist()) for out in held_out]
        self._of_all = fit_calibrated(seen, patients.tolist())

    def says(self, views: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return calibrated probabilities of one view of each film, shape (films, 2)."""
        seen = self._differences(views)
        said = np.zeros((len(views), 2))
        for out, fitted in zip(self._held_out, self._fitted, strict=True):
            said[out] = self._probabilities(fitted, seen[out])
        return said

    def says_of_others(self, views: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return what a head of all films says of films from elsewhere, shape (views, 2)."""
        return self._probabilities(self._of_all, self._differences(views))

    def _probabilities(self, fitted: FittedPair, seen: NDArray[np.float32]) -> NDArray[np.float64]:
        expected = self.task.labels.index(self.task.expected_label)
        as_expected = expit(fitted.head.logits(seen) / fitted.temperature)
        said = np.stack([1 - as_expected, 1 - as_expected], axis=1)
        said[:, expected] = as_expected
        return said

    def _differences(self, views: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return what distinguishes views from their changed selves; no view is seen twice."""
        names = [blake2b(view.tobytes(), digest_size=16).digest() for view in views]
        new = [place for place, name in enumerate(names) if name not in self._known]
        found = differences(self._backbone, views[new], self._change)
        self._known.update(zip((names[place] for place in new), found, strict=True))
        return np.stack([self._known[name] for name in names])


def draw_wrong_labels(
    task: DetectorTask, count: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return a label for each film that is not the expected one, all equally likely."""
    expected = task.labels.index(task.expected_label)
    others = np.array([label for label in range(len(task.labels)) if label != expected])
    return np.asarray(others[rng.integers(len(others), size=count)])


def made_views(
    task: DetectorTask, thumbnails: NDArray[np.uint8], labels: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Return each thumbnail made into its label."""
    changes = [task.made_by[task.labels[label]] for label in labels]
    views = [change.apply(one, 255) for change, one in zip(changes, thumbnails, strict=True)]
    return np.stack(views) if views else thumbnails.copy()


def draw_film(thumbnail: NDArray[np.uint8], caption: str, path: Path) -> None:
    """Write a picture with a line of text above; of real films, so never into the repository."""
    sheet = Image.new("L", (512, 540), 255)
    sheet.paste(Image.fromarray(thumbnail).resize((512, 512)), (0, 28))
    ImageDraw.Draw(sheet).text((6, 8), caption, fill=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)


def _thumbnail(file: Path) -> NDArray[np.uint8]:
    return thumbnail_of(read_film(file.read_bytes(), file.name))
