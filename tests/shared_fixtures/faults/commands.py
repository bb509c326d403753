"""Commands that a round runs, each in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from shared_fixtures.faults.ground import AGENT, agent

_LONGEST_S = 240.0


@dataclass(frozen=True)
class Ran:
    """A command that ended."""

    words: tuple
    code: int
    output: str
    errors: str
    writes: int
    """How many it has made; 0 where it was killed."""

    @property
    def was_killed(self):
        return self.code == -signal.SIGKILL


@dataclass(frozen=True)
class Running:
    """A command that may not have ended."""

    words: tuple
    pid: int
    place: Path
    """Beside it lie what it says, and how many writes it made."""


class Commands:
    """Starts commands and waits for them; `ended` are those that nobody has looked at yet."""

    def __init__(self, folder, environment):
        self._folder, self._begun, self.ended = folder, 0, []
        folder.mkdir()
        self._zygote = subprocess.Popen(
            [sys.executable, str(AGENT / "zygote.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | environment,
            text=True,
        )

    def close(self):
        self._zygote.stdin.close()
        self._zygote.wait()
        self._zygote.stdout.close()

    def begin(self, words, *, root, at=0, environment=None):
        """Start a command, which dies at its Nth write, if one is named."""
        self._begun += 1
        place = self._folder / f"{self._begun}"
        arm, count = place.with_suffix(".arm"), place.with_suffix(".count")
        if at:
            arm.write_text(str(at))
        pid = self._ask(
            words=[*map(str, words), "--workspace", str(root)],
            output=str(place.with_suffix(".out")),
            errors=str(place.with_suffix(".err")),
            environment=agent(arm, count) | (environment or {}),
        )
        return Running(tuple(words), pid, place)

    def finish(self, running):
        """Wait for a command; one that does not end in time has failed."""
        deadline = time.monotonic() + _LONGEST_S
        while (code := self._ask(ended=running.pid)) is None:
            if time.monotonic() > deadline:
                os.kill(running.pid, signal.SIGTERM)
                deadline += _LONGEST_S
            time.sleep(0.05)
        said = [running.place.with_suffix(kind) for kind in (".out", ".err", ".count")]
        output, errors, count = (path.read_text() if path.exists() else "" for path in said)
        ran = Ran(running.words, code, output, errors, int(count or 0))
        self.ended.append(ran)
        return ran

    def _ask(self, **asked):
        self._zygote.stdin.write(json.dumps(asked) + "\n")
        self._zygote.stdin.flush()
        return json.loads(self._zygote.stdout.readline())
