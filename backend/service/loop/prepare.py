"""The steps before the first review: index, train, sweep."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import film_ids
from backend.base.adapters.activity import activity
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.doing import Doing
from backend.detectors.adapters.versions.predictions import PredictionFile
from backend.detectors.adapters.versions.registry import published_version
from backend.phantoms.adapters.phantom_archive import write_phantom_archive

PHANTOMS = "phantoms"
"""Folder of the phantom archive in a workspace."""
PHANTOM_FILMS = 240
PHANTOM_SEED = 20261122

RunStep = Callable[[Sequence[str]], None]
"""Runs one of our commands, given with its arguments, and returns when it has done well."""


def prepare(
    workspace: Workspace,
    tasks: Mapping[str, DetectorTask],
    images: Path | None,
    run_step: RunStep,
) -> None:
    """Do the steps that are not done yet; each is a command of its own.

    Args:
        workspace: where everything goes.
        tasks: detector tasks by name; those that share the network of made films are trained.
        images: the films; None: phantoms, unless films were indexed before.
        run_step: how a step is run.

    Raises:
        RadsieveError: a step failed; it has said why.
    """
    engine = workspace.database
    if images:
        run_step(["index", str(images)])
    elif not film_ids(engine):
        with activity(workspace.root, Doing.PHANTOMS):
            folder = _make_phantoms(workspace.root / PHANTOMS)
        run_step(["index", str(folder), "--metadata", str(folder / "metadata.csv")])
    if any(task.rule for task in tasks.values()):
        run_step(["rules"])
    made = [name for name, task in tasks.items() if task.shares_network]
    for name in made:
        if published_version(engine, name) is None:
            run_step(["train", name])
    unswept = _unswept(engine, workspace.predictions, made)
    if unswept:
        run_step(["sweep", *unswept])


def _make_phantoms(folder: Path) -> Path:
    """Draw the phantom archive; the same films every time."""
    write_phantom_archive(folder, films=PHANTOM_FILMS, seed=PHANTOM_SEED)
    return folder


def _unswept(engine: Engine, predictions: Path, detector_tasks: Sequence[str]) -> list[str]:
    """Return the detector tasks whose published version has not predicted every film."""
    archive = film_ids(engine)
    published = {name: published_version(engine, name) for name in detector_tasks}
    return [
        name
        for name, version in published.items()
        if version and archive - PredictionFile(predictions, name, version).known_ids()
    ]
