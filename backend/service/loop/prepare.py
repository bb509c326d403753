"""What has to be done before there is something to review: index, train, sweep."""

from collections.abc import Mapping
from pathlib import Path

from backend.archive.adapters.catalogue import films
from backend.base.adapters.child_process import run_step
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.detectors.adapters.versions.predictions import PredictionFile
from backend.detectors.adapters.versions.registry import published_version
from backend.phantoms.adapters.phantom_archive import write_phantom_archive

PHANTOMS = "phantoms"
"""Folder of the phantom archive in a workspace."""
PHANTOM_FILMS = 240
PHANTOM_SEED = 20261122


def prepare(workspace: Workspace, tasks: Mapping[str, DetectorTask], images: Path | None) -> None:
    """Do the steps that are not done yet; each is a command of its own.

    Args:
        workspace: where everything goes.
        tasks: detector tasks by name; those that share the network of made films are trained.
        images: the films; None: phantoms, unless films were indexed before.

    Raises:
        RadsieveError: a step failed; it has said why.
    """
    if images:
        run_step(["index", str(images)], workspace.root)
    elif not films(workspace.database):
        folder = make_phantoms(workspace)
        metadata = str(folder / "metadata.csv")
        run_step(["index", str(folder), "--metadata", metadata], workspace.root)
    if any(task.rule for task in tasks.values()):
        run_step(["rules"], workspace.root)
    made = [task for task in tasks.values() if task.shares_network]
    for task in made:
        if published_version(workspace.database, task.name) is None:
            run_step(["train", task.name], workspace.root)
    published = [task for task in made if published_version(workspace.database, task.name)]
    unswept = [task.name for task in published if not _is_swept(workspace, task)]
    if unswept:
        run_step(["sweep", *unswept], workspace.root)


def make_phantoms(workspace: Workspace) -> Path:
    """Draw the phantom archive of this workspace; the same films every time."""
    folder = workspace.root / PHANTOMS
    write_phantom_archive(folder, films=PHANTOM_FILMS, seed=PHANTOM_SEED)
    return folder


def _is_swept(workspace: Workspace, task: DetectorTask) -> bool:
    version = published_version(workspace.database, task.name)
    known = PredictionFile(workspace.predictions, task.name, str(version)).known_ids()
    return all(film.radiograph_id in known for film in films(workspace.database))
