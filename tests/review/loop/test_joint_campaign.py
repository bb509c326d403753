"""Joint looks and looks at single tasks in any order, without Label Studio: certificates hold."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shared_fixtures.item_data import item_data
from shared_fixtures.kept_answers import (
    add_labels,
    record_answer,
    reopen_item,
    replace_annotation,
    withdraw_annotation,
    withdraw_answer,
)

from backend.archive.adapters.catalogue import films, index_times
from backend.archive.adapters.catalogue_writer import forget_files
from backend.archive.loop.index import index
from backend.certificate.loop.audit import audit, audit_archive
from backend.certificate.loop.audit_films import AuditFilms
from backend.detectors.adapters.versions.registry import version_in_use
from backend.detectors.loop.film_predictions import film_probabilities, prediction_source
from backend.export.loop.export import export
from backend.labels.adapters.label_store import AnnotationVersion, standing_labels
from backend.labels.core.labels import Label, LabelSource
from backend.review.adapters.batch_store import close_item, draws, open_items
from backend.review.adapters.label_studio.items import ItemAnswer
from backend.review.adapters.label_studio.shapes import ResultRegion
from backend.review.adapters.screens.contact_sheet import sheet_result
from backend.review.adapters.screens.single_screen import IMAGE_TAG
from backend.review.core.look import LookOutcome
from backend.review.loop.answer_contents import labels_of, stored_answer
from backend.review.loop.looks import looks
from backend.review.loop.push import plan_batch, plan_follow_ups, push_material
from backend.review.loop.rank import looked_at, rank
from backend.review.loop.review_state import read_state
from backend.review.loop.studio.connect import TaskProjects
from tasks import load_detector_tasks

PARTS = ("inversion", "rotation")
PROJECTS = TaskProjects(sheet=1, single=2)
SETTINGS = "sheet_films = 10\nhidden_share = 0\naudit_share = 0.5\ndry_audit_share = 0.5\n"


class Campaign:
    """A reviewer on paper: items are planned and answered in the database alone."""

    def __init__(self, workspace, true_label):
        (workspace.root / "radsieve.toml").write_text(SETTINGS)
        self.workspace = type(workspace)(workspace.root)
        self.tasks = load_detector_tasks()
        self.clock = 0
        self.truth = {
            film.radiograph_id: {
                name: true_label(film.path.rsplit("/", 1)[-1], self.tasks[name]) for name in PARTS
            }
            for film in films(workspace.database)
        }

    def wrong_with(self, film):
        return {
            name: label
            for name, label in self.truth[film].items()
            if label != self.tasks[name].expected_label
        }

    def true_label(self, task, film):
        if task == "any_problem":
            return "problem" if self.wrong_with(film) else "fine"
        return self.truth[film][task]

    def push(self, name, count, *, though_some_wait=False):
        task = self.tasks[name]
        material = push_material(self.workspace, task, PROJECTS)
        plan_follow_ups(material)
        if though_some_wait or not self.waiting(name):
            plan_batch(material, count=count, single=False)

    def waiting(self, name):
        return open_items(self.workspace.database, name)

    def answer(self, item, flagged=None, annotation=1):
        """Answer truly, or flag the films given; the same annotation again is an edit."""
        task = self.tasks[item.detector_task]
        self.clock += 1
        when = f"2026-01-01T00:{self.clock // 60:02d}:{self.clock % 60:02d}"
        given = ItemAnswer(
            item_id=1,
            data=item_data(item),
            annotation_id=annotation,
            created_at=when,
            updated_at=when,
            reviewer="user 1",
            result=self.result(item, task, flagged),
            was_cancelled=False,
            lead_time_s=60.0,
        )
        record_answer(
            self.workspace.database, stored_answer(task, item, given, LookOutcome.COUNTED)
        )
        name = f"{item.item_key}/{annotation}"
        origin = AnnotationVersion(name, given.updated_at)
        replace_annotation(self.workspace.database, origin, labels_of(task, item, given))
        close_item(self.workspace.database, item)
        return name

    def result(self, item, task, flagged):
        if item.shown_label:
            true = {f for f in item.shown_ids if self.true_label(task.name, f) != item.shown_label}
            return sheet_result(item.shown_ids, true if flagged is None else flagged)
        film = item.radiograph_ids[0]
        named = [
            f"{name}: {label}"
            for name, label in self.wrong_with(film).items()
            if task.sums_up or name == task.name
        ]
        return (ResultRegion("answer", IMAGE_TAG, tuple(named or ["fine"])),)

    def delete(self, name, item):
        withdraw_answer(self.workspace.database, name)
        withdraw_annotation(self.workspace.database, name)
        reopen_item(self.workspace.database, item)

    def bad(self, name, some=None):
        expected = self.tasks[name].expected_label
        films_ = self.truth if some is None else some
        return sum(self.true_label(name, film) != expected for film in films_)

    def of_first_draw(self, name):
        task = self.tasks[name]
        engine = self.workspace.database
        return AuditFilms.of(index_times(engine), read_state(engine, task).draws).listed

    def take_away(self, count, rng):
        """Take films off the list, as the index does of files that are gone."""
        paths = [film.path for film in films(self.workspace.database)]
        forget_files(self.workspace.database, rng.choice(paths, count, replace=False).tolist())

    def lose_an_item(self, name, rng):
        """Close an item that waits, unanswered: somebody has deleted it in Label Studio."""
        waiting = self.waiting(name)
        if waiting:
            close_item(self.workspace.database, waiting[int(rng.integers(len(waiting)))])

    def is_drawn(self, name):
        task = self.tasks[name]
        return bool(read_state(self.workspace.database, task).draws)

    def check(self):
        """Every certificate there is rests on every draw, and is right."""
        for name in ("any_problem", *PARTS):
            if not self.is_drawn(name):
                continue
            # Seeds of draws are no test's choice: a rule that may be wrong once in 20 archives is.
            said = audit(self.workspace.database, self.tasks[name], alpha=1e-4)
            assert not said.reading.unusable, (name, said.reading.unusable)
            bad = self.bad(name, self.of_first_draw(name))
            assert said.certificate.found <= bad
            left = bad - said.certificate.found
            assert left <= said.certificate.at_most_unreviewed
        return said


@pytest.fixture
def campaign(workspace, true_label):
    return Campaign(workspace, true_label)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_asked_in_whatever_order_edited_or_taken_back_every_draw_counts(campaign, seed):
    rng = np.random.default_rng(seed)
    campaign.push("any_problem", 12)
    answered = []
    for _ in range(14):
        name = str(rng.choice(["any_problem", "any_problem", *PARTS]))
        campaign.push(name, int(rng.integers(6, 16)))
        for item in campaign.waiting(name):
            if rng.random() < 0.8:
                answered.append((campaign.answer(item), item))
        if answered and rng.random() < 0.4:
            annotation, item = answered.pop(int(rng.integers(len(answered))))
            if rng.random() < 0.5:
                campaign.delete(annotation, item)
            else:
                campaign.answer(item)
        campaign.check()


@pytest.mark.parametrize("seed", range(4))
def test_every_draw_counts_whatever_leaves_the_archive_comes_to_it_or_gets_lost(
    campaign, phantoms, seed
):
    rng = np.random.default_rng(100 + seed)
    campaign.take_away(20, rng)
    campaign.push("any_problem" if seed % 2 else "rotation", 12)
    for _ in range(12):
        if rng.random() < 0.3:
            index(campaign.workspace, [phantoms])
        if rng.random() < 0.5:
            campaign.take_away(5, rng)
        name = str(rng.choice(["any_problem", "any_problem", *PARTS]))
        campaign.push(name, int(rng.integers(3, 9)), though_some_wait=True)
        campaign.lose_an_item(name, rng)
        for item in campaign.waiting(name):
            if rng.random() < 0.8:
                campaign.answer(item)
        campaign.check()


def test_a_film_that_was_away_and_came_back_before_a_rule_called_it_bad_was_drawn_from(
    campaign, phantoms
):
    def review(count):
        campaign.push("any_problem", count, though_some_wait=True)
        for item in campaign.waiting("any_problem"):
            campaign.answer(item)

    review(6)
    away = [film.path for film in films(campaign.workspace.database)][:80]
    forget_files(campaign.workspace.database, away)
    review(4)
    index(campaign.workspace, [phantoms])
    review(6)
    paths = {film.path: film.radiograph_id for film in films(campaign.workspace.database)}
    seen = looked_at(campaign.workspace.database, campaign.tasks["any_problem"])
    child = next(paths[path] for path in away if paths[path] not in seen)
    label = Label(child, "age", "child", LabelSource.RULE, "2026-01-01T00:00:00")
    add_labels(campaign.workspace.database, [label])
    review(6)
    for name in ("any_problem", *PARTS):
        assert not audit(campaign.workspace.database, campaign.tasks[name]).reading.unusable


def test_an_answer_that_is_changed_and_changed_back_after_a_joint_draw_is_no_new_evidence(campaign):
    campaign.push("inversion", 30)
    own = campaign.waiting("inversion")
    for item in own:
        campaign.answer(item)
    campaign.push("any_problem", 40)
    for item in campaign.waiting("any_problem"):
        campaign.answer(item)
    inversion = campaign.tasks["inversion"]
    (_, joint) = read_state(campaign.workspace.database, inversion).draws
    before = audit(campaign.workspace.database, inversion)
    for item in own:
        campaign.answer(item, flagged=set(item.shown_ids))
        campaign.answer(item)
    (_, again) = read_state(campaign.workspace.database, inversion).draws
    assert (again.drawn, again.drawn_from) == (joint.drawn, joint.drawn_from)
    assert audit(campaign.workspace.database, inversion) == before


def test_when_all_was_looked_at_jointly_every_task_has_its_own_certificate(campaign):
    for _ in range(12):
        campaign.push("any_problem", 30)
        for item in campaign.waiting("any_problem"):
            campaign.answer(item)
        campaign.check()
    for name in ("any_problem", *PARTS):
        said = audit(campaign.workspace.database, campaign.tasks[name]).certificate
        assert (said.found, said.at_most_unreviewed) == (campaign.bad(name), 0)


def test_a_film_that_a_rule_calls_bad_is_a_problem_that_was_found(campaign):
    child = next(film for film in campaign.truth if not campaign.wrong_with(film))
    label = Label(child, "age", "child", LabelSource.RULE, "2026-01-01T00:00:00")
    add_labels(campaign.workspace.database, [label])
    joint = campaign.tasks["any_problem"]
    version = version_in_use(campaign.workspace.database, joint)
    (row,) = film_probabilities(prediction_source(campaign.workspace), joint, version, [child])
    assert row.tolist() == [0.0, 1.0]
    assert child not in {
        pick.radiograph_id for pick in rank(campaign.workspace, joint, count=90, seed=1)
    }
    campaign.push("any_problem", 20)
    (draw,) = draws(campaign.workspace.database, "any_problem")
    assert draw.set_aside == [child]
    said = audit(campaign.workspace.database, joint)
    assert said.certificate.found == 1
    assert not said.reading.unusable
    assert not audit(campaign.workspace.database, campaign.tasks["rotation"]).reading.unusable


def test_a_film_that_was_flagged_and_not_named_yet_is_open_for_every_task(campaign):
    campaign.push("any_problem", 10)
    item = campaign.waiting("any_problem")[0]
    campaign.answer(item, flagged=item.shown_ids[:2])
    rotation = campaign.tasks["rotation"]
    assert looked_at(campaign.workspace.database, rotation) == set(item.shown_ids)
    assert len(looks(campaign.workspace.database, rotation)) == len(item.shown_ids) - 2
    said = audit(campaign.workspace.database, rotation).certificate
    assert said.unresolved == 2


def test_the_whole_archive_has_a_headline_a_line_per_task_and_a_joint_statement(campaign):
    campaign.push("any_problem", 60)
    for item in campaign.waiting("any_problem"):
        campaign.answer(item)
    said = audit_archive(campaign.workspace.database, campaign.tasks)
    assert said.headline.detector_task == "any_problem"
    assert set(said.alone) == set(said.together) == set(PARTS)
    assert set(said.undrawn) == {"body_region", "metal_implant", "mirror", "projection"}
    for name in PARTS:
        assert said.together[name].certificate.alpha == pytest.approx(0.05 / 6)
        together = said.together[name].certificate.at_most_unreviewed
        assert together >= said.alone[name].certificate.at_most_unreviewed


def test_a_film_whose_problem_was_named_is_put_right_and_not_left_out_for_having_one(
    campaign, tmp_path
):
    turned = {film for film in campaign.truth if "rotation" in campaign.wrong_with(film)}
    campaign.push("any_problem", 90)
    for item in campaign.waiting("any_problem"):
        campaign.answer(item)
    export(campaign.workspace, campaign.tasks, tmp_path / "before")
    excluded = pd.read_csv(tmp_path / "before" / "exclusions.csv")
    assert set(excluded["detector_task"]) == {"any_problem"}
    campaign.push("any_problem", 90)
    for item in campaign.waiting("any_problem"):
        campaign.answer(item)
    export(campaign.workspace, campaign.tasks, tmp_path / "after")
    assert set(pd.read_csv(tmp_path / "after" / "exclusions.csv")["detector_task"]) == set(PARTS)
    lists = [tmp_path / "after" / f"{name}.csv" for name in ("corrections", "unproven")]
    files = {name for path in lists for name in pd.read_csv(path)["file"]}
    archive = films(campaign.workspace.database)
    names = {film.radiograph_id: Path(film.path).name for film in archive}
    assert {names[film] for film in turned} <= files


def test_an_answer_that_is_taken_back_takes_the_looks_of_all_tasks_with_it(campaign):
    campaign.push("any_problem", 10)
    item = campaign.waiting("any_problem")[0]
    annotation = campaign.answer(item)
    assert looks(campaign.workspace.database, campaign.tasks["rotation"])
    campaign.delete(annotation, item)
    for name in ("any_problem", *PARTS):
        assert not looks(campaign.workspace.database, campaign.tasks[name])
        assert not standing_labels(campaign.workspace.database, name)
