"""Connect a Label Studio: check it, remember it, and make the projects people review in."""

from dataclasses import dataclass

from backend.adapters.label_studio import LabelStudio, MlBackend
from backend.adapters.workspace import Workspace
from backend.core.detector_task import DetectorTask


@dataclass(frozen=True, slots=True)
class TaskProjects:
    """The two Label Studio projects of a detector task."""

    sheet: int
    single: int


def open_label_studio(workspace: Workspace) -> LabelStudio | None:
    """Return the Label Studio in use, or None where none was connected.

    The settings `label_studio_url` and `label_studio_token` come first, then what `connect` kept.
    """
    raise NotImplementedError


def require_label_studio(workspace: Workspace) -> LabelStudio:
    """Return the Label Studio in use.

    Raises:
        LabelStudioError: none was connected.
    """
    raise NotImplementedError


def ensure_projects(
    workspace: Workspace, label_studio: LabelStudio, task: DetectorTask
) -> TaskProjects:
    """Make the task's projects, storage and tabs where they are missing; note their ids."""
    raise NotImplementedError


def connect_backend(workspace: Workspace, label_studio: LabelStudio, backend: MlBackend) -> int:
    """Connect the ML backend to every project; return how many there are."""
    raise NotImplementedError
