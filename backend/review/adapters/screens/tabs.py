"""The tabs that a reviewer finds in Label Studio, and the fields of an item they filter by.

An item carries these fields in its data because Label Studio filters, orders and shows nothing
else of ours. Whoever makes items fills them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from backend.labels.core.labels import Slice
from backend.review.adapters.screens.answer_choices import CHOICES_FIELD
from backend.review.adapters.screens.item_fields import QUESTION_FIELD
from backend.review.adapters.screens.sheet_screen import FILMS_FIELD, SHEET_TAG
from backend.review.adapters.screens.single_screen import ABOUT_TAG
from backend.review.core.look import Purpose

QUEUE = "radsieve queue"
"""The model version of every prediction that orders items and fills them in. Several detector tasks
share a project, and Label Studio orders by one version. The true version is that of the batch."""

ASKS = "asks"
"""What the item asks for, in words."""
PICTURE = "picture"
"""Of a sheet: a small picture of the whole."""
SHOWS = "shows"
"""Of a sheet: the label it says its films have, in words."""
FILMS_SHOWN = "films_shown"
"""Of a sheet: how many films it shows."""
SUSPECTS = "suspects"
"""Of a sheet: how many of them are pre-ticked."""
PREDICTED = "predicted"
"""Of a single film: the most probable label in words; empty where there is no prediction."""
PROBABILITY = "probability"
"""Of a single film: how probable that is, 0 to 1."""
SLICES = "slices"
"""Why its films are in the batch: words of `Slice`, sorted, separated by spaces; see
`slice_words`. Of the whole item: which film of a sheet was drawn by chance must not be told."""
PURPOSE = "purpose"
"""Why the item exists, in words; see `purpose_words`."""
REVIEWER = "reviewer"
"""Number of the reviewer whose tab shows the item, as text; empty: everybody's."""
SUPERSEDED = "superseded"
"""`yes` where a newer batch took the item's films, else `no`. Never missing: see `data_differs`."""
BATCH = "batch"
"""Number of the review batch."""
FLAGGED = "flagged"
"""`yes` for a sheet of a label that is not expected or with suspects, for a film predicted to be
not as expected, and for what somebody has flagged already; else `no`."""

YES, NO = "yes", "no"

NUMBER_FIELDS = (FILMS_SHOWN, SUSPECTS, PROBABILITY, BATCH)
"""Ordered as text by PostgreSQL unless a tab says that they are numbers."""

BY_CONFIDENCE = "tasks:predictions_score"
"""Lowest first: the place in the queue (`review.core.queue_order`), of the version `QUEUE`."""
NEWEST_ANSWER_FIRST = "-tasks:completed_at"


class TabKind(StrEnum):
    """How the Data Manager shows a tab."""

    LIST = "list"
    GRID = "grid"


@dataclass(frozen=True, slots=True)
class ReviewTab:
    """A tab of the Data Manager; 'Label Tasks As Displayed' follows its order and filter."""

    title: str
    order_by: str = BY_CONFIDENCE
    """A leading `-` turns the order round; Label Studio honours one column only."""
    answered: bool = False
    """Show what was answered, or what was not."""
    number_fields: Sequence[str] = ()
    """Data fields to order as numbers: PostgreSQL orders them as text otherwise."""
    data_equals: Mapping[str, str] = field(default_factory=dict)
    """Data fields an item must have, e.g. one shard per reviewer."""
    data_differs: Mapping[str, str] = field(default_factory=dict)
    """Data fields that must not be so. Label Studio shows no item that lacks the field."""
    picture_fields: Sequence[str] = ()
    """Data fields that hold the address of a picture, to show it in the list."""
    data_contains: Mapping[str, str] = field(default_factory=dict)
    """Data fields that must contain a word."""
    hidden_columns: Sequence[str] = ()
    """Columns not to show, e.g. `tasks:data.films`."""
    kind: TabKind = TabKind.LIST
    replaces: Sequence["ReviewTab"] = ()
    """What earlier versions of radsieve made under this title: their filter and order are brought
    up to date where nobody has changed them."""


# Columns of Label Studio that say nothing to a reviewer, and fields that only radsieve reads.
_NEVER_SHOWN = tuple(
    f"tasks:{column}"
    for column in (
        *("inner_id", "cancelled_annotations", "total_annotations", "total_predictions"),
        *("annotations_results", "annotations_ids", "predictions_results"),
        *("predictions_model_versions", "file_upload", "storage_filename", "created_at"),
        *("updated_at", "updated_by", "draft_exists", "predictions_score"),
        *(f"data.{SHEET_TAG}", f"data.{FILMS_FIELD}", f"data.{ABOUT_TAG}"),
        *(f"data.{QUESTION_FIELD}", f"data.{CHOICES_FIELD}", f"data.{SLICES}"),
        *("data.sheet_key", "data.item_key", "data.detector_task", "data.radiograph_id"),
        *("data.shown_label", f"data.{SUPERSEDED}", f"data.{FLAGGED}", f"data.{BATCH}"),
    )
)
_OF_ANSWERS = ("tasks:completed_at", "tasks:annotators", "tasks:avg_lead_time")
# A card has room for the film and a few lines: question, prediction, probability, reason.
_NOT_ON_CARDS = (f"tasks:data.{PURPOSE}", f"tasks:data.{REVIEWER}")

REVIEW = "Review"
_SLICE_TABS = {
    "Uncertain": Slice.UNCERTAIN,
    # Films of a report audit, `report_audit`, are drawn at random as well.
    "Audit": Slice.AUDIT,
    "Conflicts": Slice.CONFLICT,
}


def review_tabs(kind: TabKind, reviewers: int) -> list[ReviewTab]:
    """Return the tabs of a project, in order.

    All but `Done` show unanswered items that no newer batch has superseded, in the order of the
    queue. With several reviewers each has a tab: no item is in two of those, so
    two people who keep to their tabs never get the same one.

    Args:
        kind: how to show items that wait; a grid helps where an item has one picture.
        reviewers: how many people review, 1 or more.
    """
    found = [
        _tab(REVIEW, kind, replaces=(ReviewTab(REVIEW),)),
        _tab("Flagged", kind, data_equals={FLAGGED: YES}),
        *(_tab(title, kind, data_contains={SLICES: word}) for title, word in _SLICE_TABS.items()),
        _done_tab(),
    ]
    if reviewers == 1:
        return found
    return found + [reviewer_tab(kind, number) for number in range(1, reviewers + 1)]


def slice_words(slices: Iterable[str], purpose: Purpose) -> str:
    """Return the field `SLICES` of an item whose films are of these slices.

    What an item is to settle is a conflict as well: of two reviewers, or of one and the detector.

    >>> slice_words(["uncertain", "audit", "audit"], Purpose.FIRST)
    'audit uncertain'
    >>> slice_words(["follow_up"], Purpose.SETTLE)
    'conflict follow_up'
    """
    settles = {Slice.CONFLICT.value} if purpose is Purpose.SETTLE else set()
    return " ".join(sorted({*slices, *settles}))


_PURPOSE_WORDS = {
    Purpose.FIRST: "first look",
    Purpose.SECOND: "second look",
    Purpose.DOUBLE: "second reader",
    Purpose.SETTLE: "settles a dispute",
}


def purpose_words(purpose: Purpose) -> str:
    """Return why an item exists, in words."""
    return _PURPOSE_WORDS[purpose]


def reviewer_tab(kind: TabKind, number: int) -> ReviewTab:
    """Return the tab with one reviewer's items; `number` counts from 1."""
    return _tab(f"Reviewer {number}", kind, data_equals={REVIEWER: str(number)})


def _tab(title: str, kind: TabKind, **rest: Any) -> ReviewTab:  # noqa: ANN401
    return ReviewTab(
        title,
        number_fields=NUMBER_FIELDS,
        picture_fields=(PICTURE,),
        data_differs={SUPERSEDED: YES},
        hidden_columns=_NEVER_SHOWN + _OF_ANSWERS + _NOT_ON_CARDS * (kind is TabKind.GRID),
        kind=kind,
        **rest,
    )


def _done_tab() -> ReviewTab:
    # A list also where the others are grids: who answered, when, in how long.
    return ReviewTab(
        "Done",
        order_by=NEWEST_ANSWER_FIRST,
        answered=True,
        number_fields=NUMBER_FIELDS,
        picture_fields=(PICTURE,),
        hidden_columns=_NEVER_SHOWN,
    )
