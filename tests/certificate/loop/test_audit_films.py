"""Films that leave the archive, come to it, or get lost on the way to a reviewer: the certificate.

Items are planned and answered in the database alone; films are files that the index reads.
"""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from shared_fixtures.kept_answers import add_labels, record_answer, replace_annotation
from sqlalchemy import null, update

from backend.archive.adapters.catalogue import films
from backend.archive.loop.index import index
from backend.base.adapters.database import batches, utc_now
from backend.base.adapters.recorder import recording
from backend.base.adapters.workspace import Workspace
from backend.certificate.loop.audit import audit
from backend.export.core.report_sentences import five_answers
from backend.export.loop.report import archive_report
from backend.labels.adapters.label_store import AnnotationVersion
from backend.labels.core.labels import Label, LabelSource, Slice, annotation_name
from backend.review.adapters.batch_store import (
    batch_picks,
    close_item,
    draws,
    open_items,
    record_batch,
)
from backend.review.core.item import BatchFacts, StoredAnswer
from backend.review.core.look import Call, LookOutcome
from backend.review.core.ranking.pool import Pick
from backend.review.loop.push import plan_batch, push_material
from backend.review.loop.review_state import read_state
from backend.review.loop.studio.connect import TaskProjects
from scripts import main
from scripts.push import warn_of_newcomers
from tasks import load_detector_tasks

TASKS = load_detector_tasks()
TASK = TASKS["projection"]
"""One that waits for answers, so that a batch needs no trained network."""
PROJECTS = TaskProjects(sheet=1, single=2)
SETTINGS = "sheet_films = 5\nhidden_share = 0\naudit_share = 0.5\ndry_audit_share = 0.5\n"


class Archive:
    """A folder of good films, and a reviewer on paper who calls all of them good."""

    def __init__(self, root):
        self.folder = root / "films"
        self.folder.mkdir()
        workspace = root / "workspace"
        workspace.mkdir()
        (workspace / "radsieve.toml").write_text(SETTINGS)
        self.workspace = Workspace.open_or_make(workspace)
        self.rng, self.made = np.random.default_rng(5), 0
        self.add(60)

    @property
    def ids(self):
        return [film.radiograph_id for film in films(self.workspace.database)]

    def add(self, count):
        for number in range(self.made, self.made + count):
            self._write(f"film-{number:04d}.png")
        self.made += count
        return index(self.workspace, [self.folder])

    def replace(self, count):
        for path in sorted(self.folder.iterdir())[:count]:
            self._write(path.name)
        return index(self.workspace, [self.folder])

    def remove(self, *some):
        """Delete films; return what their files held."""
        paths = [
            Path(one.path) for one in films(self.workspace.database) if one.radiograph_id in some
        ]
        contents = [path.read_bytes() for path in paths]
        for path in paths:
            path.unlink()
        assert index(self.workspace, [self.folder]).gone == len(some)
        return contents

    def put_back(self, contents):
        for number, content in enumerate(contents):
            (self.folder / f"back-{number}.png").write_bytes(content)
        index(self.workspace, [self.folder])

    def _write(self, name):
        noise = self.rng.integers(0, 256, (96, 96), dtype=np.uint8)
        cv2.imwrite(str(self.folder / name), cv2.GaussianBlur(noise, (0, 0), 5))

    def push(self, count=20):
        material = push_material(self.workspace, TASK, PROJECTS)
        plan_batch(material, count=count, single=False)
        return draws(self.workspace.database, TASK.name)[-1]

    def waiting(self):
        return open_items(self.workspace.database, TASK.name)

    def answer(self, item):
        now, shown = utc_now(), list(item.shown_ids)
        annotation = annotation_name(item.item_key, 1)
        called = dict.fromkeys(shown, Call(TASK.expected_label))
        labels = [
            Label(f, TASK.name, TASK.expected_label, LabelSource.REVIEWER, now, "user 1")
            for f in shown
        ]
        facts = (annotation, now, "user 1", 600.0, LookOutcome.COUNTED, shown, called)
        replace_annotation(self.workspace.database, AnnotationVersion(annotation, now), labels)
        record_answer(self.workspace.database, StoredAnswer(item.item_key, 1, TASK.name, *facts))
        close_item(self.workspace.database, item)

    def review(self, count=20):
        drawn = self.push(count)
        for item in self.waiting():
            self.answer(item)
        return drawn

    def lose(self):
        """Close every item that waits, unanswered: somebody has deleted it in Label Studio."""
        for item in self.waiting():
            close_item(self.workspace.database, item)

    def audited(self):
        return audit(self.workspace.database, TASK)

    def first_answer(self):
        report = archive_report(self.workspace, TASKS, at="2026-01-01", with_pictures=False)
        return five_answers(report)[0]


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path)


def looked_at_draws(archive):
    said = archive.audited()
    assert not said.reading.unusable
    return said.certificate.audit_looks, said.certificate.at_most_unreviewed


def test_draws_go_on_counting_once_a_reviewed_film_has_left(archive):
    first = archive.review()
    before = looked_at_draws(archive)
    archive.remove(first.drawn[0], first.ranked[0])
    second = archive.review()
    assert (second.films, second.drawn_from) == (58, 60 - 20 - len(second.ranked))
    looks, k = looked_at_draws(archive)
    assert looks == before[0] + len(second.drawn)
    assert k < before[1]
    assert archive.audited().certificate.newcomers.films == 0


def test_a_film_that_left_before_anybody_looked_may_be_bad_for_ever(archive):
    archive.review()
    before = looked_at_draws(archive)
    left = next(film for film in archive.ids if film not in picked(archive))
    archive.remove(left)
    second = archive.review()
    assert second.gone == [left]
    looks, k = looked_at_draws(archive)
    assert looks == before[0] + len(second.drawn)
    assert k < before[1]
    while any(film not in picked(archive) for film in archive.ids):
        archive.review()
    said = archive.audited().certificate
    assert (said.unreviewed, said.at_most_unreviewed) == (1, 1)


def picked(archive):
    made = draws(archive.workspace.database, TASK.name)
    return {film for one in made for film in (*one.ranked, *one.drawn)}


def test_a_film_that_comes_back_is_one_of_those_of_the_first_draw(archive):
    archive.review()
    film = next(film for film in archive.ids if film not in picked(archive))
    content = archive.remove(film)
    archive.review(10)
    archive.put_back(content)
    assert film in archive.ids
    archive.review(40)
    looked_at_draws(archive)
    said = archive.audited().certificate
    assert (said.films, said.unreviewed, said.at_most_unreviewed) == (60, 0, 0)
    assert said.newcomers.films == 0


def test_films_that_came_are_drawn_and_looked_at_and_are_no_evidence(archive):
    first = archive.review()
    before = looked_at_draws(archive)
    old = set(archive.ids)
    archive.add(40)
    second = archive.review(30)
    of_first = [film for film in second.drawn if film in old]
    assert 0 < len(of_first) < len(second.drawn)
    looks, k = looked_at_draws(archive)
    assert looks == len(first.drawn) + len(of_first)
    assert k < before[1]
    said = archive.audited().certificate
    shown = [film for film in (*second.ranked, *second.drawn) if film not in old]
    assert (said.films, said.newcomers.films) == (60, 40)
    assert said.newcomers.unknown == 40 - len(shown)
    runs = archive.audited().reading.log.runs
    ranked = [film for film in second.ranked if film in old]
    assert runs[-1].drawn_from == 60 - 20 - len(ranked)


def test_that_every_film_was_looked_at_is_not_said_of_films_that_came(archive):
    while set(archive.ids) - picked(archive):
        archive.review()
    assert archive.audited().certificate.sentence.startswith("We judged")
    assert "came later" not in archive.audited().certificate.sentence
    assert "may be in it" in archive.first_answer().short
    archive.add(100)
    told = "100 films came later (or were replaced): nothing is known of them"
    said = archive.audited().certificate
    assert "Every film of the first draw has a verdict" in said.sentence
    assert f"{told}." in said.sentence
    assert said.as_json()["newcomers"] == {"films": 100, "unknown": 100}
    clean = archive.first_answer()
    assert f"Nobody can say how many more there are. {told}." in clean.short
    assert "in it" not in clean.short
    assert any(
        line.startswith(f"{TASK.display_name}: every film of the first draw")
        for line in clean.details
    )
    assert any(told in line for line in clean.details)


def warn(archive):
    engine = archive.workspace.database
    warn_of_newcomers(engine, TASK.name, read_state(engine, TASK).draws)


def test_the_command_and_a_push_say_that_films_came_later(archive, caplog):
    archive.review()
    archive.push(4)
    warn(archive)
    assert not caplog.messages
    archive.add(40)
    archive.push(4)
    warn(archive)
    told = f"{TASK.name}: 40 films came later (or were replaced): no certificate covers them"
    assert caplog.messages == [told]
    where = ["--workspace", str(archive.workspace.root), "--json"]
    result = CliRunner().invoke(main, ["audit", TASK.name, *where])
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout.splitlines()[-1])
    assert facts["newcomers"] == {"films": 40, "unknown": 40}
    assert "40 films came later (or were replaced): nothing is known of them." in facts["sentence"]
    assert "not in it   40 films that came later or were replaced" in result.stderr
    assert "40 films came later" in CliRunner().invoke(main, ["audit", *where]).stderr


def test_films_replaced_in_place_are_missed_though_their_number_is_the_same(archive):
    while set(archive.ids) - picked(archive):
        archive.review()
    archive.replace(10)
    assert len(archive.ids) == 60
    said = archive.audited().certificate
    assert (said.newcomers.films, said.newcomers.unknown) == (10, 10)
    assert "10 films came later (or were replaced)" in archive.first_answer().short


def test_draws_go_on_counting_once_films_were_replaced_in_place(archive):
    archive.review()
    before, old = looked_at_draws(archive), set(archive.ids)
    archive.replace(10)
    unseen = old - set(archive.ids) - picked(archive)
    second = archive.review(40)
    looks, k = looked_at_draws(archive)
    assert looks == before[0] + len(old.intersection(second.drawn))
    assert len(unseen) <= k < before[1]


def test_a_film_judged_in_a_folder_that_left_before_the_first_draw_breaks_nothing(archive):
    judged, unseen = archive.ids[:2]
    label = Label(
        judged, TASK.name, TASK.expected_label, LabelSource.REVIEWER, "2026-01-01", "user 1"
    )
    add_labels(archive.workspace.database, [label])
    archive.remove(judged, unseen)
    archive.review()
    looked_at_draws(archive)
    assert archive.audited().certificate.films == 58
    archive.review()
    looked_at_draws(archive)


def forget_who_was_gone(archive, *of):
    drawn = batches.c.batch_id.in_([one.batch_id for one in of])
    with (
        recording(archive.workspace.database) as recorder,
        recorder.changing(batches, drawn) as connection,
    ):
        connection.execute(update(batches).where(drawn).values(gone=null()))


def test_a_draw_of_which_it_is_not_on_record_who_had_left_is_read_as_before(archive):
    first = archive.review()
    archive.remove(archive.ids[0])
    forget_who_was_gone(archive, first, archive.review())
    (unusable,) = archive.audited().reading.unusable
    assert unusable.reason.endswith("films were removed, and it is not on record which")


@pytest.mark.parametrize("left_before", [0, 2])
def test_new_draws_go_on_where_an_earlier_radsieve_made_the_first(archive, left_before):
    archive.remove(*archive.ids[:left_before])
    first = archive.review()
    forget_who_was_gone(archive, first)
    second = archive.review()
    archive.remove(first.drawn[0])
    third = archive.review(10)
    looks, _ = looked_at_draws(archive)
    assert looks == sum(len(one.drawn) for one in (first, second, third))


def test_where_nobody_can_say_which_films_were_drawn_from_first_the_draws_stay_as_they_are(archive):
    archive.remove(*archive.ids[:2])
    first = archive.review()
    archive.remove(first.ranked[0])
    forget_who_was_gone(archive, first)
    second = archive.review()
    (unusable,) = archive.audited().reading.unusable
    assert unusable.batch_id == second.batch_id


def test_films_that_were_drawn_and_lost_come_first_into_the_next_batch(archive):
    first = archive.push()
    kept = archive.waiting()[0]
    archive.answer(kept)
    archive.lose()
    owed = [film for film in first.drawn if film not in kept.shown_ids]
    assert owed
    second = archive.push(6)
    assert [*second.ranked, *second.drawn][: len(owed)] == owed[:6]
    for item in archive.waiting():
        archive.answer(item)
    third = archive.push(30)
    assert third.ranked[: len(owed[6:])] == owed[6:]
    reasons = {pick.slice for pick in picks_of(archive, third) if pick.radiograph_id in owed[6:]}
    assert reasons <= {Slice.AGAIN}
    for item in archive.waiting():
        archive.answer(item)
    assert not archive.audited().reading.waiting
    assert looked_at_draws(archive)[0] == sum(
        len(one.drawn) for one in draws(archive.workspace.database, TASK.name)
    )


def picks_of(archive, drawn):
    found = batch_picks(archive.workspace.database, drawn.batch_id)
    return [Pick(film, Slice(name), reason) for film, (name, reason) in found.items()]


def test_what_still_waits_is_not_shown_twice(archive):
    first = archive.push()
    waiting = {film for item in archive.waiting() for film in item.shown_ids}
    second = archive.push()
    assert waiting.issuperset(first.drawn)
    assert not waiting.intersection([*second.ranked, *second.drawn])


def test_a_batch_whose_items_cannot_be_made_was_never_drawn(archive):
    def fail(_batch):
        raise OSError("the disk is full")

    film = archive.ids[0]
    facts = BatchFacts(TASK.name, "v1", 7, films=60, drawn_from=60)
    with pytest.raises(OSError, match="full"):
        record_batch(archive.workspace.database, facts, [Pick(film, Slice.AUDIT, "")], fail)
    assert not draws(archive.workspace.database, TASK.name)
