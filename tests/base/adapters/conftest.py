"""What is compared of two schemas."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from backend.base.adapters.database import schema


@pytest.fixture
def disagreements():
    """Return a function that says what Alembic would change to bring a database to our tables."""

    def compare(engine):
        with engine.connect() as connection:
            options = {"compare_type": True, "compare_server_default": True}
            return compare_metadata(MigrationContext.configure(connection, opts=options), schema)

    return compare


@pytest.fixture
def layout():
    """Return a function that tells columns, keys and indexes of every table, in no order."""

    def tell(engine):
        reader = inspect(engine)
        return {name: _table(reader, name) for name in reader.get_table_names()}

    return tell


def _table(reader, name):
    columns = {
        column["name"]: (str(column["type"]), column["nullable"], column["default"])
        for column in reader.get_columns(name)
    }
    keys = reader.get_pk_constraint(name)["constrained_columns"]
    rest = (reader.get_foreign_keys, reader.get_indexes, reader.get_unique_constraints)
    return columns, keys, *(sorted(map(str, read(name))) for read in rest)
