"""What cannot be done with a task that sums up others is refused in one line."""

import pytest
from click.testing import CliRunner

from backend.base.adapters.workspace import Workspace
from scripts import main


@pytest.fixture
def run(tmp_path):
    Workspace.open_or_make(tmp_path / "workspace").database.dispose()

    def call(*arguments):
        return CliRunner().invoke(main, [*arguments, "--workspace", str(tmp_path / "workspace")])

    return call


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "any_problem"),
        ("probe", "any_problem"),
        ("sweep", "any_problem"),
        ("rollback", "any_problem", "v1"),
        ("predictions", "any_problem", "--out", "p.csv"),
        ("review-folder", "out", "films", "any_problem"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_nothing_is_learnt_or_published_for_it(run, arguments):
    result = run(*arguments)
    assert result.exit_code == 1
    (line,) = result.output.strip().splitlines()
    assert line.startswith("Error: any_problem sums up what other detectors say")
    assert "rotation" in line


def test_it_has_no_rule(run):
    result = run("rules", "any_problem")
    assert result.exit_code == 1
    assert len(result.output.strip().splitlines()) == 1


def test_an_audit_of_an_archive_without_any_draw_says_what_to_do(run):
    result = run("audit")
    assert result.exit_code == 1
    assert "nothing was drawn at random yet" in result.output
    assert "radsieve push any_problem" in result.output
