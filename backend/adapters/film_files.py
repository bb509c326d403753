"""Which files hold which film: identical copies are one film with several files."""

from sqlalchemy import Engine, select

from backend.adapters.database import files


def files_by_film(engine: Engine) -> dict[str, list[str]]:
    """Return the paths of every readable film, by radiograph id, in order."""
    query = (
        select(files.c.radiograph_id, files.c.path)
        .where(files.c.radiograph_id.is_not(None))
        .order_by(files.c.path)
    )
    found: dict[str, list[str]] = {}
    with engine.connect() as connection:
        for row in connection.execute(query):
            found.setdefault(row.radiograph_id, []).append(row.path)
    return found
