"""What faults need of the machine: a small disk, a clock to set, a server that trickles."""

import errno
import os
import shutil
import socketserver
import struct
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path

AGENT = Path(__file__).parent / "agent"
_DISK_MB = 400


class Disk:
    """A folder on a file system of its own, where this machine lets us mount one."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(mode=0o700)
        size = f"size={_DISK_MB}m,mode=0700"
        self.is_own = _is_done("mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder))

    def close(self):
        if self.is_own:
            # Lazily: a program that still ends has its folder there.
            _is_done("umount", "-l", str(self.folder))

    @contextmanager
    def filled(self, left_bytes):
        """Leave so many bytes free; what is freed by others meanwhile stays free."""
        ballast = self.folder / ".ballast"
        try:
            with ballast.open("wb") as file:
                while not self._is_taken(file, left_bytes):
                    pass
            yield
        finally:
            ballast.unlink()

    def _is_taken(self, file, left_bytes):
        """Take what is free but so many bytes; others may have written since one looked."""
        free = os.statvfs(self.folder)
        size = free.f_bavail * free.f_frsize - left_bytes
        try:
            os.posix_fallocate(file.fileno(), 0, max(size, 1))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            return size <= 1
        return True

    @contextmanager
    def read_only(self, view):
        """Show the same files at another place, where nothing can be written."""
        view.mkdir(exist_ok=True)
        with shown_read_only(self.folder, view):
            yield view


@contextmanager
def shown_read_only(folder, view):
    """Show a folder at a place, which may be its own, where nothing can be written."""
    subprocess.run(["mount", "--bind", folder, view], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", view], check=True)
        yield
    finally:
        subprocess.run(["umount", "-l", view], check=True)


class Clock:
    """The clock of those programs that are started with its environment."""

    def __init__(self, folder):
        self._file, library = folder / "clock", folder / "clock.so"
        self.set_ahead(0)
        source = str(AGENT / "clock.c")
        self.can_be_set = bool(shutil.which("cc")) and _is_done(
            "cc", "-shared", "-fPIC", "-o", str(library), source
        )
        self.environment = (
            {"LD_PRELOAD": str(library), "FAULT_CLOCK": str(self._file)} if self.can_be_set else {}
        )

    def set_ahead(self, seconds):
        """Set it; it takes effect at once, in programs that run."""
        with self._file.open("r+b" if self._file.exists() else "w+b") as file:
            file.write(struct.pack("q", seconds))


def agent(arm, count=None):
    """Return the environment of a program that can be killed at a write; see `sitecustomize`."""
    counting = {"FAULT_COUNT": str(count)} if count else {}
    return {"PYTHONPATH": str(AGENT), "FAULT_ARM": str(arm), **counting}


@contextmanager
def trickling(*, head, every_s=1.0):
    """Run a server that sends a byte now and then, of its head or of a body; give its address."""
    begun = b"HTTP/1.1 200 OK\r\n"
    first = begun if head else begun + b"Content-Type: application/json\r\n\r\n"
    stopped = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            try:
                self.request.recv(65536)
                self.request.sendall(first)
                while not stopped.wait(every_s):
                    self.request.sendall(b"X" if head else b" ")
            except OSError:
                pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            stopped.set()
            server.shutdown()


def wait_until(condition, seconds):
    """Return whether the condition came true in so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _is_done(*command):
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
