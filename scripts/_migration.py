"""`make migration`: write the revision that upgrades earlier workspaces to the code's tables."""

import sys

from alembic import command
from sqlalchemy import MetaData, create_engine

from backend.base.adapters.database import schema
from backend.base.adapters.migrations import HEAD
from backend.base.adapters.schema_version import alembic_config, run_revisions


def write_revision(message: str, tables: MetaData) -> str:
    """Write a revision that adds what the tables have and earlier revisions do not make.

    Returns:
        The path of its file. A person has to add the changes to existing rows.
    """
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        run_revisions(connection, tables)
        config = alembic_config(connection, tables)
        number = f"{int(HEAD) + 1:04}"
        script = command.revision(config, message, autogenerate=True, rev_id=number)
    engine.dispose()
    return str(script.path)  # type: ignore[union-attr]


if __name__ == "__main__":
    print(f"{write_revision(sys.argv[1], schema)}: complete it, then set HEAD to its number")
