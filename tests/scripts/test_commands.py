"""What every command promises: help, one clear line when something is wrong, JSON when asked."""

import json
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from scripts import main

COMMANDS = main.list_commands(click.Context(main))


@pytest.fixture
def run(tmp_path):
    def call(*arguments):
        return CliRunner().invoke(main, [*arguments, "--workspace", str(tmp_path / "workspace")])

    return call


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
        (("why", "film.png"), "film.png"),
        (("index", "/no/such/folder"), "/no/such/folder"),
        (("connect", "http://127.0.0.1:9"), "a token is needed"),
    ],
)
def test_what_goes_wrong_is_one_clear_line_and_exit_1(run, arguments, message):
    result = run(*arguments)
    assert result.exit_code == 1
    (line,) = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    assert message in line


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
    code = (
        "import sys; from scripts import main; main(['status', '--workspace', 'films'], "
        "standalone_mode=False); print(sorted({'matplotlib', 'jinja2', 'statsmodels', 'cleanlab'} "
        "& set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
