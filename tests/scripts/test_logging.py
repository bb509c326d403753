"""What of the log reaches the terminal."""

import logging
import subprocess
import sys
import warnings

import pytest

from scripts._logging import set_up_logging


@pytest.fixture(autouse=True)
def log_as_before():
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


def speak():
    logging.getLogger("backend.archive.loop.index").info("ours")
    logging.getLogger("matplotlib.font_manager").info("theirs: fonts")
    logging.getLogger("PIL").warning("theirs: a picture")
    logging.getLogger("matplotlib").debug("theirs: in detail")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("theirs: a warning", stacklevel=2)


def test_no_line_and_no_warning_of_a_library_reaches_the_terminal(capsys):
    set_up_logging(verbose=False)
    speak()
    assert capsys.readouterr().err == "INFO backend.archive.loop.index: ours\n"


def test_who_asks_for_it_gets_what_libraries_say(capsys):
    set_up_logging(verbose=True)
    speak()
    said = capsys.readouterr().err
    assert "ours" in said
    assert all(f"theirs: {what}" in said for what in ("fonts", "a picture", "in detail"))
    assert "a warning" in said


def test_a_second_command_of_a_process_says_nothing_twice(capsys):
    set_up_logging(verbose=False)
    set_up_logging(verbose=False)
    speak()
    assert capsys.readouterr().err.count("ours") == 1


def test_what_measures_films_brings_no_plotting():
    code = (
        "import sys; import backend.archive.adapters.film_measures; print('matplotlib' in "
        "sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
