"""Nothing about sealed patients reaches what is learnt.

Every test trains twice. The second time all is changed that is known of sealed patients: their
films become noise, what somebody said of them becomes the opposite. Weights, temperatures, which
films are suspects, and what was said out of fold must be the same to the last bit. The controls
change one film of another patient, or forget the seal, and must be told.
"""

import csv
import shutil
from dataclasses import replace

import cv2
import numpy as np
import pytest
from shared_fixtures.kept_answers import add_labels
from shared_fixtures.ways_of_labelling import NOW, PATHS, by_reports, by_singles, plain

import backend.archive.core.seal as seal_module
import backend.detectors.loop.kinds.box as box_module
from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.core.identity import is_sealed
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.detectors.adapters.detector import feature_store
from backend.detectors.adapters.training import box_trainer, place_trainer
from backend.detectors.adapters.training.network_trainer import one_core_each
from backend.detectors.adapters.versions.model_folder import read_card_values
from backend.detectors.loop.probe import learners as probe_learners
from backend.detectors.loop.probe.findings import Question
from backend.detectors.loop.probe.probe import probe
from backend.detectors.loop.train import train
from backend.detectors.loop.training import film_descriptions
from backend.labels.adapters.box_table import read_box_table
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import Label, LabelSource, Slice
from backend.phantoms.core.chest import chest_phantom
from backend.phantoms.core.pelvis import pelvis_phantom
from backend.reports.loop.report_labels import labels_in_force
from backend.review.adapters.batch_store import record_batch
from backend.review.core.item import BatchFacts
from backend.review.core.ranking.pool import Pick
from tasks import detector_task

pytestmark = [pytest.mark.slow, pytest.mark.trains]

FILMS, PELVES = 60, 36
PROJECTION, METAL = detector_task("projection"), detector_task("metal_implant")
HIPS, MIRROR = detector_task("hip_box"), detector_task("mirror")


@pytest.fixture(scope="module", autouse=True)
def one_core():
    """On one core the same gives the same, and threads are not in each other's way."""
    with one_core_each():
        yield


def chest(number):
    """Return a phantom; every fourth lies on its side, as if it were a lateral."""
    film = (chest_phantom(np.random.default_rng([9, number]), 256) * 255).astype(np.uint8)
    return np.rot90(film) if number % 4 == 0 else film


@pytest.fixture(scope="module")
def chests(tmp_path_factory):
    """An archive whose features are known; no two films are of one patient."""
    folder = tmp_path_factory.mktemp("chests")
    for number in range(FILMS):
        cv2.imwrite(str(folder / f"film-{number}.png"), chest(number))
    workspace = Workspace.open_or_make(tmp_path_factory.mktemp("indexed"))
    index(workspace, [folder])
    feature_store(workspace.detector_files).read(
        [film.thumbnail_row for film in films(workspace.database)]
    )
    return workspace


@pytest.fixture
def copy(tmp_path):
    """Return a function that copies a workspace."""

    def made(workspace, settings=""):
        target = tmp_path / f"workspace-{len(list(tmp_path.iterdir()))}"
        shutil.copytree(workspace.root, target)
        (target / "radsieve.toml").write_text(settings)
        return Workspace.open_or_make(target)

    return made


def number_of(film):
    return int(film.path.rsplit("-", 1)[-1].removesuffix(".png"))


def sealed(workspace):
    key, share = workspace.secrets.archive_key, workspace.settings.sealed_share
    return [film for film in films(workspace.database) if is_sealed(film.patient_key, key, share)]


def others(workspace):
    hidden = {film.radiograph_id for film in sealed(workspace)}
    return [film for film in films(workspace.database) if film.radiograph_id not in hidden]


def make_noise(workspace, some):
    """Replace the pixels of films, and their features where there are any."""
    rng, store = np.random.default_rng(1), feature_store(workspace.detector_files)
    for film in some:
        noise = rng.integers(0, 256, (256, 256), dtype=np.uint8)
        ThumbnailStore(workspace.thumbnails).write(film.thumbnail_row, noise)
    rows = [film.thumbnail_row for film in some]
    known = store.kept(rows)
    if known is not None:
        store._keep(".f16", rows, rng.normal(size=known.shape).astype(np.float16))


def truth(workspace, task):
    """Return by radiograph id whether a film is bad."""
    return {film.radiograph_id: number_of(film) % 4 == 0 for film in films(workspace.database)}


def flipped(said, some):
    turned = {film.radiograph_id for film in some}
    return {film: bad != (film in turned) for film, bad in said.items()}


def learnt(workspace, version):
    """Return all of a version that is not a figure about it."""
    card = read_card_values(workspace.models, version)
    training = {name: said for name, said in card["training"].items() if name != "fingerprint"}
    return card["weights_sha256"], card["heads"], training


def head_after(workspace, task, give, said, folder):
    extra = give(workspace, task, said, folder) or []
    return learnt(workspace, train(workspace, task, extra_labels=extra).model_version)


@pytest.mark.parametrize("give", PATHS)
def test_no_way_of_giving_labels_teaches_anything_of_sealed_patients(chests, copy, tmp_path, give):
    first, second = copy(chests), copy(chests)
    said = truth(first, PROJECTION)
    hidden = sealed(second)
    assert len(hidden) > 5
    make_noise(second, hidden)
    one = head_after(first, PROJECTION, give, said, tmp_path)
    assert one == head_after(second, PROJECTION, give, flipped(said, hidden), tmp_path)


@pytest.mark.parametrize("give", PATHS)
def test_the_answer_for_one_film_of_another_patient_is_told(chests, copy, tmp_path, give):
    first, second = copy(chests), copy(chests)
    said = truth(first, PROJECTION)
    one = head_after(first, PROJECTION, give, said, tmp_path)
    changed = flipped(said, others(second)[:1])
    assert one[0] != head_after(second, PROJECTION, give, changed, tmp_path)[0]


def test_a_training_that_forgot_the_seal_is_told(chests, copy, tmp_path, monkeypatch):
    first, second = copy(chests), copy(chests)
    said = truth(first, PROJECTION)
    hidden = sealed(second)
    monkeypatch.setattr(seal_module, "is_sealed", lambda *_: False)
    one = head_after(first, PROJECTION, by_singles, said, tmp_path)
    assert one[0] != head_after(second, PROJECTION, by_singles, flipped(said, hidden), tmp_path)[0]


def test_films_nobody_answered_for_that_stand_in_are_of_no_sealed_patient(chests, copy, tmp_path):
    first, second = copy(chests), copy(chests)
    only_bad = {film: True for film, bad in truth(first, PROJECTION).items() if bad}
    hidden = sealed(second)
    make_noise(second, hidden)
    one = head_after(first, PROJECTION, by_singles, only_bad, tmp_path)
    assert one[2]["assumed_films"] > 0
    gone = {film.radiograph_id for film in hidden}
    left = {film: bad for film, bad in only_bad.items() if film not in gone}
    assert one == head_after(second, PROJECTION, by_singles, left, tmp_path)


def test_what_is_said_of_sealed_patients_turns_no_report_rule_down(chests, copy):
    workspace = copy(chests)
    hidden = sealed(workspace)
    by_reports(workspace, METAL, dict.fromkeys(truth(workspace, METAL), True), None)

    def reports_left(some):
        denials = plain(METAL, {film.radiograph_id: False for film in some})
        picks = [Pick(one.radiograph_id, Slice.REPORT_AUDIT, "drawn") for one in denials]
        record_batch(workspace.database, BatchFacts(METAL.name, "m1", 1), picks)
        add_labels(workspace.database, denials)
        in_force = labels_in_force(workspace.database, workspace.seal_terms, METAL)
        return sum(label.source is LabelSource.REPORT for label in in_force)

    assert reports_left(hidden) == FILMS
    assert reports_left(others(workspace)[:12]) == 0


FEW_VIEWS = "epochs = 1\nfolds = 2\n"


def network_after(workspace, labels):
    add_labels(workspace.database, labels)
    family = [detector_task("rotation"), detector_task("inversion")]
    return learnt(workspace, train(workspace, family[0], family).model_version)


def pair_after(workspace, labels):
    add_labels(workspace.database, [replace(one, detector_task="mirror") for one in labels])
    return learnt(workspace, train(workspace, MIRROR).model_version)


MADE = [(network_after, "turned_90"), (pair_after, "mirrored")]


@pytest.mark.parametrize(("train_on", "label"), MADE)
def test_made_films_are_not_made_of_those_of_sealed_patients(chests, copy, train_on, label):
    first, second = copy(chests, FEW_VIEWS), copy(chests, FEW_VIEWS)
    make_noise(second, sealed(second))
    said = [
        Label(film.radiograph_id, "rotation", label, LabelSource.REVIEWER, NOW)
        for film in sealed(second)
    ]
    assert train_on(first, []) == train_on(second, said)


@pytest.mark.parametrize(("train_on", "label"), MADE)
def test_made_films_of_another_patient_are_told(chests, copy, monkeypatch, train_on, label):
    first, second = copy(chests, FEW_VIEWS), copy(chests, FEW_VIEWS)
    make_noise(second, others(second)[:1])
    one = train_on(first, [])
    assert one[0] != train_on(second, [])[0]


def test_made_films_of_a_split_that_forgot_the_seal_are_told(chests, copy, monkeypatch):
    first, second = copy(chests, FEW_VIEWS), copy(chests, FEW_VIEWS)
    kept_for_judging = {film.patient_key for film in sealed(second)[:1]}
    make_noise(second, sealed(second)[1:])
    monkeypatch.setattr(seal_module, "is_sealed", lambda patient, *_: patient in kept_for_judging)
    assert pair_after(first, [])[0] != pair_after(second, [])[0]


def probe_of_heads(workspace, changed):
    said = truth(workspace, PROJECTION)
    labels = plain(PROJECTION, flipped(said, changed))
    return probe(workspace, PROJECTION, Question(), extra_labels=labels).as_json()


def probe_of_pairs(workspace, _changed):
    return probe(workspace, MIRROR, Question()).as_json()


def probe_of_networks(workspace, _changed):
    return probe(workspace, detector_task("inversion"), Question()).as_json()


@pytest.mark.parametrize("probed", [probe_of_heads, probe_of_pairs, probe_of_networks])
def test_a_probe_learns_nothing_of_sealed_patients_either(chests, copy, monkeypatch, probed):
    monkeypatch.setattr(probe_learners, "VIEWS", 200)
    first, second, third = copy(chests), copy(chests), copy(chests)
    hidden, open_films = sealed(second), others(third)[:3]
    make_noise(second, hidden)
    make_noise(third, open_films)
    one = probed(first, [])
    assert one["films"] == FILMS - len(hidden)
    assert one == probed(second, hidden)
    assert one != probed(third, open_films)


@pytest.mark.slow
def test_nothing_is_drawn_on_films_of_sealed_patients(chests, copy, tmp_path, monkeypatch):
    monkeypatch.setattr(film_descriptions, "MOST_DRAWN_ON", 24)
    monkeypatch.setattr(place_trainer, "MOST_TIMES", 1)
    monkeypatch.setattr(place_trainer, "PASSES", 1)
    first, second, third = copy(chests), copy(chests), copy(chests)
    said = truth(first, METAL)
    make_noise(second, sealed(second))
    make_noise(third, others(third))
    one = head_after(first, METAL, by_singles, said, tmp_path)
    assert one == head_after(second, METAL, by_singles, flipped(said, sealed(second)), tmp_path)
    assert one[0] != head_after(third, METAL, by_singles, said, tmp_path)[0]


@pytest.fixture(scope="module")
def pelves(tmp_path_factory):
    folder, rows = tmp_path_factory.mktemp("pelves"), []
    for number in range(PELVES):
        film, boxes = pelvis_phantom(np.random.default_rng([5, number]), 160)
        name = f"pelvis-{number}.png"
        cv2.imwrite(str(folder / name), (film * 255).astype(np.uint8))
        for one in boxes:
            left, top, right, bottom = one.box.in_pixels((film.shape[1], film.shape[0]))
            rows.append((name, one.label, left, top, right - left, bottom - top))
    with (folder / "boxes.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "label", "left", "top", "width", "height"])
        writer.writerows(rows)
    workspace = Workspace.open_or_make(tmp_path_factory.mktemp("indexed"))
    index(workspace, [folder])
    add_labels(workspace.database, read_box_table(folder / "boxes.csv", HIPS, workspace.database))
    return workspace


def without_their_boxes(workspace, some):
    """Let somebody say of films, later than all else, that there is nothing to draw."""
    gone = {film.radiograph_id for film in some}
    later = [
        replace(label, boxes=(), answered_at="2027-01-01T00:00:00+00:00")
        for label in standing_labels(workspace.database, HIPS.name)
        if label.radiograph_id in gone
    ]
    add_labels(workspace.database, later)


@pytest.mark.slow
def test_boxes_of_sealed_patients_are_not_learnt(pelves, copy, monkeypatch):
    monkeypatch.setattr(box_trainer, "VIEWS", 16)
    monkeypatch.setattr(box_trainer, "STEPS", 6)
    monkeypatch.setattr(box_module, "MOST_FOLDS", 2)
    first, second, third = copy(pelves), copy(pelves), copy(pelves)
    make_noise(second, sealed(second))
    without_their_boxes(second, sealed(second)[:2])
    without_their_boxes(third, others(third)[:1])
    one, two, three = (
        learnt(each, train(each, HIPS).model_version) for each in (first, second, third)
    )
    assert one == two
    assert one[0] != three[0]
