"""Read what reviewers answered. What Label Studio's API says is the truth; hooks are only hints."""

import logging
from dataclasses import dataclass, field

from backend.adapters.batch_store import SHEET, Item, close_item, project_items, reopen_item
from backend.adapters.label_store import (
    AnnotationVersion,
    live_annotations,
    replace_annotation,
    withdraw_annotation,
)
from backend.adapters.label_studio import ItemAnswer, LabelStudio
from backend.adapters.workspace import Workspace
from backend.core.contact_sheet import labels_from_sheet, read_sheet_answer
from backend.core.detector_task import DetectorTask
from backend.core.errors import LabelStudioError
from backend.core.labels import Label
from backend.core.single_item import labels_from_single
from backend.loop.connect import ensure_projects

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
    """Sheets submitted too fast to have been looked at; they wait for a reviewer again."""
    skipped: int = 0
    unreadable: list[str] = field(default_factory=list)
    """Answers that could not be read, and why."""


def pull(workspace: Workspace, task: DetectorTask, studio: LabelStudio) -> PullReport:
    """Bring labels and items up to date with Label Studio; a second pull changes nothing.

    A deleted annotation withdraws its labels and opens its item again. A deleted *item* takes
    nothing back: tidying up Label Studio must not undo what people decided.

    Raises:
        LabelStudioError: Label Studio is not reachable or refuses us.
    """
    report = PullReport()
    projects = ensure_projects(workspace, studio, task)
    for project in (projects.sheet, projects.single):
        _ProjectPull(workspace, task, report).run(studio, project)
    return report


class _ProjectPull:
    """One project, read once."""

    def __init__(self, workspace: Workspace, task: DetectorTask, report: PullReport) -> None:
        self._workspace, self._task, self._report = workspace, task, report

    def run(self, studio: LabelStudio, project: int) -> None:
        there = studio.item_keys(project)
        ours = {item.item_key: item for item in project_items(self._workspace.database, project)}
        answered: set[str] = set()
        standing: set[str] = set()
        for answer in studio.answers(project):
            item = ours.get(_key(answer))
            if item is None or not self._is_review(studio, item, answer):
                continue
            answered.add(item.item_key)
            standing.add(_name(answer))
            self._read(item, answer)
        self._withdraw_deleted(set(there) & set(ours), standing)
        for item in ours.values():
            self._settle(item, item.item_key in answered or item.item_key not in there)

    def _is_review(self, studio: LabelStudio, item: Item, answer: ItemAnswer) -> bool:
        """Skipped is not reviewed, and neither is a sheet submitted by a held key."""
        if answer.was_cancelled:
            self._report.skipped += 1
            return False
        floor_s = self._workspace.settings.seconds_per_film * len(item.radiograph_ids)
        if answer.lead_time_s is None or answer.lead_time_s >= floor_s:
            return True
        logger.warning(
            "an item of %d films was submitted after %.2f s, which counts as not reviewed "
            "(setting seconds_per_film); it waits again",
            len(item.radiograph_ids),
            answer.lead_time_s,
        )
        self._report.not_reviewed += 1
        studio.delete_answer(answer.annotation_id)
        return False

    def _read(self, item: Item, answer: ItemAnswer) -> None:
        try:
            labels = self._labels(item, answer)
        except LabelStudioError as error:
            self._report.unreadable.append(f"item {answer.item_id}: {error}")
            return
        origin = AnnotationVersion(_name(answer), answer.updated_at)
        if replace_annotation(self._workspace.database, origin, labels):
            self._report.annotations += 1
            self._report.labels += len(labels)

    def _labels(self, item: Item, answer: ItemAnswer) -> list[Label]:
        task, when, who = self._task, answer.updated_at, answer.reviewer
        if item.kind == SHEET:
            sheet = read_sheet_answer(answer.data, answer.result, task)
            return labels_from_sheet(sheet, task, answered_at=when, reviewer=who)
        return labels_from_single(answer.data, answer.result, task, answered_at=when, reviewer=who)

    def _withdraw_deleted(self, present: set[str], standing: set[str]) -> None:
        for name in live_annotations(self._workspace.database, self._task.name):
            if _item_key(name) in present and name not in standing:
                self._report.withdrawn += withdraw_annotation(self._workspace.database, name)

    def _settle(self, item: Item, done: bool) -> None:
        if done and item.closed_at is None and item.item_id is not None:
            close_item(self._workspace.database, item)
        elif not done and item.closed_at is not None:
            reopen_item(self._workspace.database, item)


def _name(answer: ItemAnswer) -> str:
    return f"{_key(answer)}/{answer.annotation_id}"


def _key(answer: ItemAnswer) -> str:
    return str(answer.data.get("sheet_key") or answer.data.get("item_key") or "")


def _item_key(annotation: str) -> str:
    return annotation.rpartition("/")[0]
