"""Compare everything that certificates rest on with what the ledger says of it."""

from sqlalchemy import Engine, select

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_check import refuse_damaged
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.base.adapters.database import ledger
from backend.base.adapters.evidence_check import refuse_changed_tables
from backend.base.adapters.workspace import Workspace
from backend.base.adapters.written_files import file_sha256
from backend.base.core.errors import ChangedEvidenceError
from backend.base.core.ledger import EventKind, Facts
from backend.detectors.adapters.versions.model_folder import (
    CARD_FILE,
    model_versions,
    refuse_altered,
)


def refuse_changed_evidence(workspace: Workspace) -> None:
    """Refuse tables, predictions, models and thumbnails that something else has changed.

    Raises:
        ChangedEvidenceError: one of them is not as it was written.
        UnknownModelVersionError: a file of a model version is not what was saved.
    """
    refuse_changed_tables(workspace.database)
    workspace.written.refuse_changed()
    for version in model_versions(workspace.models):
        refuse_altered(workspace.models, version)
    _refuse_other_cards(workspace)
    refuse_damaged(ThumbnailStore(workspace.thumbnails), films(workspace.database))


def _refuse_other_cards(workspace: Workspace) -> None:
    """Refuse the card of a version in use that is not the one of its publication."""
    for name, facts in _published(workspace.database).items():
        version, told = str(facts["model_version"]), facts.get("card_sha256")
        found = file_sha256(workspace.models / version / CARD_FILE)
        # One that is gone changes nothing unseen: whatever asks the version says so.
        if told and found and found != told:
            raise ChangedEvidenceError(
                f"expected the card of {version}, in use for {name}, as it was published, got "
                "another; restore its folder from a backup, or train again"
            )


def _published(engine: Engine) -> dict[str, Facts]:
    """Return by detector task what the ledger tells of the version in use."""
    of_kind = ledger.c.kind == EventKind.PUBLISHED.value
    query = select(ledger.c.detector_task, ledger.c.facts).where(of_kind).order_by(ledger.c.seq)
    with engine.connect() as connection:
        return {name: facts for name, facts in connection.execute(query)}
