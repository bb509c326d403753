"""Files that are evidence, and the digest that each was written with, in the database.

A file takes its name in two steps: first its digest is kept beside that of the file before, then
it takes the place. Who is killed in between leaves one of the two, and both are known.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine, Row, select, update

from backend.base.adapters.database import written_files
from backend.base.adapters.recorder import Recorder, recording
from backend.base.core.errors import ChangedEvidenceError

TRIES = 3
"""How often a file and its digest are looked at before they are said to differ."""
_NONE = ""
"""Stands for the digest of a file that was not there."""


class WrittenFiles:
    """The files of one workspace whose digests are on record."""

    def __init__(self, engine: Engine, root: Path) -> None:
        """Name the database, and the folder of the workspace."""
        self._engine, self._root = engine, root

    def take_place(self, temporary: Path, target: Path, *, for_ever: bool = True) -> None:
        """Give a file its name, and keep its digest; another program may do the same.

        Args:
            temporary: the file under another name, in the same folder.
            target: the name.
            for_ever: whether it is missed when it is gone.
        """
        name, sha256 = self._name(target), file_sha256(temporary) or _NONE
        with recording(self._engine) as recorder:
            row = _row(recorder.connection, name)
            before = row.sha256 if row else file_sha256(target) or _NONE
            _put(recorder, name, sha256, before)
        while not self._took_place(temporary, target, sha256, None if for_ever else _NONE):
            pass

    def _took_place(self, temporary: Path, target: Path, sha256: str, or_else: str | None) -> bool:
        name = self._name(target)
        with recording(self._engine) as recorder:
            row = _row(recorder.connection, name)
            if row is not None and row.sha256 == sha256:
                temporary.replace(target)
                _put(recorder, name, sha256, or_else)
                return True
            # Another program has announced its file meanwhile.
            _put(recorder, name, sha256, row.sha256 if row else _NONE)
            return False

    def note_as_found(self, path: Path) -> None:
        """Keep the digest of a file of which none is on record."""
        name = self._name(path)
        with recording(self._engine) as recorder:
            sha256 = file_sha256(path)
            if sha256 and _row(recorder.connection, name) is None:
                _put(recorder, name, sha256, None)

    def forget(self, *paths: Path) -> None:
        """Forget the digests of files that are gone or set aside."""
        names = [self._name(path) for path in paths]
        with recording(self._engine) as recorder:
            for name in names:
                if _row(recorder.connection, name) is not None:
                    recorder.remove(written_files, written_files.c.name == name)

    def knows(self, path: Path) -> bool:
        """Return whether the digest of a file is on record."""
        with self._engine.connect() as connection:
            return _row(connection, self._name(path)) is not None

    def is_as_written(self, path: Path, sha256: str | None) -> bool:
        """Return whether a file is the one on record, or none is.

        Args:
            path: of the file.
            sha256: of what it holds; None: it is not there.
        """
        with self._engine.connect() as connection:
            row = _row(connection, self._name(path))
        return row is None or (sha256 or _NONE) in (row.sha256, row.before)

    def changed(self) -> Iterator[str]:
        """Yield the names of files that are not as they were written, in order."""
        with self._engine.connect() as connection:
            query = select(written_files.c.name).order_by(written_files.c.name)
            names = connection.execute(query).scalars().all()
        for name in names:
            path = self._root / name
            # Asked again: a program that runs may have written it between the two questions.
            if not any(self.is_as_written(path, file_sha256(path)) for _ in range(TRIES)):
                yield name

    def refuse_changed(self) -> None:
        """Refuse files that something else than radsieve has changed.

        Raises:
            ChangedEvidenceError: one is not as it was written.
        """
        changed = list(self.changed())
        if changed:
            raise ChangedEvidenceError(
                f"expected {changed[0]} as it was written, got other bytes or no file"
                f"{f', and so with {len(changed) - 1:,} more' if changed[1:] else ''}; restore it "
                "from a backup, or make predictions anew with `radsieve sweep`"
            )

    def _name(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()


def file_sha256(path: Path) -> str | None:
    """Return SHA-256 of a file's bytes, in hex; None where there is no such file."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def _row(connection: Connection, name: str) -> Row[tuple[str, str, str | None]] | None:
    return connection.execute(select(written_files).where(written_files.c.name == name)).first()


def _put(recorder: Recorder, name: str, sha256: str, before: str | None) -> None:
    new = {"sha256": sha256, "before": before}
    if _row(recorder.connection, name) is None:
        recorder.insert(written_files, [{"name": name, **new}])
        return
    this = written_files.c.name == name
    with recorder.changing(written_files, this) as connection:
        connection.execute(update(written_files).where(this).values(new))
