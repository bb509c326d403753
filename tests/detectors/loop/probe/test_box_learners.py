"""The two questions where the answer is a box, on pelvis phantoms."""

import cv2
import numpy as np
import pytest
from shared_fixtures.kept_answers import add_labels

from backend.archive.adapters.catalogue import films
from backend.archive.core.identity import is_sealed
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import NotEnoughFilmsError
from backend.detectors.adapters.training import box_trainer
from backend.detectors.adapters.training.box_trainer import box_examples
from backend.detectors.core.film_choice import NOTHING
from backend.detectors.core.probe.learnability import ProbeAdvice
from backend.detectors.loop.probe.box_learners import MeanBoxLearner, SaidOfBoxes
from backend.detectors.loop.probe.findings import Question, box_findings
from backend.detectors.loop.probe.probe import probe
from backend.labels.core.box import mean_box
from backend.labels.core.labels import Label, LabelSource
from backend.phantoms.core.pelvis import pelvis_phantom
from tasks.hip_box import TASK

FILMS = 15
TRUE = np.tile(np.array([[0.2, 0.3, 0.2, 0.2], [0.6, 0.3, 0.2, 0.2]]), (FILMS, 1, 1))
SIZE_PX = np.tile([100, 100], (FILMS, 1))
PATIENTS = [f"p{film}" for film in range(FILMS)]


def films_with(boxes):
    return box_examples(TASK, np.zeros((len(boxes), 256, 256), np.uint8), boxes, PATIENTS)


def moved(count):
    """Return boxes of which so many hardly overlap the true ones."""
    found = TRUE.copy()
    found.reshape(-1, 4)[:count, 0] += 0.1
    return found


def findings(found, truth=TRUE, target=0.95):
    said = SaidOfBoxes(np.arange(FILMS), found, truth)
    return box_findings([said], PATIENTS, SIZE_PX, Question(target=target))


def test_a_box_is_wrong_that_overlaps_the_true_one_by_less_than_asked():
    said = SaidOfBoxes(np.arange(FILMS), moved(3), TRUE)
    assert said.counts(NOTHING) == [(3, 2 * FILMS)]
    assert said.counts(np.array([0])) == [(1, 2 * FILMS - 2)]


def test_a_box_that_nobody_drew_is_no_error():
    truth = TRUE.copy()
    truth[0, 0] = np.nan
    assert SaidOfBoxes(np.arange(FILMS), moved(1), truth).counts(NOTHING) == [(0, 2 * FILMS - 1)]


def test_the_share_of_good_boxes_is_stated_with_its_exact_interval_and_films_to_correct():
    found = findings(moved(3))
    good = found.figures["boxes_good"]
    assert good["value"] == pytest.approx(0.9)
    assert (round(good["low"], 4), round(good["high"], 4)) == (0.7347, 0.9789)
    assert found.review_per_100000.value == pytest.approx(100_000 * 2 / FILMS)
    assert found.learnable.answer is ProbeAdvice.UNCLEAR
    assert findings(moved(15)).learnable.answer is ProbeAdvice.NO_GO


def test_the_mean_box_learns_from_the_training_films_only():
    boxes = TRUE + np.linspace(0, 0.1, FILMS)[:, None, None]
    said = MeanBoxLearner(films_with(boxes)).held_out(np.arange(5), np.arange(5, FILMS), seed=0)
    np.testing.assert_allclose(said.predicted, np.tile(mean_box(boxes[:5]), (10, 1, 1)))
    np.testing.assert_allclose(said.truth, boxes[5:])


def test_a_box_the_training_films_lack_is_guessed_to_be_the_whole_film():
    boxes = TRUE.copy()
    boxes[:5, 0] = np.nan
    said = MeanBoxLearner(films_with(boxes)).held_out(np.arange(5), np.arange(5, FILMS), seed=0)
    np.testing.assert_allclose(said.predicted[:, 0], np.tile([0, 0, 1, 1], (10, 1)))
    np.testing.assert_allclose(said.predicted[:, 1], np.tile(TRUE[0, 1], (10, 1)))


@pytest.fixture(scope="module")
def pelves(tmp_path_factory):
    """An indexed archive of phantoms; all have boxes."""
    folder = tmp_path_factory.mktemp("pelves")
    drawn = {}
    for number in range(FILMS):
        film, boxes = pelvis_phantom(np.random.default_rng([5, number]), 160)
        name = f"pelvis-{number:02d}.png"
        cv2.imwrite(str(folder / name), (film * 255).astype(np.uint8))
        drawn[name] = tuple(boxes)
    workspace = Workspace.open_or_make(tmp_path_factory.mktemp("workspace"))
    index(workspace, [folder])
    labels = [
        Label(
            film.radiograph_id,
            TASK.name,
            TASK.expected_label,
            LabelSource.REVIEWER,
            "2026-01-01",
            boxes=drawn[film.path.rsplit("/", 1)[-1]],
        )
        for film in films(workspace.database)
    ]
    add_labels(workspace.database, labels)
    return workspace


def test_an_archive_without_boxes_says_what_to_do(pelves, tmp_path):
    with pytest.raises(NotEnoughFilmsError, match=r"expected 6 boxes .* `radsieve push hip_box`"):
        probe(Workspace.open_or_make(tmp_path), TASK, Question())


@pytest.mark.trains
@pytest.mark.slow
def test_boxes_are_probed_beside_the_mean_box(pelves, monkeypatch):
    monkeypatch.setattr(box_trainer, "VIEWS", 48)
    monkeypatch.setattr(box_trainer, "STEPS", 60)
    result = probe(pelves, TASK, Question(target=0.9))
    ours, mean = result.ways.values()
    key, share = pelves.secrets.archive_key, pelves.settings.sealed_share
    taken = sum(not is_sealed(film.patient_key, key, share) for film in films(pelves.database))
    assert result.facts == {"films": taken, "patients": taken, "boxes": 2 * taken}
    assert ours.findings.figures["boxes"] == 2 * taken
    assert (
        ours.findings.figures["mean_overlap"]["value"]
        > mean.findings.figures["mean_overlap"]["value"]
    )
    assert {len(point.wrong) for point in ours.points} == {1}
    assert result.enough.what == "films with boxes"
    assert result.doubted == []
