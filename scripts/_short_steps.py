"""Run commands for a person: each in its own process, with its result in one sentence."""

import time
from collections.abc import Sequence
from pathlib import Path

from backend.base.adapters.activity import Activity, activities
from backend.base.adapters.child_process import ChildProcess, radsieve_command
from backend.base.adapters.started_programs import on_record
from backend.base.core.doing import Doing
from backend.base.core.errors import RadsieveError
from backend.service.loop.overview import what_runs
from scripts._live_line import LiveLine
from tasks import detector_task

_ASKED_EVERY_S = 0.1
_ERROR = "Error: "


class ShortSteps:
    """Runs commands one after another: shows one sentence of each, and logs all its output."""

    def __init__(self, workspace: Path, logs: Path, line: LiveLine) -> None:
        """Keep the workspace, the folder for logs, and the line that shows sentences."""
        self._workspace, self._logs, self._line = workspace, logs, line
        self._now = Activity(Doing.STARTING, time.time())

    def run(self, arguments: Sequence[str]) -> None:
        """Run a command and show its result in one sentence.

        Args:
            arguments: the command and its arguments, without `radsieve`.

        Raises:
            RadsieveError: the command failed; the message holds the command's own.
        """
        self._now = Activity(words_of_command(arguments), time.time())
        step = ChildProcess(
            radsieve_command(*arguments, "--in-short", "--workspace", str(self._workspace)),
            self._logs / f"{arguments[0]}.log",
            keep_answer=True,
        )
        try:
            with on_record(self._workspace, f"radsieve {arguments[0]}", step.pid):
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
        """Return a line with the latest activity and its progress."""
        running = [self._now, *activities(self._workspace)]
        latest = max(running, key=lambda activity: activity.started_at)
        return f"now: {what_runs(latest, time.time())}"


def words_of_command(arguments: Sequence[str]) -> str:
    """Return what a command does, in words for a radiologist.

    >>> words_of_command(["train", "rotation"])
    'training the detector for orientation'
    """
    doing = Doing[arguments[0].upper()]
    return doing.about(detector_task(arguments[1]).display_name) if doing.names_task else doing


def _failure(command: str, step: ChildProcess) -> str:
    reason = step.last_words.rpartition(_ERROR)[2]
    return f"`radsieve {command}` failed: {reason} (all of its output is in {step.log_path})"
