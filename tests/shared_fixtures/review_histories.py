"""Random histories of a review, through the real stores, and a log that each keeps of itself."""

from dataclasses import dataclass, field, replace

import numpy as np
from click.testing import CliRunner

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.catalogue_writer import forget_files
from backend.base.adapters.database import utc_now
from backend.base.adapters.workspace import Workspace
from backend.labels.adapters.label_store import AnnotationVersion
from backend.labels.core.labels import Label, LabelSource, annotation_name
from backend.review.adapters.batch_store import batch_picks, close_item, draws, open_items
from backend.review.adapters.label_studio.items import ItemAnswer
from backend.review.adapters.label_studio.shapes import ResultRegion
from backend.review.adapters.screens.contact_sheet import sheet_result
from backend.review.adapters.screens.single_screen import IMAGE_TAG
from backend.review.core.item import SHEET, Item
from backend.review.core.look import LookOutcome
from backend.review.loop.answer_contents import labels_of, stored_answer
from backend.review.loop.push import plan_batch, plan_follow_ups, push_material
from backend.review.loop.studio.connect import TaskProjects
from scripts import main
from shared_fixtures.item_data import item_data
from shared_fixtures.kept_answers import (
    add_labels,
    record_answer,
    reopen_item,
    replace_annotation,
    withdraw_annotation,
    withdraw_answer,
)
from tasks import load_detector_tasks

TASKS = load_detector_tasks()
SETTINGS = "sheet_films = 10\nhidden_share = 0.1\naudit_share = 0.5\ndry_audit_share = 0.5\n"
ASKED = ("any_problem", "any_problem", "rotation", "inversion", "metal_implant")


@dataclass
class Told:
    """An answer as the history remembers it."""

    item: Item
    reviewer: str
    seconds: float | None
    at: int
    bad: dict[str, dict[str, bool]]
    """Detector task -> film -> whether the answer calls it bad."""
    flagged: set[str]
    """Films of a joint sheet that something unnamed is wrong with."""
    called: dict[str, str] = field(default_factory=dict)
    """What the item's own task calls each film."""
    since: dict[str, int] = field(default_factory=dict)
    """Since when the item's own task calls each film so."""
    checks_passed: list[bool] = field(default_factory=list)
    """Of each film known to be bad that was shown again unmarked, whether it was not called bad."""


@dataclass
class Drawn:
    """A draw as the history remembers it."""

    in_order: list[str]
    pool: dict[str, set[str]]
    """Detector task -> the films of which, for that task, any was as likely to be drawn."""
    archive: set[str]


@dataclass
class History:
    """What happens to an archive, by chance, and a log of it."""

    workspace: Workspace
    truth: dict[str, dict[str, str]]
    """Radiograph id -> what is wrong with it, by detector task."""
    rng: np.random.Generator
    clock: int = 0
    standing: dict[str, Told] = field(default_factory=dict)
    taken_back: list[Item] = field(default_factory=list)
    drawn: dict[str, set[str]] = field(default_factory=dict)
    draws: list[Drawn] = field(default_factory=list)
    ruled: list[tuple[str, str, str]] = field(default_factory=list)
    """Films, the detector task of a rule, and what it calls them."""
    said_without_looking: list[tuple[str, str]] = field(default_factory=list)
    """Films, and the detector task that a table of labels says something of."""

    def step(self):
        chance = float(self.rng.random())
        if chance < 0.4:
            self.push(str(self.rng.choice(ASKED)))
        elif chance < 0.5:
            self.take_back()
        elif chance < 0.6:
            self.edit()
        elif chance < 0.65:
            self.forget()
        else:
            self.say_without_looking()

    def push(self, name):
        task, engine = TASKS[name], self.workspace.database
        material = push_material(self.workspace, task, TaskProjects(sheet=1, single=2))
        material = replace(material, new_seed=lambda: int(self.rng.integers(1 << 48)))
        plan_follow_ups(material)
        if not open_items(engine, name):
            before = len(draws(engine, name))
            plan_batch(
                material, count=int(self.rng.integers(4, 25)), single=self.rng.random() < 0.2
            )
            for record in draws(engine, name)[before:]:
                self.remember(record)
        for item in open_items(engine, name):
            picks = batch_picks(engine, item.batch_id)
            at_random = {film for film, (why, _) in picks.items() if why == "audit"}
            for asked in self.asked(item):
                self.drawn.setdefault(asked, set()).update(at_random)
            if self.rng.random() < 0.85:
                self.answer(item)

    def remember(self, record):
        """Note a draw and what it was drawn from, by what was answered until now."""
        opened = open_items(self.workspace.database, record.detector_task)
        item = next(item for item in opened if item.batch_id == record.batch_id)
        archive = {film.radiograph_id for film in films(self.workspace.database)}
        barred = {*record.ranked, *record.set_aside} | self.answered(record.detector_task)
        pool = {name: archive - barred - self.answered(name) for name in self.asked(item)}
        assert len(pool[record.detector_task]) == record.drawn_from
        self.draws.append(Drawn(list(record.drawn), pool, archive))

    def answered(self, name):
        """Return films of which an answer stands, for this detector task alone or among others."""
        return {
            film
            for told in self.standing.values()
            if name in self.asked(told.item)
            for film in told.item.radiograph_ids
        } | {film for film, asked in self.said_without_looking if asked == name}

    def asked(self, item):
        return {item.detector_task, *(item.covered or {})}

    def answer(self, item, number=None, reviewer=None):
        self.clock += 1
        reviewer = reviewer or f"user {self.rng.integers(1, 3)}"
        number = number or (1 if self.rng.random() < 0.9 else 2)
        when = utc_now()
        result, told = self.judged(item, reviewer)
        given = ItemAnswer(
            item_id=1,
            data=item_data(item),
            annotation_id=number,
            created_at=when,
            updated_at=when,
            reviewer=reviewer,
            result=result,
            was_cancelled=False,
            lead_time_s=told.seconds,
        )
        name = annotation_name(item.item_key, number)
        task, engine = TASKS[item.detector_task], self.workspace.database
        replace_annotation(engine, AnnotationVersion(name, when), labels_of(task, item, given))
        record_answer(engine, stored_answer(task, item, given, LookOutcome.COUNTED))
        close_item(engine, item)
        before = self.standing.get(name)
        for film, called in told.called.items():
            same = before is not None and before.called.get(film) == called
            told.since[film] = before.since[film] if same else self.clock
        self.standing[name] = told

    def edit(self):
        """Answer an item once more: the same person changes their mind, or does not."""
        if self.standing:
            name = sorted(self.standing)[int(self.rng.integers(len(self.standing)))]
            told = self.standing[name]
            self.answer(told.item, int(name.rsplit("/", 1)[1]), told.reviewer)

    def seconds(self, item):
        """Return the time of an answer; none where nobody had the item on a screen."""
        seen = {film for told in self.standing.values() for film in told.item.radiograph_ids}
        if self.rng.random() < 0.15 and not seen & set(item.radiograph_ids) and not item.checks:
            return None
        return float(self.rng.integers(4, 60))

    def judged(self, item, reviewer):
        """Return an answer that is right of most films, and what it says."""
        task = TASKS[item.detector_task]
        told = Told(item, reviewer, self.seconds(item), self.clock, {}, set())
        wrong = {film: self.wrong(film) for film in item.radiograph_ids}
        if item.kind != SHEET:
            (film,) = item.radiograph_ids
            return self.named(task, item, film, wrong[film], told), told
        known_bad = {
            shown for shown, check in item.checks.items() if check.truth != task.expected_label
        }
        out = {
            shown
            for shown in item.shown_ids
            if self.rng.random() < 0.03
            or (shown in wrong and self.label(task, wrong[shown]) != item.shown_label)
            or (shown in known_bad and self.rng.random() < 0.8)
        }
        told.checks_passed = [shown not in out for shown in sorted(known_bad)]
        for film in item.radiograph_ids:
            bad = film in out if item.shown_label == task.expected_label else True
            told.called[film] = f"not {item.shown_label}" if film in out else item.shown_label
            if item.shown_label == task.expected_label or film not in out:
                told.bad.setdefault(task.name, {})[film] = bad
            elif len(task.labels) == 2:
                told.bad.setdefault(task.name, {})[film] = False
            for part in () if bad else item.covered or {}:
                told.bad.setdefault(part, {})[film] = False
            if bad and item.covered is not None:
                told.flagged.add(film)
        return sheet_result(item.shown_ids, out), told

    def named(self, task, item, film, wrong, told):
        if not task.sums_up:
            told.called[film] = self.label(task, wrong)
            told.bad[task.name] = {film: self.label(task, wrong) != task.expected_label}
            own = {name: label for name, label in wrong.items() if name == task.name}
            return self.chosen(own)
        told.called[film] = self.label(task, wrong)
        told.bad[task.name] = {film: bool(wrong)}
        for part in item.covered or {}:
            told.bad[part] = {film: False}
        for part in wrong:
            told.bad[part] = {film: True}
        return self.chosen(wrong)

    def chosen(self, wrong):
        """Return what a reviewer chooses on a single film with this wrong."""
        choices = tuple(f"{name}: {label}" for name, label in wrong.items())
        return (ResultRegion("answer", IMAGE_TAG, choices or ("fine",)),)

    def wrong(self, film):
        """Return what a reviewer thinks is wrong with a film: now and then, something else."""
        wrong = self.truth[film]
        if self.rng.random() < 0.06:
            return {} if wrong else {"rotation": "turned_90"}
        return wrong

    def label(self, task, wrong):
        if task.sums_up:
            return "problem" if wrong else "fine"
        return wrong.get(task.name, task.expected_label)

    def take_back(self):
        """Take an answer back, for good; the item waits again."""
        if self.standing:
            name = sorted(self.standing)[int(self.rng.integers(len(self.standing)))]
            told = self.standing.pop(name)
            withdraw_answer(self.workspace.database, name)
            withdraw_annotation(self.workspace.database, name)
            reopen_item(self.workspace.database, told.item)
            self.taken_back.append((name, told.item))

    def forget(self):
        paths = [film.path for film in films(self.workspace.database)]
        forget_files(self.workspace.database, self.rng.choice(paths, 2, replace=False).tolist())

    def say_without_looking(self):
        """A rule, a report or a table of labels says something of a film."""
        name, label, source, rule = [
            ("age", "child", LabelSource.RULE, "age"),
            ("quality", "washed_out", LabelSource.RULE, "quality"),
            ("quality", "exact_duplicate", LabelSource.RULE, "quality"),
            ("metal_implant", "metal_implant", LabelSource.REPORT, "rod.any"),
            ("body_region", "foot", LabelSource.REVIEWER, ""),
        ][int(self.rng.integers(5))]
        label = label if label in TASKS[name].labels else TASKS[name].labels[-1]
        ids = sorted(self.truth)
        film = ids[int(self.rng.integers(len(ids)))]
        if source is LabelSource.REVIEWER:
            self.said_without_looking.append((film, name))
        if source is LabelSource.RULE:
            self.ruled.append((film, name, label))
        add_labels(
            self.workspace.database,
            [Label(film, name, label, source, "2026-01-01T00:00:00", rule=rule)],
        )


def begun(workspace, true_label, seed):
    """Return a history of a workspace of phantoms in which nothing has happened yet."""
    (workspace.root / "radsieve.toml").write_text(SETTINGS)
    opened = Workspace(workspace.root)
    asked = [TASKS["inversion"], TASKS["rotation"]]
    truth = {
        film.radiograph_id: {
            task.name: label
            for task in asked
            if (label := true_label(film.path.rsplit("/", 1)[-1], task)) != task.expected_label
        }
        for film in films(opened.database)
    }
    return History(opened, truth, np.random.default_rng(seed))


def run(history, *arguments):
    """Return what a command prints of this history."""
    root = str(history.workspace.root)
    result = CliRunner().invoke(main, [*arguments, "--workspace", root])
    assert result.exit_code == 0, result.output
    return result.stdout
