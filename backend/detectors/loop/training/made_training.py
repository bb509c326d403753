"""What the kinds share that learn from films made into every label: films, figures, judgement."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.base.adapters.workspace import DetectorFiles
from backend.base.core.detector_task import DetectorTask
from backend.detectors.adapters.detector import Detector
from backend.detectors.core.training_result import Judgement
from backend.detectors.loop.training.judge import (
    Contest,
    baseline_figures,
    confirmed_verdicts,
    judge,
    precision_in_archive,
    predictor,
    sealed_figures,
)
from backend.detectors.loop.training.made_films import FilmSet, Split, Verdicts, made_films
from backend.labels.core.labels import Verdict


class MadeFilmsTraining:
    """Films with nothing wrong to learn from, and sealed ones to judge one task on."""

    def __init__(
        self,
        engine: Engine,
        files: DetectorFiles,
        task: DetectorTask,
        known: Verdicts,
        split: Split,
    ) -> None:
        """Take what is known of the films, and which of them are sealed; no pixel is read yet."""
        self.files, self.task, self.known, self.split = files, task, known, split
        self._engine = engine

    @cached_property
    def training(self) -> FilmSet:
        """The films to learn from."""
        return made_films(ThumbnailStore(self.files.thumbnails), self.split.training)

    @cached_property
    def sealed(self) -> FilmSet:
        """The films of sealed patients."""
        return made_films(ThumbnailStore(self.files.thumbnails), self.split.sealed)

    def judge(self, contest: Contest) -> Judgement:
        """Judge a version on made views of sealed films."""
        return judge(contest, self.task, self.sealed, self.confirmed(self.task))

    def figures(self, task: DetectorTask, detector: Detector, trusted: FilmSet) -> dict[str, Any]:
        """Return a task's figures on made views of sealed films, and the pixel baseline's.

        Args:
            task: one head of the detector.
            detector: that was fitted.
            trusted: training films, from which the baseline learns.
        """
        ours = sealed_figures(predictor(detector, task), self.sealed, task)
        baseline = baseline_figures(trusted, self.sealed, task)
        bad = sum(verdict.is_bad(task) for verdict in self.confirmed(task).values())
        archive_films = len(films(self._engine))
        return {
            **ours.as_json(),
            "baseline": baseline.as_json(),
            "baseline_is_better": baseline.errors < ours.errors,
            "in_archive": precision_in_archive(ours.binary, bad, archive_films),
        }

    def confirmed(self, task: DetectorTask) -> Mapping[str, Verdict]:
        """Return the reviewers' verdicts for a task, by radiograph id."""
        return confirmed_verdicts(self.known[task.name])
