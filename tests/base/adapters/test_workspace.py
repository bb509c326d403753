import stat
import subprocess
import sys

import pytest

from backend.base.adapters.settings import Settings, load_settings
from backend.base.adapters.workspace import Workspace, default_workspace
from backend.base.core.errors import InputFileError, RadsieveError


def test_secrets_are_made_once_and_only_their_owner_can_read_them(tmp_path):
    first = Workspace.open_or_make(tmp_path).secrets
    assert Workspace.open_or_make(tmp_path).secrets == first
    assert len(first.archive_key) == 32
    mode = stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode)
    assert mode == 0o600


PRINT_KEYS = """
import os, sys
from pathlib import Path
from backend.base.adapters.workspace import Workspace
for root in sys.argv[1:]:
    if not os.fork():
        key = Workspace.open_or_make(Path(root)).secrets.archive_key.hex()
        os.write(1, (key + chr(10)).encode())
        os._exit(0)
failed = [os.wait()[1] for _ in sys.argv[1:]]
sys.exit(any(failed))
"""


def keys_printed(*roots):
    """Open each workspace in a program of its own, all at once; return the keys they found."""
    command = [sys.executable, "-c", PRINT_KEYS, *map(str, roots)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    assert len(printed) == len(roots)
    return set(printed)


def test_two_programs_that_start_at_once_share_the_secrets_of_the_first(tmp_path):
    assert len(keys_printed(*[tmp_path] * 4)) == 1
    made = {path.name for path in tmp_path.iterdir() if path.suffix != ".lock"}
    assert {name.partition("-")[0] for name in made} == {"secrets.json", "radsieve.sqlite3"}


def test_two_workspaces_have_keys_of_their_own(tmp_path):
    assert len(keys_printed(tmp_path / "one", tmp_path / "other")) == 2


def test_variables_win_over_the_file_and_the_file_over_defaults(tmp_path, monkeypatch):
    (tmp_path / "radsieve.toml").write_text("batch_films = 33\nsheet_films = 24\n")
    monkeypatch.setenv("RADSIEVE_SHEET_FILMS", "60")
    settings = load_settings(tmp_path)
    assert (settings.batch_films, settings.sheet_films, settings.folds) == (33, 60, 3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("batch_filmz = 3", "setting 'batch_filmz': there is none .*, but there is 'batch_films'"),
        ("qqq = 3", "setting 'qqq': there is none of this name; correct it in"),
        ("folds = 1", "setting 'folds': Input should be greater than or equal to 2, got 1"),
        ("folds = ", "not valid TOML"),
    ],
)
def test_a_wrong_settings_file_is_one_clear_line(tmp_path, content, message):
    (tmp_path / "radsieve.toml").write_text(content)
    with pytest.raises(InputFileError, match=message):
        load_settings(tmp_path)


def test_a_wrong_variable_names_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("RADSIEVE_BACKEND_PORT", "many")
    with pytest.raises(InputFileError, match="RADSIEVE_BACKEND_PORT"):
        load_settings(tmp_path)


def test_an_empty_variable_names_no_workspace(monkeypatch):
    monkeypatch.setenv("RADSIEVE_WORKSPACE", "")
    assert str(default_workspace()) == "radsieve-workspace"


def test_every_setting_says_what_it_is_for():
    assert all(field.description for field in Settings.model_fields.values())


def test_the_workspace_is_named_by_a_variable(monkeypatch):
    monkeypatch.setenv("RADSIEVE_WORKSPACE", "/some/where")
    assert str(default_workspace()) == "/some/where"
    monkeypatch.delenv("RADSIEVE_WORKSPACE")
    assert str(default_workspace()) == "radsieve-workspace"


def test_a_workspace_that_cannot_be_made_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RadsieveError, match="choose another folder with --workspace"):
        Workspace.open_or_make(tmp_path / "file" / "below")
