"""What was sealed stays sealed, though patients are told apart later or `sealed_share` changes.

Then the hash would deal anew: films that judged a version would be learnt from, and films that the
version in use learnt from would judge it.
"""

import cv2
import numpy as np
import pytest
from shared_fixtures.kept_answers import add_labels
from shared_fixtures.workspaces import copied

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.seal_store import noted_sealed
from backend.archive.core.identity import is_sealed
from backend.archive.loop.index import index
from backend.archive.loop.seal import seal_of
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import NotEnoughFilmsError
from backend.detectors.adapters.detector import feature_store
from backend.detectors.adapters.training.network_trainer import one_core_each
from backend.detectors.adapters.versions.model_folder import (
    films_learnt_from,
    read_card_values,
    read_weights,
    save_folder,
)
from backend.detectors.adapters.versions.predictions import load_predictions
from backend.detectors.adapters.versions.registry import record_publication, register_version
from backend.detectors.loop.sweep import sweep_versions
from backend.detectors.loop.train import train
from backend.export.loop.report_detector import CurveFilms, detector_section
from backend.export.loop.report_reading import read_detectors
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import Label, LabelSource, verdicts
from backend.phantoms.core.chest import chest_phantom
from tasks import detector_task

pytestmark = [pytest.mark.slow, pytest.mark.trains]

FILMS = 80
NOW = "2026-01-01T00:00:00+00:00"
PROJECTION, MIRROR = detector_task("projection"), detector_task("mirror")
FAMILY = [detector_task("rotation"), detector_task("inversion")]


@pytest.fixture(scope="module", autouse=True)
def one_core():
    with one_core_each():
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Phantoms, every third on its side; no patient is known, so each film stands for one."""
    made = tmp_path_factory.mktemp("chests")
    for number in range(FILMS):
        film = (chest_phantom(np.random.default_rng([9, number]), 256) * 255).astype(np.uint8)
        film = np.rot90(film) if number % 3 == 0 else film
        cv2.imwrite(str(made / f"film-{number}.png"), film)
    return made


@pytest.fixture(scope="module")
def indexed(folder, tmp_path_factory):
    workspace = Workspace.open_or_make(tmp_path_factory.mktemp("indexed"))
    index(workspace, [folder])
    found = films(workspace.database)
    feature_store(workspace.detector_files).read([film.thumbnail_row for film in found])
    lateral = {film.radiograph_id: number_of(film) % 3 == 0 for film in found}
    add_labels(
        workspace.database,
        [
            Label(film, "projection", "lateral" if bad else "frontal", LabelSource.REVIEWER, NOW)
            for film, bad in lateral.items()
        ],
    )
    return workspace


@pytest.fixture
def workspace(indexed, tmp_path):
    return set_to(copied(indexed.root, tmp_path / "workspace"), "")


def set_to(workspace, settings):
    quick = "epochs = 1\nfolds = 2\n"
    (workspace.root / "radsieve.toml").write_text(quick + settings)
    return Workspace(workspace.root)


def number_of(film):
    return int(film.path.rsplit("-", 1)[-1].removesuffix(".png"))


def sealed_by_hash(workspace):
    key, share = workspace.secrets.archive_key, workspace.settings.sealed_share
    return {
        film.radiograph_id
        for film in films(workspace.database)
        if is_sealed(film.patient_key, key, share)
    }


def regroup(workspace, folder, tmp_path):
    """Tell by a table that each two films are of one patient."""
    table = tmp_path / "metadata.csv"
    rows = [f"film-{number}.png,P{number // 2}" for number in range(FILMS)]
    table.write_text("\n".join(["file,patient_id", *rows]))
    index(workspace, [folder], table)
    return workspace


def by_metadata(workspace, folder, tmp_path):
    return regroup(workspace, folder, tmp_path)


def by_a_smaller_share(workspace, _folder, _tmp_path):
    return set_to(workspace, "sealed_share = 0.1\n")


def by_a_larger_share(workspace, _folder, _tmp_path):
    return set_to(workspace, "sealed_share = 0.5\n")


def by_both(workspace, folder, tmp_path):
    return set_to(regroup(workspace, folder, tmp_path), "sealed_share = 0.3\n")


def head(workspace):
    return PROJECTION, train(workspace, PROJECTION)


def network(workspace):
    return FAMILY[0], train(workspace, FAMILY[0], FAMILY)


def pair(workspace):
    return MIRROR, train(workspace, MIRROR)


CHANGES = [by_metadata, by_a_smaller_share, by_a_larger_share, by_both]


@pytest.mark.parametrize(
    ("trained", "changed"),
    [*((network, changed) for changed in CHANGES), (head, CHANGES[-1]), (pair, CHANGES[-1])],
)
def test_no_film_that_was_sealed_is_learnt_from_and_none_that_was_learnt_from_judges(
    workspace, folder, tmp_path, trained, changed
):
    task, first = trained(workspace)
    before, of_first = sealed_by_hash(workspace), learnt_by(workspace, first)
    record_publication(workspace.database, task.name, first.model_version, reason="first")
    workspace = changed(workspace, folder, tmp_path)
    _, second = trained(workspace)
    sealed, of_second = before | sealed_by_hash(workspace), learnt_by(workspace, second)
    assert of_first
    assert not of_first & before
    assert of_second
    assert not of_second & sealed
    judging = of_whole_patients(workspace, sealed)
    assert not patients_of(workspace, judging) & patients_of(workspace, of_second)
    views = 1 if task is PROJECTION else len(task.labels)
    assert second.judgement.champion == first.model_version
    assert second.judgement.sealed_views == len(judging - of_first - of_second) * views


@pytest.mark.parametrize("changed", CHANGES)
def test_the_curves_of_a_version_rest_on_patients_it_never_learnt_from(
    workspace, folder, tmp_path, changed
):
    task, first = head(workspace)
    before, of_first = sealed_by_hash(workspace), learnt_by(workspace, first)
    record_publication(workspace.database, task.name, first.model_version, reason="first")
    workspace = changed(workspace, folder, tmp_path)
    seen = patients_of(workspace, of_first)
    unseen = {
        film.radiograph_id
        for film in films(workspace.database)
        if film.radiograph_id in before and film.patient_key not in seen
    }
    found = curves_of(workspace, task, first.model_version)
    assert (found.films if found else 0) == len(unseen)


def test_a_new_film_of_a_patient_who_was_sealed_is_sealed_too(workspace, folder, tmp_path):
    workspace = regroup(workspace, folder, tmp_path)
    _, first = head(workspace)
    patients = patients_of(workspace, sealed_by_hash(workspace))
    film = next(one for one in films(workspace.database) if one.patient_key in patients)
    copy = tmp_path / "later" / "later.png"
    copy.parent.mkdir()
    cv2.imwrite(str(copy), 255 - cv2.imread(film.path))
    table = tmp_path / "later.csv"
    table.write_text(f"file,patient_id\nlater.png,P{number_of(film) // 2}\n")
    index(workspace, [copy.parent], table)
    (later,) = [one for one in films(workspace.database) if one.path.endswith("later.png")]
    said = Label(later.radiograph_id, "projection", "frontal", LabelSource.REVIEWER, NOW)
    add_labels(workspace.database, [said])
    assert later.patient_key == film.patient_key
    workspace = set_to(workspace, "sealed_share = 0.000001\n")
    _, second = head(workspace)
    assert patients & patients_of(workspace, learnt_by(workspace, first)) == set()
    assert patients & patients_of(workspace, learnt_by(workspace, second)) == set()


def test_a_training_that_cannot_begin_seals_nothing_for_ever(workspace):
    with pytest.raises(NotEnoughFilmsError):
        train(workspace, detector_task("body_region"))
    assert noted_sealed(workspace.database) == set()
    head(workspace)
    assert {film for film, _ in noted_sealed(workspace.database)} == sealed_by_hash(workspace)


def test_what_a_version_without_a_list_learnt_from_is_not_guessed(workspace):
    task, first = head(workspace)
    before = sealed_by_hash(workspace)
    version = without_list(workspace, first.model_version)
    register_version(workspace.database, task.name, version, reviewer_labels=1, judgement={})
    record_publication(workspace.database, task.name, version, reason="of an earlier radsieve")
    facts = facts_of(workspace, task, version)
    assert facts.curves.films == len(before)
    assert not facts.learnt_from_known
    _, again = head(workspace)
    assert again.judgement.sealed_views == len(before)


def without_list(workspace, version):
    """Save a version again as radsieve did before it kept what was learnt from."""
    card = read_card_values(workspace.models, version)
    weights = read_weights(workspace.models, version, card["weights_sha256"])
    return save_folder(workspace.models, "head", card, weights)


def learnt_by(workspace, result):
    return films_learnt_from(workspace.models, result.model_version)


def patients_of(workspace, some):
    return {film.patient_key for film in films(workspace.database) if film.radiograph_id in some}


def of_whole_patients(workspace, some):
    """Return those of films whose patients have no other film."""
    everything = {film.radiograph_id for film in films(workspace.database)}
    mixed = patients_of(workspace, everything - some)
    return {
        film.radiograph_id
        for film in films(workspace.database)
        if film.radiograph_id in some and film.patient_key not in mixed
    }


def facts_of(workspace, task, version):
    sweep_versions(workspace.database, workspace.detector_files, {task.name: version})
    known = verdicts(standing_labels(workspace.database, task.name), task)
    archive = {film.radiograph_id: film for film in films(workspace.database)}
    table = load_predictions(workspace.predictions, task.name, version)
    engine, files = workspace.database, workspace.detector_files
    seal = seal_of(engine, workspace.seal_terms, list(archive.values()))
    curve_films = CurveFilms(known, table, archive, seal.patients)
    reading = read_detectors(engine, files, [task], {task.name: version})[task.name]
    return detector_section(reading, task, curve_films)


def curves_of(workspace, task, version):
    return facts_of(workspace, task, version).curves
