"""The ML backend as Label Studio knows it: items in, pre-annotations out."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from sqlalchemy import Engine

from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import RadsieveError, UnknownRadiographError
from backend.detectors.adapters.versions.registry import published_version, require_published
from backend.review.adapters.label_studio.requests import AskedItem, BadPayloadError, asked_item
from backend.review.adapters.label_studio.shapes import Prediction
from backend.review.adapters.screens.pre_annotation import (
    PreAnnotation,
    pre_annotate_sheet,
    pre_annotate_single,
)
from backend.service.edge.film_oracle import FilmOracle, Probabilities
from backend.service.edge.ml_base import LabelStudioMLBase
from backend.service.edge.payloads import (
    Control,
    FilmQuestion,
    Question,
    SheetQuestion,
    read_control,
    read_question,
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
    """One backend for all detector tasks: the label config's control says which one is meant."""

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
        self._schedule.train_now(read_control(kwargs.get("label_config"), self._tasks).task.name)
        return {}

    def model_version(self, label_config: object) -> str | None:
        """Return the version in use for a labelling screen, or None before the first one.

        Raises:
            BadPayloadError: the screen does not ask a detector task's question.
        """
        control = read_control(label_config, self._tasks)
        return published_version(self._engine, control.task.name)

    def answer(self, label_config: object, items: Sequence[AskedItem]) -> PreAnnotations:
        """Answer items with the published model version; the errors are those of `predict`.

        An item that cannot be answered gets an empty result and a score of 0, so that a person
        looks at it first. A sheet's score is that of its least certain film.
        """
        control = read_control(label_config, self._tasks)
        version = require_published(self._engine, control.task.name)
        questions = [_question(item, control) for item in items]
        found = self._look_up(control.task, version, questions)
        results = []
        for item, question in zip(items, questions, strict=True):
            pre_annotation = _pre_annotation(control.task, question, found)
            if isinstance(pre_annotation, RadsieveError):
                logger.warning("%s: item %s: %s", control.task.name, item.number, pre_annotation)
                pre_annotation = PreAnnotation((), 0.0)
            results.append(_prediction(pre_annotation, control, version))
        return PreAnnotations(version, tuple(results))

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


def _question(item: AskedItem, control: Control) -> Question | RadsieveError:
    try:
        return read_question(item, control)
    except BadPayloadError as error:
        return error


def _films(question: Question | RadsieveError) -> Sequence[str]:
    if isinstance(question, SheetQuestion):
        return question.radiograph_ids
    if isinstance(question, FilmQuestion) and question.radiograph_id:
        return [question.radiograph_id]
    return []


def _pre_annotation(
    task: DetectorTask, question: Question | RadsieveError, found: _Found
) -> PreAnnotation | RadsieveError:
    if isinstance(question, SheetQuestion):
        return _sheet(task, question, found)
    answer = _film(question, found) if isinstance(question, FilmQuestion) else question
    return answer if isinstance(answer, RadsieveError) else pre_annotate_single(task, answer)


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
    # A screen of somebody else's making may call its image other than ours does.
    result = tuple(replace(region, shown=control.to_name) for region in answer.result)
    return Prediction(version, answer.score, result)
