"""What the grid answers its page, as plain values; words for people beside names for the code."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.base.core.detector_task import AnswerKind, DetectorTask, LearntFrom
from backend.review.adapters.sprites import SPRITE_COLUMNS, SPRITE_SIDES_PX
from backend.review.core.browse import (
    CLASS_UNKNOWN,
    DECISIONS,
    REASONS,
    UNDECIDED,
    ArchiveColumns,
    FilmOrder,
    Places,
)
from backend.review.core.browse_words import (
    decision_words,
    label_words,
    order_words,
    reason_words,
    task_words,
)
from backend.review.loop.browse import FilmSearch
from backend.review.loop.grid_looks import can_label, can_send
from backend.service.edge.grid_requests import row_text

DEFAULT_CUT_OFF = 0.5


def setup_facts(tasks: Mapping[str, DetectorTask], archive: ArchiveColumns) -> dict[str, Any]:
    """Return what the page offers to choose from."""
    return {
        "films": len(archive),
        "tasks": [_task_facts(task) for task in _in_order(tasks)],
        "orders": [_named(order, order_words(order)) for order in FilmOrder],
        "decisions": [_named(how, decision_words(how)) for how in DECISIONS],
        "reasons": [_named(reason, reason_words(reason)) for reason in REASONS[1:]],
        "sexes": [_named(word or "unknown", word or "not known") for word in archive.sexes],
        "views": [_named(word or "unknown", word or "not known") for word in archive.views],
        "sprite": {"columns": SPRITE_COLUMNS, "sides_px": SPRITE_SIDES_PX},
    }


def _in_order(tasks: Mapping[str, DetectorTask]) -> Sequence[DetectorTask]:
    """Return the task that sums up first; it is what most people ask."""
    return sorted(tasks.values(), key=lambda task: (not task.sums_up, task.name))


def _task_facts(task: DetectorTask) -> dict[str, Any]:
    return {
        **_named(task.name, task_words(task)),
        "question": task.question,
        "labels": [
            _named(label, label_words(task, label)) | {"plain": task.words(label)}
            for label in task.labels
        ],
        "expected": task.expected_label,
        "can_label": can_label(task),
        "can_send": can_send(task),
        "by_rule": task.learnt_from is LearntFrom.RULE,
        "is_box": task.answer is AnswerKind.BOX,
        "sums_up": task.sums_up,
    }


def _named(name: str, words: str) -> dict[str, str]:
    return {"name": str(name), "words": words}


def search_facts(
    found: FilmSearch, task: DetectorTask, kept_cut_offs: Mapping[str, float]
) -> dict[str, Any]:
    """Return how many films fit, how they divide, and how to ask for them."""
    columns, label = found.task, found.question.wanted.label
    name = cut_off_name(task.name, "" if label is None else task.labels[label])
    return {
        "result": found.token,
        "total": len(found.places),
        "films": len(found.archive),
        "predicted": int(columns.has_prediction.sum()),
        "measured_on": found.measured_on,
        "counts": {
            "label": dict(
                zip(task.labels, _counts(columns.taken_for, len(task.labels)), strict=True)
            ),
            "decision": dict(
                zip(DECISIONS, _counts(columns.decision, len(DECISIONS)), strict=True)
            ),
            "reason": dict(zip(REASONS, _counts(columns.reason, len(REASONS)), strict=True)),
        },
        "cut": {
            "known": len(found.sides.ascending),
            "below": found.sides.below,
            "at": kept_cut_offs.get(name, DEFAULT_CUT_OFF),
        },
    }


def cut_off_name(task: str, label: str) -> str:
    """Return under which name a cut-off is kept; an empty label: of anything but the expected one.

    >>> cut_off_name("rotation", "")
    'rotation/not as expected'
    """
    return f"{task}/{label or 'not as expected'}"


def _counts(codes: NDArray[np.int16], count: int) -> list[int]:
    counts: list[int] = np.bincount(codes[codes >= 0], minlength=count)[:count].tolist()
    return counts


def film_page(found: FilmSearch, task: DetectorTask, places: Places) -> dict[str, Any]:
    """Return some films, with what one sprite of them is asked for by."""
    archive = found.archive
    films = [_film_facts(found, task, int(place)) for place in places]
    return {"films": films, "rows": row_text(archive.thumbnail_rows[places].tolist())}


def _film_facts(found: FilmSearch, task: DetectorTask, place: int) -> dict[str, Any]:
    archive, columns = found.archive, found.task
    probability = columns.probability_of(found.question.wanted.label)[place]
    age = archive.ages[place]
    taken_for, decided = int(columns.taken_for[place]), int(columns.decided[place])
    return {
        "id": archive.radiograph_ids[place],
        "w": int(archive.width_px[place]),
        "h": int(archive.height_px[place]),
        "p": None if np.isnan(probability) else round(float(probability), 4),
        "label": _label(task, taken_for),
        "bad": taken_for not in (UNDECIDED, columns.expected),
        "decided": decided != UNDECIDED,
        "how": decision_words(DECISIONS[columns.decision[place]]),
        "reason": reason_words(REASONS[columns.reason[place]]) if columns.reason[place] else "",
        "age": None if np.isnan(age) else round(float(age), 1),
        "sex": archive.sexes[archive.sex[place]],
        "view": archive.views[archive.view[place]],
        "waits": bool(columns.waits[place]),
    }


def _label(task: DetectorTask, number: int) -> str:
    if number == CLASS_UNKNOWN:
        return task.called(None)
    return "" if number == UNDECIDED else label_words(task, task.labels[number])
