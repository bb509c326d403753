"""One file per kind of detector. To add a kind, add a file that defines `KIND`.

Nothing here publishes, and nothing outside asks which kind it has.
"""

import importlib
import pkgutil
from functools import cache

from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import TaskDefinitionError, UnknownModelVersionError
from backend.detectors.adapters.versions.model_folder import stored_as
from backend.detectors.loop.detector_kind import DetectorKind


def kind_names() -> list[str]:
    """Return the names of all kinds, sorted; none of their files is imported."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def kind_of(task: DetectorTask) -> DetectorKind:
    """Return the kind of detector that answers a task.

    Raises:
        TaskDefinitionError: the task names a kind that has no file, or a file without `KIND`.
    """
    if task.kind.name not in kind_names():
        raise TaskDefinitionError(
            f"task {task.name!r}: no kind of detector {task.kind.name!r}; there are: "
            f"{', '.join(kind_names())}"
        )
    return _kind(task.kind.name)


def kind_of_version(model_version: str) -> DetectorKind:
    """Return the kind of detector that a version is, by what its name begins with.

    Raises:
        UnknownModelVersionError: no kind stores versions under such names.
    """
    for name in kind_names():
        if stored_as(model_version) in _kind(name).stored_as:
            return _kind(name)
    raise UnknownModelVersionError(
        f"no kind of detector stores versions under names like {model_version!r}"
    )


@cache
def _kind(name: str) -> DetectorKind:
    kind = getattr(importlib.import_module(f"{__name__}.{name}"), "KIND", None)
    if not isinstance(kind, DetectorKind) or kind.name != name:
        raise TaskDefinitionError(
            f"backend/detectors/loop/kinds/{name}.py must define KIND, a kind of detector named "
            f"{name!r}"
        )
    return kind
