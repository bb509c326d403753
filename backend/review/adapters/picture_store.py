"""Records of the pictures made for review: what each shows, and whether it was removed."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import Engine, delete, insert, select, update

from backend.base.adapters.database import pictures, radiographs, utc_now
from backend.base.core.chunks import in_chunks
from backend.base.core.pixel_change import PixelChange
from backend.review.adapters.review_jpeg import RECIPE, ReviewJpegs

_CHUNK = 500
"""Ids in one statement: well below the number of variables SQLite takes."""


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """What a picture shows."""

    radiograph_id: str
    change: PixelChange | None = None
    """Of a copy that is known to be bad."""


def current_pictures(engine: Engine, shown_ids: Collection[str]) -> dict[str, ShownPicture]:
    """Return what the pictures of these ids show; those made by an earlier recipe are left out."""
    shown: dict[str, ShownPicture] = {}
    for chunk in in_chunks(sorted(shown_ids), _CHUNK):
        query = (
            select(pictures.c.shown_id, pictures.c.radiograph_id, pictures.c.change)
            .where(pictures.c.shown_id.in_(chunk))
            .where(pictures.c.removed_at.is_(None))
            .where(pictures.c.recipe == RECIPE)
        )
        with engine.connect() as connection:
            for shown_id, film, change in connection.execute(query):
                shown[shown_id] = ShownPicture(film, PixelChange(**change) if change else None)
    return shown


def note_picture(engine: Engine, shown_id: str, shown: ShownPicture, made: ReviewJpegs) -> None:
    """Record a picture; an older record of it is replaced."""
    row = {
        "shown_id": shown_id,
        "radiograph_id": shown.radiograph_id,
        "change": asdict(shown.change) if shown.change else None,
        "recipe": RECIPE,
        "made_at": utc_now(),
        "normalisation": list(made.normalisation),
        "thumb_px": made.thumb.longest_px,
        "large_px": made.large.longest_px,
        "thumb_sha256": made.thumb.sha256,
        "large_sha256": made.large.sha256,
    }
    with engine.begin() as connection:
        connection.execute(delete(pictures).where(pictures.c.shown_id == shown_id))
        connection.execute(insert(pictures), row)


def note_removed(engine: Engine, shown_ids: Iterable[str]) -> None:
    """Record that pictures were removed."""
    with engine.begin() as connection:
        for chunk in in_chunks(sorted(shown_ids), _CHUNK):
            connection.execute(
                update(pictures)
                .where(pictures.c.shown_id.in_(chunk))
                .where(pictures.c.removed_at.is_(None))
                .values(removed_at=utc_now())
            )


def standing_pictures(engine: Engine) -> set[str]:
    """Return the ids of all pictures that are not removed."""
    query = select(pictures.c.shown_id).where(pictures.c.removed_at.is_(None))
    with engine.connect() as connection:
        return set(connection.execute(query).scalars())


def catalogued(engine: Engine, names: Iterable[str]) -> set[str]:
    """Return those of these names that are ids of films of the archive."""
    known: set[str] = set()
    for chunk in in_chunks(sorted(names), _CHUNK):
        query = select(radiographs.c.radiograph_id).where(radiographs.c.radiograph_id.in_(chunk))
        with engine.connect() as connection:
            known |= set(connection.execute(query).scalars())
    return known


def as_shown(checks: Mapping[str, tuple[str, PixelChange | None]]) -> dict[str, ShownPicture]:
    """Return what each id shows.

    Args:
        checks: by shown id, a film and what is done to it.
    """
    return {shown_id: ShownPicture(*check) for shown_id, check in checks.items()}
