import json
import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from backend.base.adapters import child_process
from backend.base.adapters.child_process import ChildProcess, run_step
from backend.base.core.errors import RadsieveError

TELLS = """
import json, os, sys
from pathlib import Path
Path(sys.argv[-1], "told.json").write_text(json.dumps({
    "priority": os.getpriority(os.PRIO_PROCESS, 0),
    "threads": os.environ.get("OMP_NUM_THREADS"),
    "session": os.getsid(0),
}))
"""
STARTS_A_STEP = """
import sys
from pathlib import Path
from backend.base.adapters import child_process
child_process.radsieve_command = lambda *_: [
    sys.executable, "-c", "import time; time.sleep(600)"
]
child_process.run_step(["train"], Path(sys.argv[1]), niceness=10)
"""


@pytest.fixture
def steps(monkeypatch):
    """Let a step run Python code instead of one of our commands."""

    def run(code):
        monkeypatch.setattr(
            child_process,
            "radsieve_command",
            lambda *arguments: [sys.executable, "-c", code, arguments[-1]],
        )

    return run


def test_a_step_that_gives_way_runs_at_a_low_priority_on_one_core_fewer(steps, tmp_path):
    steps("import time; time.sleep(0.3)" + TELLS)
    run_step(["train"], tmp_path, niceness=10)
    told = json.loads((tmp_path / "told.json").read_text())
    assert told["priority"] == 10
    assert told["threads"] == str(max(1, (os.cpu_count() or 1) - 1))
    assert told["session"] != os.getsid(0)


def test_a_step_that_a_person_waits_for_runs_like_its_caller(steps, tmp_path):
    steps(TELLS)
    run_step(["push"], tmp_path)
    told = json.loads((tmp_path / "told.json").read_text())
    assert told["priority"] == os.getpriority(os.PRIO_PROCESS, 0)
    assert told["session"] == os.getsid(0)


def test_a_step_that_fails_is_an_error_that_names_it(steps, tmp_path):
    steps("raise SystemExit(1)")
    with pytest.raises(RadsieveError, match="`radsieve train` failed"):
        run_step(["train", "rotation"], tmp_path, niceness=10)


def test_ending_a_program_ends_its_step_in_a_session_of_its_own(tmp_path):
    root = Path(child_process.__file__).parents[3]
    child = ChildProcess(
        [sys.executable, "-c", STARTS_A_STEP, str(tmp_path)],
        tmp_path / "log",
        environment={**os.environ, "PYTHONPATH": str(root)},
    )
    deadline = time.monotonic() + 60
    while not (steps := psutil.Process(child.pid).children(recursive=True)):
        assert time.monotonic() < deadline, child.last_words
        time.sleep(0.1)
    child.stop()
    assert not any(step.is_running() for step in steps)
