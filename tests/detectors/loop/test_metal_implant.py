"""Metal, from labels of reports to the gate, on phantoms with drawn rods and stems (synthetic)."""

import json
import shutil

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from shared_fixtures.kept_answers import add_labels

from backend.archive.adapters.catalogue import films
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.detectors.adapters.place_detector import PLACE
from backend.detectors.adapters.training.network_trainer import one_core_each
from backend.detectors.adapters.versions.model_folder import read_card, stored_as
from backend.detectors.core.gate_verdict import GateDecision
from backend.detectors.loop.gate import Gate
from backend.detectors.loop.sweep import sweep
from backend.detectors.loop.train import train
from backend.detectors.loop.training.answered_films import answered_films
from backend.labels.core.labels import Label, LabelSource, Slice, verdicts
from backend.phantoms.core.chest import chest_phantom
from backend.phantoms.core.drawn_implants import BodyPart, ImplantKind, with_implant
from backend.review.loop.publish import publish
from backend.review.loop.rank import rank
from scripts import main
from tasks import detector_task

pytestmark = [pytest.mark.slow, pytest.mark.trains]

FILMS, UNLABELLED, PX = 44, 12, 384
TASK = detector_task("metal_implant")
KINDS = (ImplantKind.RODS, ImplantKind.STEM, ImplantKind.LEADS)


def draw(number, metal):
    rng = np.random.default_rng([31, number])
    film = (chest_phantom(rng, PX) * 255).astype(np.uint8)
    return with_implant(film, KINDS[number % 3], BodyPart.CHEST, rng) if metal else film


def has_metal(film):
    return "metal" in film.path.rsplit("/", 1)[-1]


def number_of(film):
    return int(film.path.rsplit("-", 1)[-1].removesuffix(".png"))


@pytest.fixture(scope="module", autouse=True)
def one_core():
    with one_core_each():
        yield


@pytest.fixture(scope="module")
def indexed(tmp_path_factory):
    """Every third film has metal; the last films get no label."""
    folder = tmp_path_factory.mktemp("films")
    for number in range(FILMS):
        name = "metal" if number % 3 == 0 else "clean"
        cv2.imwrite(str(folder / f"{name}-{number}.png"), draw(number, number % 3 == 0))
    workspace = Workspace.open_or_make(tmp_path_factory.mktemp("indexed"))
    index(workspace, [folder])
    return workspace


def labelled_films(workspace):
    return sorted(films(workspace.database), key=number_of)[: FILMS - UNLABELLED]


def report_label(film, *, wrong=False, confidence=0.9):
    label = "metal" if has_metal(film) != wrong else "no_metal"
    return Label(
        film.radiograph_id,
        TASK.name,
        label,
        LabelSource.REPORT,
        "2026-01-02",
        confidence=confidence,
    )


@pytest.fixture(scope="module")
def trained(indexed, tmp_path_factory):
    """A workspace whose detector learnt from reports of which a reviewer put one right."""
    workspace = Workspace.open_or_make(tmp_path_factory.mktemp("trained") / "workspace")
    shutil.copytree(indexed.root, workspace.root, dirs_exist_ok=True)
    first, *rest = labelled_films(workspace)
    mined = [report_label(first, wrong=True), *map(report_label, rest)]
    truth = "metal" if has_metal(first) else "no_metal"
    seen = Label(first.radiograph_id, TASK.name, truth, LabelSource.REVIEWER, "2026-01-01")
    add_labels(workspace.database, [*mined, seen])
    result = train(workspace, TASK)
    publish(workspace, TASK, result.model_version, reason="first")
    sweep(workspace, [TASK])
    return workspace, result


def test_unsure_reports_teach_less_and_reviewers_outrank_them(indexed):
    first, second, *rest = labelled_films(indexed)
    truth = "metal" if has_metal(first) else "no_metal"
    labels = [
        report_label(first, wrong=True),
        Label(first.radiograph_id, TASK.name, truth, LabelSource.REVIEWER, "2026-01-01"),
        report_label(second, confidence=0.5),
        *map(report_label, rest),
    ]
    training, sealed = answered_films(
        indexed.database, indexed.seal_terms, TASK, verdicts(labels, TASK)
    )
    both = training.joined(sealed)
    weight = {f.radiograph_id: w for f, w in zip(both.films, both.weights.tolist(), strict=True)}
    assert weight[first.radiograph_id] == 1.0
    assert weight[second.radiograph_id] == pytest.approx(0.7 * 0.5)
    assert weight[rest[0].radiograph_id] == pytest.approx(0.7 * 0.9)
    place = [film.radiograph_id for film in both.films].index(first.radiograph_id)
    assert TASK.labels[both.labels[place]] == truth


def test_reports_teach_a_detector_that_looks_for_places(trained):
    workspace, result = trained
    assert stored_as(result.model_version) == PLACE
    card = read_card(workspace.models, result.model_version)
    assert "drawings" in card.initial_weights
    assert result.metrics["training"]["confirmed_films"] <= 1
    # How good so small a network is hangs on its first weights; that it beats chance does not.
    assert result.metrics["binary"]["auc"]["low"] > 0.5


def test_the_same_reports_are_not_learnt_from_twice(trained):
    workspace, result = trained
    again = train(workspace, TASK)
    assert (again.reused, again.model_version) == (True, result.model_version)


def test_films_with_metal_come_first_to_review(trained):
    workspace, _ = trained
    by_id = {film.radiograph_id: film for film in films(workspace.database)}
    picks = rank(workspace, TASK, count=10, seed=1)
    likely = [pick for pick in picks if pick.slice is Slice.LIKELY]
    assert len(likely) >= 2
    found = [has_metal(by_id[pick.radiograph_id]) for pick in likely]
    assert found[0]
    assert np.mean(found) > 0.6


def test_the_gate_holds_a_new_film_with_metal_up(trained):
    workspace, _ = trained
    gate = Gate(workspace, {TASK.name: TASK})
    held_up = {
        metal: [
            gate.judge(cv2.imencode(".png", draw(number, metal))[1].tobytes()).verdict
            is not GateDecision.ACCEPT
            for number in range(200, 220)
        ]
        for metal in (True, False)
    }
    # It is not sure of much: the card says how many films with metal pass.
    assert np.mean(held_up[False]) <= 0.4
    assert np.mean(held_up[True]) >= np.mean(held_up[False]) + 0.2


def test_a_table_of_report_labels_trains_the_command_and_places_are_not_learnt_anew(
    trained, tmp_path
):
    before, first = trained
    workspace = tmp_path / "workspace"
    shutil.copytree(before.root, workspace)
    rows = [
        f"{film.path},{'metal' if has_metal(film) else 'no_metal'},report,0.8"
        for film in labelled_films(before)
    ]
    table = tmp_path / "labels.csv"
    table.write_text("\n".join(["file,label,source,confidence", *rows]))
    places = {path: path.stat().st_mtime_ns for path in (workspace / "places").iterdir()}
    arguments = ["train", TASK.name, "--labels", str(table), "--workspace", str(workspace)]
    result = CliRunner().invoke(main, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout.splitlines()[-1])
    assert told["model_version"].startswith(f"{PLACE}-")
    assert told["model_version"] != first.model_version
    assert told["metrics"]["training"]["confirmed_films"] <= 1
    after = {path: path.stat().st_mtime_ns for path in (workspace / "places").iterdir()}
    assert after == places
