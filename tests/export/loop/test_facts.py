"""Random histories of a review: each number that a page or a command says is counted once more.

The recount reads a log that the history keeps itself, and the lists that the export wrote; of the
program's own counting it uses nothing.
"""

import csv
import re
from dataclasses import dataclass, field
from html import unescape

import numpy as np
import pytest
from click.testing import CliRunner
from shared_fixtures.item_data import item_data

from backend.archive.adapters.catalogue import files_by_film, films
from backend.archive.adapters.catalogue_writer import forget_files
from backend.base.adapters.workspace import Workspace
from backend.export.loop.export import BiasTerms, export
from backend.labels.adapters.label_store import (
    AnnotationVersion,
    add_labels,
    replace_annotation,
    withdraw_annotation,
)
from backend.labels.core.labels import Label, LabelSource, annotation_name
from backend.review.adapters.answer_store import record_answer, withdraw_answer
from backend.review.adapters.batch_store import batch_picks, close_item, open_items, reopen_item
from backend.review.adapters.label_studio.items import ItemAnswer
from backend.review.adapters.label_studio.shapes import ResultRegion
from backend.review.adapters.screens.contact_sheet import sheet_result
from backend.review.adapters.screens.single_screen import IMAGE_TAG
from backend.review.core.item import SHEET, Item
from backend.review.core.look import LookOutcome, Purpose
from backend.review.loop.pull import labels_of, stored_answer
from backend.review.loop.push import plan_batch, plan_follow_ups, push_material
from backend.review.loop.studio.connect import TaskProjects
from scripts import main
from tasks import load_detector_tasks

TASKS = load_detector_tasks()
ASKED = ("any_problem", "any_problem", "rotation", "inversion", "metal_implant")
SETTINGS = "sheet_films = 10\nhidden_share = 0.1\naudit_share = 0.5\ndry_audit_share = 0.5\n"
ACCEPTED = "The films are phantoms and their groups mean nothing at all."


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
        plan_follow_ups(material)
        if not open_items(engine, name):
            plan_batch(
                material, count=int(self.rng.integers(4, 25)), single=self.rng.random() < 0.2
            )
        for item in open_items(engine, name):
            picks = batch_picks(engine, item.batch_id)
            at_random = {film for film, (why, _) in picks.items() if why == "audit"}
            for asked in self.asked(item):
                self.drawn.setdefault(asked, set()).update(at_random)
            if self.rng.random() < 0.85:
                self.answer(item)

    def asked(self, item):
        return {item.detector_task, *(item.covered or {})}

    def answer(self, item, number=None, reviewer=None):
        self.clock += 1
        reviewer = reviewer or f"user {self.rng.integers(1, 3)}"
        number = number or (1 if self.rng.random() < 0.9 else 2)
        when = f"2026-01-01T{self.clock // 3600:02}:{self.clock // 60 % 60:02}:{self.clock % 60:02}"
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
        out = {
            shown
            for shown in item.shown_ids
            if self.rng.random() < 0.03
            or (shown in wrong and self.label(task, wrong[shown]) != item.shown_label)
        }
        for film in item.radiograph_ids:
            bad = film in out if item.shown_label == task.expected_label else True
            told.called[film] = f"not {item.shown_label}" if film in out else item.shown_label
            if item.shown_label == task.expected_label or film not in out:
                told.bad.setdefault(task.name, {})[film] = bad
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
        add_labels(
            self.workspace.database,
            [Label(film, name, label, source, "2026-01-01T00:00:00", rule=rule)],
        )


@pytest.fixture
def begin(workspace, true_label):
    def history(seed):
        (workspace.root / "radsieve.toml").write_text(SETTINGS)
        opened = Workspace(workspace.root)
        made = [task for task in TASKS.values() if task.has_made_labels]
        truth = {
            film.radiograph_id: {
                task.name: label
                for task in made
                if task.name in ("rotation", "inversion")
                and (label := true_label(film.path.rsplit("/", 1)[-1], task)) != task.expected_label
            }
            for film in films(opened.database)
        }
        return History(opened, truth, np.random.default_rng(seed))

    return history


class Recount:
    """The facts, counted slowly from the log and from the lists of an export."""

    def __init__(self, history, lists):
        self.history, self.lists = history, lists
        self.answers = list(history.standing.values())
        self.archive = {film.radiograph_id for film in films(history.workspace.database)}
        by_film = files_by_film(history.workspace.database)
        self.film_of = {path: film for film, paths in by_film.items() for path in paths}

    def rows(self, name):
        with (self.lists / f"{name}.csv").open() as file:
            return list(csv.DictReader(file))

    def films_in(self, name):
        return {self.film_of[row["file"]] for row in self.rows(name)}

    def asking(self, names):
        return [told for told in self.answers if self.history.asked(told.item) & set(names)]

    def seen(self, names):
        films_seen = set()
        for told in self.asking(names):
            if told.seconds is None:
                continue
            films_seen |= set(told.item.radiograph_ids)
            films_seen |= {c.radiograph_id for c in told.item.checks.values() if not c.made}
        return films_seen

    def looks(self, names):
        answers = [told for told in self.asking(names) if told.seconds is not None]
        drawn, drawn_seen = set(), set()
        for name in names:
            drawn |= self.history.drawn.get(name, set())
            drawn_seen |= self.history.drawn.get(name, set()) & self.seen([name])
        counts = [len(told.item.shown_ids) for told in answers]
        gone = {
            name
            for name, item in self.history.taken_back
            if name not in self.history.standing and self.history.asked(item) & set(names)
        }
        return {
            "films": len(self.archive),
            "looked_at": len(self.seen(names) & self.archive),
            "people": len({told.reviewer for told in answers}),
            "looks": sum(counts),
            "sheets": sum(told.item.kind == SHEET for told in answers),
            "singles": sum(told.item.kind != SHEET for told in answers),
            "hidden": sum(len(told.item.checks) for told in answers),
            "pace": sum(told.seconds for told in answers) / max(1, sum(counts)),
            "in_bulk": len(self.asking(names)) - len(answers),
            "taken_back": len(gone),
            "drawn": len(drawn),
            "drawn_seen": len(drawn_seen),
        }

    def settled(self, name):
        """Return films that two looks called bad, and nobody disputes."""
        named = {
            film
            for told in self.answers
            if told.item.covered is not None
            for film, bad in told.bad.get(name, {}).items()
            if bad
        }
        looks = {}
        for told in self.answers:
            calls = dict(told.bad.get(name, {}))
            if told.item.detector_task != name and name in self.history.asked(told.item):
                calls |= dict.fromkeys(told.flagged & named, True)
            elif told.item.detector_task != name:
                calls = {film: bad for film, bad in calls.items() if told.item.covered is not None}
            for film, bad in calls.items():
                own = told.item.detector_task == name
                at = told.since[film] if own else told.at
                looks.setdefault(film, []).append((at, told, bad))
        return {film for film, calls in looks.items() if self.is_settled(calls)}

    def is_settled(self, timed):
        calls = [call[1:] for call in sorted(timed, key=lambda call: call[0])]
        on_screen = [(told, bad) for told, bad in calls if told.seconds is not None]
        items = {told.item.item_key for told, bad in on_screen if bad}
        settling = [n for n, (told, _) in enumerate(calls) if told.item.purpose is Purpose.SETTLE]
        since = calls[settling[-1] :] if settling else calls
        last = {told.reviewer: bad for told, bad in since}
        return len(items) > 1 and on_screen[-1][1] and len(set(last.values())) == 1

    def bad(self, names):
        """Return how many films on the list are bad for any of these tasks, and how."""
        how = {}
        for row in self.rows("exclusions"):
            if row["detector_task"] in names:
                film, name = self.film_of[row["file"]], row["detector_task"]
                policy = row["label_source"] == "RULE"
                strength = 2 if policy else 0 if film in self.settled(name) else 1
                how[film] = min(strength, how.get(film, 2))
        correctable = self.films_in("corrections") | self.films_in("unproven")
        return {
            "two_looks": sum(strength == 0 for strength in how.values()),
            "one_look": sum(strength == 1 for strength in how.values()),
            "policy": sum(strength == 2 for strength in how.values()),
            "correctable": len(correctable & how.keys()),
            "bad": len(how),
        }

    def suspected(self, names):
        suspects = {
            self.film_of[row["file"]]
            for row in self.rows("suspects")
            if row["detector_task"] in names
        }
        if len(names) > 1:
            suspects -= self.films_in("exclusions")
        unseen = suspects - self.seen(TASKS)
        return {"suspected": len(suspects), "unseen": len(unseen)}

    def of(self, *names):
        return self.looks(names) | self.bad(names) | self.suspected(names)


def number(pattern, text, default=0):
    """Return the number in the first group; a count written as a word is one, too."""
    found = re.search(pattern, text)
    if found is None:
        return default
    word = next(group for group in found.groups() if group)
    return (
        {"none": 0, "nobody": 0, "it": 1}.get(word)
        if word.isalpha()
        else float(word.replace(",", ""))
    )


def read_looks(text):
    """Parse the sentence on what was looked at, and its notes."""
    if "Nobody has looked at any film." in text:
        return {"looked_at": 0, "looks": 0, "sheets": 0, "singles": 0, "people": 0}
    whole = re.search(r"looked at all ([\d,]+) films", text)
    return {
        "people": number(r"([\d,]+) (?:person|people) looked at", text),
        "looked_at": float(whole[1].replace(",", ""))
        if whole
        else number(r"looked at ([\d,]+|none) of [\d,]+ films?", text),
        "looks": number(r": ([\d,]+) looks? on", text),
        "sheets": number(r"([\d,]+) contact sheets?", text),
        "singles": number(r"([\d,]+) single films?", text),
        "hidden": number(r"([\d,]+) of these looks (?:was|were) at hidden", text),
        "in_bulk": number(r"([\d,]+) items? (?:was|were) accepted in bulk", text),
        "taken_back": number(r"([\d,]+) answers? (?:was|were) taken back", text),
    }


def read_drawn(text):
    drawn = number(r"([\d,]+) films? (?:was|were) drawn at random", text)
    said = re.search(r"drawn at random, and (.*?)\.", text)
    if said is None:
        return {"drawn": drawn}
    words = said[1]
    if words in ("all were looked at", "it was looked at"):
        return {"drawn": drawn, "drawn_seen": drawn}
    if words in ("none was looked at yet", "it was not looked at yet"):
        return {"drawn": drawn, "drawn_seen": 0}
    return {"drawn": drawn, "drawn_seen": number(r"([\d,]+) of them (?:was|were) looked at", words)}


def read_bad(text):
    if only := re.search(r"1 film is bad: (.*?)\. (.*?)\.", text):
        how = ("confirmed by two looks", "called so, but not yet confirmed", "by policy")
        two, one, policy = (int(only[1].startswith(words)) for words in how)
        right = int(only[2].startswith("It can be put right"))
        return {"two_looks": two, "one_look": one, "policy": policy, "correctable": right}
    return {
        "two_looks": number(r"([\d,]+) confirmed by two looks", text),
        "one_look": number(r"([\d,]+) called bad, but not yet confirmed", text),
        "policy": number(r"([\d,]+) by policy", text),
        "correctable": int("It can be put right by turning" in text)
        or number(r"([\d,]+) can be put right by turning", text),
    }


def read_suspected(text):
    if "undecided film" not in text or "No undecided film" in text:
        return {"suspected": 0, "unseen": 0}
    suspected = number(r"([\d,]+) undecided films? (?:is|are) suspected", text)
    all_unseen = re.search(r"suspected: nobody has looked at (?:them|it)\.", text)
    unseen = suspected if all_unseen else number(r"nobody has looked at ([\d,]+) of them", text)
    return {"suspected": suspected, "unseen": unseen}


def read(text):
    """Parse every number that a text says of the facts."""
    return read_looks(text) | read_drawn(text) | read_bad(text) | read_suspected(text)


def agree(text, recount):
    for name, value in read(text).items():
        assert value == recount[name], (name, value, recount[name], text)


def run(history, *arguments):
    root = str(history.workspace.root)
    result = CliRunner().invoke(main, [*arguments, "--workspace", root])
    assert result.exit_code == 0, result.output
    return result.stdout


def status_parts(text):
    """Return what status says of the archive, and of each detector task."""
    whole, *parts = text.split("\n\n")
    return whole, {part.split(":", 1)[0].strip(): part for part in parts}


def words(page):
    return " ".join(
        unescape(
            re.sub(r"<[^>]*>", " ", re.sub(r"<style.*?</style>", "", page, flags=re.S))
        ).split()
    )


def check_report(page, recount):
    said = words(page)
    whole = recount.of(*TASKS)
    removed = said.split("What was found to be removed?")[1].split("How sure are you?")[0]
    sure = said.split("How sure are you?")[1].split("Does any group")[0]
    who = said.split("Who checked?")[1].split("Overview")[0]
    for name, value in read_bad(removed).items():
        assert value == whole[name], (name, value, whole[name], removed)
    assert (
        number(r"(?:Not as it stands: |all )([\d,]+) (?:of [\d,]+ )?films (?:is|are) bad", said)
        == whole["bad"]
    )
    for name, value in read_drawn(sure).items():
        assert value == whole[name], (name, value, whole[name], sure)
    for name, value in read_looks(who.split(":", 1)[0] + ":" + who.split(":", 1)[1]).items():
        assert value == whole[name], (name, value, whole[name], who)
    assert ("none of them can be put right" in said) is False


@pytest.mark.parametrize("seed", range(4))
def test_every_number_that_anybody_is_told_is_that_of_a_recount(begin, tmp_path, seed):
    history = begin(seed)
    history.push("any_problem")
    for round_ in range(3):
        for _ in range(7):
            history.step()
        out = tmp_path / str(round_)
        written = export(
            history.workspace, TASKS, out, bias=BiasTerms(ACCEPTED), with_pictures=False
        )
        recount = Recount(history, out)
        whole, by_task = status_parts(run(history, "status"))
        agree(whole, recount.of(*TASKS))
        for name in set(ASKED):
            agree(by_task[name], recount.of(name))
        agree(run(history, "audit").rsplit("\n\n", 1)[1], recount.of(*TASKS))
        check_report((out / "report.html").read_text(), recount)
        assert written.facts.archive.bad.films == recount.of(*TASKS)["bad"]
