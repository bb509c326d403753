"""Errors of the system and of libraries as one line that names the cure; never a traceback."""

import errno
import logging
import sqlite3
import traceback
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from backend.base.core.errors import RadsieveError

logger = logging.getLogger(__name__)

_FULL = (
    "the disk is full, or a limit on the size of files is reached; free some space and give the "
    "command again: what was written before is whole"
)
_FAILING = (
    "the disk with the database does not do what it is asked: it is full, failing, or was taken "
    "away; look at it, and give the command again"
)
_READ_ONLY = (
    "the workspace, or the folder that was asked for, cannot be written to; make it writable for "
    "this user, or choose another one"
)
_LOCKED = (
    "another program holds the database for too long; wait until it is done, or stop it, and give "
    "the command again"
)
_DAMAGED = (
    "the database is damaged; put back a backup of the workspace, and check the disk it lies on"
)
_GONE = (
    "a file or folder that was there has vanished; look whether the workspace, and the one that "
    "RADSIEVE_DATABASE_URL may name, are still there"
)
_CANNOT_OPEN = (
    "a database cannot be opened: its file or folder has vanished, or the workspace cannot be "
    "written to; make it writable for this user, or look whether the workspace, and the database "
    "that RADSIEVE_DATABASE_URL may name, are still there"
)

_BY_ERRNO = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.ENOENT: _GONE,
    errno.ESTALE: _GONE,
}
_BY_WORDS = {
    "disk is full": _FULL,
    "disk I/O error": _FAILING,
    "readonly database": _READ_ONLY,
    "read-only": _READ_ONLY,
    "database is locked": _LOCKED,
    "malformed": _DAMAGED,
    "file is not a database": _DAMAGED,
    "unable to open database file": _CANNOT_OPEN,
}
"""What SQLite says; its numbers do not reach us."""


def known_cure(error: BaseException) -> str | None:
    """Return the line for an error of the system or of the database, where its cure is known."""
    if isinstance(error, OSError) and error.errno in _BY_ERRNO:
        return _BY_ERRNO[error.errno]
    # The queue of jobs speaks to SQLite by itself.
    if isinstance(error, SQLAlchemyError | sqlite3.Error):
        said = str(getattr(error, "orig", error))
        return next((line for words, line in _BY_WORDS.items() if words in said), None)
    return None


def as_line(error: Exception) -> RadsieveError:
    """Return any error as one line; what it says itself may name people, so that is left out."""
    if isinstance(error, RadsieveError):
        return error
    logger.debug("the error in full", exc_info=error)
    return RadsieveError(known_cure(error) or _unknown(error))


def _unknown(error: Exception) -> str:
    if isinstance(error, SQLAlchemyError):
        cause = type(getattr(error, "orig", error)).__name__
        return f"the database does not do what it is asked ({cause}); check that it runs"
    if type(error).__module__.startswith("pyarrow"):  # not imported: it takes long
        return "a table in the workspace is damaged; make the predictions anew: `radsieve sweep`"
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else "unknown"
    return (
        f"radsieve has a fault: {type(error).__name__} ({where}); nothing that was saved is lost; "
        "give the command again with --verbose and report what it prints"
    )
