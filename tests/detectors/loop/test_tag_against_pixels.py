"""Two real DICOM films with the same pixels, one with the wrong tag."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from shared_fixtures.kept_answers import add_labels

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.pixels.film_reader import read_film, thumbnail_of
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.base.core.pixel_change import PixelChange
from backend.detectors.adapters.tiny_detector import tiny_version
from backend.detectors.adapters.training.network_trainer import (
    Recipe,
    TrainingFilms,
    fit_network,
    one_core_each,
)
from backend.detectors.adapters.versions.model_folder import save_version
from backend.detectors.adapters.versions.registry import record_publication
from backend.detectors.core.gate_verdict import GateDecision
from backend.detectors.core.model_card import HeadCard, ModelCard, TrainingFacts
from backend.detectors.loop.gate import Gate
from backend.detectors.loop.sweep import sweep
from backend.export.loop.export import export
from backend.labels.core.labels import Label, LabelSource
from backend.review.loop.rank import rank
from backend.service.loop.why import why
from tasks import detector_task

DATA = Path(__file__).parents[4] / "shared" / "data"
FAKE, TWIN = "Fake_MONOHR1.dcm", "1.2.276.0.7230010.3.1.4.8323329.6904.1517875201.850819.dcm"
FINDING = "the tag says MONOCHROME1, the pixels say otherwise"
INVERSION = detector_task("inversion")
FAMILY = [INVERSION, detector_task("rotation")]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.trains,
    pytest.mark.skipif(
        not DATA.exists(), reason="the shared real films are not beside this repository"
    ),
]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """Both films, swept by a small network that learnt from NIH films."""
    workspace = Workspace.open_or_make(tmp_path_factory.mktemp("workspace"))
    index(workspace, [DATA / "dicom" / FAKE, DATA / "dicom" / TWIN])
    paths = sorted((DATA / "radiographs" / "nih_chest").glob("*.png"))[::8]
    upright = np.stack([thumbnail_of(read_film(path.read_bytes(), path.name)) for path in paths])
    shown = TrainingFilms(upright, np.ones(len(upright), dtype=np.int64))
    with one_core_each():
        network = fit_network(shown, FAMILY, Recipe(views=5000), device=torch.device("cpu"))
    heads = {task.name: HeadCard(task.labels, task.expected_label, 1.0) for task in FAMILY}
    version = save_version(
        workspace.models, tiny_version(network, ModelCard(heads=heads, training=TrainingFacts()))
    )
    for task in FAMILY:
        record_publication(workspace.database, task.name, version, reason="test")
    sweep(workspace, FAMILY)
    return workspace


def test_the_wrong_tag_is_the_reason_for_the_fake_and_not_for_its_twin(workspace):
    picks = rank(workspace, INVERSION, count=2, seed=0)
    names = {film.radiograph_id: Path(film.path).name for film in films(workspace.database)}
    reasons = {names[pick.radiograph_id]: pick.reason for pick in picks}
    assert FINDING in reasons[FAKE]
    assert "tag" not in reasons[TWIN]


def test_the_history_of_the_film_says_it(workspace):
    said = {name: why(workspace, {"inversion": INVERSION}, name) for name in (FAKE, TWIN)}
    assert said[FAKE].tasks["inversion"].tag == FINDING
    assert said[TWIN].tasks["inversion"].tag is None


def test_the_lists_give_the_reason_and_the_tag_to_mend(workspace, tmp_path):
    (fake,) = [film for film in films(workspace.database) if film.path.endswith(FAKE)]
    add_labels(
        workspace.database,
        [Label(fake.radiograph_id, "inversion", "inverted", LabelSource.REVIEWER, "2026", "r")],
    )
    export(workspace, {"inversion": INVERSION}, tmp_path)
    (row,) = pd.read_csv(tmp_path / "exclusions.csv").to_dict("records")
    assert row["reason"] == f"inversion: {FINDING}"
    (mended,) = pd.read_csv(tmp_path / "corrections.csv").to_dict("records")
    assert (mended["turns_ccw"], mended["invert"], mended["mirror"]) == (0, True, False)
    assert mended["mend_tag"] == "PhotometricInterpretation: MONOCHROME2 instead of MONOCHROME1"


def test_the_gate_gives_the_tag_as_its_reason_for_the_fake_and_accepts_its_twin(workspace):
    gate = Gate(workspace, {task.name: task for task in FAMILY})
    fake, twin = (gate.judge((DATA / "dicom" / name).read_bytes(), name) for name in (FAKE, TWIN))
    assert fake.verdict is GateDecision.CORRECT
    assert fake.correction == PixelChange(invert=True)
    (reason,) = fake.reasons
    assert reason.startswith(f"inversion: {FINDING}, ")
    assert (twin.verdict, twin.reasons) == (GateDecision.ACCEPT, ())
