"""A program that outlives its starter is known by number and start; no other is ended for it."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import psutil
import pytest

from backend.base.adapters import child_process, started_programs
from backend.base.adapters.activity import FOLDER
from backend.base.adapters.started_programs import (
    StartedProgram,
    end_programs,
    forget_ended,
    left_over,
    note_program,
    stack_of,
)
from backend.service.loop.leftovers import end_leftovers

ROOT = Path(child_process.__file__).parents[3]
SLEEPS = "import time; time.sleep(600)"
STARTS = f"""
import sys, time
from pathlib import Path
from backend.base.adapters import child_process
from backend.base.adapters.started_programs import note_program
sys.platform = sys.argv[2]
root = Path(sys.argv[1])
child = child_process.ChildProcess([sys.executable, "-c", {SLEEPS!r}], root / "log")
note_program(root, "Label Studio", child.pid)
(root / "started").write_text(str(child.pid))
time.sleep(600)
"""


@pytest.fixture
def killed_starter(tmp_path):
    """Return a function that starts a program by another, kills that, and returns the program."""
    started = []

    def call(platform):
        command = [sys.executable, "-c", STARTS, str(tmp_path), platform]
        starter = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)})
        wait_for((tmp_path / "started").exists)
        started.append(psutil.Process(int((tmp_path / "started").read_text())))
        assert stack_of(tmp_path) is None and left_over(tmp_path) == []
        starter.send_signal(signal.SIGKILL)
        starter.wait()
        return started[0]

    yield call
    for program in started:
        if program.is_running():
            program.kill()


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform != "linux", reason="no other system tells a child of it")
def test_a_program_ends_when_its_starter_is_killed(killed_starter):
    program = killed_starter("linux")
    wait_for(lambda: not program.is_running() or program.status() == psutil.STATUS_ZOMBIE)


def test_a_program_that_outlives_its_starter_is_named_and_ended(killed_starter, tmp_path):
    program = killed_starter("another system")
    assert [(one.name, one.pid) for one in left_over(tmp_path)] == [("Label Studio", program.pid)]
    said = end_leftovers(tmp_path)
    assert f"Label Studio (process {program.pid})" in said
    assert not program.is_running() or program.status() == psutil.STATUS_ZOMBIE
    assert end_leftovers(tmp_path) == ""
    assert not list((tmp_path / FOLDER).iterdir())


def test_a_program_that_has_got_the_number_of_another_is_never_ended(tmp_path):
    other = subprocess.Popen([sys.executable, "-c", SLEEPS])
    try:
        note_program(tmp_path, "Label Studio", other.pid)
        (path,) = (tmp_path / FOLDER).iterdir()
        known = StartedProgram(**json.loads(path.read_text()))
        earlier = replace(known, began=known.began - 60, starter_began=known.starter_began - 60)
        path.write_text(json.dumps(asdict(earlier)))
        end_programs([earlier])
        assert left_over(tmp_path) == [] and end_leftovers(tmp_path) == ""
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_program_that_runs_others_is_known_and_a_record_that_is_none_is_passed_over(tmp_path):
    assert stack_of(tmp_path) is None
    note_program(tmp_path, "radsieve up", os.getpid())
    (tmp_path / FOLDER / "1.program").write_text('{"name": "Label')
    running = stack_of(tmp_path)
    assert (running.name, running.pid, running.is_left_over) == ("radsieve up", os.getpid(), False)
    forget_ended(tmp_path)
    assert stack_of(tmp_path) == running
    assert not (tmp_path / FOLDER / "1.program").exists()


def test_a_program_that_does_not_end_by_itself_is_killed_with_what_it_started(
    tmp_path, monkeypatch
):
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); "
    inner = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEPS!r}]); "
    program = subprocess.Popen(
        [sys.executable, "-c", inner + stubborn + SLEEPS], stdout=subprocess.PIPE
    )
    with program:
        program.stdout.readline()
        whole = [psutil.Process(program.pid), *psutil.Process(program.pid).children()]
        note_program(tmp_path, "worker", program.pid)
        monkeypatch.setattr(started_programs, "GRACE_S", 0.5)
        end_programs(started_programs.started_programs(tmp_path))
    assert len(whole) == 2
    assert not [one for one in whole if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def test_a_vanished_workspace_is_not_made_again_for_a_record(tmp_path):
    note_program(tmp_path / "gone", "worker", os.getpid())
    assert not list(tmp_path.iterdir())
