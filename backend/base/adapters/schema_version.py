"""The version of a database's schema, and how it becomes that of this code.

Alembic's table `alembic_version` holds the version: the stamp. Where it is the newest, one query
tells so and Alembic, which takes a quarter of a second to import, stays away. A database without a
stamp is empty, or was made before there were stamps: the first revision adds what it lacks.
"""

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    MetaData,
    String,
    Table,
    insert,
    inspect,
    select,
)
from sqlalchemy.exc import OperationalError, ProgrammingError

from backend.base.adapters.lock import in_turn
from backend.base.adapters.migrations import HEAD
from backend.base.core.errors import EmptyDatabaseError, RadsieveError

if TYPE_CHECKING:
    from alembic.config import Config

logger = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).with_name("migrations")
"""Folder of the revisions."""

_stamps = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
_ADVISORY_LOCK = int.from_bytes(b"radsieve")
"""PostgreSQL names its advisory locks by signed numbers of 64 bits."""


def bring_up_to_date(engine: Engine, schema: MetaData, *, may_make: bool = True) -> None:
    """Give a database the schema of this code; programs that open it meanwhile wait.

    Args:
        engine: the database.
        schema: the tables as this code uses them.
        may_make: give a database without tables its tables.

    Raises:
        EmptyDatabaseError: it has no tables, and none may be made.
        RadsieveError: a later radsieve made the database, or its rows do not fit together.
    """
    if _is_newest(engine):
        return
    with _alone(engine) as connection:
        tables = set(inspect(connection).get_table_names())
        if tables.isdisjoint({*schema.tables, _stamps.name}):
            if not may_make:
                raise EmptyDatabaseError(f"{engine.url.render_as_string()} has no tables")
            _make(connection, schema)
        elif _stamps.name not in tables or _stamp(connection) != HEAD:
            run_revisions(connection, schema)
            logger.info("the database was brought to schema version %s", HEAD)


def run_revisions(connection: Connection, schema: MetaData) -> None:
    """Run the revisions that a database has not seen, in the transaction that is open.

    Raises:
        RadsieveError: the stamp is not one of this code.
    """
    # A quarter of a second that only upgrades should cost.
    from alembic import command  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = alembic_config(connection, schema)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if inspect(connection).has_table(_stamps.name):
        _refuse_unknown(connection, known)
    command.upgrade(config, "head")


def alembic_config(connection: Connection, schema: MetaData) -> "Config":
    """Return how Alembic finds the revisions, and what `migrations/env.py` is handed."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection, "schema": schema})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("file_template", "v%%(rev)s_%%(slug)s")
    return config


def _is_newest(engine: Engine) -> bool:
    """Return whether the stamp is that of this code, without waiting for anybody."""
    with engine.connect() as connection:
        try:
            return _stamp(connection) == HEAD
        except (OperationalError, ProgrammingError):
            # SQLite and PostgreSQL say so, each in its own way, where the table is missing.
            return False


def _stamp(connection: Connection) -> str | None:
    return connection.execute(select(_stamps)).scalar()


def _make(connection: Connection, schema: MetaData) -> None:
    """Make a new database, without Alembic: a test holds its schema to that of the revisions."""
    schema.create_all(connection)
    _stamps.create(connection)
    connection.execute(insert(_stamps).values(version_num=HEAD))


def _refuse_unknown(connection: Connection, known: set[str]) -> None:
    for stamp in connection.execute(select(_stamps)).scalars():
        if stamp not in known:
            raise RadsieveError(
                f"expected a workspace of schema version {HEAD} or earlier, got version {stamp}, "
                "which a later radsieve made; install that radsieve, or open another workspace"
            )


def _alone(engine: Engine) -> AbstractContextManager[Connection]:
    """Open a transaction that waits for its turn, and keeps all of its changes or none."""
    in_sqlite = engine.dialect.name == "sqlite"
    return _alone_in_sqlite(engine) if in_sqlite else _alone_in_postgresql(engine)


@contextmanager
def _alone_in_postgresql(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
        yield connection


@contextmanager
def _alone_in_sqlite(engine: Engine) -> Iterator[Connection]:
    with _turn(engine), engine.connect() as connection:
        # To change a column, a table is copied and dropped, though rows of others refer to it. That
        # cannot be allowed once a transaction has begun.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            _check_references(connection)
            connection.commit()
        finally:
            connection.rollback()
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def _turn(engine: Engine) -> AbstractContextManager[None]:
    """Wait for whoever makes or upgrades the same SQLite file, however long it takes."""
    file = sqlite_file(engine.url)
    return in_turn(Path(f"{file}.lock")) if file else nullcontext()


def sqlite_file(url: URL) -> Path | None:
    """Return the file of a plain SQLite database; None of any other."""
    name = url.database or ""
    if url.get_backend_name() != "sqlite" or not name or name.startswith((":memory:", "file:")):
        return None
    return Path(name)


def _check_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        tables = ", ".join(sorted({row[0] for row in broken}))
        raise RadsieveError(
            f"expected every row of {tables} to belong to a row that is there, got {len(broken)} "
            "that do not; nothing was changed; restore the database from a copy"
        )
