"""A phantom archive that scripted reviewers have looked through, without Label Studio.

What is on record is what a real review leaves there: batches with their draws, sheets, answers,
second looks by somebody else, hidden films whose answer is known, and the labels that follow.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backend.archive.adapters.catalogue import films
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.detectors.adapters.versions.registry import version_in_use
from backend.labels.adapters.label_store import AnnotationVersion, put_annotation
from backend.labels.adapters.ledger_store import recorded
from backend.labels.core.labels import Label, LabelSource, Slice
from backend.review.adapters.answer_store import Read, keep_answer
from backend.review.adapters.batch_store import close_item, record_batch
from backend.review.core.item import SHEET, SINGLE, BatchFacts, Item, StoredAnswer
from backend.review.core.look import (
    Call,
    KnownAnswer,
    LookOutcome,
    Purpose,
    called_on_sheet,
)
from backend.review.core.ranking.pool import Pick
from backend.review.loop.rank import rank_batch

FIRST, SECOND = "user 1", "user 2"
SHEET_FILMS = 48
_PACE_S = 0.9
_HIDDEN = 8
"""At most so many films that two people called bad are shown again on each later sheet."""


@dataclass
class ScriptedReview:
    """Reviewers of one detector task who know the truth, and slip now and then."""

    workspace: Workspace
    task: DetectorTask
    truth: Mapping[str, str]
    """Radiograph id -> label."""
    slips: float
    """Share of bad films that a look misses, 0 to 1."""
    seed: int = 0

    def __post_init__(self) -> None:
        """Begin with nothing found."""
        self._rng = np.random.default_rng(self.seed)
        self._found: list[str] = []
        self._answers = 0

    def review(self, count: int) -> None:
        """Rank a batch, look at it on sheets, and have every find looked at again."""
        version, engine = (
            version_in_use(self.workspace.database, self.task),
            self.workspace.database,
        )
        seed = int(self._rng.integers(1 << 40))
        batch = rank_batch(self.workspace, self.task, count=count, seed=seed)
        facts = BatchFacts(
            self.task.name, version, seed, len(films(engine)), drawn_from=batch.drawn_from
        )
        picked = sorted(pick.radiograph_id for pick in batch.picks)
        sheets: list[Item] = []

        def sheets_of(batch_id: int) -> list[Item]:
            sheets.extend(self._sheet(batch_id, *sheet) for sheet in enumerate(_sheets(picked)))
            return sheets

        record_batch(engine, facts, batch.picks, sheets_of)
        bad = [film for sheet in sheets for film in self._answer_sheet(sheet)]
        if bad:
            self._look_again(version, bad)

    def _sheet(self, batch_id: int, position: int, films_shown: Sequence[str]) -> Item:
        checks = self._hidden(f"{batch_id}-{position}")
        return Item(
            f"{batch_id}-{self.task.name}-{position}", 1, batch_id, position, self.task.name,
            SHEET, self.task.expected_label, tuple(films_shown), checks=checks,
        )  # fmt: skip

    def _hidden(self, sheet: str) -> dict[str, KnownAnswer]:
        known = self._rng.permutation(sorted(self._found))[:_HIDDEN]
        return {
            f"hidden-{self.task.name}-{sheet}-{place}": KnownAnswer(
                film, self.truth[film], ticked=False
            )
            for place, film in enumerate(known.tolist())
        }

    def _answer_sheet(self, item: Item) -> list[str]:
        expected = self.task.expected_label
        of_shown = {shown: shown for shown in item.radiograph_ids} | {
            shown: check.radiograph_id for shown, check in item.checks.items()
        }
        flags = {
            shown: self.truth[of_shown[shown]] != expected and self._rng.random() >= self.slips
            for shown in item.shown_ids
        }
        called = called_on_sheet(flags, expected)
        self._submit(item, FIRST, called)
        return [film for film in item.radiograph_ids if flags[film]]

    def _look_again(self, version: str, bad: Sequence[str]) -> None:
        again: list[Item] = []

        def items_of(batch_id: int) -> list[Item]:
            again.extend(self._alone(batch_id, *film) for film in enumerate(bad))
            return again

        facts = BatchFacts(self.task.name, version, seed=0)
        picks = [Pick(film, Slice.FOLLOW_UP, "found by one look") for film in bad]
        record_batch(self.workspace.database, facts, picks, items_of)
        for item in again:
            (film,) = item.radiograph_ids
            self._submit(item, SECOND, {film: Call(self.truth[film])})
            self._found.append(film)

    def _alone(self, batch_id: int, position: int, film: str) -> Item:
        return Item(
            f"{batch_id}-{self.task.name}-again-{position}", 2, batch_id, position,
            self.task.name, SINGLE, "", (film,), purpose=Purpose.SECOND,
        )  # fmt: skip

    def _submit(self, item: Item, reviewer: str, called: Mapping[str, Call]) -> None:
        self._answers += 1
        at = f"2026-03-{1 + self._answers // 40:02d}T10:{self._answers % 40:02d}:00+00:00"
        name = f"{item.item_key}/1"
        engine = self.workspace.database
        answer = StoredAnswer(
            item.item_key, item.project_id, self.task.name, name, at, reviewer,
            _PACE_S * len(called), LookOutcome.COUNTED, item.shown_ids, called,
            dict.fromkeys(called, Call(self.task.expected_label)) if item.shown_label else None,
        )  # fmt: skip
        labels = [self._label(film, called[film], reviewer, at) for film in item.radiograph_ids]
        with recorded(engine) as recorder:
            keep_answer(recorder, answer, Read())
            put_annotation(recorder, AnnotationVersion(name, at), labels)
        close_item(engine, item)

    def _label(self, film: str, called: Call, reviewer: str, at: str) -> Label:
        facts = (film, self.task.name, called.label, LabelSource.REVIEWER, at, reviewer)
        return Label(*facts, denied=called.denied)


def _sheets(films_picked: Sequence[str]) -> list[Sequence[str]]:
    starts = range(0, len(films_picked), SHEET_FILMS)
    return [films_picked[start : start + SHEET_FILMS] for start in starts]


def truths(workspace: Workspace, label_of: Callable[[str], str]) -> dict[str, str]:
    """Return the label of every film, by radiograph id; `label_of` takes the name of its file."""
    return {
        film.radiograph_id: label_of(Path(film.path).name) for film in films(workspace.database)
    }
