"""Are the two questions answered rightly? On phantoms, and by learners whose errors are known."""

import json
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.metadata_table import read_metadata
from backend.archive.core.identity import is_sealed
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import NotEnoughFilmsError, TaskDefinitionError
from backend.detectors.adapters.backbone import shared_backbone
from backend.detectors.adapters.versions.registry import versions
from backend.detectors.core.probe.enough_films import Enough, Supply
from backend.detectors.core.probe.learnability import ProbeAdvice
from backend.detectors.loop.probe import learners as probe_learners
from backend.detectors.loop.probe.findings import Question, view_findings
from backend.detectors.loop.probe.learners import PairLearner, SaidOfViews
from backend.detectors.loop.probe.material import Material, OwnWay, made_material
from backend.detectors.loop.probe.probe import probe, probe_films, write_probe
from backend.detectors.loop.probe.trials import Effort
from backend.detectors.loop.training.made_films import FilmSet
from backend.labels.core.labels import Label, LabelSource
from tasks import detector_task

pytestmark = [pytest.mark.slow, pytest.mark.trains]

SHARED = Path(__file__).parents[5] / "shared" / "data" / "radiographs"
REAL, TABLE = SHARED / "nih_chest", SHARED / "nih_chest.csv"
FILMS = 90


class Told:
    """Is wrong about the films it is told to be wrong about; told by the size of the training."""

    one_at_a_time = False

    def __init__(self, wrong, count, doubted=()):
        self.labels = np.zeros(count, dtype=np.int64)
        self.patients = [f"p{film}" for film in range(count)]
        self._wrong, self._doubted = wrong, doubted

    def held_out(self, training, testing, *, seed):
        seen = np.tile(testing, 2)
        is_bad = np.repeat([False, True], len(testing))
        wrong = np.isin(seen, self._wrong(len(training)))
        doubted = np.intersect1d(testing, np.array(self._doubted, dtype=np.int64))
        return SaidOfViews(seen, is_bad, np.where(wrong, ~is_bad, is_bad).astype(float), doubted)


def told(wrong, *, count=300, doubted=(), target=0.999, there_are=240):
    """Return what a probe makes of a learner's errors: `wrong` of films trained on."""
    learner = Told(wrong, count, doubted)
    material = Material(
        learners={"told": learner, "never right": Told(lambda _: range(count), count)},
        effort=Effort(rounds=1),
        findings=partial(by_view, learner.patients),
        radiograph_ids=[f"film{film}" for film in range(count)],
        supply=Supply("films", there_are, {}),
        facts={"films": count, "patients": count},
    )
    return probe_films(detector_task("inversion"), material, Question(target=target))


def by_view(patients, said, left_out, question):
    return view_findings(said, patients, left_out, question)


def test_a_learner_without_an_error_is_a_go_and_its_baseline_is_not():
    result = told(lambda _: [])
    assert result.learnable.answer is ProbeAdvice.GO
    assert not result.learnable.proven
    assert result.ways["never right"].findings.learnable.answer is ProbeAdvice.NO_GO
    assert result.enough.answer is Enough.UNCLEAR  # 0.1 % cannot be told from none by 300 films


def test_a_learner_without_an_error_has_enough_films_for_a_modest_target():
    result = told(lambda _: [], target=0.95)
    assert result.enough.answer is Enough.YES
    assert "or fewer films" in result.enough.reason


def test_a_learner_that_is_always_wrong_is_a_no_go_and_never_has_enough():
    result = told(lambda _: range(300))
    assert result.learnable.answer is ProbeAdvice.NO_GO
    assert result.enough.answer is Enough.NO
    assert result.ours.findings.figures["auc"]["value"] == 0.0


def test_errors_that_halve_with_twice_the_films_say_how_many_are_needed():
    # 300 of 1000 films are wrong after 10, and a tenth as many after ten times as many.
    halving = partial(told, lambda films: range(round(3000 / films)), count=1000)
    assert 540 < halving(target=0.995).enough.needed.value < 660  # 600 by the rule
    assert halving(target=0.995, there_are=240).enough.answer is Enough.NO
    assert halving(target=0.98, there_are=5000).enough.answer is Enough.YES


def test_a_dozen_films_are_too_few_to_tell_anything():
    result = told(lambda _: [], count=12)
    assert result.learnable.answer is ProbeAdvice.UNCLEAR
    assert result.enough.answer is Enough.UNCLEAR
    assert result.ours.curve is None
    assert result.enough.reason == "cannot be told: too few films for more than one size"


def test_doubted_films_are_named_and_where_the_advice_hangs_on_them_it_is_taken_back():
    result = told(lambda _: range(9), doubted=range(9))
    assert result.doubted == [f"film{film}" for film in range(9)]
    assert result.ours.findings.figures["false_positives"] == 0
    assert result.with_doubted.findings.figures["false_positives"] == 9
    assert result.learnable.answer is ProbeAdvice.UNCLEAR
    assert "go without the 9 films" in result.learnable.reason


def test_everything_written_is_plain_json_and_a_picture(tmp_path):
    written = write_probe(told(lambda _: range(300)), tmp_path / "new" / "folder")
    assert [path.name for path in written] == ["probe.json", "probe.png"]

    def refuse(constant):
        pytest.fail(f"{constant} is no JSON")

    plain = json.loads(written[0].read_text(), parse_constant=refuse)
    assert (plain["answer"], plain["enough"], plain["target"]) == ("no-go", "no", 0.999)
    assert set(plain["ways"]) == {"told", "never right"}
    assert plain["ways"]["told"]["points"][0]["error"] == 1.0
    assert cv2.imdecode(np.frombuffer(written[1].read_bytes(), np.uint8), 1) is not None


@pytest.fixture
def quick(indexed, monkeypatch):
    """Phantoms, and networks that learn a little in a second."""
    monkeypatch.setattr(probe_learners, "VIEWS", 800)
    return indexed


def test_inverted_phantoms_are_told_and_those_already_inverted_are_doubted(
    quick, tasks, true_label
):
    seen = []
    result = probe(
        quick, tasks["inversion"], Question(), progress=lambda *counts: seen.append(counts)
    )
    names = {film.radiograph_id: film.path.rsplit("/", 1)[-1] for film in films(quick.database)}
    key, share = quick.secrets.archive_key, quick.settings.sealed_share
    open_films = [
        film for film in films(quick.database) if not is_sealed(film.patient_key, key, share)
    ]
    spoilt = {
        film.radiograph_id
        for film in open_films
        if true_label(names[film.radiograph_id], tasks["inversion"]) == "inverted"
    }
    assert spoilt
    assert spoilt <= set(result.doubted)
    assert len(result.doubted) <= len(spoilt) + 2
    assert list(result.ways) == ["tiny network", "16x16 pixels"]
    assert result.facts["films"] == len(open_films)
    assert result.ours.findings.figures["auc"]["value"] > 0.95
    assert seen[-1] == (24, 24)
    assert len(result.ours.points) == 12
    assert (result.enough.there_are, result.enough.by_label) == (len(open_films), {})
    assert "labels are made" in result.enough.what


def test_a_probe_leaves_nothing_behind_and_says_the_same_again(indexed):
    task = detector_task("mirror")
    before = sorted(path for path in indexed.root.rglob("*") if path.is_file())
    first, again = (probe(indexed, task, Question()).as_json() for _ in range(2))
    assert first == again
    assert first["ways"]["film against its changed self"]["figures"]["auc"]["value"] > 0.8
    assert versions(indexed.database, task.name) == []
    assert sorted(path for path in indexed.root.rglob("*") if path.is_file()) == before


def test_a_rule_is_nothing_to_probe(indexed):
    with pytest.raises(TaskDefinitionError, match=r"nothing is learnt.*`radsieve rules age`"):
        probe(indexed, detector_task("age"), Question())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("rotation", "expected at least 20 films"),
        ("mirror", "expected at least 20 films"),
        ("projection", "expected 5 films of two or more patients for at least two labels"),
    ],
)
def test_an_empty_archive_says_what_is_missing(tmp_path, name, message):
    with pytest.raises(NotEnoughFilmsError, match=message):
        probe(Workspace.open_or_make(tmp_path), detector_task(name), Question())


@pytest.fixture(scope="module")
def projection():
    return detector_task("projection")


def answers(workspace, decide):
    """Return a label for each film for which `decide` returns one."""
    return [
        Label(film.radiograph_id, "projection", label, LabelSource.REVIEWER, "2026-01-01")
        for place, film in enumerate(films(workspace.database))
        if (label := decide(place, film))
    ]


def test_labels_drawn_by_lot_cannot_be_learnt(indexed, projection):
    lots = np.random.default_rng(5).integers(2, size=FILMS)
    known = answers(indexed, lambda place, _: ("frontal", "lateral")[lots[place]])
    result = probe(indexed, projection, Question(), extra_labels=known)
    auc = result.ours.findings.figures["auc"]
    assert auc["low"] < 0.5 < auc["high"] or auc["value"] < 0.5
    assert result.learnable.answer is ProbeAdvice.NO_GO
    assert result.enough.answer is not Enough.YES


def test_labels_needed_are_counted_by_label_at_the_mix_there_is(indexed, projection):
    known = answers(indexed, lambda place, _: "lateral" if place % 5 == 0 else "frontal")
    result = probe(indexed, projection, Question(target=0.2), extra_labels=known)
    by_label = result.facts["films_by_label"]
    assert by_label["other"] == 0
    assert 0 < by_label["lateral"] < 18
    assert by_label["frontal"] < 72
    assert result.enough.what == "labelled films"
    assert result.enough.there_are == sum(by_label.values())
    assert set(result.enough.by_label) == {"frontal", "lateral"}
    assert sum(result.enough.by_label.values()) == pytest.approx(result.enough.needed.value, abs=2)


def test_films_nobody_answered_for_are_said_to_be_assumed(indexed, projection):
    known = answers(indexed, lambda place, _: "lateral" if place % 5 == 0 else None)
    result = probe(indexed, projection, Question(), extra_labels=known)
    assert result.facts["assumed_films"] > 0
    assert result.enough.what == "labelled films, or taken to be frontal"


def test_labels_of_one_kind_only_are_refused(indexed, projection):
    known = answers(indexed, lambda *_: "frontal")
    with pytest.raises(NotEnoughFilmsError, match=r"at least two labels.* 0 lateral"):
        probe(indexed, projection, Question(), extra_labels=known)


@pytest.mark.slow
@pytest.mark.skipif(not REAL.is_dir(), reason="the real films are not on this machine")
def test_real_films_are_hardly_told_from_their_mirror_images():
    rows = sorted(read_metadata(TABLE).rows, key=lambda row: row.file)
    grey = [cv2.imread(str(REAL / row.file), cv2.IMREAD_GRAYSCALE) for row in rows]
    small = [cv2.resize(one, (256, 256), interpolation=cv2.INTER_AREA) for one in grey]
    shown = FilmSet(
        [row.file for row in rows],
        [row.patient_id for row in rows],
        np.stack(small),
        np.zeros(len(rows), dtype=bool),
    )
    task = detector_task("mirror")
    own = OwnWay("head", 1, PairLearner(shown, task, shared_backbone("cpu")))
    material = made_material(shown, Supply("films", 264, {}), own)
    result = probe_films(task, material, Question())
    figures = result.ours.findings.figures
    assert 0.95 < figures["auc"]["value"] < 0.99
    assert figures["auc"]["value"] > result.ways["16x16 pixels"].findings.figures["auc"]["value"]
    assert result.learnable.answer is ProbeAdvice.NO_GO
    assert result.enough.answer is Enough.NO
    assert result.doubted == []
