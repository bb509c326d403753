"""Which films are looked at again, and by whom; without Label Studio."""

from dataclasses import replace

import pytest
from shared_fixtures.kept_answers import record_answer, replace_annotation

from backend.archive.adapters.catalogue import films
from backend.base.adapters.workspace import Workspace
from backend.detectors.core.label_doubts import Doubt
from backend.labels.adapters.label_store import AnnotationVersion
from backend.labels.core.labels import Label, LabelSource, Slice
from backend.review.adapters.batch_store import close_item, record_batch
from backend.review.core.item import SHEET, BatchFacts, Item, StoredAnswer
from backend.review.core.look import LookOutcome, Purpose, called_on_sheet
from backend.review.core.ranking.pool import Pick
from backend.review.loop.follow_ups import follow_ups
from backend.review.loop.planning_material import planning_material


@pytest.fixture
def rotation(tasks):
    return tasks["rotation"]


class Sheet:
    """A sheet of upright films that two reviewers read, each on a copy of their own."""

    def __init__(self, workspace, rotation):
        (workspace.root / "radsieve.toml").write_text("reviewers = 2\nsecond_sheet_films = 3\n")
        self.workspace, self.task = Workspace(workspace.root), rotation
        engine = self.workspace.database
        self.films = sorted(film.radiograph_id for film in films(engine))[:8]
        first = Item("a", 1, 1, 0, "rotation", SHEET, "upright", tuple(self.films), shard=1)
        self.items = [first, replace(first, item_key="b", purpose=Purpose.DOUBLE, shard=2)]
        batch = record_batch(
            engine,
            BatchFacts("rotation", "v", 1),
            [Pick(film, Slice.UNCERTAIN, "why") for film in self.films],
            lambda _: self.items,
        )
        assert batch == first.batch_id

    def answer(self, item, reviewer, flagged):
        time = f"2026-01-0{1 + self.items.index(item)}T00:00:00+00:00"
        name = f"{item.item_key}/1"
        called = called_on_sheet({film: film in flagged for film in self.films}, "upright")
        engine = self.workspace.database
        record_answer(
            engine,
            StoredAnswer(
                item.item_key, 1, "rotation", name, time, reviewer, 60.0, LookOutcome.COUNTED,
                self.films, called,
            ),
        )  # fmt: skip
        labels = [
            Label(
                film, "rotation", "upright", LabelSource.REVIEWER, time, reviewer,
                denied=film in flagged,
            )
            for film in self.films
        ]  # fmt: skip
        replace_annotation(engine, AnnotationVersion(name, time), labels)
        close_item(engine, item)

    def again(self):
        return follow_ups(planning_material(self.workspace, self.task))


@pytest.fixture
def sheet(workspace, rotation):
    return Sheet(workspace, rotation)


def test_two_reviewers_who_disagree_are_settled_by_a_third_look(sheet):
    doubtful = sheet.films[0]
    sheet.answer(sheet.items[0], "r1", {doubtful})
    sheet.answer(sheet.items[1], "r2", set())
    (settle,) = sheet.again()
    assert (settle.purpose, settle.radiograph_ids) == (Purpose.SETTLE, (doubtful,))


def test_a_find_goes_to_another_tab_than_the_one_that_showed_it_last(sheet):
    close_item(sheet.workspace.database, sheet.items[1])
    sheet.answer(sheet.items[0], "r1", set(sheet.films[:1]))
    (again,) = sheet.again()
    assert (again.purpose, again.shard) == (Purpose.SECOND, 2)


def test_what_two_reviewers_both_flag_needs_no_second_look_but_its_class(sheet):
    found = sheet.films[0]
    sheet.answer(sheet.items[0], "r1", {found})
    sheet.answer(sheet.items[1], "r2", {found})
    (again,) = sheet.again()
    assert (again.purpose, again.radiograph_ids) == (Purpose.SECOND, (found,))


def test_while_the_second_reader_has_not_answered_few_finds_are_held_back(sheet):
    sheet.answer(sheet.items[0], "r1", set(sheet.films[:2]))
    assert sheet.again() == []


def test_what_is_asked_already_is_not_asked_twice(sheet):
    sheet.answer(sheet.items[0], "r1", set(sheet.films[:1]))
    sheet.answer(sheet.items[1], "r2", set())
    (planned,) = sheet.again()
    record_batch(
        sheet.workspace.database,
        BatchFacts("rotation", "v", 0),
        [],
        lambda batch: [
            Item(
                "c", 2, batch, 0, "rotation", "single", "", planned.radiograph_ids,
                purpose=planned.purpose,
            )
        ],
    )  # fmt: skip
    assert sheet.again() == []


def test_an_answer_that_a_detector_doubts_is_looked_at_again_once_the_batch_is_done(
    sheet, monkeypatch
):
    doubted = sheet.films[3]
    monkeypatch.setattr(
        "backend.review.loop.follow_ups.label_doubts",
        lambda *_: [Doubt(doubted, "upright", "turned_90", 0.01)],
    )
    sheet.answer(sheet.items[0], "r1", set())
    assert sheet.again() == []
    sheet.answer(sheet.items[1], "r2", set())
    (again,) = sheet.again()
    assert (again.purpose, again.radiograph_ids) == (Purpose.SETTLE, (doubted,))


def test_finds_of_a_finished_batch_go_on_though_a_later_batch_waits(sheet):
    close_item(sheet.workspace.database, sheet.items[1])
    sheet.answer(sheet.items[0], "r1", set(sheet.films[:1]))
    later = replace(sheet.items[0], item_key="later", radiograph_ids=("another",))
    record_batch(
        sheet.workspace.database,
        BatchFacts("rotation", "v", 2),
        [],
        lambda batch: [replace(later, batch_id=batch)],
    )
    (again,) = sheet.again()
    assert again.radiograph_ids == (sheet.films[0],)
