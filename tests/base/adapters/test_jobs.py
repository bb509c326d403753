import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from huey.consumer import Consumer

from backend.base.adapters import jobs
from backend.base.adapters.jobs import JobQueue, Jobs
from backend.base.adapters.workspace import Workspace

ROOT = Path(__file__).parents[3]


@pytest.fixture(params=["sqlite", pytest.param("redis", marks=pytest.mark.slow)])
def workspace(request, tmp_path, monkeypatch):
    if request.param == "sqlite":
        yield Workspace.open_or_make(tmp_path)
        return
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--save", "", "--dir", str(tmp_path)],
        stdout=subprocess.DEVNULL,
    )
    monkeypatch.setenv("RADSIEVE_JOBS_URL", f"redis://127.0.0.1:{port}/0")
    _wait_for(lambda: _listens(port))
    yield Workspace.open_or_make(tmp_path)
    server.terminate()
    server.wait()


def _listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait_for(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


class Recorder:
    """Jobs that note what was done; `retrain` can be held up."""

    def __init__(self):
        self.done = []
        self.go_on = threading.Event()
        self.go_on.set()
        self.running = 0
        self.most_running = 0

    def pull(self, name):
        self.done.append(("pull", name))

    def push(self, name):
        self.done.append(("push", name))

    def retrain(self, name):
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        assert self.go_on.wait(20)
        self.running -= 1
        self.done.append(("retrain", name))


@pytest.fixture
def consumers(monkeypatch):
    """The consumers that run here, beside the main thread, where Python sets no signal handler."""
    started = []

    class ThreadConsumer(Consumer):
        def run(self):
            started.append(self)
            super().run()

        def _set_signal_handlers(self):
            pass

    monkeypatch.setattr(jobs, "Consumer", ThreadConsumer)
    return started


@pytest.fixture
def working(workspace, consumers):
    """A queue whose worker runs in this process, stopped at the end."""
    recorder, queue = Recorder(), JobQueue(workspace.job_queue, ["rotation", "inversion"])
    thread = _work(queue, recorder, workspace.root)
    yield queue, recorder
    recorder.go_on.set()
    _wait_for(lambda: consumers)
    consumers[0].stop_flag.set()
    thread.join(20)
    assert not thread.is_alive()


def test_a_pull_asked_for_many_times_before_it_begins_is_done_once(workspace, consumers):
    recorder, queue = Recorder(), JobQueue(workspace.job_queue, ["rotation", "inversion"])
    for _ in range(20):
        queue.pull_soon("rotation")
    assert queue.waiting() == 1
    thread = _work(queue, recorder, workspace.root)
    _wait_for(lambda: recorder.done)
    time.sleep(0.5)
    consumers[0].stop_flag.set()
    thread.join(20)
    assert recorder.done == [("pull", "rotation")]


def test_a_pull_of_everything_pulls_every_task(working):
    queue, recorder = working
    queue.pull_soon(None)
    _wait_for(lambda: len(recorder.done) == 2)
    assert set(recorder.done) == {("pull", "rotation"), ("pull", "inversion")}


@pytest.mark.slow
def test_one_retraining_of_a_task_at_a_time_and_a_request_in_between_is_not_lost(working):
    queue, recorder = working
    recorder.go_on.clear()
    queue.train_now("rotation")
    _wait_for(lambda: recorder.running == 1)
    queue.train_now("rotation")
    queue.train_now("rotation")
    time.sleep(1.0)
    recorder.go_on.set()
    _wait_for(lambda: len(recorder.done) == 2)
    assert recorder.most_running == 1


def test_trainings_of_two_tasks_take_turns_and_both_are_done(working):
    queue, recorder = working
    recorder.go_on.clear()
    queue.train_now("rotation")
    queue.train_now("inversion")
    _wait_for(lambda: recorder.running == 1)
    time.sleep(1.0)
    recorder.go_on.set()
    _wait_for(lambda: len(recorder.done) == 2)
    assert recorder.most_running == 1
    assert {name for _, name in recorder.done} == {"rotation", "inversion"}


def test_what_a_reviewer_waits_for_is_done_while_trainings_run_and_wait(working):
    queue, recorder = working
    recorder.go_on.clear()
    for name in ("rotation", "inversion"):
        queue.train_now(name)
    _wait_for(lambda: recorder.running == 1)
    for name in ("rotation", "inversion"):
        queue.pull_soon(name)
        queue.push_now(name)
    _wait_for(lambda: len(recorder.done) == 4, seconds=5.0)
    assert {kind for kind, _ in recorder.done} == {"pull", "push"}
    assert recorder.running == 1


def test_a_request_made_while_no_worker_runs_is_kept(workspace):
    JobQueue(workspace.job_queue, ["rotation"]).train_now("rotation")
    assert JobQueue(workspace.job_queue, ["rotation"]).waiting() == 1


def _work(queue, recorder, root):
    """Run a worker of its own in a thread."""
    jobs_ = Jobs(pull=recorder.pull, push=recorder.push, retrain=recorder.retrain)
    options = {"pull_every_s": 3600, "root": root}
    thread = threading.Thread(target=queue.run_worker, args=(jobs_,), kwargs=options)
    thread.start()
    return thread


def test_a_worker_that_starts_takes_no_turn_from_one_that_runs(working, workspace, consumers):
    queue, recorder = working
    recorder.go_on.clear()
    queue.train_now("rotation")
    _wait_for(lambda: recorder.running == 1)
    second = JobQueue(workspace.job_queue, ["rotation", "inversion"])
    thread = _work(second, recorder, workspace.root)
    _wait_for(lambda: len(consumers) == 2)
    second.train_now("rotation")
    second.train_now("inversion")
    time.sleep(1.5)
    assert recorder.most_running == 1
    assert second.waiting() == 2
    recorder.go_on.set()
    _wait_for(lambda: len(recorder.done) == 3)
    assert recorder.most_running == 1
    consumers[1].stop_flag.set()
    thread.join(20)


_KILLED = """
import os, sys
from pathlib import Path
from backend.base.adapters import turns
from backend.base.adapters.jobs import JobQueue, Jobs
turns._HELD_S = 3.0
where = sys.argv[1] if "://" in sys.argv[1] else Path(sys.argv[1])
def begin(name):
    print("began", flush=True)
    os.kill(os.getpid(), 9)
queue, jobs = JobQueue(where, ["rotation"]), Jobs(begin, begin, begin)
queue.run_worker(jobs, pull_every_s=3600, root=Path('.'))
"""


_LEFT_ALONE = """
import sys
from pathlib import Path
from backend.base.adapters.jobs import JobQueue, Jobs
from backend.base.core.errors import RadsieveError
root = Path(sys.argv[1])
try:
    jobs = Jobs(*[lambda name: print(name, flush=True)] * 3)
    JobQueue(root / "jobs.sqlite3", ["rotation"]).run_worker(jobs, pull_every_s=1, root=root)
except RadsieveError as error:
    print(error)
"""


def test_a_worker_whose_workspace_vanished_ends_with_one_line(tmp_path):
    root = tmp_path / "workspace"
    root.mkdir()
    command = [sys.executable, "-c", _LEFT_ALONE, str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout.readline() == "rotation\n"
        root.rename(tmp_path / "elsewhere")
        said, _ = worker.communicate(timeout=60)
    said = said.replace("rotation\n", "")
    assert said.count("\n") == 1 and "has vanished, so the worker has stopped" in said


def test_what_a_killed_worker_had_begun_holds_nobody_up(workspace, consumers, monkeypatch):
    monkeypatch.setattr("backend.base.adapters.turns._HELD_S", 3.0)
    queue = JobQueue(workspace.job_queue, ["rotation"])
    queue.train_now("rotation")
    command = [sys.executable, "-c", _KILLED, str(workspace.job_queue)]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (killed.returncode, killed.stdout) == (-9, "began\n")
    recorder = Recorder()
    thread = _work(queue, recorder, workspace.root)
    queue.train_now("rotation")
    _wait_for(lambda: recorder.done)
    consumers[0].stop_flag.set()
    thread.join(20)
