import json
import shutil

import pytest
from click.testing import CliRunner

from backend.phantoms.adapters.phantom_archive import write_phantom_archive
from scripts import main

pytestmark = pytest.mark.trains


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """Forty phantoms and a detector that learnt for so short a time that it doubts many."""
    films, root = tmp_path_factory.mktemp("films"), tmp_path_factory.mktemp("workspace")
    write_phantom_archive(films, films=40, seed=3, size_px=96)
    (root / "radsieve.toml").write_text("epochs = 1\nfolds = 2\nsealed_share = 0.4\n")
    for arguments in (
        ["index", films, "--metadata", films / "metadata.csv"],
        ["train", "rotation"],
        ["sweep", "rotation"],
    ):
        result = CliRunner().invoke(main, [*map(str, arguments), "--workspace", str(root)])
        assert result.exit_code == 0, result.output
    return root


@pytest.fixture
def run(workspace):
    def call(*arguments):
        arguments = ["review-folder", *map(str, arguments), "--workspace", str(workspace)]
        return CliRunner().invoke(main, arguments)

    return call


def facts(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.splitlines()[-1])


def test_films_go_out_are_moved_and_come_back_in(run, tmp_path):
    out = tmp_path / "out"
    told = facts(run("out", out, "--json"))
    films = sorted(out.rglob("*.jpg"))
    assert told["films"] == {"rotation": len(films)}
    target = next(path for path in (out / "rotation").iterdir() if path != films[0].parent)
    shutil.move(films[0], target)
    read = facts(run("in", out, "--reviewer", "R1", "--json"))
    assert (read["round"], read["added"]) == (told["round"], 1)
    assert read["tasks"]["rotation"] == {
        "moved": 1,
        "accepted": 0,
        "unmoved": len(films) - 1,
        "deleted": 0,
    }
    again = run("in", out)
    assert again.output.splitlines() == [
        f"rotation: 1 moved, 0 accepted unmoved, {len(films) - 1} not reviewed, 0 deleted "
        "(not reviewed)",
        "0 labels added, 0 withdrawn, 1 had been read before",
    ]


def test_a_person_is_told_what_to_do_next(run, tmp_path):
    text = run("out", tmp_path / "out", "rotation", "--all").output
    assert f"run `radsieve review-folder in {tmp_path / 'out'}`" in text


def test_what_cannot_be_read_is_one_clear_line_and_exit_1(run, tmp_path):
    result = run("in", tmp_path)
    assert result.exit_code == 1
    assert "expected a folder with radsieve-review.json" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("out", "x", "--reviewer", "R1"),
        ("out", "x", "--accept-unmoved"),
        ("in", "x", "rotation"),
        ("in", "x", "--all"),
        ("in", "x", "--link"),
        ("sideways", "x"),
    ],
)
def test_an_option_of_the_other_direction_is_wrong_usage(run, arguments):
    assert run(*arguments).exit_code == 2


def test_the_help_says_that_a_certificate_counts_none_of_it(run):
    text = " ".join(run("--help").output.split())
    assert "A certificate does not count these labels as looks" in text
