"""One file that holds a whole workspace, as it was at one moment while programs go on.

The SQLite databases (ours, that of Label Studio, the jobs) are copied by SQLite's backup interface
while all of them are locked against writing: what the copies say belongs to one moment. So are the
predictions, which take their names while the database is locked. The other files follow. They are
only added to or replaced whole, so that each is one that the copied database knows. The last member
lists the size and the hash of every other one.
"""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from backend.base.adapters.activity import FOLDER as ACTIVITY_FOLDER
from backend.base.adapters.database import utc_now
from backend.base.adapters.files import open_atomically
from backend.base.adapters.identity import DATABASE_FILE, JOBS_FILE
from backend.base.adapters.rights import private_files
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import InputFileError, RadsieveError

_MANIFEST = "manifest.json"
_FORM = 1
_DATABASES = (DATABASE_FILE, "label-studio/label_studio.sqlite3", JOBS_FILE)
"""In the order in which they are locked: Label Studio waits for our backend inside a transaction of
its own, and the backend for the jobs, so each is locked before those that its writers wait for."""
_LOCK_WITHIN_S = 60.0
_LEFT_OUT = (".lock", "-wal", "-shm", "-journal", ".answer")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds."""

    files: int
    size_bytes: int
    identity: str
    made_at: str


def back_up(workspace: Workspace, target: Path) -> BackupReport:
    """Write a workspace into one file that only its owner can read.

    Raises:
        RadsieveError: the file exists or lies in the workspace, or the database is not in SQLite.
    """
    _refuse_target(workspace, target)
    listed: dict[str, tuple[int, str]] = {}
    made_at = utc_now()
    with (
        tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".radsieve-") as folder,
        open_atomically(target, mode=0o600) as file,
        tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        copies = _copied_at_one_moment(workspace.root, Path(folder))
        others = (one for one in _other_files(workspace.root) if not _is_prediction(one[0]))
        for name, path in [*copies.items(), *others]:
            if found := _add(archive, name, path):
                listed[name] = found
        manifest = {"form": _FORM, "identity": workspace.identity, "at": made_at, "files": listed}
        _add_bytes(archive, _MANIFEST, json.dumps(manifest).encode())
    size = target.stat().st_size
    return BackupReport(len(listed), size, workspace.identity, made_at)


def restore(source: Path, root: Path) -> BackupReport:
    """Make a workspace from a backup: all of it or nothing.

    Args:
        source: written by `back_up`.
        root: a folder that is empty or not there.

    Raises:
        InputFileError: the file is no whole backup.
        RadsieveError: the folder holds something.
    """
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise RadsieveError(
            f"expected an empty folder or none, got {root} with something in it; name another one "
            "with --workspace, or move away what is there"
        )
    root.parent.mkdir(parents=True, exist_ok=True)
    with (
        private_files(),
        tempfile.TemporaryDirectory(dir=root.parent, prefix=".radsieve-") as folder,
    ):
        unpacked = Path(folder) / "workspace"
        report = _unpack(source, unpacked)
        if root.exists():
            root.rmdir()
        unpacked.rename(root)
    return report


def _refuse_target(workspace: Workspace, target: Path) -> None:
    if workspace.database.dialect.name != "sqlite":
        raise RadsieveError(
            "expected the database in SQLite, got PostgreSQL, which a file copy cannot hold; use "
            "`pg_dump` for it and copy the folder of the workspace after that"
        )
    if target.exists():
        raise RadsieveError(f"expected the name of a new file, got {target}, which is there")
    if target.absolute().resolve().is_relative_to(workspace.root.resolve()):
        raise RadsieveError(f"expected a file outside of the workspace, got {target}")
    if not target.absolute().parent.is_dir():
        raise RadsieveError(f"expected a file in a folder that is there, got {target}")


def _copied_at_one_moment(root: Path, folder: Path) -> dict[str, Path]:
    """Copy the databases, and the predictions, whose digests are in one of them."""
    present = [name for name in _DATABASES if (root / name).exists()]
    copies = {name: folder / str(number) for number, name in enumerate(present)}
    with ExitStack() as held:
        for name in present:
            held.enter_context(_no_writer(root / name))
        for name, copy in copies.items():
            with (
                closing(_connected(root / name)) as source,
                closing(sqlite3.connect(copy)) as target,
            ):
                source.backup(target)
        for name, path in _other_files(root):
            if _is_prediction(name):
                copies[name] = folder / str(len(copies))
                with suppress(FileNotFoundError):
                    shutil.copy2(path, copies[name])
    return copies


def _is_prediction(name: str) -> bool:
    return name.startswith("predictions/")


@contextmanager
def _no_writer(path: Path) -> Iterator[None]:
    with closing(_connected(path)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise RadsieveError(
                f"expected {path.name} to be free within {_LOCK_WITHIN_S:.0f} s, got: {error}; try "
                "again when no training or push runs"
            ) from error
        try:
            yield
        finally:
            connection.rollback()


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_LOCK_WITHIN_S, isolation_level=None)


def _other_files(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield what the workspace keeps besides its databases; not what is being written just now."""
    for folder, folders, names in os.walk(root):
        if Path(folder) == root and ACTIVITY_FOLDER in folders:
            folders.remove(ACTIVITY_FOLDER)
        folders[:] = sorted(name for name in folders if not _is_unfinished(name))
        for name in sorted(names):
            path = Path(folder) / name
            relative = path.relative_to(root).as_posix()
            kept = path.is_file() and not path.is_symlink() and not _is_unfinished(name)
            if kept and relative not in _DATABASES and not name.endswith(_LEFT_OUT):
                yield relative, path


def _is_unfinished(name: str) -> bool:
    """Return whether a name is that of something being written; `.env` of Label Studio is not."""
    return name.startswith(".") and "." in name[1:]


def _add(archive: tarfile.TarFile, name: str, path: Path) -> tuple[int, str] | None:
    """Add a file as long as it is now, and return its size and hash; None where it has gone."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return None
    with file:
        info = archive.gettarinfo(arcname=name, fileobj=file)
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        hashing = _Hashing(file)
        archive.addfile(info, hashing)
        return info.size, hashing.sha256.hexdigest()


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


class _Hashing(io.RawIOBase):
    """Hashes what is read through it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.sha256 = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self.sha256.update(content)
        return content


def _unpack(source: Path, target: Path) -> BackupReport:
    found: dict[str, tuple[int, str]] = {}
    manifest = None
    target.mkdir(mode=0o700)
    try:
        with tarfile.open(source, mode="r:") as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content is None or not _is_plain(member.name):
                    raise _no_backup(source, f"{member.name!r} is no file of a workspace")
                if member.name == _MANIFEST:
                    manifest = json.loads(content.read())
                else:
                    found[member.name] = _write(target / member.name, content, member)
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        raise _no_backup(source, f"it cannot be read to its end ({error})") from error
    if manifest is None or manifest.get("form") != _FORM:
        raise _no_backup(source, "it is not whole, or a later radsieve wrote it")
    listed = {name: tuple(facts) for name, facts in manifest["files"].items()}
    if wrong := sorted(set(listed.items()) ^ set(found.items())):
        raise _no_backup(source, f"{wrong[0][0]} is missing or was changed")
    return BackupReport(
        len(found), source.stat().st_size, str(manifest["identity"]), str(manifest["at"])
    )


def _is_plain(name: str) -> bool:
    parts = Path(name).parts
    return bool(parts) and not Path(name).is_absolute() and ".." not in parts


def _write(path: Path, content: IO[bytes], member: tarfile.TarInfo) -> tuple[int, str]:
    """Write a member for its owner alone, as old as it was; return its size and hash."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    hashing = _Hashing(content)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(hashing, file, _CHUNK)
    os.utime(path, (member.mtime, member.mtime))
    return path.stat().st_size, hashing.sha256.hexdigest()


def _no_backup(source: Path, why: str) -> InputFileError:
    return InputFileError(
        f"expected a file that `radsieve backup` wrote, got {source}: {why}; nothing was restored"
    )
