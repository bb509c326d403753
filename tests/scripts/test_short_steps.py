"""Commands that `up` runs: a sentence of each on the screen, everything else in a log."""

import io
import time

import pytest

from backend.base.adapters.activity import activity
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import RadsieveError
from scripts._live_line import LiveLine
from scripts._short_steps import ShortSteps, words_of_command


@pytest.fixture
def steps(tmp_path):
    Workspace.open_or_make(tmp_path / "workspace")
    return ShortSteps(tmp_path / "workspace", tmp_path / "logs", LiveLine(io.StringIO()))


def test_a_command_that_fails_says_why_and_where_the_rest_is(steps, tmp_path):
    with pytest.raises(RadsieveError, match="`radsieve sweep` failed: no detector task has") as e:
        steps.run(["sweep"])
    assert f"(all of its output is in {tmp_path / 'logs' / 'sweep.log'})" in str(e.value)


@pytest.mark.parametrize(
    "arguments",
    [
        ["index", "/films"],
        ["rules"],
        ["train", "rotation"],
        ["sweep", "rotation", "inversion"],
        ["push", "any_problem"],
    ],
)
def test_what_up_does_is_told_without_names_of_commands_and_tasks(arguments):
    words = words_of_command(arguments)
    assert not set(words.split()) & set(arguments)
    assert words.split()[0].endswith("ing")


def test_the_line_tells_the_latest_thing_that_is_done(steps, tmp_path):
    assert steps.state().startswith("now: starting (0 s so far)")
    time.sleep(0.01)
    with activity(tmp_path / "workspace", "train rotation") as note:
        note(1, 4)
        assert steps.state().startswith("now: train rotation (25 %")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_sentence_replaces_the_line_and_stays():
    screen = Terminal()
    line = LiveLine(screen)
    line.show("now: index")
    line.say("240 films are indexed.")
    assert screen.getvalue() == "\rnow: index\033[K\r\033[K240 films are indexed.\n"


def test_a_line_is_followed_while_something_else_is_done():
    file = io.StringIO()
    with LiveLine(file).following(lambda: "now: reading"):
        deadline = time.monotonic() + 30
        while not file.getvalue() and time.monotonic() < deadline:
            time.sleep(0.05)
    assert file.getvalue() == "now: reading\n"
