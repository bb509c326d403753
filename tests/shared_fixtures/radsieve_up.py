"""`radsieve up` as a person starts it, in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

from backend.base.adapters.workspace import Workspace
from backend.review.loop.studio.connect import require_label_studio


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, what, seconds=500.0):
    """Return what the condition returns once that is true; after so many seconds fail."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.5)
    return found


class Up:
    """`radsieve up` as a person starts it."""

    def __init__(self, root, images, log):
        self.workspace = Workspace.open_or_make(root)
        self.environment = os.environ | {
            "RADSIEVE_WORKSPACE": str(root),
            "RADSIEVE_LABEL_STUDIO_PORT": str(_free_port()),
            "RADSIEVE_BACKEND_PORT": str(_free_port()),
            "RADSIEVE_RETRAIN_AFTER": "1",
            "RADSIEVE_EPOCHS": "10",  # after fewer a film is missed that careless labels flag
            "RADSIEVE_SHEET_FILMS": "12",
            "RADSIEVE_BATCH_FILMS": "48",
            "RADSIEVE_HIDDEN_SHARE": "0",  # what is shown has a truth in the archive
            "RADSIEVE_TRAINING_NICENESS": "0",  # the other tests would hold it up for minutes
            "RADSIEVE_PULL_EVERY_S": "3600",  # so that only a webhook can bring a pull
        }
        self.images, self.log, self.process = images, log, None

    def run(self, *arguments, may_fail=False, **environment):
        command = [sys.executable, str(Path(sys.prefix) / "bin" / "radsieve"), *arguments]
        finished = subprocess.run(
            command,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert may_fail or finished.returncode == 0, finished.stderr
        return finished.stdout + (finished.stderr if may_fail else "")

    def start(self, *arguments):
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(Path(sys.prefix) / "bin" / "radsieve"), "up", *arguments],
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        wait_for(self._is_ready, "the login to be printed", 900)

    def _is_ready(self):
        assert self.process.poll() is None, self.log.read_text()
        return "stops everything" in self.log.read_text()

    def stop(self):
        """Press Ctrl-C; return the programs that outlive it."""
        started = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(120) == 0
        _, alive = psutil.wait_procs(started, timeout=5)
        return alive

    @property
    def studio(self):
        return require_label_studio(self.workspace.root, self.workspace.settings)

    @property
    def login(self):
        lines = self.log.read_text().splitlines()
        return {
            name: next(line.split()[-1] for line in lines if line.strip().startswith(name))
            for name in ("Begin here", "Log in with", "Password")
        }
