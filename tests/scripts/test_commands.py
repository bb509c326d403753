"""What every command promises: help, one clear line when something is wrong, JSON when asked."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import click
import imagecodecs
import numpy as np
import pytest
from click.testing import CliRunner

from backend.base.adapters.lock import exclusive_lock
from backend.base.adapters.workspace import Workspace
from scripts import main

COMMANDS = main.list_commands(click.Context(main))


@pytest.fixture
def run_nowhere(tmp_path):
    """Return a function that runs a command on a workspace that is not there."""

    def call(*arguments):
        return CliRunner().invoke(main, [*arguments, "--workspace", str(tmp_path / "workspace")])

    return call


@pytest.fixture
def run(tmp_path, run_nowhere):
    """Return a function that runs a command in a workspace that is there, and empty."""
    Workspace.open_or_make(tmp_path / "workspace").database.dispose()
    return run_nowhere


MAKING = {"index", "up", "demo", "connect"}
WITHOUT = {"seed-reports", "restore"}
"""These need no workspace."""


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - MAKING - WITHOUT))
@pytest.mark.parametrize("folder", ["no such folder", "a folder without one"])
def test_a_command_without_a_workspace_says_so_and_makes_nothing(
    name, folder, run_nowhere, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    if folder == "a folder without one":
        (tmp_path / "workspace").mkdir()
    (tmp_path / "given.csv").write_text("")
    before = sorted(tmp_path.rglob("*"))
    result = run_nowhere(name, *FULL.get(name, ()))
    assert result.exit_code == 1, result.output
    (line,) = result.output.splitlines()
    assert f"expected a workspace in {tmp_path / 'workspace'}, got {folder}" in line
    assert "--workspace" in line and "`radsieve index FILMS`" in line
    assert sorted(tmp_path.rglob("*")) == before


FULL = {
    "backup": ["kept.backup"],
    "export": ["--out", "lists"],
    "gate": ["given.csv"],
    "predictions": ["rotation", "--out", "p.csv"],
    "probe": ["rotation"],
    "push": ["rotation"],
    "rank": ["rotation", "--out", "r.csv"],
    "reports": ["given.csv"],
    "review-folder": ["out", "folder"],
    "rollback": ["rotation", "v1"],
    "rules": ["rotation"],
    "train": ["rotation"],
    "why": ["film.png"],
}
"""What a command needs to be understood."""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name):
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    assert "--workspace" in result.output
    assert "--json" in result.output


def test_the_list_of_commands_says_what_each_is_for():
    listed = CliRunner().invoke(main, ["--help"]).output.split("Commands:")[1].splitlines()
    for name in COMMANDS:
        (line,) = [line for line in listed if line.split()[:1] == [name]]
        assert len(line.split()) > 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("train", "rotatoin"), "no detector task 'rotatoin'; there are: age, any_problem"),
        (("train", "rotation"), "expected at least 20"),
        (("probe", "rotation"), "expected at least 20"),
        (("probe", "age"), "nothing is learnt, so there is nothing to probe"),
        (
            ("sweep",),
            "no detector task has a published model version; train one with `radsieve train",
        ),
        (("rank", "rotation", "--out", "r.csv"), "has no published model version"),
        (("predictions", "rotation", "--out", "p.csv"), "has no published model version"),
        (("push", "rotation"), "no Label Studio is connected; start one with `radsieve up`"),
        (("pull",), "no Label Studio is connected"),
        (("rollback", "rotation", "v7"), "rotation has no model version 'v7'; there are: none yet"),
        (("why", "film.png"), "no film of this name"),
        (("index", "/no/such/folder"), "/no/such/folder"),
        (("connect", "http://127.0.0.1:9"), "a token is needed"),
    ],
)
def test_what_goes_wrong_is_one_clear_line_and_exit_1(run, arguments, message):
    result = run(*arguments)
    assert result.exit_code == 1
    (line,) = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    assert message in line


TAKES_TASK = {
    name: [
        p for p in main.get_command(click.Context(main), name).params if "TASK" in (p.metavar or "")
    ]
    for name in COMMANDS
}
NEEDED = {
    "predictions": ["--out", "p.csv"],
    "rank": ["--out", "r.csv"],
    "review-folder": ["out", "folder"],
    "rollback": ["v1"],
    "reports": ["labels.csv"],
    "seed-reports": ["reports.csv", "--out", "labels.csv"],
}
"""What a command needs beside its task; VERSION comes after TASK."""


@pytest.mark.parametrize("name", [name for name, found in TAKES_TASK.items() if found])
def test_an_unknown_task_is_refused_before_anything_is_asked_or_made(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (parameter,) = TAKES_TASK[name]
    task = ["--task", "rotatoin"] if isinstance(parameter, click.Option) else ["rotatoin"]
    needed = NEEDED.get(name, [])
    first, last = (task, needed) if name == "rollback" else (needed, task)
    result = CliRunner().invoke(main, [name, *first, *last, "--workspace", "films"])
    assert result.exit_code == 1, result.output
    assert "no detector task 'rotatoin'; there are: age" in result.output
    assert not list(Path().iterdir())


def test_every_command_stands_once_under_a_step_of_the_loop():
    listed = CliRunner().invoke(main, ["--help"]).output.split("Commands:")[1].splitlines()
    steps = [line.strip() for line in listed if line.endswith(":")]
    assert steps[:3] == ["Prepare:", "Review:", "Finish:"]
    under = {}
    for line in listed:
        if line.endswith(":"):
            step = line.strip()
        elif line[4:5].strip():
            under.setdefault(line.split()[0], []).append(step)
    assert set(under) == set(COMMANDS)
    assert all(len(found) == 1 for found in under.values())
    assert under["index"] == ["Prepare:"] and under["audit"] == ["Finish:"]


def test_the_command_alone_says_what_to_do_first_and_makes_nothing(tmp_path):
    code = (
        "import sys; from scripts import main; main([], standalone_mode=False); "
        "print(sorted({'torch', 'pyarrow', 'scipy', 'pandas', 'flask'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert "(nothing is indexed there yet)" in done.stdout
    assert "next        `radsieve up /my/films`" in done.stdout
    assert "`radsieve --help` lists the commands by step" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"
    assert not list(tmp_path.iterdir())


def test_a_misspelt_command_is_told_which_ones_are_like_it():
    result = CliRunner().invoke(main, ["indx"])
    assert result.exit_code == 2
    assert "No such command 'indx'; did you mean `radsieve index`?" in result.output
    assert "No such command 'qqq'" in CliRunner().invoke(main, ["qqq"]).output


def test_the_workspace_may_be_named_before_the_command(tmp_path):
    root = tmp_path / "films"
    alone = CliRunner().invoke(main, ["--workspace", str(root)])
    assert f"workspace   {root} (nothing is indexed there yet)" in alone.output
    assert not root.exists()
    Workspace.open_or_make(root).database.dispose()
    assert CliRunner().invoke(main, ["--workspace", str(root), "models"]).exit_code == 0


def test_a_new_workspace_is_told_once_and_not_among_the_results(run_nowhere, tmp_path):
    made = f"a new workspace was made: {tmp_path / 'workspace'}"
    (tmp_path / "films").mkdir()
    write_film(tmp_path / "films" / "film.png")
    first, second = (run_nowhere("index", str(tmp_path / "films")) for _ in range(2))
    assert [line for line in first.stderr.splitlines() if "workspace" in line] == [made]
    assert made not in first.stdout + second.stderr


def test_the_bias_of_nothing_is_said_to_be_unknown(run):
    assert run("bias").stdout == "no film is known to be bad yet, so no group loses any\n"


def write_film(path):
    path.write_bytes(imagecodecs.png_encode(np.zeros((20, 20), np.uint8)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("index", "/no/such/folder"), "no file or folder matches"),
        (("index", "notes"), "got 1 file, of which none begins like one; correct the path"),
        (("index", "empty"), "got no file at all; correct the path"),
        (("index", "film.png", "--metadata", "none.csv"), "none.csv"),
        (("index", "film.png", "--metadata", "notes/a.txt"), "expected a column 'file'"),
        (("up", "notes"), "got 1 file, of which none begins like one; correct the path"),
        (("up", "empty"), "got no file at all; correct the path"),
        (("connect", "http://127.0.0.1:9", "--token", "t"), "cannot reach Label Studio"),
        (("connect", "http://127.0.0.1:9"), "a token is needed"),
        (("up",), "cannot have port"),
        (("demo",), "cannot have port"),
    ],
)
def test_what_cannot_succeed_makes_no_workspace_and_says_why(
    run_nowhere, tmp_path, monkeypatch, free_port, arguments, message
):
    monkeypatch.chdir(tmp_path)
    for folder in ("notes", "empty"):
        Path(folder).mkdir()
    Path("notes/a.txt").write_text("name\n")
    write_film(Path("film.png"))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        is_busy = len(arguments) == 1
        port = taken.getsockname()[1] if is_busy else free_port()
        monkeypatch.setenv("RADSIEVE_LABEL_STUDIO_PORT", str(port))
        monkeypatch.setenv("RADSIEVE_BACKEND_PORT", str(free_port()))
        before = sorted(tmp_path.rglob("*"))
        result = run_nowhere(*arguments)
    assert result.exit_code == 1, result.output
    assert message in result.output.splitlines()[-1]
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("no folder/workspace", "to make the workspace workspace in, got none"),
        ("workspce", "one named almost alike, workspace; correct --workspace"),
    ],
)
def test_a_mistyped_workspace_is_not_made(tmp_path, place, message):
    Workspace.open_or_make(tmp_path / "workspace").database.dispose()
    write_film(tmp_path / "film.png")
    index = ["index", str(tmp_path / "film.png"), "--workspace"]
    result = CliRunner().invoke(main, [*index, str(tmp_path / place)])
    assert result.exit_code == 1 and message in result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.png", "workspace"]


@pytest.mark.parametrize("place", ["workspace2", "workspace-b", "pelvis", "workspce"])
def test_another_name_or_a_folder_made_for_it_is_meant(tmp_path, place):
    Workspace.open_or_make(tmp_path / "workspace").database.dispose()
    write_film(tmp_path / "film.png")
    if place == "workspce":
        (tmp_path / place).mkdir()
    index = ["index", str(tmp_path / "film.png"), "--workspace"]
    assert CliRunner().invoke(main, [*index, str(tmp_path / place)]).exit_code == 0


def test_a_status_of_nothing_says_what_to_do_next(run):
    said = run("status").stdout
    assert "nothing was indexed or reviewed here yet" in said
    assert said.splitlines()[-1].startswith("next        `radsieve up /my/films` does everything")
    assert "rotation" not in said


def test_a_second_up_says_that_the_first_runs_and_where(run, tmp_path):
    root = tmp_path / "workspace"
    with exclusive_lock(root / "up.lock", "busy"):
        result = run("up")
    assert result.exit_code == 1
    assert f"radsieve already runs in {root}: begin at http://127.0.0.1:9090/" in result.output


def test_with_json_an_error_is_the_last_line_of_standard_output(run):
    result = run("train", "rotatoin", "--json")
    assert "no detector task" in json.loads(result.stdout.splitlines()[-1])["error"]


@pytest.mark.parametrize(
    "arguments",
    [("train",), ("probe",), ("rank", "rotation"), ("export",), ("nonsense",), ("sweep", "--fast")],
)
def test_wrong_usage_is_exit_2(arguments):
    assert CliRunner().invoke(main, list(arguments)).exit_code == 2


def test_a_status_of_nothing_is_all_zeros(run):
    facts = json.loads(run("status", "--json").stdout.splitlines()[-1])
    assert (facts["films"], facts["patients"], facts["unreadable_files"]) == (0, 0, 0)
    assert facts["tasks"]["rotation"]["model_version"] is None


def test_an_export_of_nothing_writes_empty_lists(run, tmp_path):
    assert run("export", "--out", str(tmp_path / "lists")).exit_code == 0
    assert (tmp_path / "lists" / "exclusions.csv").read_text().count("\n") == 1


def test_a_report_alone_writes_no_list_and_no_row(run, tmp_path):
    result = run("export", "--report-only", "--out", str(tmp_path / "lists"))
    assert result.exit_code == 0
    assert [path.name for path in (tmp_path / "lists").iterdir()] == ["report.html"]
    assert json.loads(run("ledger", "--json").stdout)["rows"] == 0


def test_a_report_alone_takes_no_option_of_the_lists(run, tmp_path):
    result = run("export", "--report-only", "--predicted", "--out", str(tmp_path / "lists"))
    assert result.exit_code == 2
    assert not (tmp_path / "lists").exists()


def test_models_before_any_training_says_so(run):
    assert "no model versions yet" in run("models").output


def test_the_status_does_not_load_what_only_plots_and_pages_need(tmp_path):
    Workspace.open_or_make(tmp_path / "films").database.dispose()
    code = (
        "import sys; from scripts import main; main(['status', '--workspace', 'films'], "
        "standalone_mode=False); print(sorted({'matplotlib', 'jinja2', 'statsmodels', 'cleanlab'} "
        "& set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
