"""The one place that knows which films are sealed, and that keeps them so."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from backend.adapters.catalogue import Film, films
from backend.adapters.lock import in_turn
from backend.adapters.seal_store import note_sealed, noted_sealed
from backend.adapters.workspace import Workspace
from backend.core.seal import Seal, deal_seal


def seal_of(workspace: Workspace, archive: Sequence[Film]) -> Seal:
    """Return which films are sealed.

    Args:
        workspace: whose.
        archive: all its films.
    """
    return deal_seal(
        [(film.radiograph_id, film.patient_key) for film in archive],
        noted_sealed(workspace.database),
        archive_key=workspace.secrets.archive_key,
        sealed_share=workspace.settings.sealed_share,
    )


@contextmanager
def training_turn(workspace: Workspace) -> Iterator[None]:
    """Wait until nothing else is trained, and seal for ever what is sealed now.

    Patients may be told apart later, and `sealed_share` may change: what judges the version that is
    trained now must not be learnt from then.
    """
    with in_turn(workspace.root / "train.lock"):
        note_sealed(workspace.database, seal_of(workspace, films(workspace.database)).named)
        yield
