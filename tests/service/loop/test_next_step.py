"""Where a workspace stands, read from what is stored, and what comes next."""

import pytest

from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.phantoms.adapters.phantom_archive import write_phantom_archive
from backend.service.loop.next_step import LoopStage, loop_stage


@pytest.mark.parametrize(
    ("now", "command"),
    [
        (LoopStage(), "`radsieve up /my/films`"),
        (LoopStage(films=9), "`radsieve up` trains"),
        (LoopStage(9, ("rotation",)), "`radsieve up` opens the review"),
        (LoopStage(9, ("rotation",), items_waiting=2, items_answered=1), "`radsieve up` opens"),
        (LoopStage(9, ("rotation",), items_answered=1), "`radsieve audit` says"),
        (LoopStage(9, ("rotation",), items_answered=1, exports=1), "`radsieve up` reviews more"),
    ],
)
def test_each_state_has_a_next_command(now, command):
    assert now.next_step.startswith(command)


def test_a_folder_without_a_database_stays_as_it_is(tmp_path):
    assert loop_stage(tmp_path / "none", ["rotation"]) == LoopStage()
    assert loop_stage(tmp_path, ["rotation"]) == LoopStage()
    assert not list(tmp_path.iterdir())


def test_films_are_counted(tmp_path):
    write_phantom_archive(tmp_path / "films", films=3, seed=1, size_px=64)
    workspace = Workspace.open_or_make(tmp_path / "workspace")
    index(workspace, [tmp_path / "films"])
    assert loop_stage(workspace.root, ["rotation"]) == LoopStage(films=3)
