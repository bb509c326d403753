"""The one way to change the tables that certificates rest on, and to add to the ledger.

Each change is made in a transaction that holds the write lock from its first read on, so that two
programs never add to the same end of the ledger. With the rows changes the digest of their table
(`base.core.evidence`), in the table `evidence`. Where the transaction adds rows to the ledger, its
last row tells the digests of all tables that changed since the ledger told of them. Where it adds
none (an item got its id in Label Studio, a film was indexed), the next one that does tells of them;
until then the digests are proven by a keyed hash alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Float,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)

from backend.base.adapters.database import (
    answers,
    batches,
    boxes,
    evidence,
    items,
    labels,
    ledger,
    model_versions,
    picks,
    publications,
    radiographs,
    sealed_films,
    utc_now,
    written_files,
)
from backend.base.core.chunks import in_chunks
from backend.base.core.errors import ChangedEvidenceError
from backend.base.core.evidence import (
    EvidenceState,
    RowsDigest,
    is_proven,
    proof_of,
    rows_digest,
)
from backend.base.core.ledger import Event, EventKind, Head, LedgerRow, chained

KEY_OPTION = "evidence_key"
"""Execution option of an engine: the secret that keys the digests."""
_WHOLE = (
    answers,
    batches,
    boxes,
    items,
    labels,
    model_versions,
    picks,
    publications,
    sealed_films,
    written_files,
)
_OF_FILMS = ("radiograph_id", "thumbnail_row", "patient_key", "indexed_at", "thumbnail_digest")
"""The columns of films that a certificate rests on; ages and views may be learnt later."""
COVERED: Mapping[Table, Sequence[Column[Any]]] = {
    **{table: list(table.c) for table in _WHOLE},
    radiographs: [radiographs.c[name] for name in _OF_FILMS],
}
"""By table, the columns that its digest is made of. A column that is added may be empty and comes
last: then the digests of the rows that are there stay the same."""

_KEYS = 500
"""Keys in one statement."""
_AT_ONCE = 5000
"""Rows of the ledger in memory at a time."""
_PART = "tables"
_TOLD = select(ledger.c.seq).where(ledger.c.kind == EventKind.EVIDENCE.value)
CURE = "restore the database from a backup"


class Recorder:
    """One transaction that has the end of the ledger, and the digests, to itself."""

    def __init__(self, connection: Connection) -> None:
        """Read the end; the lock is held already."""
        self.connection = connection
        last = connection.execute(
            select(ledger.c.seq, ledger.c.digest).order_by(ledger.c.seq.desc()).limit(1)
        ).first()
        self.head = Head(last.seq, last.digest) if last else Head()
        self._key = evidence_key(connection)
        self._stored: EvidenceState | None = None
        self._begins = False
        self._changes: dict[str, RowsDigest] = {}
        self._has_told = False

    def add(self, events: Iterable[Event]) -> int:
        """Append rows to the ledger, and return the number of its last row."""
        at = utc_now()
        for chunk in in_chunks(list(events), _AT_ONCE):
            rows = chained(chunk, self.head, at)
            values = [
                {name: getattr(row, name) for name in LedgerRow.__dataclass_fields__}
                for row in rows
            ]
            self.connection.execute(insert(ledger), values)
            self.head = Head(rows[-1].seq, rows[-1].digest)
            self._has_told = True
        return self.head.seq

    def insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Add rows to a table; return their numbers in order, where the database numbers them."""
        if not rows:
            return []
        self._state()
        last = _last_number(self.connection, table)
        self.connection.execute(insert(table), list(rows))
        # What RETURNING gives is not always what is read later: of a 0.0, SQLite gives the 0.
        added = RowsDigest()
        for condition in _added(table, rows, last):
            added += digest_in(self.connection, table, condition)
        self._changes[table.name] = self._digest(table) + added
        return [] if last is None else _numbers_after(self.connection, table, last)

    @contextmanager
    def changing(self, table: Table, condition: ColumnElement[bool]) -> Iterator[Connection]:
        """Change rows of a table in the block, or remove some.

        Args:
            table: the table.
            condition: holds for all these rows, before the change and after it.
        """
        self._state()
        before = digest_in(self.connection, table, condition)
        yield self.connection
        after = digest_in(self.connection, table, condition)
        if after != before:
            self._changes[table.name] = self._digest(table) - before + after

    def update_each(
        self, table: Table, values: Mapping[str, Any], changes: Mapping[Any, Mapping[str, Any]]
    ) -> None:
        """Change rows of a table, each in its own way, some at a time.

        Args:
            table: one whose key is a single column.
            values: by column, the value or expression that it is given.
            changes: by key, the parameters that the expressions ask for.
        """
        (key,) = table.primary_key
        this = update(table).where(key == bindparam("key_of_row")).values(**values)
        for chunk in in_chunks(list(changes), _KEYS):
            with self.changing(table, key.in_(chunk)) as connection:
                connection.execute(this, [{"key_of_row": row, **changes[row]} for row in chunk])

    def remove(self, table: Table, condition: ColumnElement[bool]) -> None:
        """Remove rows from a table."""
        with self.changing(table, condition):
            self.connection.execute(delete(table).where(condition))

    def close(self) -> None:
        """Keep the digests, and let the ledger tell of them if it tells of anything."""
        if not self._changes and not self._has_told:
            return
        stored = self._state()
        state = stored.changed(self._changes)
        if self._has_told and state.untold:
            state = state.told(self.add([Event(EventKind.EVIDENCE, state.facts())]))
        if state != stored or self._begins:
            write_state(self.connection, state)

    def _digest(self, table: Table) -> RowsDigest:
        stored = self._state()
        return self._changes.get(table.name) or stored.tables[table.name]

    def _state(self) -> EvidenceState:
        """Return the digests on record before this transaction; it has changed nothing yet."""
        if self._stored is None:
            known = read_state(self.connection)
            self._begins = known is None
            self._stored = state_as_found(self.connection) if known is None else known
        return self._stored


@contextmanager
def recording(engine: Engine) -> Iterator[Recorder]:
    """Open a transaction whose changes, digests and ledger rows are kept together, or not at all.

    Raises:
        ChangedEvidenceError: the digests are not those that the ledger tells of.
    """
    with engine.begin() as connection:
        _lock(connection)
        recorder = Recorder(connection)
        yield recorder
        recorder.close()


def evidence_key(connection: Connection) -> bytes:
    """Return the secret that keys the digests of a workspace."""
    return bytes(connection.get_execution_options().get(KEY_OPTION, b""))


def digest_in(
    connection: Connection, table: Table, condition: ColumnElement[bool] | None = None
) -> RowsDigest:
    """Return the digest of the rows of a table, or of some of them."""
    query = _rows_as_text(table, connection.dialect.name)
    if condition is not None:
        query = query.where(condition)
    # As the driver returns them: rows of SQLAlchemy's own take as long again.
    cursor = connection.execute(query).cursor
    rows = [] if cursor is None else cursor.fetchall()
    return rows_digest(table.name, rows, evidence_key(connection))


@cache
def _rows_as_text(table: Table, dialect: str) -> Select[tuple[Any, ...]]:
    """Return the query for a JSON array of each row, which the database writes, and for numbers.

    Numbers with a fraction are written in ways that change from version to version.
    """
    numbers = [column for column in COVERED[table] if isinstance(column.type, Float)]
    values = [column for column in COVERED[table] if not isinstance(column.type, Float)]
    if dialect == "sqlite":
        # As they are kept: a column of the type JSON holds a text.
        return select(func.json_array(*values), *numbers)
    return select(cast(func.json_build_array(*[cast(one, Text) for one in values]), Text), *numbers)


def state_as_found(connection: Connection) -> EvidenceState:
    """Return the digests of all tables as they are now."""
    return EvidenceState({table.name: digest_in(connection, table) for table in COVERED})


def read_state(connection: Connection) -> EvidenceState | None:
    """Return the digests on record; None where none were recorded yet.

    Raises:
        ChangedEvidenceError: they are gone, were changed, or are older than the ledger.
    """
    stored = connection.execute(select(evidence).where(evidence.c.part == _PART)).first()
    if stored is None:
        if connection.execute(_TOLD.limit(1)).first():
            raise ChangedEvidenceError(
                f"the ledger tells what the tables hold, but their digests are gone; {CURE}"
            )
        return None
    if not is_proven(stored.state, stored.proof, evidence_key(connection)):
        raise ChangedEvidenceError(
            f"the digests of the tables were not written by radsieve in this workspace; {CURE}"
        )
    state = EvidenceState.from_text(stored.state)
    if state.last and not _told_after(connection, state.last - 1):
        raise ChangedEvidenceError(
            f"expected row {state.last} of the ledger to tell what the tables hold, got none; "
            f"{CURE}"
        )
    if _told_after(connection, state.last):
        raise ChangedEvidenceError(
            f"the digests of the tables are older than the ledger, of row {state.last}; {CURE}"
        )
    return state


def write_state(connection: Connection, state: EvidenceState) -> None:
    """Keep the digests, with their proof."""
    text = state.as_text()
    proof = proof_of(text, evidence_key(connection))
    connection.execute(delete(evidence).where(evidence.c.part == _PART))
    connection.execute(insert(evidence).values(part=_PART, state=text, proof=proof))


def _told_after(connection: Connection, seq: int) -> bool:
    # The index of kinds would list all such rows; those after the last one are few.
    of_kind = func.coalesce(ledger.c.kind, "") == EventKind.EVIDENCE.value
    query = select(ledger.c.seq).where(ledger.c.seq > seq).where(of_kind).limit(1)
    return connection.execute(query).first() is not None


def _last_number(connection: Connection, table: Table) -> int | None:
    """Return the largest number of a row; None where the database does not number the rows."""
    if table.autoincrement_column is None:
        return None
    return connection.execute(select(func.max(table.autoincrement_column))).scalar() or 0


def _numbers_after(connection: Connection, table: Table, last: int) -> list[int]:
    number = table.autoincrement_column
    if number is None:
        return []
    new = select(number).where(number > last).order_by(number)
    return list(connection.execute(new).scalars())


def _added(
    table: Table, rows: Sequence[Mapping[str, Any]], last: int | None
) -> Iterator[ColumnElement[bool]]:
    """Yield conditions that hold for the rows just added, and for each of them once."""
    if table.autoincrement_column is not None and last is not None:
        yield table.autoincrement_column > last
        return
    key = list(table.primary_key)
    for chunk in in_chunks(rows, _KEYS):
        yield tuple_(*key).in_([[row[column.name] for column in key] for row in chunk])


def _lock(connection: Connection) -> None:
    """Take the write lock before anything is read.

    SQLite's own BEGIN would read first and lock at the first write: what was read in between may be
    stale by then, and such a transaction fails.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("LOCK TABLE ledger IN SHARE ROW EXCLUSIVE MODE")
