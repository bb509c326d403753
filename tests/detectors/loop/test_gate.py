"""The gate, with real detectors, on phantoms it has not seen."""

import cv2
import numpy as np
import pytest
from shared_fixtures.workspaces import copied

from backend.archive.adapters.pixels.film_reader import read_film, thumbnail_of
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import NothingPublishedError
from backend.base.core.pixel_change import PixelChange
from backend.detectors.adapters.versions.registry import record_publication, require_published
from backend.detectors.adapters.versions.rule_judgement import cut_offs_in_use
from backend.detectors.core.gate_verdict import GateDecision, Standing, opinion_of
from backend.detectors.loop.gate import Gate
from backend.detectors.loop.load import load_detector
from backend.detectors.loop.rule_predictions import sweep_by_rule
from backend.labels.core.rule_in_force import rule_in_force
from backend.labels.core.suspicion import FEWEST_FILMS
from backend.phantoms.core.chest import chest_phantom
from backend.review.loop.publish import publish
from tasks import detector_task, load_detector_tasks

FILMS = 12
ROTATION, INVERSION = detector_task("rotation"), detector_task("inversion")
QUALITY = detector_task("quality")
SPOILINGS = (PixelChange(turns_ccw=2), PixelChange(invert=True), PixelChange(3, invert=True))


@pytest.fixture(scope="module")
def new_films():
    drawn = [chest_phantom(np.random.default_rng([77, n]), 384) for n in range(FILMS)]
    return [(film * 255).astype(np.uint8) for film in drawn]


@pytest.fixture
def gate(workspace):
    return Gate(workspace, load_detector_tasks())


def file_of(film):
    return cv2.imencode(".png", film)[1].tobytes()


def share(answers, verdict):
    return sum(answer.verdict is verdict for answer in answers) / len(answers)


class KnownFilms:
    """A detector of rotation and inversion that is sure how each of these films lies."""

    def __init__(self, films, model_version):
        self.model_version = model_version
        self.heads = {task.name: task.labels for task in (ROTATION, INVERSION)}
        changes = [
            PixelChange(turns, invert=invert) for turns in range(4) for invert in (False, True)
        ]
        self._changes = [change for change in changes for _ in films]
        made = [change.apply(film, white=255) for change in changes for film in films]
        self._seen = np.stack([thumbnail(film) for film in made]).astype(np.float32)

    def of_archive(self, pixels, rows):
        (shown,) = pixels.thumbnails(rows)
        change = self._changes[np.abs(self._seen - shown).mean(axis=(1, 2)).argmin()]
        return {
            "rotation": surely(change.turns_ccw, of=4),
            "inversion": surely(int(change.invert), of=2),
        }


def surely(place, of):
    return np.where(np.arange(of) == place, 0.997, 0.003 / (of - 1))[None]


def thumbnail(film):
    return thumbnail_of(read_film(file_of(film), "film.png"))


@pytest.fixture
def sure_gate(gate, new_films, monkeypatch):
    """The gate, with a detector that is sure of these films."""
    monkeypatch.setattr(
        gate, "_load", lambda versions: (KnownFilms(new_films, versions["rotation"]),)
    )
    return gate


def test_films_as_they_should_be_are_not_held_up(sure_gate, new_films):
    answers = [sure_gate.judge(file_of(film)) for film in new_films]
    assert share(answers, GateDecision.ACCEPT) == 1


def test_a_film_that_a_network_doubts_is_looked_at_and_every_other_one_accepted(
    gate, new_films, workspace
):
    version = require_published(workspace.database, ROTATION)
    network = load_detector(workspace.models, version, "cpu")
    for film in new_films:
        said = network.probabilities(thumbnail(film)[None])
        opinions = [opinion_of(task, said[task.name][0], version) for task in (ROTATION, INVERSION)]
        is_fine = all(opinion.standing is Standing.FINE for opinion in opinions)
        verdict = gate.judge(file_of(film)).verdict
        assert (verdict is GateDecision.ACCEPT) == is_fine
        assert verdict is not GateDecision.EXCLUDE


def test_a_correction_puts_the_film_back_as_it_was(sure_gate, new_films):
    for spoilt in SPOILINGS:
        for film in new_films:
            came = spoilt.apply(film, white=255)
            answer = sure_gate.judge(file_of(came))
            assert answer.verdict is GateDecision.CORRECT
            np.testing.assert_array_equal(answer.correction.apply(came, white=255), film)


def test_a_weak_network_corrects_a_film_rightly_or_leaves_it_to_a_person(gate, new_films):
    for spoilt in SPOILINGS:
        for film in new_films:
            came = spoilt.apply(film, white=255)
            answer = gate.judge(file_of(came))
            assert answer.verdict in (GateDecision.CORRECT, GateDecision.REVIEW)
            if answer.correction:
                np.testing.assert_array_equal(answer.correction.apply(came, white=255), film)


def test_a_file_that_is_no_film_is_for_review(gate):
    answer = gate.judge(b"GIF89a", "x.gif")
    assert answer.verdict is GateDecision.REVIEW
    assert answer.reasons[0].startswith("unreadable: GIF, which is not read")


def test_the_gate_writes_nothing(gate, new_films, workspace):
    before = {path: path.stat().st_mtime_ns for path in workspace.models.rglob("*")}
    gate.judge(file_of(new_films[0]))
    assert {path: path.stat().st_mtime_ns for path in workspace.models.rglob("*")} == before
    assert not (workspace.root / "features").exists()


def test_without_a_detector_in_use_it_says_what_to_do(tmp_path, new_films):
    empty = Gate(Workspace.open_or_make(tmp_path), load_detector_tasks())
    with pytest.raises(NothingPublishedError, match="radsieve train"):
        empty.judge(file_of(new_films[0]))


def test_a_version_published_in_the_meantime_is_used_for_the_next_film(
    gate, new_films, workspace, monkeypatch
):
    gate.judge(file_of(new_films[0]))
    loaded = []
    monkeypatch.setattr(gate, "_load", lambda versions: loaded.append(versions) or ())
    gate.judge(file_of(new_films[0]))
    assert loaded == []
    task = load_detector_tasks()["rotation"]
    version = gate._in_use.versions["rotation"]
    publish(workspace, task, version, reason="again")
    gate.judge(file_of(new_films[0]))
    assert loaded == []
    with workspace.database.begin() as connection:
        connection.exec_driver_sql("update publications set model_version = 'tiny-ffffffffffff'")
    gate.judge(file_of(new_films[0]))
    assert len(loaded) == 1


def test_a_film_of_no_use_is_for_a_person_and_told_what_is_wrong_with_it(gate, new_films):
    blank, tiny = np.full((400, 400), 90, np.uint8), cv2.resize(new_films[0], (120, 120))
    suspected = "quality: blank, suspected: for a person to see (structure below 0.1)"
    assert gate.judge(file_of(blank)).reasons[-1] == suspected
    answer = gate.judge(file_of(tiny))
    why = "quality: tiny, suspected: for a person to see (shortest_side_px below 256)"
    assert why in answer.reasons
    assert answer.verdict is GateDecision.REVIEW


@pytest.fixture(scope="module")
def pale_workspace(tmp_path_factory):
    return pale_archive(tmp_path_factory.mktemp("pale"), FEWEST_FILMS)


def pale_archive(folder, count):
    """Return an archive of films so pale that the default cut-off would stop each of them."""
    (folder / "films").mkdir()
    for number in range(count):
        film = chest_phantom(np.random.default_rng([78, number]), 256)
        cv2.imwrite(str(folder / f"films/{number}.png"), pale((film * 255).astype(np.uint8)))
    workspace = Workspace.open_or_make(folder / "workspace")
    index(workspace, [folder / "films"])
    return workspace


def pale(film):
    return (film * 0.35 + 80).astype(np.uint8)


def pale_gate(workspace, new_films, monkeypatch, tmp_path):
    """The gate of a copy of the workspace, with a detector that is sure of these films."""
    root = tmp_path / "workspace"
    opened = copied(workspace.root, root)
    for task in (ROTATION, INVERSION):
        record_publication(opened.database, task.name, "tiny-000000000000", reason="test")
    gate = Gate(opened, load_detector_tasks())
    known = KnownFilms([pale(film) for film in new_films], "tiny-000000000000")
    monkeypatch.setattr(gate, "_load", lambda versions: (known,))
    return opened, gate


def test_a_film_like_the_bulk_of_its_archive_passes_though_the_default_would_stop_it(
    pale_workspace, new_films, monkeypatch, tmp_path
):
    opened, gate = pale_gate(pale_workspace, new_films, monkeypatch, tmp_path)
    film = file_of(pale(new_films[0]))
    before = gate.judge(film)
    assert before.verdict is GateDecision.REVIEW
    assert any("quality: washed_out, suspected" in reason for reason in before.reasons)
    sweep_by_rule(opened, QUALITY)
    assert gate.judge(film).verdict is GateDecision.ACCEPT
    blank = gate.judge(file_of(np.full((400, 400), 90, np.uint8)))
    assert any("quality: blank" in reason for reason in blank.reasons)


def test_the_gate_and_the_rules_say_the_same_of_every_film_of_an_archive(pale_workspace, tmp_path):
    opened = copied(pale_workspace.root, tmp_path / "workspace")
    swept = sweep_by_rule(opened, QUALITY)
    judged, fitted = swept.labelled.judged, cut_offs_in_use(opened.database, {"quality": QUALITY})
    scales = [one.scale for one in fitted["quality"]]
    held = rule_in_force(QUALITY.rule, QUALITY.expected_label, {}, scales)
    assert held.labels(judged.facts) == judged.labels


def test_an_archive_too_small_to_tell_what_is_usual_stops_by_default(
    new_films, monkeypatch, tmp_path
):
    small = pale_archive(tmp_path, 5)
    opened, gate = pale_gate(small, new_films, monkeypatch, tmp_path / "copy")
    sweep_by_rule(opened, QUALITY)
    answer = gate.judge(file_of(pale(new_films[0])))
    assert answer.verdict is GateDecision.REVIEW
    assert any("quality: washed_out" in reason for reason in answer.reasons)


def test_cut_offs_of_the_settings_hold_at_the_gate(workspace, new_films):
    settings = workspace.root / "radsieve.toml"
    settings.write_text("epochs = 6\n[cut_offs.quality]\nshortest_side_px = 5000\n")
    gate = Gate(Workspace(workspace.root), load_detector_tasks())
    assert any("quality: tiny" in reason for reason in gate.judge(file_of(new_films[0])).reasons)
