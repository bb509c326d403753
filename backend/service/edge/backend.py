"""The ML backend as Label Studio knows it: items in, pre-annotations out."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from sqlalchemy import Engine

from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.errors import RadsieveError, UnknownRadiographError
from backend.detectors.adapters.versions.registry import published_version, require_published
from backend.review.adapters.label_studio.requests import AskedItem, BadPayloadError, asked_item
from backend.review.adapters.label_studio.shapes import Prediction
from backend.review.adapters.screens.pre_annotation import (
    PreAnnotation,
    pre_annotate_sheet,
    pre_annotate_single,
)
from backend.review.adapters.screens.sheet_screen import SHEET_TAG
from backend.review.adapters.screens.single_item import plain_result
from backend.review.adapters.screens.tabs import QUEUE
from backend.review.core.item import SHEET, SINGLE
from backend.review.core.look import Purpose
from backend.review.core.queue_order import queue_score
from backend.service.edge.film_oracle import FilmOracle, Probabilities
from backend.service.edge.ml_base import LabelStudioMLBase
from backend.service.edge.payloads import (
    Control,
    FilmQuestion,
    Question,
    SheetQuestion,
    read_control,
    read_question,
    task_of,
)

logger = logging.getLogger(__name__)


class Scheduler(Protocol):
    """Takes work that a request must not wait for."""

    def pull_soon(self, detector_task: str | None) -> None:
        """Read a detector task's answers from Label Studio soon; None: those of all."""

    def train_now(self, detector_task: str) -> None:
        """Retrain a detector task as soon as a worker is free."""


@dataclass(frozen=True, slots=True)
class PreAnnotations:
    """One pre-annotation per item, in order, all of one model version."""

    model_version: str
    results: tuple[Prediction, ...]

    def as_json(self) -> list[dict[str, object]]:
        """Return the results as Label Studio takes them."""
        return [result.as_json() for result in self.results]


@dataclass(frozen=True, slots=True)
class _Found:
    """What the model version says about the films of a request."""

    known: Mapping[str, Probabilities]
    """By radiograph id."""
    unseen: Mapping[str, Probabilities | RadsieveError]
    """By image, for films that are not in the index."""


class RadsieveBackend(LabelStudioMLBase):  # type: ignore[misc]
    """One backend for all detector tasks: the item's data or the screen's control says which."""

    def __init__(
        self,
        engine: Engine,
        oracle: FilmOracle,
        tasks: Mapping[str, DetectorTask],
        schedule: Scheduler,
    ) -> None:
        """Keep the arguments; no prediction or network is loaded yet."""
        super().__init__()
        self._engine = engine
        self._oracle = oracle
        self._tasks = tasks
        self._schedule = schedule

    def predict(self, tasks: Sequence[object], **kwargs: Any) -> list[dict[str, object]]:  # noqa: ANN401
        """Return one prediction per item; the base class calls items tasks.

        Args:
            tasks: items as Label Studio sends them.
            **kwargs: `label_config`, the labelling screen of their project.

        Raises:
            BadPayloadError: the screen does not ask a detector task's question.
            NothingPublishedError: the detector task has no published model version.
        """
        items = [asked_item(item) for item in tasks]
        return self.answer(kwargs.get("label_config"), items).as_json()

    def fit(
        self,
        tasks: Sequence[object],
        workdir: str | None = None,
        **kwargs: Any,  # noqa: ANN401
    ) -> dict[str, object]:
        """Schedule a training; what it learns from is read from Label Studio, not from here."""
        task = read_control(kwargs.get("label_config"), self._tasks).task
        if task is None:
            logger.warning(
                "this project is of all detector tasks; `radsieve train NAME` trains one"
            )
        else:
            self._schedule.train_now(task.name)
        return {}

    def model_version(self, label_config: object) -> str | None:
        """Return the version in use for a labelling screen, or None before the first one.

        Raises:
            BadPayloadError: the screen does not ask a detector task's question.
        """
        task = read_control(label_config, self._tasks).task
        # Items of several tasks share a queue: what orders it has one name, whatever is published.
        return published_version(self._engine, task.name) if task else QUEUE

    def answer(self, label_config: object, items: Sequence[AskedItem]) -> PreAnnotations:
        """Answer items with the published model version; the errors are those of `predict`.

        An item that cannot be answered gets an empty result and a score of 0, so that a person
        looks at it first. A sheet's score is that of its least certain film.
        """
        control = read_control(label_config, self._tasks)
        if control.task:
            version = require_published(self._engine, control.task)
            results = self._of_task(control.task, version, items, control)
            return PreAnnotations(version, tuple(results))
        found: dict[int, Prediction] = {}
        for name, places in _by_task(items, self._tasks).items():
            mine = [items[place] for place in places]
            found |= zip(places, self._in_queue(name, mine, control), strict=True)
        return PreAnnotations(QUEUE, tuple(found[place] for place in range(len(items))))

    def _in_queue(
        self, name: str, items: Sequence[AskedItem], control: Control
    ) -> list[Prediction]:
        """Answer items of one detector task that waits in a project of all tasks."""
        task = self._tasks.get(name)
        version = published_version(self._engine, task.name) if task else None
        if task is None or version is None:
            return [Prediction(QUEUE, 0.0, ()) for _ in items]
        answers = self._of_task(task, version, items, control)
        kind = SHEET if control.to_name == SHEET_TAG else SINGLE
        return [
            replace(
                answer,
                model_version=QUEUE,
                score=queue_score(task, kind, Purpose.FIRST, answer.score),
            )
            for answer in answers
        ]

    def _of_task(
        self, task: DetectorTask, version: str, items: Sequence[AskedItem], control: Control
    ) -> list[Prediction]:
        questions = [_question(item, control, task) for item in items]
        found = self._look_up(task, version, questions)
        results = []
        errors: dict[int | None, RadsieveError] = {}
        for item, question in zip(items, questions, strict=True):
            pre_annotation = _pre_annotation(task, question, found, control)
            if isinstance(pre_annotation, RadsieveError):
                errors.setdefault(item.number, pre_annotation)
                pre_annotation = PreAnnotation((), 0.0)
            results.append(_prediction(pre_annotation, control, version))
        _tell_of(errors, task, len(items))
        return results

    def _look_up(
        self, task: DetectorTask, version: str, questions: Sequence[Question | RadsieveError]
    ) -> _Found:
        """Ask about all films of a request at once."""
        ids = list(dict.fromkeys(film for question in questions for film in _films(question)))
        known = self._oracle.known(task.name, version, ids)
        images = [
            question.image
            for question in questions
            if isinstance(question, FilmQuestion) and question.radiograph_id not in known
        ]
        unseen = list(dict.fromkeys(image for image in images if image))
        return _Found(known, self._oracle.unseen(task.name, version, unseen))


def _tell_of(errors: Mapping[int | None, RadsieveError], task: DetectorTask, asked: int) -> None:
    """Say in one line, however many they are, which items of a request got no answer."""
    if errors:
        (first, error), *others = errors.items()
        also = f"; nor have {len(others)} more" if others else ""
        logger.warning(
            "%s: of %d items, item %s has no answer: %s%s", task.name, asked, first, error, also
        )


def _by_task(items: Sequence[AskedItem], tasks: Mapping[str, DetectorTask]) -> dict[str, list[int]]:
    """Return by detector task the places of its items; under no name those that name none."""
    places: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        task = task_of(item.data, tasks)
        places.setdefault(task.name if task else "", []).append(place)
    return places


def _question(item: AskedItem, control: Control, task: DetectorTask) -> Question | RadsieveError:
    try:
        return read_question(item, control, task)
    except BadPayloadError as error:
        return error


def _films(question: Question | RadsieveError) -> Sequence[str]:
    if isinstance(question, SheetQuestion):
        return question.radiograph_ids
    if isinstance(question, FilmQuestion) and question.radiograph_id:
        return [question.radiograph_id]
    return []


def _pre_annotation(
    task: DetectorTask, question: Question | RadsieveError, found: _Found, control: Control
) -> PreAnnotation | RadsieveError:
    if isinstance(question, SheetQuestion):
        return _sheet(task, question, found)
    answer = _film(question, found) if isinstance(question, FilmQuestion) else question
    if isinstance(answer, RadsieveError):
        return answer
    shown = pre_annotate_single(task, answer)
    if control.task is None or task.answer is AnswerKind.BOX:
        return shown
    by_label = dict(zip(task.labels, map(float, np.nan_to_num(answer)), strict=True))
    return replace(shown, result=plain_result(task, by_label))


def _film(question: FilmQuestion, found: _Found) -> Probabilities | RadsieveError:
    known = found.known.get(question.radiograph_id or "")
    if known is not None:
        return known
    unknown = UnknownRadiographError("the film is not in the index, and no image is given")
    return found.unseen.get(question.image or "", unknown)


def _sheet(task: DetectorTask, question: SheetQuestion, found: _Found) -> PreAnnotation:
    nothing = np.full(len(task.labels), np.nan, np.float32)
    rows = [found.known.get(film, nothing) for film in question.radiograph_ids]
    probabilities = np.reshape(rows, (-1, len(task.labels)))
    return pre_annotate_sheet(task, question.shown_label, question.radiograph_ids, probabilities)


def _prediction(answer: PreAnnotation, control: Control, version: str) -> Prediction:
    # A screen of somebody else's making may call its image and its control other than ours does.
    result = tuple(
        replace(region, control=control.name, shown=control.to_name) for region in answer.result
    )
    return Prediction(version, answer.score, result)
