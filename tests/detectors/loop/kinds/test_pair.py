"""A detector that compares a film with its mirror image, on phantoms: the heart is on one side."""

import numpy as np
import pytest
from shared_fixtures.workspaces import copied

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.detectors.loop.kinds.pair import fit_calibrated
from backend.detectors.loop.load import load_detector
from backend.detectors.loop.train import train
from backend.export.loop.export import export
from backend.review.loop.publish import publish
from tasks import detector_task


@pytest.fixture(scope="module")
def task():
    return detector_task("mirror")


@pytest.fixture(scope="module")
def told():
    """How far the training was, each time it said so: (films done, films to do)."""
    return []


@pytest.fixture(scope="module")
def trained_once(trained, task, told, tmp_path_factory):
    made = copied(trained.root, tmp_path_factory.mktemp("pair") / "workspace")
    result = train(made, task, progress=lambda done, to_do: told.append((done, to_do)))
    return made, result


@pytest.fixture
def workspace(trained_once, tmp_path):
    return copied(trained_once[0].root, tmp_path / "workspace")


@pytest.fixture
def learnt(trained_once):
    return trained_once[1]


@pytest.mark.slow
@pytest.mark.other_start
def test_it_tells_phantoms_from_their_mirror_images_and_keeps_its_word(
    workspace, task, learnt, told
):
    assert told[0][0] < told[-1][0] == told[-1][1]
    assert learnt.model_version.startswith("pair-")
    assert learnt.metrics["binary"]["auc"]["value"] > 0.8
    assert train(workspace, task).reused
    detector = load_detector(workspace.models, learnt.model_version, "cpu")
    rows = [film.thumbnail_row for film in films(workspace.database)][:6]
    seen = ThumbnailStore(workspace.thumbnails).read(rows)
    said = detector.probabilities(seen)["mirror"]
    mirrored = detector.probabilities(np.ascontiguousarray(seen[:, :, ::-1]))["mirror"]
    # The mirror image gets the opposite answer, whatever the film.
    np.testing.assert_allclose(said, mirrored[:, ::-1], atol=1e-3)
    np.testing.assert_allclose(said.sum(axis=1), 1, atol=1e-5)


@pytest.mark.slow
def test_nothing_is_excluded_or_corrected_before_a_person_has_looked(
    workspace, task, learnt, tmp_path
):
    publish(workspace, task, learnt.model_version, reason="first")
    report = export(workspace, {"mirror": task}, tmp_path, with_predicted=True)
    assert (report.exclusions, report.corrections) == (0, 0)
    assert report.unreviewed == {"mirror": 0}


@pytest.mark.trains
def test_what_cannot_be_told_is_not_claimed():
    # Differences without a side: only a head that saw the very films could tell.
    noise = np.random.default_rng(2).normal(size=(60, 40)).astype(np.float32)
    fitted = fit_calibrated(noise, [f"p{n // 2}" for n in range(60)])
    assert 0.25 < (fitted.logits > 0).mean() < 0.75
    assert np.abs(fitted.logits / fitted.temperature).mean() < 1
