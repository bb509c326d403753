"""Starts commands of radsieve by a fork, so that none of them imports everything anew.

Reads one JSON object a line: `words` starts a command, which writes to the files `output` and
`errors` and gets further `environment`; `ended` asks whether that process has ended, and how.
"""

import importlib
import json
import os
import runpy
import sys
from pathlib import Path

COMMANDS = ("index", "train", "rollback", "sweep", "push", "pull", "export", "status", "ledger")


def warm_up():
    """Import what commands need; nothing that would start a thread runs."""
    for name in (*(f"scripts.{command}" for command in COMMANDS), "torch", "pyarrow.parquet"):
        importlib.import_module(name)
    from tasks import load_detector_tasks  # noqa: PLC0415 - after the path is set

    load_detector_tasks()


def serve():
    """Answer until standard input ends; a child returns the words of its command."""
    for line in sys.stdin:
        asked = json.loads(line)
        if "words" in asked:
            pid = os.fork()
            if not pid:
                return asked
            answer(pid)
        else:
            pid, status = os.waitpid(asked["ended"], os.WNOHANG)
            answer(os.waitstatus_to_exitcode(status) if pid else None)
    return None


def answer(value):
    print(json.dumps(value), flush=True)  # noqa: T201 - that is how it answers


def become(asked):
    """Be the command from here on, killed at a write if it is armed."""
    os.setsid()
    for descriptor, name in ((1, "output"), (2, "errors")):
        os.dup2(os.open(asked[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), descriptor)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(asked["environment"])
    runpy.run_path(str(Path(__file__).with_name("sitecustomize.py")))
    from scripts import main  # noqa: PLC0415 - as above

    main(args=asked["words"], prog_name="radsieve")


if __name__ == "__main__":
    warm_up()
    command = serve()
    if command:
        become(command)
