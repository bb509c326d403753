"""Locks between programs: real processes that hold a lock, wait for it, and die."""

import errno
import signal
import subprocess
import sys
import threading

import pytest

from backend.base.adapters.lock import exclusive_lock, in_turn
from backend.base.core.errors import RadsieveError

_HOLDER = """
import sys
from pathlib import Path
from backend.base.adapters.lock import in_turn
with in_turn(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds `shared.lock` until it reads a line or dies."""
    command = [sys.executable, "-c", _HOLDER, str(tmp_path / "shared.lock")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.fixture
def waiting(tmp_path):
    """Return a function that starts a thread, which ends when it has had its turn."""

    def take():
        with in_turn(tmp_path / "shared.lock"):
            pass

    def start():
        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        return thread

    return start


def ends(thread):
    thread.join(60)
    return not thread.is_alive()


def test_a_lock_that_another_process_holds_is_refused_with_the_given_words(holder, tmp_path):
    path = tmp_path / "shared.lock"
    lock = exclusive_lock(path, "somebody is at it")
    with pytest.raises(RadsieveError, match=r"^somebody is at it$"), lock:
        pytest.fail("two hold the lock")
    assert path.exists()


def test_who_waits_has_the_turn_when_the_other_is_done(holder, waiting):
    thread = waiting()
    holder.stdin.write("\n")
    holder.stdin.flush()
    assert ends(thread)


def test_a_lock_is_free_when_its_holder_is_killed(holder, waiting, tmp_path):
    thread = waiting()
    holder.send_signal(signal.SIGKILL)
    assert ends(thread)
    with exclusive_lock(tmp_path / "shared.lock", "busy"):
        pass


def test_threads_of_one_program_take_turns_too(waiting, tmp_path):
    with in_turn(tmp_path / "shared.lock"):
        thread = waiting()
    assert ends(thread)


def test_locks_of_two_workspaces_do_not_meet(tmp_path):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    first, second = (tmp_path / name / "index.lock" for name in ("first", "second"))
    with exclusive_lock(first, "busy"), exclusive_lock(second, "busy"):
        assert first.exists()
        assert second.exists()


def test_a_lock_is_free_and_its_file_stays_when_the_block_fails(tmp_path):
    path = tmp_path / "shared.lock"
    with pytest.raises(ZeroDivisionError), exclusive_lock(path, "busy"):
        raise ZeroDivisionError
    assert path.exists()
    with exclusive_lock(path, "busy"):
        pass


def test_a_disk_that_cannot_lock_is_no_place_for_a_workspace(tmp_path, monkeypatch):
    def flock(*_arguments):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr("fcntl.flock", flock)
    with pytest.raises(OSError, match="not implemented"), in_turn(tmp_path / "shared.lock"):
        pytest.fail("a file that merely exists was taken for a lock")
