"""Compare tables with what the ledger says of them."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, Table, select

from backend.base.adapters.database import ledger
from backend.base.adapters.recorder import COVERED, CURE, digest_in, read_state
from backend.base.core.errors import ChangedEvidenceError
from backend.base.core.evidence import EvidenceState, RowsDigest

_SHOWN = 12
"""Digits of a digest in a message."""


def refuse_changed_tables(engine: Engine, tables: Collection[Table] = tuple(COVERED)) -> None:
    """Refuse tables that something else than radsieve has changed.

    A workspace of an earlier radsieve, which has recorded nothing of its tables yet, passes.

    Args:
        engine: the database.
        tables: those that are used; all: wholly.

    Raises:
        ChangedEvidenceError: one is not as the ledger says, or what it says is gone.
    """
    with _one_moment(engine) as connection:
        state = read_state(connection)
        if state is None:
            return
        _refuse_untrue_state(connection, state, [table.name for table in tables])
        for table in tables:
            found, known = digest_in(connection, table), state.tables[table.name]
            if found != known:
                raise _other_rows(table.name, known, found)


@contextmanager
def _one_moment(engine: Engine) -> Iterator[Connection]:
    """Open a connection that sees the database as it is now, whoever writes meanwhile."""
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def _refuse_untrue_state(
    connection: Connection, state: EvidenceState, names: Collection[str]
) -> None:
    """Refuse digests other than those in the rows of the ledger that tell of them."""
    told_in = {name: state.told_in[name] for name in names if name in state.told_in}
    query = select(ledger.c.seq, ledger.c.facts).where(ledger.c.seq.in_(set(told_in.values())))
    told: Mapping[int, dict[str, dict[str, list[object]]]] = {
        row.seq: row.facts for row in connection.execute(query)
    }
    for name, seq in told_in.items():
        of_row = told.get(seq, {}).get("tables", {}).get(name)
        if of_row != state.tables[name].as_json():
            raise ChangedEvidenceError(
                f"expected row {seq} of the ledger to tell what the table {name} holds, got "
                f"another digest or none; {CURE}"
            )


def _other_rows(name: str, known: RowsDigest, found: RowsDigest) -> ChangedEvidenceError:
    return ChangedEvidenceError(
        f"the table {name} was changed by something else than radsieve: expected "
        f"{_said(known)} as the ledger tells, got {_said(found)}; {CURE}"
    )


def _said(digest: RowsDigest) -> str:
    rows = "1 row" if digest.rows == 1 else f"{digest.rows:,} rows"
    return f"{rows} with digest {f'{digest.total:064x}'[:_SHOWN]}"
