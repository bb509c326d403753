"""Where standard error is no terminal, progress is a line now and then, and a last one."""

import time

import pytest

from scripts._command import progress_bar
from scripts._progress import ProgressLines


def test_a_pipe_gets_a_last_line_with_the_counts(capsys):
    with progress_bar("index", "file") as progress:
        progress(1, 904)
        progress(904, 904)
    said = capsys.readouterr().err
    assert said == "index: done, file 904 of 904, 0 s\n"


def test_what_was_stopped_says_how_far_it_came(capsys):
    with pytest.raises(KeyboardInterrupt), progress_bar("sweep") as progress:
        progress(300, 904)
        raise KeyboardInterrupt
    assert capsys.readouterr().err == "sweep: stopped, film 300 of 904, 0 s\n"


def test_where_nothing_is_done_nothing_is_said(capsys):
    with progress_bar("sweep"):
        pass
    assert not capsys.readouterr().err


def test_a_line_comes_now_and_then_though_nothing_is_noted(capsys):
    with ProgressLines("train", "view", every_s=0.01) as lines:
        lines.note(1, 4)
        deadline, said = time.monotonic() + 30, ""
        while said.count("\n") < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
            said += capsys.readouterr().err
    assert said.count("train: running, view 1 of 4, ") == said.count("\n") >= 3
    assert capsys.readouterr().err.splitlines()[-1].startswith("train: done, view 1 of 4, ")


def test_before_the_first_count_a_line_says_that_it_runs(capsys):
    with ProgressLines("train", "view", every_s=0.01):
        time.sleep(0.2)
    assert capsys.readouterr().err.startswith("train: running, 0 s\n")
