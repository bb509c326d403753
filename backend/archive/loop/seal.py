"""Tell which films are sealed, and record that they stay sealed; nothing else decides this."""

import logging
from collections.abc import Sequence

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.seal_store import note_sealed, noted_sealed
from backend.archive.core.film import Film
from backend.archive.core.seal import Seal, deal_seal
from backend.base.adapters.workspace import SealTerms

logger = logging.getLogger(__name__)


def seal_of(engine: Engine, terms: SealTerms, archive: Sequence[Film]) -> Seal:
    """Return which films are sealed.

    Args:
        engine: the database, which says who was sealed before.
        terms: decide which other patients are sealed.
        archive: all its films, or some where it is only asked which of these are sealed; which
            patients are takes all.
    """
    return deal_seal(
        [(film.radiograph_id, film.patient_key) for film in archive],
        noted_sealed(engine),
        archive_key=terms.archive_key,
        sealed_share=terms.sealed_share,
    )


def keep_seal(engine: Engine, terms: SealTerms) -> None:
    """Seal for ever what is sealed now; every training does so before it saves a version.

    Patients may be told apart later, and `sealed_share` may change: what judges the version that is
    trained now must not be learnt from then. A training that cannot begin keeps nothing.
    """
    note_sealed(engine, seal_of(engine, terms, films(engine)).named)
