"""What is in a workspace belongs to its owner alone, whatever the umask."""

import os
import stat

import pytest
from click.testing import CliRunner

from backend.base.adapters.files import write_atomically
from backend.base.adapters.rights import close_to_others, open_to_others, private_files
from backend.base.adapters.workspace import Workspace
from backend.phantoms.adapters.phantom_archive import write_phantom_archive
from scripts import main


@pytest.fixture
def permissive():
    """Everybody may read and write what is made, as on a careless machine."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def root(tmp_path, permissive):
    films = tmp_path / "films"
    write_phantom_archive(films, films=4, seed=1, size_px=64)
    root = tmp_path / "workspace"
    result = CliRunner().invoke(main, ["index", str(films), "--workspace", str(root)])
    assert result.exit_code == 0, result.output
    return root


def test_a_workspace_is_closed_whatever_the_umask_and_results_are_not(root, tmp_path):
    for command in (["status"], ["ledger"], ["export", "--out", str(tmp_path / "lists")]):
        result = CliRunner().invoke(main, [*command, "--workspace", str(root)])
        assert result.exit_code == 0, result.output
    assert open_to_others(root) == []
    assert mode_of(root) == 0o700
    assert {mode_of(path) for path in root.rglob("*") if path.is_file()} == {0o600}
    assert mode_of(tmp_path / "lists") == 0o777
    assert mode_of(tmp_path / "lists" / "exclusions.csv") == 0o666
    assert os.umask(0) == 0


def test_a_library_that_makes_one_makes_it_closed_too(tmp_path, permissive):
    workspace = Workspace.open_or_make(tmp_path / "below" / "workspace")
    workspace.database.dispose()
    assert open_to_others(workspace.root) == []
    assert mode_of(tmp_path / "below") == 0o777


def test_rights_of_others_are_found_and_taken(root):
    (root / "thumbnails.u8").chmod(0o640)
    (root / "logs").mkdir(mode=0o755)
    assert open_to_others(root) == [root / "logs", root / "thumbnails.u8"]
    assert close_to_others(root) == 2
    assert open_to_others(root) == []
    assert mode_of(root / "logs") == 0o700


def test_a_file_written_at_once_follows_the_umask_and_is_never_wider_than_asked(
    tmp_path, permissive
):
    write_atomically(tmp_path / "open", b"")
    write_atomically(tmp_path / "secret", b"", mode=0o600)
    with private_files():
        write_atomically(tmp_path / "private", b"")
    modes = {path.name: mode_of(path) for path in tmp_path.iterdir()}
    assert modes == {"open": 0o666, "secret": 0o600, "private": 0o600}
