"""The identity of a workspace: do its database, secrets, thumbnails and ledger belong together?

The database keeps it in the table `identity`: a random number, made once, and for each other part a
mark that only the true part has. The mark of the secrets is the number, hashed with the archive
key; that of the ledger is the digest of its first row; that of the thumbnails is the hash of a few
of them. Of a database that has an identity, all parts are checked whenever it is opened.

A workspace of an earlier radsieve has none. It gets one when it is opened first, if its parts look
as if they belong together: the database has the tables of radsieve, and where it has films, the
secrets are there and whole and the thumbnail file holds a thumbnail of every film.
"""

import contextlib
import difflib
import hashlib
import hmac
import os
import re
import secrets as random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Select, delete, func, insert, select

from backend.base.adapters.activity import FOLDER as ACTIVITY_FOLDER
from backend.base.adapters.database import identity, ledger, open_database, radiographs, schema
from backend.base.adapters.lock import in_turn
from backend.base.adapters.recorder import KEY_OPTION
from backend.base.adapters.secrets_file import (
    SECRETS_FILE,
    Secrets,
    read_secrets,
    write_new_secrets,
)
from backend.base.core.errors import EmptyDatabaseError, LostPartError, NoWorkspaceError

DATABASE_FILE, THUMBNAILS_FILE, JOBS_FILE = "radsieve.sqlite3", "thumbnails.u8", "jobs.sqlite3"
LOCK_FILE = "workspace.lock"
_NEW_SECRETS = ".secrets.new"
"""Takes the name of the secrets once the database has their mark: then the workspace is made."""
_TRACES = (THUMBNAILS_FILE, JOBS_FILE, "label-studio.json")
"""Where one of these lies, films were indexed or a Label Studio was connected."""
_NUMBER, _SECRETS, _LEDGER, _THUMBNAILS = "workspace", "secrets", "ledger", "thumbnails"
_EVIDENCE = "evidence"
_ALIKE = 0.85
"""Share of letters that a mistyped name has in common with the one that was meant."""
_ON_PURPOSE = re.compile(r"\d+|(?<![^\W_])[^\W\d_]{1,3}(?![^\W_])|[\W_]+")
"""What names of workspaces differ by on purpose: `chests-2025` and `chests-2026`, `site-a` and
`site-b`."""
_BLOCK = 256 * 256
"""Bytes of a thumbnail."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What was opened: parts that belong together."""

    number: str
    """The identity, the same for ever."""
    database: Engine
    secrets: Secrets
    is_new: bool


def is_workspace(root: Path) -> bool:
    """Return whether a folder is a workspace, or what is left of one."""
    if (root / DATABASE_FILE).exists() and not (root / _NEW_SECRETS).exists():
        return True
    return any((root / name).exists() for name in (SECRETS_FILE, *_TRACES))


def refuse_no_workspace(root: Path) -> None:
    """Refuse a folder that is no workspace.

    Raises:
        NoWorkspaceError: it is none, or not there.
    """
    if not is_workspace(root):
        came = "a folder without one" if root.is_dir() else "no such folder"
        raise NoWorkspaceError(
            f"expected a workspace in {root}, got {came}; name it with --workspace, or make one "
            "with `radsieve index FILMS` or `radsieve up`"
        )


def refuse_unlikely_place(root: Path) -> None:
    """Refuse to make a workspace where its path looks mistyped; a folder that is there is meant.

    Raises:
        NoWorkspaceError: the folder that would hold it is missing, or holds one named almost alike.
    """
    if root.exists():
        return
    if not root.absolute().parent.is_dir():
        raise NoWorkspaceError(
            f"expected a folder {root.absolute().parent} to make the workspace {root.name} in, got "
            "none; correct --workspace, or make that folder first"
        )
    if alike := _named_alike(root):
        raise NoWorkspaceError(
            f"expected a workspace in {root}, got none, and one named almost alike, {alike}; "
            "correct --workspace, or make the folder first to have a new workspace there"
        )


def _named_alike(root: Path) -> str:
    """Return the name of a workspace beside it that differs by little, and not on purpose."""
    try:
        beside = {path.name for path in root.absolute().parent.iterdir() if path.is_dir()}
    except OSError:  # a folder that may be entered, and not listed
        return ""
    near = difflib.get_close_matches(root.name, beside, n=5, cutoff=_ALIKE)
    return next((name for name in near if _is_misspelt(root, name)), "")


def _is_misspelt(root: Path, name: str) -> bool:
    if _ON_PURPOSE.sub("", root.name) == _ON_PURPOSE.sub("", name):
        return False
    try:
        return is_workspace(root.absolute().with_name(name))
    except OSError:  # somebody else's, which may not be looked into
        return False


def open_parts(root: Path, database_url: str, *, lacks_thumbnails: bool = False) -> Parts:
    """Open the parts of a workspace that is there.

    Args:
        root: its folder.
        database_url: of SQLAlchemy.
        lacks_thumbnails: whether missing thumbnails are allowed, because they may be made now.

    Raises:
        NoWorkspaceError: there is none; none was made.
        LostPartError: a part is missing or empty, or belongs to another workspace.
    """
    refuse_no_workspace(root)
    engine = _known_database(root, database_url)
    marks = _marks(engine)
    if _NUMBER not in marks:
        _adopt(engine, root, lacks_thumbnails=lacks_thumbnails)
        marks = _marks(engine)
    held = _matching_secrets(root / SECRETS_FILE, marks)
    _hand_key(engine, held)
    _check_ledger(engine)
    _check_thumbnails(engine, root / THUMBNAILS_FILE, marks, may_lack=lacks_thumbnails)
    return Parts(marks[_NUMBER], engine, held, is_new=False)


def open_or_make_parts(root: Path, database_url: str) -> Parts:
    """Open the parts of a workspace; where there is none, make them.

    Raises:
        LostPartError: see `open_parts`; what is left of a workspace is not taken for a new one.
        RadsieveError: the folder cannot be made.
    """
    is_new = False
    if not _is_made(root):
        with in_turn(root / LOCK_FILE):
            is_new = not _is_made(root) and _make(root, database_url)
    return replace(open_parts(root, database_url, lacks_thumbnails=True), is_new=is_new)


def mark_ledger(connection: Connection) -> None:
    """Bind the ledger to the workspace, after its first row was written.

    Raises:
        LostPartError: the ledger had begun before, with another row.
    """
    known = connection.execute(_mark(_LEDGER)).scalar()
    if known is None:
        digest = connection.execute(_first_ledger_row()).scalar_one()
        connection.execute(insert(identity).values(part=_LEDGER, mark=digest))
    elif known != connection.execute(_first_ledger_row()).scalar():
        raise LostPartError(_NO_LEDGER)


def mark_thumbnails(engine: Engine, path: Path) -> None:
    """Bind the thumbnails of all films to the workspace, after films were indexed."""
    count = min(_films(engine), _blocks(path))
    with engine.begin() as connection:
        connection.execute(delete(identity).where(identity.c.part == _THUMBNAILS))
        if count:
            mark = f"{count}:{_hash_of_some(path, count)}"
            connection.execute(insert(identity).values(part=_THUMBNAILS, mark=mark))


def forget_unused(root: Path, engine: Engine) -> None:
    """Remove a workspace whose tables are empty and that has nothing else in it."""
    with engine.connect() as connection:
        tables = (table for table in schema.sorted_tables if table is not identity)
        if any(connection.execute(select(table).limit(1)).first() for table in tables):
            return
    engine.dispose()
    locks = {LOCK_FILE, f"{DATABASE_FILE}.lock", "up.lock", "index.lock"}
    own = {SECRETS_FILE, DATABASE_FILE, ACTIVITY_FOLDER, *locks}
    here = {path.name for path in root.iterdir()}
    # A database elsewhere would keep the mark of secrets that are gone.
    is_own = DATABASE_FILE in here and here <= own
    if is_own and not any(root.glob(f"{ACTIVITY_FOLDER}/*")):
        for name in here - {ACTIVITY_FOLDER}:
            (root / name).unlink()
        with contextlib.suppress(OSError):
            (root / ACTIVITY_FOLDER).rmdir()
        root.rmdir()


_NO_LEDGER = (
    "the ledger was emptied, or is that of another workspace: its first row is not the one it "
    "began with; restore the database from a backup"
)


def _is_made(root: Path) -> bool:
    return is_workspace(root) and not _is_half_made(root)


def _is_half_made(root: Path) -> bool:
    """Return whether a workspace has secrets, and neither a database nor a trace of having had one.

    So were workspaces left by programs of an earlier radsieve that needed nothing but a password.
    """
    others = (DATABASE_FILE, *_TRACES, "models", "served", "exports")
    return (root / SECRETS_FILE).exists() and not any((root / name).exists() for name in others)


def _make(root: Path, database_url: str) -> bool:
    """Make secrets and database, and return whether the database is a new one.

    Who is killed in between leaves what the next one goes on with.
    """
    new, whole = root / _NEW_SECRETS, root / SECRETS_FILE
    if not (new.exists() or whole.exists()):
        write_new_secrets(new)
    held = read_secrets(whole if whole.exists() else new)
    engine = open_database(database_url)
    marks = _marks(engine)
    is_new = _NUMBER not in marks and not _films(engine)
    if is_new:
        _begin(engine, held)
    elif marks.get(_SECRETS) != _mark_of_secrets(held, marks.get(_NUMBER, "")):
        new.unlink(missing_ok=True)
        raise LostPartError(
            f"expected a new database for the new workspace {root}, got one that another workspace "
            "uses; open that workspace, or name another database in RADSIEVE_DATABASE_URL"
        )
    if new.exists():
        new.replace(whole)
    engine.dispose()
    return is_new


def _begin(engine: Engine, held: Secrets) -> None:
    """Give the database a number of its own, and what binds its secrets and its ledger to it."""
    number = random.token_hex(16)
    with engine.begin() as connection:
        marks = {_NUMBER: number, _SECRETS: _mark_of_secrets(held, number)}
        connection.execute(
            insert(identity), [{"part": part, "mark": mark} for part, mark in marks.items()]
        )
        if connection.execute(_first_ledger_row()).first():
            mark_ledger(connection)


def _adopt(engine: Engine, root: Path, *, lacks_thumbnails: bool) -> None:
    """Give a workspace of an earlier radsieve its identity, if its parts belong together."""
    with in_turn(root / LOCK_FILE):
        if _NUMBER in _marks(engine):
            return
        films, secrets_path = _films(engine), root / SECRETS_FILE
        if not films and not secrets_path.exists():
            write_new_secrets(secrets_path)
        held = read_secrets(secrets_path)
        if _blocks(root / THUMBNAILS_FILE) < films and not lacks_thumbnails:
            raise _lost_thumbnails(root / THUMBNAILS_FILE, films)
        _begin(engine, held)


def _known_database(root: Path, url: str) -> Engine:
    try:
        return open_database(url, may_make=False)
    except EmptyDatabaseError as error:
        raise LostPartError(
            f"expected the database of the workspace {root}, but {error}; put it back from a "
            "backup, or correct RADSIEVE_DATABASE_URL"
        ) from error


def _marks(engine: Engine) -> Mapping[str, str]:
    with engine.connect() as connection:
        return {row.part: row.mark for row in connection.execute(select(identity))}


def _mark(part: str) -> Select[tuple[Any]]:
    return select(identity.c.mark).where(identity.c.part == part)


def _first_ledger_row() -> Select[tuple[Any]]:
    return select(ledger.c.digest).order_by(ledger.c.seq).limit(1)


def _films(engine: Engine) -> int:
    """Return how many thumbnails the films of the index need."""
    with engine.connect() as connection:
        last = connection.execute(select(func.max(radiographs.c.thumbnail_row))).scalar()
    return 0 if last is None else int(last) + 1


def _matching_secrets(path: Path, marks: Mapping[str, str]) -> Secrets:
    held = read_secrets(path)
    if not hmac.compare_digest(_mark_of_secrets(held, marks[_NUMBER]), marks.get(_SECRETS, "")):
        raise LostPartError(
            f"{path} and the database are of two workspaces; put back the one that was exchanged, "
            "from a backup"
        )
    return held


def _mark_of_secrets(held: Secrets, number: str) -> str:
    return hmac.digest(held.archive_key, number.encode(), "sha256").hex()


def _hand_key(engine: Engine, held: Secrets) -> None:
    """Let all who use the database key the digests of its tables."""
    key = hmac.digest(held.archive_key, _EVIDENCE.encode(), "sha256")
    engine.update_execution_options(**{KEY_OPTION: key})


def _check_ledger(engine: Engine) -> None:
    # In one question: a ledger that begins meanwhile is seen with its mark, or not at all.
    both = select(_first_ledger_row().scalar_subquery(), _mark(_LEDGER).scalar_subquery())
    with engine.connect() as connection:
        first, known = connection.execute(both).one()
    if first != known:
        raise LostPartError(_NO_LEDGER)


def _check_thumbnails(
    engine: Engine, path: Path, marks: Mapping[str, str], *, may_lack: bool
) -> None:
    count, _, digest = marks.get(_THUMBNAILS, "0::").partition(":")
    if not int(count):
        if min(_films(engine), _blocks(path)):  # opening writes only where there is something
            mark_thumbnails(engine, path)
    elif _blocks(path) < int(count):
        if not may_lack:
            raise _lost_thumbnails(path, int(count))
    elif _hash_of_some(path, int(count)) != digest and not (
        may_lack and _knows_each_thumbnail(engine)
    ):
        raise LostPartError(
            f"the thumbnails in {path} are not those of this workspace, or were overwritten; put "
            "the file back from a backup, or remove it and run `radsieve index FILMS`"
        )


def _knows_each_thumbnail(engine: Engine) -> bool:
    """Return whether an index can tell which thumbnails it has to make anew."""
    unknown = select(radiographs.c.radiograph_id).where(radiographs.c.thumbnail_digest.is_(None))
    with engine.connect() as connection:
        return connection.execute(unknown.limit(1)).first() is None


def _lost_thumbnails(path: Path, films: int) -> LostPartError:
    return LostPartError(
        f"expected thumbnails of {films:,} films in {path}, got {_blocks(path):,}; put the file "
        "back from a backup, or run `radsieve index FILMS`, which makes them again"
    )


def _blocks(path: Path) -> int:
    return path.stat().st_size // _BLOCK if path.exists() else 0


def _hash_of_some(path: Path, count: int) -> str:
    """Return the hash of the thumbnails 0, 1, 2, 4, 8 and so on, of so many."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        for row in _sample(count):
            found.update(os.pread(file.fileno(), _BLOCK, row * _BLOCK))
    return found.hexdigest()


def _sample(count: int) -> Iterator[int]:
    row = 0
    while row < count:
        yield row
        row = 2 * row or 1
