"""Commands that one command runs for a person: each in a process of its own, told in a sentence."""

import time
from collections.abc import Sequence
from pathlib import Path

from backend.base.adapters.activity import Activity, activities
from backend.base.adapters.child_process import ChildProcess, radsieve_command
from backend.base.core.errors import RadsieveError
from backend.service.loop.overview import what_runs
from scripts._live_line import LiveLine

_ASKED_EVERY_S = 0.1
_ERROR = "Error: "


class ShortSteps:
    """Runs commands one after another; of each a sentence is said, and all it prints is logged."""

    def __init__(self, workspace: Path, logs: Path, line: LiveLine) -> None:
        """Keep where they work, where their logs go, and where the sentences are said."""
        self._workspace, self._logs, self._line = workspace, logs, line
        self._now = Activity("starting", time.time())

    def run(self, arguments: Sequence[str]) -> None:
        """Run a command and say what came of it.

        Raises:
            RadsieveError: it failed; what it said of that is in the message.
        """
        words = [each for each in arguments[:2] if not each.startswith("-") and "/" not in each]
        self._now = Activity(" ".join(words), time.time())
        step = ChildProcess(
            radsieve_command(*arguments, "--in-short", "--workspace", str(self._workspace)),
            self._logs / f"{arguments[0]}.log",
            keep_answer=True,
        )
        try:
            while step.is_running:
                time.sleep(_ASKED_EVERY_S)
        except BaseException:
            step.stop()
            raise
        if step.has_failed:
            raise RadsieveError(_failure(arguments[0], step))
        if step.answer:
            self._line.say(step.answer)

    def state(self) -> str:
        """Return in a line what is being done now, and how far it is."""
        doing = max([self._now, *activities(self._workspace)], key=lambda each: each.started_at)
        return f"now: {what_runs(doing, time.time())}"


def _failure(command: str, step: ChildProcess) -> str:
    why = step.last_words.rpartition(_ERROR)[2]
    return f"`radsieve {command}` failed: {why} (all it said is in {step.log_path})"
