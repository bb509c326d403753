"""Read what reviewers answered. What Label Studio's API says is the truth; hooks are only hints."""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import FilmsGoneError, LabelStudioError
from backend.labels.adapters.label_store import (
    AnnotationVersion,
    live_annotations,
    put_annotation,
    take_back_labels,
)
from backend.labels.core.labels import annotation_name, answered_item
from backend.review.adapters.answer_store import (
    is_answered,
    keep_answer,
    standing_answers,
    withdraw_missing,
)
from backend.review.adapters.batch_store import (
    settle_item,
    task_items,
    unfinished_batches,
)
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.label_studio.items import ItemAnswer
from backend.review.adapters.pull_store import (
    OvertakenError,
    StudioReading,
    begin_reading,
    end_reading,
    turn,
)
from backend.review.adapters.review_turn import review_turn
from backend.review.adapters.screens.answer_choices import is_contradictory
from backend.review.core.answer_order import StateOrder
from backend.review.core.item import SHEET, Item
from backend.review.core.look import Look, LookOutcome
from backend.review.core.meters import pace_floor
from backend.review.loop.answer_contents import labels_of, stored_answer
from backend.review.loop.looks import looks
from backend.review.loop.studio.pictures import remove_pictures
from backend.review.loop.studio.send import beside, make_item_pictures
from backend.review.loop.studio.sheet_pictures import remove_sheet_pictures
from backend.review.loop.studio.stray_items import projects_with_answers

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class PullReport:
    """What a pull found that was not known before."""

    annotations: int = 0
    """New or changed answers."""
    labels: int = 0
    """Labels read from them."""
    withdrawn: int = 0
    """Labels whose annotation was deleted in Label Studio."""
    not_reviewed: int = 0
    """Items that nobody can have looked at: submitted too fast, or accepted in bulk where somebody
    else had judged them; unless they have another answer they wait for a reviewer again."""
    skipped: int = 0
    """Items that were skipped; they wait for a reviewer again."""
    pictures_removed: int = 0
    """Pictures of films that nobody has to look at any more."""
    unreadable: list[str] = field(default_factory=list)
    """Answers that could not be read, and why."""


def pull(workspace: Workspace, task: DetectorTask, studio: LabelStudio) -> PullReport:
    """Bring labels and items up to date with Label Studio; a second pull changes nothing.

    A deleted annotation withdraws its labels and opens its item again. A deleted *item* takes
    nothing back: tidying up Label Studio must not undo what people decided. A skipped item, and one
    submitted faster than anybody can look, labels nothing: its annotation is deleted, so that the
    item comes again, and kept here. Predictions accepted in bulk label films, but none that
    somebody has looked at.

    Any number may run at once, see `review.adapters.pull_store`.

    Raises:
        LabelStudioError: Label Studio is not reachable or refuses us.
    """
    report = PullReport()
    engine, settings, pictures = workspace.database, workspace.settings, workspace.review
    reading = begin_reading(engine, task.name)
    found = [
        _read_project(engine, task, studio, project)
        for project in projects_with_answers(engine, task, studio)
    ]
    try:
        end_reading(engine, reading)
        terms = _Terms(reading, pictures, settings.seconds_per_film)
        writing = _Writing(engine, task, terms, report)
        for one in found:
            writing.run(studio, one)
    except OvertakenError:
        logger.info("%s: a pull that began later does the rest of this one", task.name)
        return report
    if writing.closed and not settings.keep_pictures:
        # A push makes pictures before their items are known.
        with review_turn(workspace.root):
            report.pictures_removed = remove_pictures(engine, pictures, needed_pictures(engine))
            unfinished = unfinished_batches(engine)
            remove_sheet_pictures(pictures, {item.item_key for item in unfinished})
    return report


@dataclass(frozen=True, slots=True)
class _ProjectRead:
    """What one project held."""

    ours: Mapping[str, Item]
    """By key."""
    answers: Sequence[ItemAnswer]
    """What somebody looked at comes before what was accepted unseen, which must not replace it."""
    there: Collection[str]
    """Keys of the items in Label Studio."""


def _read_project(
    engine: Engine, task: DetectorTask, studio: LabelStudio, project: int
) -> _ProjectRead:
    """Read a project.

    What is ours is read first, and last what is there: an item that is pushed meanwhile is not
    closed, and one that is deleted meanwhile takes no label back.
    """
    ours = {item.item_key: item for item in task_items(engine, task.name)}
    ours = {key: item for key, item in ours.items() if item.project_id == project}
    answers = [one for one in studio.answers(project, task.name) if _key(one) in ours]
    return _ProjectRead(ours, sorted(answers, key=_is_untimed), set(studio.item_keys(project)))


@dataclass(frozen=True, slots=True)
class _Terms:
    """By which reading answers are written, and what decides about them."""

    reading: StudioReading
    pictures: Path
    seconds_per_film: float
    """See the setting of this name."""


class _Writing:
    """What one pull writes, and what was known before it."""

    def __init__(
        self, engine: Engine, task: DetectorTask, terms: _Terms, report: PullReport
    ) -> None:
        self._engine, self._task, self._terms, self._report = engine, task, terms, report
        # What counted once counts for ever, though the reviewer's floor may rise.
        self._counted = {
            answer.annotation: answer.annotation_updated_at
            for answer in standing_answers(engine, task.name)
        }
        self._labelled = live_annotations(engine, task.name)
        self._floors: dict[str, float] = {}
        self.closed = 0
        """Items that nobody needs to look at any more since this pull."""

    @cached_property
    def _seen(self) -> list[Look]:
        return looks(self._engine, self._task)

    @cached_property
    def _on_screen(self) -> set[str]:
        """Films that somebody has had before their eyes."""
        return {look.radiograph_id for look in self._seen if look.on_screen and not look.check}

    def _floor_s(self, reviewer: str) -> float:
        """Return the least seconds per film that count as a look, as of the last pull."""
        if reviewer not in self._floors:
            floor_s = pace_floor(self._seen, reviewer, self._terms.seconds_per_film)
            self._floors[reviewer] = floor_s
        return self._floors[reviewer]

    def run(self, studio: LabelStudio, project: _ProjectRead) -> None:
        """Write what a project held: each annotation with its labels, then each item."""
        answered = {
            _key(answer)
            for answer in project.answers
            if self._counted.get(_name(answer)) == answer.updated_at
            or self._write(studio, project.ours[_key(answer)], answer)
        }
        held = {_name(answer) for answer in project.answers}
        missing: defaultdict[str, list[str]] = defaultdict(list)
        for name in sorted({*self._counted, *self._labelled} - held):
            if answered_item(name) in project.there:
                missing[answered_item(name)].append(name)
        for key, item in project.ours.items():
            is_done = key in answered or key not in project.there
            if missing[key] or is_done != (item.closed_at is not None):
                self._settle(item, missing[key], is_done)

    def _write(self, studio: LabelStudio, item: Item, answer: ItemAnswer) -> bool:
        """Write a state of an annotation; return whether its item was answered by it.

        Skipped is not reviewed, and neither is an item submitted by a held key.
        """
        outcome = self._outcome(item, answer)
        if outcome is LookOutcome.COUNTED:
            return self._write_counted(item, answer)
        with turn(self._engine, self._terms.reading) as now:
            kept = stored_answer(self._task, item, answer, outcome)
            is_what = keep_answer(now.recorder, kept, now.read)
            if is_what is not StateOrder.OUTDATED:
                self._report.withdrawn += take_back_labels(now.recorder, _name(answer))
        if is_what is not StateOrder.OUTDATED:
            studio.delete_answer(answer.annotation_id)
        return False

    def _outcome(self, item: Item, answer: ItemAnswer) -> LookOutcome:
        if answer.was_cancelled:
            self._report.skipped += 1
            return LookOutcome.SKIPPED
        if _name(answer) in self._counted:
            return LookOutcome.COUNTED
        if item.kind != SHEET and is_contradictory(self._task, answer.result):
            logger.warning("a film was called fine and not fine at once; it waits again")
            self._report.not_reviewed += 1
            return LookOutcome.UNREADABLE
        if answer.lead_time_s is None:
            return self._accepted_unseen(item)
        films = len(item.shown_ids)
        floor_s = films * self._floor_s(answer.reviewer)
        if answer.lead_time_s >= floor_s:
            return LookOutcome.COUNTED
        logger.warning(
            "an item of %d films was submitted after %.2f s, which counts as not reviewed (below "
            "%.2f s; setting seconds_per_film, and a quarter of this reviewer's own pace); it "
            "waits again",
            films,
            answer.lead_time_s,
            floor_s,
        )
        self._report.not_reviewed += 1
        return LookOutcome.TOO_FAST

    def _accepted_unseen(self, item: Item) -> LookOutcome:
        """Whether predictions that were accepted in bulk say anything that nobody has judged."""
        if not self._on_screen.issuperset(item.radiograph_ids):
            return LookOutcome.COUNTED
        logger.warning(
            "predictions were accepted in bulk for an item whose films somebody has looked at; "
            "what was said then stands"
        )
        self._report.not_reviewed += 1
        return LookOutcome.UNSEEN

    def _write_counted(self, item: Item, answer: ItemAnswer) -> bool:
        try:
            labels = labels_of(self._task, item, answer)
            kept = stored_answer(self._task, item, answer, LookOutcome.COUNTED)
        except LabelStudioError as error:
            self._report.unreadable.append(f"item {answer.item_id}: {error}")
            return True
        if _is_untimed(answer):
            labels = [label for label in labels if label.radiograph_id not in self._on_screen]
            kept = kept.without(self._on_screen)
        else:
            self._on_screen.update(item.radiograph_ids)
        with turn(self._engine, self._terms.reading) as now:
            is_what = keep_answer(now.recorder, kept, now.read)
            if is_what is StateOrder.NEW:
                origin = AnnotationVersion(_name(answer), answer.updated_at)
                put_annotation(now.recorder, origin, labels)
        if is_what is StateOrder.NEW:
            self._report.annotations += 1
            self._report.labels += len(labels)
        return is_what is not StateOrder.OUTDATED

    def _settle(self, item: Item, missing: Sequence[str], is_done: bool) -> None:
        """Withdraw what is not there any more, and close the item or let it wait again."""
        with turn(self._engine, self._terms.reading) as now:
            for name in missing:
                if withdraw_missing(now.recorder, name, now.read):
                    self._report.withdrawn += take_back_labels(now.recorder, name)
            is_done = is_done or is_answered(now.recorder, item.item_key, item.project_id)
            is_changed = settle_item(now.recorder, item, is_done=is_done)
        if is_changed and is_done:
            self.closed += 1
        elif is_changed:
            try:
                make_item_pictures(self._engine, self._terms.pictures, self._task, [item])
            except FilmsGoneError as error:
                logger.warning("an item that waits again shows less than it did: %s", error)


def needed_pictures(engine: Engine) -> set[str]:
    """Return what is shown by batches, of any detector task, that are not done."""
    unfinished = unfinished_batches(engine)
    shown = {shown for item in unfinished for shown in item.shown_ids}
    return shown | beside(engine, unfinished)


def _is_untimed(answer: ItemAnswer) -> bool:
    """Whether the answer was made in no screen: `Create Annotations From Predictions`."""
    return answer.lead_time_s is None


def _name(answer: ItemAnswer) -> str:
    return annotation_name(_key(answer), answer.annotation_id)


def _key(answer: ItemAnswer) -> str:
    return answer.data.key
