"""Several pulls at once end in what Label Studio says, whatever comes first.

Each pull runs in a coroutine of its own, and gives way at every call to Label Studio and at every
transaction. What goes on next is drawn; so are the reviewers' answers, edits and deletions.
"""

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from greenlet import getcurrent, greenlet
from hypothesis import given as drawing
from hypothesis import settings
from hypothesis import strategies as st
from shared_fixtures.kept_answers import withdraw_answer
from sqlalchemy import event, update

from backend.base.adapters.database import answers
from backend.base.adapters.workspace import Workspace
from backend.labels.adapters.label_store import standing_labels
from backend.labels.adapters.ledger_store import check_ledger, labels_that_differ
from backend.labels.core.labels import Slice
from backend.review.adapters.answer_store import standing_answers
from backend.review.adapters.batch_store import (
    all_picks,
    note_pushed,
    open_items,
    record_batch,
    task_items,
)
from backend.review.adapters.label_studio.items import ItemAnswer, ItemState
from backend.review.adapters.label_studio.shapes import parse_data
from backend.review.adapters.screens.contact_sheet import sheet_result
from backend.review.adapters.screens.sheet_screen import FILMS_FIELD
from backend.review.core.item import SHEET, BatchFacts, Item
from backend.review.core.ranking.pool import Pick
from backend.review.loop.looks import looks
from backend.review.loop.pull import pull
from benchmarks.speed.ledger_cost import add_films
from tasks import load_detector_tasks

TASK = load_detector_tasks()["inversion"]
FILMS = ("a", "b", "c", "d")
SHEETS = {"one": FILMS[:2], "two": FILMS[2:]}
PROJECT = 1
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class SmallStudio:
    """Holds annotations as Label Studio does: their numbers only grow, and each has its time."""

    now: datetime = BEGAN
    given: dict = field(default_factory=dict)
    last: int = 0
    items: dict = field(default_factory=lambda: {key: n for n, key in enumerate(SHEETS, 1)})
    give_way: object = lambda: None

    def submit(self, key, flagged, *, skipped=False, number=None):
        if key in self.items and (number is None or number in self.given):
            self.now += timedelta(seconds=1)
            self.last += number is None
            self.given[number or self.last] = SimpleNamespace(
                key=key, flagged=flagged, skipped=skipped, at=self.now
            )

    def turn_back(self):
        self.now -= timedelta(seconds=10)

    def has_project(self, _project):
        return True

    def answers(self, _project, _task):
        for key in list(self.items):
            self.give_way()
            answered = [(number, one) for number, one in self.given.items() if one.key == key]
            yield from [self._answer(number, one) for number, one in answered]

    def item_keys(self, _project):
        self.give_way()
        answered = {one.key for one in self.given.values() if not one.skipped}
        return {key: ItemState(number, key in answered) for key, number in self.items.items()}

    def delete_answer(self, number):
        self.give_way()
        self.given.pop(number, None)

    def delete_item(self, key):
        self.items.pop(key, None)
        self.given = {number: one for number, one in self.given.items() if one.key != key}

    def _answer(self, number, one):
        shown = SHEETS[one.key]
        data = {
            "sheet_key": one.key,
            "detector_task": TASK.name,
            "shown_label": "normal",
            FILMS_FIELD: [{"value": film} for film in shown],
        }
        return ItemAnswer(
            item_id=self.items[one.key],
            data=parse_data(data),
            annotation_id=number,
            created_at=one.at.isoformat(),
            updated_at=one.at.isoformat(),
            reviewer=f"user {number % 2}",
            result=sheet_result(shown, set(one.flagged) & set(shown)),
            was_cancelled=one.skipped,
            lead_time_s=60.0,
        )


def planned(number):
    return [
        Item(key, PROJECT, number, place, TASK.name, SHEET, "normal", SHEETS[key])
        for place, key in enumerate(SHEETS)
    ]


def plan(engine):
    add_films(engine, FILMS)
    picks = [Pick(film, Slice.AUDIT, "1 of 4 films", inclusion=0.25) for film in FILMS]
    facts = BatchFacts(TASK.name, "v", 1, films=4, drawn_from=4)
    number = record_batch(engine, facts, picks, planned)
    for place, item in enumerate(planned(number), 1):
        note_pushed(engine, item, place)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """The folder of a workspace with two sheets that wait."""
    workspace = Workspace.open_or_make(tmp_path_factory.mktemp("planned"))
    plan(workspace.database)
    workspace.database.dispose()
    return workspace.root


class Pulls:
    """A workspace and the pulls that are under way in it."""

    def __init__(self, root, studio):
        # Pictures are removed in turn, which would make this one thread wait for itself.
        (root / "radsieve.toml").write_text("keep_pictures = true\n")
        self.workspace, self.studio, self.running = Workspace.open_or_make(root), studio, []
        self.engine = self.workspace.database
        studio.give_way = self._give_way
        event.listen(self.engine, "begin", lambda _connection: self._give_way())

    def begin(self):
        if len(self.running) < 3:
            self.running.append(greenlet(lambda: pull(self.workspace, TASK, self.studio)))

    def go_on(self, which):
        if self.running:
            one = self.running[which % len(self.running)]
            one.switch()
            self.running = [each for each in self.running if not each.dead]

    def _give_way(self):
        here = getcurrent()
        if here.parent is not None:
            here.parent.switch()


def stands(engine):
    """Return all that follows from the answers; times of labels tell of what was edited when."""
    given = standing_answers(engine, TASK.name)
    said = standing_labels(engine, TASK.name)
    return {
        "answers": sorted(
            (one.annotation, one.annotation_updated_at, repr(sorted(one.called.items())))
            for one in given
        ),
        "labels": sorted((one.radiograph_id, one.label, one.denied, one.reviewer) for one in said),
        "looks": sorted(
            (one.radiograph_id, one.reviewer, repr(one.called)) for one in looks(engine, TASK)
        ),
        "waiting": [item.item_key for item in open_items(engine, TASK.name)],
        "items": [item.item_key for item in task_items(engine, TASK.name)],
        "picks": all_picks(engine, TASK.name),
    }


def assert_ends_in_what_label_studio_says(pulls, fresh):
    """Compare with one pull into a store that knows of no answer yet."""
    pulls.studio.give_way = lambda: None
    pull(fresh, TASK, pulls.studio)
    assert stands(pulls.engine) == stands(fresh.database)
    assert check_ledger(pulls.engine).fault is None
    assert labels_that_differ(pulls.engine) == []


def key():
    return st.sampled_from(sorted(SHEETS))


def flags():
    return st.lists(st.sampled_from(FILMS), max_size=2)


EVENTS = st.one_of(
    st.tuples(st.just("answer"), key(), flags()),
    st.tuples(st.just("skip"), key()),
    st.tuples(st.just("edit"), st.integers(1, 4), flags()),
    st.tuples(st.just("delete"), st.integers(1, 4)),
    st.tuples(st.just("clock back")),
    st.tuples(st.just("pull")),
    st.tuples(st.just("go on"), st.integers(0, 2), st.integers(1, 12)),
    st.tuples(st.just("go on"), st.integers(0, 2), st.integers(1, 12)),
    st.tuples(st.just("go on"), st.integers(0, 2), st.integers(1, 12)),
)


def edit(studio, number, flagged):
    if number in studio.given:
        studio.submit(studio.given[number].key, flagged, number=number)


def go_on(pulls, which, steps):
    for _ in range(steps):
        pulls.go_on(which)


HAPPENS = {
    "answer": lambda pulls, *facts: pulls.studio.submit(*facts),
    "skip": lambda pulls, key: pulls.studio.submit(key, [], skipped=True),
    "edit": lambda pulls, *facts: edit(pulls.studio, *facts),
    "delete": lambda pulls, number: pulls.studio.given.pop(number, None),
    "clock back": lambda pulls: pulls.studio.turn_back(),
    "pull": lambda pulls: pulls.begin(),
    "go on": go_on,
}


def finish(pulls, order):
    """Begin one more pull, and let it and those under way end in any order."""
    pulls.running = pulls.running[:2]
    pulls.begin()
    for which in order:
        pulls.go_on(which)
    while pulls.running:
        pulls.go_on(0)


def drawn(examples):
    """Let a test see so many interleavings."""
    events = st.lists(EVENTS, max_size=25)
    order = st.lists(st.integers(0, 2), max_size=60)
    often = settings(max_examples=examples, deadline=None)
    return lambda test: often(drawing(events=events, order=order)(test))


@drawn(10)
def test_any_interleaving_of_pulls_ends_in_what_label_studio_says(empty, events, order):
    assert_any_interleaving_ends_well(empty, events, order)


@pytest.mark.slow
@drawn(300)
def test_many_interleavings_of_pulls_end_in_what_label_studio_says(empty, events, order):
    assert_any_interleaving_ends_well(empty, events, order)


def assert_any_interleaving_ends_well(empty, events, order):
    with tempfile.TemporaryDirectory() as folder:
        roots = [Path(folder) / name for name in ("workspace", "fresh")]
        for root in roots:
            shutil.copytree(empty, root)
        pulls, fresh = Pulls(roots[0], SmallStudio()), Workspace.open_or_make(roots[1])
        for one in events:
            HAPPENS[one[0]](pulls, *one[1:])
        while len(pulls.running) > 2:
            pulls.go_on(0)
        finish(pulls, order)
        assert_ends_in_what_label_studio_says(pulls, fresh)
        pulls.engine.dispose()
        fresh.database.dispose()


@pytest.fixture
def pulls(empty, tmp_path):
    shutil.copytree(empty, tmp_path / "workspace")
    running = Pulls(tmp_path / "workspace", SmallStudio())
    yield running
    running.engine.dispose()


@pytest.fixture
def fresh(empty, tmp_path):
    shutil.copytree(empty, tmp_path / "fresh")
    opened = Workspace.open_or_make(tmp_path / "fresh")
    yield opened
    opened.database.dispose()


def whole(pulls):
    """Pull from beginning to end, while others wait."""
    others, pulls.running = pulls.running, []
    pulls.begin()
    while pulls.running:
        pulls.go_on(0)
    pulls.running = others


@pytest.mark.parametrize("steps", [5, 9, 13, 17])
@pytest.mark.parametrize("change", ["edit", "delete", "answer again"])
def test_a_pull_that_read_before_a_change_and_writes_after_it_changes_nothing(
    pulls, fresh, change, steps
):
    change_meanwhile(pulls, change, steps)
    assert_ends_in_what_label_studio_says(pulls, fresh)


def change_meanwhile(pulls, change, steps):
    studio = pulls.studio
    studio.submit("one", ["a"])
    pulls.begin()
    go_on(pulls, 0, steps)
    if change == "edit":
        studio.submit("one", [], number=1)
    else:
        studio.given.clear()
    if change == "answer again":
        studio.submit("one", ["b"])
    whole(pulls)
    while pulls.running:
        pulls.go_on(0)
    whole(pulls)


def test_an_item_that_is_deleted_takes_nothing_back_whichever_pull_writes_last(pulls):
    pulls.studio.submit("one", ["a"])
    pulls.begin()
    go_on(pulls, 0, 9)
    pulls.studio.delete_item("one")
    whole(pulls)
    while pulls.running:
        pulls.go_on(0)
    whole(pulls)
    assert [item.item_key for item in open_items(pulls.engine, TASK.name)] == ["two"]


def test_an_answer_that_an_earlier_radsieve_lost_stands_again(pulls, fresh):
    """It once stood and was withdrawn for good, though Label Studio held it all the time."""
    pulls.studio.submit("one", ["a"])
    whole(pulls)
    withdraw_answer(pulls.engine, "one/1")
    with pulls.engine.begin() as connection:
        connection.execute(update(answers).values(moment=None))
    whole(pulls)
    assert_ends_in_what_label_studio_says(pulls, fresh)


def test_the_same_holds_in_postgresql(postgres_url, tmp_path, fresh, monkeypatch):
    monkeypatch.setenv("RADSIEVE_DATABASE_URL", postgres_url)
    (tmp_path / "workspace").mkdir()
    pulls = Pulls(tmp_path / "workspace", SmallStudio())
    plan(pulls.engine)
    change_meanwhile(pulls, "answer again", steps=9)
    monkeypatch.delenv("RADSIEVE_DATABASE_URL")
    assert_ends_in_what_label_studio_says(pulls, fresh)
    pulls.engine.dispose()
