"""Runs inside a program that is to be killed: counts what it writes, and kills it at one write.

FAULT_ARM names a file. As soon as it is there it says at which write from then on the program
dies, by SIGKILL and in the middle of what it does. A program that this one starts knows nothing of
it. Writes are files opened for writing, names changed, changes of an SQLite database, and what is
sent over a socket. FAULT_COUNT names a file that gets the number of writes when the program ends.
"""

import atexit
import os
import signal
import socket
import sqlite3
import sys
import threading
from pathlib import Path

_ARM, _COUNT = os.environ.pop("FAULT_ARM", ""), os.environ.pop("FAULT_COUNT", "")
_CHANGES = ("INSERT", "UPDATE", "DELETE", "COMMIT", "CREATE", "ALTER")
_FILES = {"os.rename", "os.remove", "os.mkdir", "os.truncate", "os.rmdir"}
_busy = threading.local()


class _Writes:
    made, last = 0, None

    @classmethod
    def one_more(cls):
        cls.made += 1
        if cls.last is None and _ARM:
            cls.arm()
        if cls.last is not None and cls.made >= cls.last:
            os.kill(os.getpid(), signal.SIGKILL)

    @classmethod
    def arm(cls):
        try:
            cls.last = cls.made + int(Path(_ARM).read_text())
            Path(_ARM).unlink()
        except (OSError, ValueError):
            pass


def _wrote():
    if not getattr(_busy, "now", False):
        _busy.now = True
        try:
            _Writes.one_more()
        finally:
            _busy.now = False


def _hook(event, arguments):
    if event in _FILES:
        _wrote()
    elif event == "open":
        path, _, flags = arguments
        if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR) and _is_ours(path):
            _wrote()


def _is_ours(path):
    return not str(path).startswith(("/dev/", "/proc/")) and "__pycache__" not in str(path)


def _statement(text):
    if text.lstrip()[:6].upper() in _CHANGES:
        _wrote()


def _connect(*arguments, **options):
    connection = _real_connect(*arguments, **options)
    connection.set_trace_callback(_statement)
    return connection


def _counted(name):
    real = getattr(socket.socket, name)

    def send(self, *arguments):
        _wrote()
        return real(self, *arguments)

    setattr(socket.socket, name, send)


if _ARM or _COUNT:
    sys.addaudithook(_hook)
    _real_connect = sqlite3.connect
    sqlite3.connect = sqlite3.dbapi2.connect = _connect
    for _name in ("send", "sendall"):
        _counted(_name)
if _COUNT:

    @atexit.register
    def _tell():
        _busy.now = True
        Path(_COUNT).write_text(str(_Writes.made))
