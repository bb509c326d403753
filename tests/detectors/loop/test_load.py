import json
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from backend.base.core.errors import UnknownModelVersionError
from backend.detectors.adapters.tiny_detector import tiny_version
from backend.detectors.adapters.tiny_network import TinyNetwork, predicted_logits
from backend.detectors.adapters.versions.model_folder import (
    CARD_FILE,
    LEARNT_FROM_FILE,
    WEIGHTS_FILE,
    films_learnt_from,
    model_versions,
    read_card,
    save_version,
)
from backend.detectors.core.calibration import softmax
from backend.detectors.core.model_card import HeadCard, ModelCard, TrainingFacts
from backend.detectors.loop.load import load_detector

pytestmark = pytest.mark.trains

HEADS = {
    "rotation": HeadCard(("upright", "turned_90", "turned_180", "turned_270"), "upright", 2.0),
    "inversion": HeadCard(("normal", "inverted"), "normal", 0.5),
}


def make_network(seed=0):
    torch.manual_seed(seed)
    return TinyNetwork({name: len(head.labels) for name, head in HEADS.items()})


def make_card(**training):
    return ModelCard(heads=HEADS, training=TrainingFacts(fingerprint="abc", **training))


@pytest.fixture
def thumbnails():
    return np.random.default_rng(0).integers(0, 256, (5, 256, 256), dtype=np.uint8)


@pytest.fixture
def models(tmp_path):
    return tmp_path / "models"


@pytest.fixture
def saved(models):
    return save_version(models, tiny_version(make_network(), make_card()))


def test_a_loaded_detector_predicts_what_the_saved_network_says(models, saved, thumbnails):
    detector = load_detector(models, saved, "cpu")
    logits = predicted_logits(make_network(), thumbnails)
    said = detector.probabilities(thumbnails)
    assert detector.model_version == saved
    assert detector.heads == {name: head.labels for name, head in HEADS.items()}
    for name, head in HEADS.items():
        assert said[name].dtype == np.float32
        np.testing.assert_allclose(said[name], softmax(logits[name], head.temperature), atol=1e-6)


def test_a_card_comes_back_as_it_was_written(models, saved):
    card = read_card(models, saved)
    assert card.heads == HEADS
    assert card.training == TrainingFacts(fingerprint="abc")
    assert card.input_px == 64
    assert "scratch" in card.initial_weights


def test_the_name_follows_from_the_content(models, saved):
    assert save_version(models, tiny_version(make_network(), make_card())) == saved
    assert save_version(models, tiny_version(make_network(1), make_card())) != saved
    assert save_version(models, tiny_version(make_network(), make_card(films=9))) != saved
    assert len(model_versions(models)) == 3


def test_a_version_is_never_written_twice(models, saved):
    before = (models / saved / WEIGHTS_FILE).stat().st_mtime_ns
    save_version(models, tiny_version(make_network(), make_card()))
    assert (models / saved / WEIGHTS_FILE).stat().st_mtime_ns == before


@pytest.mark.parametrize("name", ["tiny-000000000000", "", "..", "../models", "nonsense"])
def test_an_unknown_version_is_named_in_the_error(models, saved, name):
    with pytest.raises(UnknownModelVersionError, match="radsieve models"):
        load_detector(models, name, "cpu")


def test_altered_weights_are_refused(models, saved):
    path = models / saved / WEIGHTS_FILE
    state = load_file(path)
    state["heads.inversion.bias"] += 1
    save_file(state, path)
    with pytest.raises(UnknownModelVersionError, match=WEIGHTS_FILE):
        load_detector(models, saved, "cpu")


def test_missing_weights_are_refused(models, saved):
    (models / saved / WEIGHTS_FILE).unlink()
    with pytest.raises(UnknownModelVersionError, match=WEIGHTS_FILE):
        load_detector(models, saved, "cpu")


def test_an_altered_card_is_refused(models, saved):
    path = models / saved / CARD_FILE
    stored = json.loads(path.read_text())
    stored["heads"]["rotation"]["temperature"] = 9.0
    path.write_text(json.dumps(stored, indent=1, sort_keys=True))
    with pytest.raises(UnknownModelVersionError, match=CARD_FILE):
        read_card(models, saved)


def test_a_version_tells_the_films_it_learnt_from(models):
    version = save_version(models, tiny_version(make_network(), make_card(), ["b", "a"]))
    other = save_version(models, tiny_version(make_network(), make_card(), ["b"]))
    assert films_learnt_from(models, version) == {"a", "b"}
    assert (models / version / LEARNT_FROM_FILE).read_text() == "a\nb\n"
    assert version != other
    assert load_detector(models, version, "cpu").model_version == version


def test_what_an_earlier_version_learnt_from_is_not_known(models, saved):
    assert films_learnt_from(models, saved) is None
    nothing = save_version(models, tiny_version(make_network(), make_card(), []))
    assert films_learnt_from(models, nothing) == frozenset()


def test_an_altered_or_lost_list_of_films_is_refused(models):
    version = save_version(models, tiny_version(make_network(), make_card(), ["a", "b"]))
    path = models / version / LEARNT_FROM_FILE
    path.write_text("a\n")
    with pytest.raises(UnknownModelVersionError, match=LEARNT_FROM_FILE):
        films_learnt_from(models, version)
    path.unlink()
    with pytest.raises(UnknownModelVersionError, match=LEARNT_FROM_FILE):
        films_learnt_from(models, version)


def test_what_a_crash_leaves_behind_is_not_a_version(models, saved):
    leftover = models / ".tiny-000000000000.x1"
    leftover.mkdir()
    (leftover / WEIGHTS_FILE).write_bytes(b"half")
    assert model_versions(models) == [saved]


# Saves version after version until it is killed.
SAVE_FOREVER = """
import sys, pathlib, itertools, torch
from backend.detectors.adapters.tiny_detector import tiny_version
from backend.detectors.adapters.versions.model_folder import save_version
from backend.detectors.core.model_card import HeadCard, ModelCard, TrainingFacts
from backend.detectors.adapters.tiny_network import TinyNetwork
network = TinyNetwork({"inversion": 2})
heads = {"inversion": HeadCard(("normal", "inverted"), "normal", 1.0)}
for number in itertools.count():
    card = ModelCard(heads=heads, training=TrainingFacts(more={"number": number}))
    print(save_version(pathlib.Path(sys.argv[1]), tiny_version(network, card)), flush=True)
"""


@pytest.mark.slow
def test_a_killed_save_leaves_whole_versions_only(models):
    process = subprocess.Popen(
        [sys.executable, "-c", SAVE_FOREVER, str(models)], stdout=subprocess.PIPE, text=True
    )
    with process:
        process.stdout.readline()
        time.sleep(0.2)
        os.kill(process.pid, signal.SIGKILL)
    versions = model_versions(models)
    assert versions
    for version in versions:
        load_detector(models, version, "cpu")


def test_a_version_moved_elsewhere_loads(models, saved, tmp_path, thumbnails):
    shutil.copytree(models / saved, tmp_path / "elsewhere" / saved)
    moved = load_detector(tmp_path / "elsewhere", saved, "cpu").probabilities(thumbnails)
    there = load_detector(models, saved, "cpu").probabilities(thumbnails)
    np.testing.assert_array_equal(moved["rotation"], there["rotation"])
