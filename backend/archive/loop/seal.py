"""The one place that knows which films are sealed, and that keeps them so."""

import logging
from collections.abc import Sequence
from pathlib import Path

from backend.adapters.model_folder import films_learnt_from, model_versions
from backend.archive.adapters.catalogue import films
from backend.archive.adapters.seal_store import note_sealed, noted_sealed
from backend.archive.core.film import Film
from backend.archive.core.seal import Seal, deal_seal
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import UnknownModelVersionError

logger = logging.getLogger(__name__)


def seal_of(workspace: Workspace, archive: Sequence[Film]) -> Seal:
    """Return which films are sealed.

    Args:
        workspace: whose.
        archive: all its films, or some where it is only asked which of these are sealed; which
            patients are takes all.
    """
    return deal_seal(
        [(film.radiograph_id, film.patient_key) for film in archive],
        noted_sealed(workspace.database),
        archive_key=workspace.secrets.archive_key,
        sealed_share=workspace.settings.sealed_share,
    )


def keep_seal(workspace: Workspace) -> None:
    """Seal for ever what is sealed now; every training does so before it saves a version.

    Patients may be told apart later, and `sealed_share` may change: what judges the version that is
    trained now must not be learnt from then. A training that cannot begin keeps nothing.
    """
    note_sealed(workspace.database, seal_of(workspace, films(workspace.database)).named)


def known_learnt_from(models: Path, model_version: str) -> frozenset[str] | None:
    """Return the radiograph ids of the films a version learnt from; None where it is not known.

    It is not known for a version of an earlier radsieve, for one that is gone or damaged, and for
    what has no folder in `models`: a sum of other detectors, a cold start.
    """
    if model_version not in model_versions(models):
        return None
    try:
        return films_learnt_from(models, model_version)
    except UnknownModelVersionError as error:
        logger.warning("what a version learnt from cannot be told: %s", error)
        return None
