"""Real films with several problems at once, through the gate with all detectors in use."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.pixels.film_reader import read_film
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.base.core.pixel_change import PixelChange
from backend.detectors.core.gate_verdict import GateDecision
from backend.detectors.loop.gate import Gate
from backend.detectors.loop.train import train
from backend.labels.core.labels import Label, LabelSource
from backend.review.loop.publish import publish
from tasks import load_detector_tasks

RADIOGRAPHS = Path(__file__).parents[4] / "shared" / "data" / "radiographs"
NEW_LATERALS, NEW_FRONTALS = 3, 10
BOTH = PixelChange(1, invert=True)
KEY = "11" * 32
"""Seals one of the eight laterals; the key of the other tests seals four, and the rest are too few
to learn from."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.trains,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(not RADIOGRAPHS.is_dir(), reason="the real films are not on this machine"),
]


@pytest.fixture(scope="module")
def table():
    return pd.read_csv(RADIOGRAPHS / "nih_chest.csv", dtype=str)


@pytest.fixture(scope="module")
def new_frontals(table):
    """Films of patients that no detector has learnt from."""
    files = table[table["patient_id"].astype(int) % 3 == 0]["file"].sort_values()
    return [RADIOGRAPHS / "nih_chest" / file for file in files[:NEW_FRONTALS]]


@pytest.fixture(scope="module")
def laterals():
    return sorted((RADIOGRAPHS / "lateral_chest").iterdir())


@pytest.fixture(scope="module")
def gate(table, laterals, tmp_path_factory):
    """Rotation, inversion, mirror and projection, trained as `radsieve train` does and in use."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("backend.base.adapters.secrets_file._new_archive_key", lambda: KEY)
        workspace = Workspace.open_or_make(tmp_path_factory.mktemp("real"))
    assert workspace.secrets.archive_key.hex() == KEY
    (workspace.root / "radsieve.toml").write_text("epochs = 15\n")
    known = table[table["patient_id"].astype(int) % 3 != 0]["file"]
    frontals = [RADIOGRAPHS / "nih_chest" / file for file in known]
    shown = laterals[NEW_LATERALS:]
    index(workspace, [*frontals, *shown], RADIOGRAPHS / "nih_chest.csv")
    tasks = load_detector_tasks()
    family = [task for task in tasks.values() if task.shares_network]
    for task in family:
        publish(workspace, task, train(workspace, task, family).model_version, reason="first")
    mirror, projection = tasks["mirror"], tasks["projection"]
    publish(workspace, mirror, train(workspace, mirror).model_version, reason="first")
    answers = _projections(workspace, {path.name for path in shown})
    learnt = train(workspace, projection, extra_labels=answers)
    publish(workspace, projection, learnt.model_version, reason="first")
    return Gate(workspace, tasks)


def _projections(workspace, lateral_names):
    return [
        Label(
            film.radiograph_id,
            "projection",
            "lateral" if Path(film.path).name in lateral_names else "frontal",
            LabelSource.REVIEWER,
            "2026-02-03T04:05:06",
        )
        for film in films(workspace.database)
    ]


def spoilt(path, change):
    return change.apply(read_film(path.read_bytes(), path.name).pixels, white=255)


def judge(gate, pixels):
    return gate.judge(cv2.imencode(".png", pixels)[1].tobytes())


@pytest.mark.parametrize(
    "change", [PixelChange(2), PixelChange(invert=True), BOTH], ids=["turned", "inverted", "both"]
)
def test_a_spoilt_frontal_film_comes_back_pixel_for_pixel_or_goes_to_review(
    gate, new_frontals, change
):
    verdicts = []
    for path in new_frontals:
        came = spoilt(path, change)
        answer = judge(gate, came)
        verdicts.append(answer.verdict)
        assert answer.verdict in (GateDecision.CORRECT, GateDecision.REVIEW)
        if answer.correction:
            corrected = answer.correction.apply(came, white=255)
            np.testing.assert_array_equal(corrected, spoilt(path, PixelChange()))
            assert judge(gate, corrected).verdict is GateDecision.ACCEPT
    assert verdicts.count(GateDecision.CORRECT) >= len(verdicts) * 0.7


def test_a_mirrored_turned_and_inverted_film_is_never_mirrored_back_unseen(gate, new_frontals):
    for path in new_frontals:
        answer = judge(gate, spoilt(path, PixelChange(1, mirror=True, invert=True)))
        assert answer.verdict is not GateDecision.EXCLUDE
        assert not (answer.correction and answer.correction.mirror)
        if any(reason.startswith("mirror: mirrored") for reason in answer.reasons):
            assert answer.verdict is GateDecision.REVIEW


@pytest.mark.parametrize(
    "change", [PixelChange(), PixelChange(2), BOTH], ids=["as it is", "turned", "both"]
)
def test_a_lateral_never_passes_whatever_else_is_wrong_with_it(gate, laterals, change):
    for path in laterals[:NEW_LATERALS]:
        answer = judge(gate, spoilt(path, change))
        assert answer.verdict in (GateDecision.EXCLUDE, GateDecision.REVIEW)
        assert answer.correction is None


def test_untouched_frontal_films_are_hardly_ever_held_up(gate, new_frontals):
    verdicts = [judge(gate, spoilt(path, PixelChange())).verdict for path in new_frontals]
    assert verdicts.count(GateDecision.ACCEPT) >= len(verdicts) * 0.7
