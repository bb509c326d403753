"""Where a workspace stands, read from what is stored, and what comes next."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from backend.archive.loop.index import index
from backend.base.adapters.started_programs import WORKER, note_program
from backend.base.adapters.workspace import Workspace
from backend.phantoms.adapters.phantom_archive import write_phantom_archive
from backend.service.loop.next_step import LoopStage, loop_stage, stage_of


@pytest.mark.parametrize(
    ("now", "command"),
    [
        (LoopStage(), "`radsieve up /my/films`"),
        (LoopStage(films=9), "`radsieve up` trains"),
        (LoopStage(9, ("quality",)), "`radsieve up` trains what is not trained yet, and opens"),
        (LoopStage(9, ("rotation",), items_waiting=2, items_answered=1), "`radsieve up` trains"),
        (LoopStage(9, ("rotation",), items_answered=1), "`radsieve audit` says"),
        (LoopStage(9, ("rotation",), items_answered=1, exports=1), "`radsieve up` reviews more"),
    ],
)
def test_each_state_has_a_next_command(now, command):
    assert now.next_step.startswith(command)


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (LoopStage(), "wait: `radsieve up` runs and prepares"),
        (LoopStage(films=9, is_open=True), "review at"),
        (LoopStage(films=9, items_waiting=2, items_answered=1, is_open=True), "review at"),
        (
            LoopStage(films=9, items_answered=1, is_open=True),
            "writes the lists; `radsieve up` runs",
        ),
        (LoopStage(films=9, items_answered=1, exports=1, is_open=True), "writes new lists; `rads"),
    ],
)
def test_while_up_runs_no_step_is_to_start_it(now, words):
    told = replace(now, begin_at="http://127.0.0.1:9090/start").next_step
    assert words in told and "http://127.0.0.1:9090/start" in told


def test_whether_up_runs_and_has_opened_the_review_is_seen_in_what_runs(tmp_path):
    workspace = Workspace.open_or_make(tmp_path / "workspace")
    assert stage_of(workspace, ["rotation"]).begin_at == ""
    note_program(workspace.root, "radsieve up", os.getpid())
    now = stage_of(workspace, ["rotation"])
    assert now.begin_at == "http://127.0.0.1:9090/start" and not now.is_open
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as worker:
        note_program(workspace.root, WORKER, worker.pid)
        assert stage_of(workspace, ["rotation"]).is_open
    assert not stage_of(workspace, ["rotation"]).is_open
    workspace.database.dispose()


def test_a_folder_without_a_database_stays_as_it_is(tmp_path):
    assert loop_stage(tmp_path / "none", ["rotation"]) == LoopStage()
    assert loop_stage(tmp_path, ["rotation"]) == LoopStage()
    assert not list(tmp_path.iterdir())


def test_films_are_counted(tmp_path):
    write_phantom_archive(tmp_path / "films", films=3, seed=1, size_px=64)
    workspace = Workspace.open_or_make(tmp_path / "workspace")
    index(workspace, [tmp_path / "films"])
    assert loop_stage(workspace.root, ["rotation"]) == LoopStage(films=3)
