"""What every kind of detector can do: the contract of the files in `kinds/`."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from sqlalchemy import Engine

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.doing import Doing
from backend.base.core.errors import TaskDefinitionError
from backend.base.core.progress import Progress
from backend.detectors.adapters.detector import Detector
from backend.detectors.core.model_card import NewVersion, SavedVersion
from backend.detectors.core.training_result import Judgement, TrainingResult
from backend.detectors.loop.training.training_words import training_words
from backend.labels.adapters.label_table import read_label_table
from backend.labels.core.labels import Label

if TYPE_CHECKING:  # they bring scikit-learn along
    from backend.detectors.loop.probe.material import Material
    from backend.detectors.loop.training.judge import Contest


@dataclass(frozen=True, slots=True)
class TrainingInputs:
    """What a training may use besides the archive and its labels."""

    extra_labels: Sequence[Label] = ()
    """Answers that are not in the database, each with its own source and confidence."""
    tasks: Sequence[DetectorTask] = ()
    """All detector tasks: those that share a network are trained together."""


class Training(Protocol):
    """Films to learn from and to judge on, gathered for one training of one task."""

    @property
    def fingerprint(self) -> str:
        """Hash of everything that decides what the training makes."""

    def fit(self, progress: Progress | None) -> NewVersion:
        """Fit a detector and measure it."""

    def judge(self, contest: "Contest") -> Judgement:
        """Judge a saved version of it against the one in use."""


class DetectorKind(ABC):
    """One kind of detector. A detector predicts, see `adapters.detector.Detector`."""

    name: ClassVar[str]
    """The name of its file, which the tasks of this kind state."""
    stored_as: ClassVar[tuple[str, ...]] = ()
    """What the names of its versions on disk begin with."""
    progress_words: ClassVar[tuple[Doing, str]] = (Doing.TRAIN, "step")
    """What most of a training does, and what its progress counts."""

    @abstractmethod
    def gather(self, workspace: Workspace, task: DetectorTask, inputs: TrainingInputs) -> Training:
        """Choose the films to learn from and to judge on.

        Raises:
            NotEnoughFilmsError: there are too few.
            TaskDefinitionError: nothing is learnt for tasks of this kind.
        """

    @abstractmethod
    def load(self, saved: SavedVersion, device: str) -> Detector:
        """Make a detector of what was saved; nothing that can run code is read.

        Args:
            saved: card and weights.
            device: `auto`, `cpu` or `cuda`.

        Raises:
            UnknownModelVersionError: this installation cannot use the weights.
        """

    def probe_material(
        self, workspace: Workspace, task: DetectorTask, extra_labels: Sequence[Label]
    ) -> "Material[Any]":
        """Choose films and ways of learning for `radsieve probe`.

        Raises:
            NotEnoughFilmsError: there are too few films.
            TaskDefinitionError: detectors of this kind cannot be probed.
        """
        raise TaskDefinitionError(f"{task.name}: detectors of kind {self.name} cannot be probed")

    def read_labels(self, engine: Engine, task: DetectorTask, table: Path) -> list[Label]:
        """Read the answers in a CSV file.

        Raises:
            InputFileError: it cannot be read, or a row names an unknown film or label.
        """
        return read_label_table(table, task, engine)

    def explain(self, task: DetectorTask, result: TrainingResult) -> Iterator[str]:
        """Yield sentences about a training and its figures."""
        yield from training_words(task.name, result)
