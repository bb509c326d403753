"""One file per detector task. To add a task, add a file that defines `TASK`."""

import importlib
import pkgutil

from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import TaskDefinitionError, UnknownTaskError
from backend.base.core.joint_question import with_others, with_parts


def task_names() -> list[str]:
    """Return the names of all tasks, sorted, without importing any, which may take a second."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def load_detector_tasks() -> dict[str, DetectorTask]:
    """Import every module in this folder and return its tasks by name, sorted.

    Raises:
        TaskDefinitionError: a module has no `TASK`, or its name differs from the file name.
    """
    tasks = {name: _load_one(name) for name in task_names()}
    return {
        name: with_others(with_parts(task, tasks.values()), tasks.values())
        for name, task in tasks.items()
    }


def detector_task(name: str) -> DetectorTask:
    """Return one task by its name.

    Raises:
        UnknownTaskError: no file in this folder has that name.
    """
    known = load_detector_tasks()
    if name not in known:
        raise UnknownTaskError(f"no detector task {name!r}; there are: {', '.join(known)}")
    return known[name]


def _load_one(name: str) -> DetectorTask:
    task = getattr(importlib.import_module(f"{__name__}.{name}"), "TASK", None)
    if not isinstance(task, DetectorTask):
        raise TaskDefinitionError(f"tasks/{name}.py must define TASK = DetectorTask(...)")
    if task.name != name:
        raise TaskDefinitionError(f"tasks/{name}.py names its task {task.name!r}; use {name!r}")
    return task
