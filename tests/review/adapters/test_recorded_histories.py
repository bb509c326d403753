"""Whatever radsieve itself does in whatever order, its evidence is as the ledger says."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_fixtures.kept_answers import (
    add_labels,
    record_answer,
    reopen_item,
    replace_annotation,
    withdraw_annotation,
    withdraw_answer,
)
from sqlalchemy import delete, update

from backend.archive.adapters.catalogue_writer import note_thumbnails, update_from_metadata
from backend.archive.adapters.seal_store import note_sealed
from backend.archive.core.metadata import MetadataRow
from backend.base.adapters.database import evidence, ledger, open_database, picks
from backend.base.adapters.evidence_check import refuse_changed_tables
from backend.base.adapters.workspace import Workspace
from backend.base.adapters.written_files import WrittenFiles, file_sha256
from backend.base.core.errors import ChangedEvidenceError
from backend.detectors.adapters.versions.registry import record_publication, register_version
from backend.labels.adapters.label_store import AnnotationVersion, replace_labels
from backend.labels.adapters.ledger_store import check_ledger, labels_that_differ, note_override
from backend.labels.core.box import Box, LabelledBox
from backend.labels.core.labels import Label, LabelSource, Slice
from backend.review.adapters import batch_store as store
from backend.review.core.item import SHEET, BatchFacts, Item, StoredAnswer
from backend.review.core.look import Call, LookOutcome
from backend.review.core.ranking.pool import Pick
from benchmarks.speed.ledger_cost import add_films

ROOT = Path(__file__).parents[3]
FILMS = [letter * 20 for letter in "abcdef"]
EXAMPLES, PROCESSES, ROUNDS = 40, 3, 8


class Doing:
    """All that can be done to the tables, each with one number to choose by."""

    def __init__(self, root):
        self.root, self.clock = root, 0
        self.open()
        add_films(self.engine, FILMS)

    def open(self):
        self.workspace = Workspace.open_or_make(self.root)
        self.engine = self.workspace.database

    def film(self, n):
        return FILMS[n % len(FILMS)]

    def label(self, n, **more):
        said = ("normal", "inverted")[n % 2]
        facts = (said, LabelSource.REVIEWER, "2026-01-01", "user 1")
        return Label(self.film(n), "inversion", *facts, **more)

    def when(self):
        self.clock += 1
        return f"2026-01-01T{self.clock:06}"

    def items(self):
        return store.task_items(self.engine, "inversion")

    def item(self, n):
        known = self.items()
        return known[n % len(known)] if known else None

    def reopen(self, _):
        self.engine.dispose()
        self.open()

    def give_labels(self, n):
        drawn = (LabelledBox("left_hip", Box(0.1 * (n % 7), 1 / 3, 0.3, 0.4)),)
        add_labels(self.engine, [self.label(n, boxes=drawn), self.label(n + 1)])

    def answer_again(self, n):
        origin = AnnotationVersion(f"sheet/{n % 2}", self.when())
        replace_annotation(self.engine, origin, [self.label(n), self.label(n + 1)])

    def take_back(self, n):
        withdraw_annotation(self.engine, f"sheet/{n % 2}")
        withdraw_answer(self.engine, f"sheet/{n % 2}")

    def read_reports(self, n):
        words = dict.fromkeys(FILMS[: n % 6], f"words {n}")
        said = [
            Label(film, "inversion", "inverted", LabelSource.REPORT, "2026", rule="r", evidence=one)
            for film, one in words.items()
        ]
        replace_labels(self.engine, "inversion", LabelSource.REPORT, said)

    def answer(self, n):
        outcome = list(LookOutcome)[n % len(list(LookOutcome))]
        called = {self.film(n): Call("inverted", denied=n % 2 == 0)}
        facts = ("user 1", 2.5 * n, outcome, [self.film(n)], called)
        answer = StoredAnswer("k", 1, "inversion", f"sheet/{n % 2}", self.when(), *facts)
        record_answer(self.engine, answer)

    def push(self, n):
        chosen = [Pick(self.film(n), Slice.AUDIT, "by chance", inclusion=1 / (n + 3))]
        facts = BatchFacts("inversion", "net", n, films=6, drawn_from=5)
        store.record_batch(self.engine, facts, chosen, lambda number: [self.planned(number, n)])

    def planned(self, number, n):
        return Item(
            f"{number}/{self.when()}", 1, number, n, "inversion", SHEET, "normal", (self.film(n),)
        )

    def plan_more(self, n):
        store.plan_items(self.engine, [self.planned(99, n), self.planned(99, n + 1)])

    def change_item(self, n):
        item = self.item(n)
        if item:
            change = [
                lambda: store.note_pushed(self.engine, item, n),
                lambda: store.move_item(self.engine, item, n),
                lambda: store.plan_again(self.engine, item, item.project_id + 1),
                lambda: store.close_item(self.engine, item),
                lambda: reopen_item(self.engine, item),
                lambda: store.leave_out(self.engine, item, set(item.radiograph_ids)),
                lambda: store.supersede_item(self.engine, item),
            ]
            change[n % len(change)]()

    def seal(self, n):
        note_sealed(self.engine, [(self.film(n), f"patient {n % 3}")])

    def learn_patients(self, n):
        rows = {self.film(n): MetadataRow(self.film(n), patient_id=f"{n}", sex="f")}
        update_from_metadata(self.engine, rows, patient_keys={f"{n}": f"key {n}"}, study_keys={})

    def see_thumbnails(self, n):
        note_thumbnails(self.engine, {self.film(n): f"{n}"})

    def train(self, n):
        register_version(
            self.engine, "inversion", f"net-{n % 3}", reviewer_labels=n, judgement={"auroc": n / 7}
        )

    def publish(self, n):
        record_publication(self.engine, "inversion", f"net-{n % 3}", reason="better")

    def write_file(self, n):
        new = self.root / "new"
        new.write_text(f"{n}")
        self.workspace.written.take_place(new, self.root / f"file {n % 2}")

    def override(self, n):
        note_override(self.engine, f"{n}", {})

    def fail(self, n):
        """A change that goes wrong half-way changes nothing."""
        with pytest.raises(Exception, match="constraint"):
            add_labels(
                self.engine,
                [
                    self.label(n),
                    Label("nobody", "inversion", "x", LabelSource.REVIEWER, "2026", "user 1"),
                ],
            )


STEPS = sorted(name for name in vars(Doing) if name[0] != "_" and name not in {
    "open", "film", "label", "when", "items", "item", "planned",
})  # fmt: skip


def test_every_way_to_change_a_table_is_tried():
    assert len(STEPS) == 17


@settings(max_examples=EXAMPLES)
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 40)), max_size=14))
def test_an_honest_history_is_never_called_changed(tmp_path_factory, steps):
    root = tmp_path_factory.mktemp("honest") / "workspace"
    doing = Doing(root)
    for step, number in steps:
        getattr(doing, step)(number)
        refuse_changed_tables(doing.engine)
        assert list(doing.workspace.written.changed()) == []
    assert check_ledger(doing.engine).fault is None
    assert labels_that_differ(doing.engine) == []
    doing.engine.dispose()
    shutil.rmtree(root)


@settings(max_examples=EXAMPLES)
@pytest.mark.slow
@given(
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 40)), min_size=1, max_size=6),
    earlier=st.integers(0, 6),
)
def test_a_workspace_of_an_earlier_radsieve_begins_its_evidence_with_what_it_has(
    tmp_path_factory, steps, earlier
):
    root = tmp_path_factory.mktemp("earlier") / "workspace"
    doing = Doing(root)
    for place, (step, number) in enumerate(steps):
        if place == earlier:
            with doing.engine.begin() as connection:  # as an earlier radsieve left it
                connection.execute(delete(evidence))
                connection.execute(delete(ledger).where(ledger.c.kind == "evidence"))
                connection.execute(update(picks).values(reason="changed before"))
            refuse_changed_tables(doing.engine)
        getattr(doing, step)(number)
        refuse_changed_tables(doing.engine)
    doing.engine.dispose()
    shutil.rmtree(root)


_WRITER = """
import sys
from pathlib import Path
from backend.base.adapters.workspace import Workspace
from backend.base.adapters.evidence_check import refuse_changed_tables
from backend.labels.adapters.label_store import AnnotationVersion, put_annotation
from backend.labels.adapters.ledger_store import recorded
from backend.labels.core.labels import Label, LabelSource
from backend.review.adapters.batch_store import note_pushed, task_items
from backend.archive.adapters.seal_store import note_sealed
me, rounds, workspace = sys.argv[1], int(sys.argv[2]), Workspace(Path(sys.argv[3]))
engine = workspace.database
for number in range(rounds):
    said = Label("a" * 20, "inversion", "inverted", LabelSource.REVIEWER, f"{number:04d}", me)
    with recorded(engine) as recorder:
        put_annotation(recorder, AnnotationVersion(f"{me}/{number}", "once"), [said])
    note_pushed(engine, task_items(engine, "inversion")[0], number)
    note_sealed(engine, [("b" * 20, f"{me} {number}")])
    new = workspace.root / me
    new.write_text(f"{me} {number}")
    workspace.written.take_place(new, workspace.root / "shared file")
    refuse_changed_tables(engine)
"""


def test_programs_that_write_at_once_keep_the_evidence_right(tmp_path):
    doing = Doing(tmp_path / "workspace")
    doing.push(1)

    def write(name):
        command = [sys.executable, "-c", _WRITER, name, str(ROUNDS), str(doing.root)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    with ThreadPoolExecutor(PROCESSES) as pool:
        done = list(pool.map(write, [f"user {number}" for number in range(PROCESSES)]))
    assert [one.stderr for one in done] == [""] * PROCESSES
    refuse_changed_tables(doing.engine)
    assert list(doing.workspace.written.changed()) == []
    assert check_ledger(doing.engine).fault is None


def test_who_is_killed_between_digest_and_file_leaves_a_file_that_is_known(tmp_path):
    doing = Doing(tmp_path / "workspace")
    doing.write_file(2)
    target, new = doing.root / "file 0", doing.root / "new"
    before = target.read_bytes()
    new.write_text("4")

    class KilledError(Exception):
        pass

    class Killed(type(new)):
        def replace(self, target):
            raise KilledError

    written = WrittenFiles(doing.engine, doing.root)
    with pytest.raises(KilledError):
        written.take_place(Killed(new), target)
    assert target.read_bytes() == before
    assert list(written.changed()) == []
    new.replace(target)
    assert list(written.changed()) == []
    assert written.is_as_written(target, file_sha256(target))
    target.write_text("5")
    assert list(written.changed()) == ["file 0"]


def test_evidence_in_postgresql_is_as_the_ledger_says_until_somebody_changes_it(
    postgres_url, tmp_path, monkeypatch
):
    monkeypatch.setenv("RADSIEVE_DATABASE_URL", postgres_url)
    doing = Doing(tmp_path / "workspace")
    for number in range(3):
        for step in STEPS:
            if step != "fail":
                getattr(doing, step)(number)
        refuse_changed_tables(doing.engine)
    assert check_ledger(doing.engine).fault is None
    behind = open_database(postgres_url)
    with behind.begin() as connection:
        connection.execute(update(picks).values(reason="another"))
    with pytest.raises(ChangedEvidenceError, match="the table picks was changed"):
        refuse_changed_tables(doing.engine)
    behind.dispose()
    doing.engine.dispose()
