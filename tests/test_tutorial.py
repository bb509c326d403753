"""docs/tutorial.md, followed word by word on real films.

The page is the script: its commands run in their order, what they print is compared with its
text blocks, and between them a reviewer answers in a browser as the page says.
"""

import csv
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from shared_fixtures.radsieve_up import Up, wait_for
from shared_fixtures.tutorial_films import REAL_FILMS, write_tutorial_films

from backend.archive.adapters.film_names import paths_by_name
from backend.review.core.item import SHEET
from benchmarks.review.review_browser import CHROMIUM, open_browser
from benchmarks.review.tutorial_reviewer import TutorialReviewer
from tasks import load_detector_tasks

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "tutorial.md"
LEFT_OUT = "..."
NUMBER = re.compile(r"\d(?:[\d,.:]*\d)?")
FEWER_EPOCHS = "3"
slow = [
    pytest.mark.slow,
    pytest.mark.trains,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(not REAL_FILMS.is_dir(), reason="the real films are not on this machine"),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed"),
]


@dataclass(frozen=True)
class Step:
    """A block of commands on the page, and the block of output that follows it, if any."""

    commands: list[str]
    output: str | None


def steps():
    """Return the page's blocks in their order."""
    blocks = re.findall(r"```(bash|text)\n(.*?)```", PAGE.read_text(), re.DOTALL)
    found = []
    for kind, content in blocks:
        if kind == "bash":
            found.append(Step([line.split("  #")[0] for line in content.splitlines()], None))
        else:
            assert found[-1].output is None, "two outputs of one command"
            found[-1] = Step(found[-1].commands, content)
    return found


def as_pattern(block):
    """Return what an output has to match: numbers may differ, `...` is what the page leaves out.

    Alone on a line it stands for any lines, within a line for any words.
    """
    lines = []
    for line in block.splitlines():
        if line.strip() == LEFT_OUT:
            lines.append(r"(?:.*\n)*?")
        else:
            words = NUMBER.sub("\0", re.sub(r"\s+", " ", line.strip())).replace(LEFT_OUT, "\1")
            pattern = re.escape(words).replace("\0", NUMBER.pattern).replace("\1", ".*")
            lines.append(rf"\s*{pattern}\s*?\n".replace(r"\ ", r"\s+"))
    return re.compile("".join(lines))


def check(output, block):
    """Compare an output with a block of the page, and name the first line that is not there."""
    if block is None or as_pattern(block).search(output):
        return
    lines = block.splitlines()
    for end in range(1, len(lines) + 1):
        shown = "\n".join(lines[:end])
        assert as_pattern(shown).search(output), f"not printed: {lines[end - 1]!r}\n{output}"


def test_numbers_may_differ_and_words_may_not():
    block = "wrote 17 exclusions to ...\n...\nPassword 5\n"
    check("wrote 2,018 exclusions to lists\nfirst\nsecond\nPassword 7\n", block)
    with pytest.raises(AssertionError, match="not printed: 'wrote 17 exclusions"):
        check("wrote 17 corrections to lists\nPassword 7\n", block)


def test_the_page_starts_with_what_the_makefile_has_and_goes_on_with_our_commands():
    first, *others = [step.commands for step in steps()]
    assert "make setup" in first
    assert re.search("^setup:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert others
    assert all(line.split()[0] in {"radsieve", "head"} for lines in others for line in lines)


def test_its_pictures_are_small():
    pictures = re.findall(r"!\[[^]]+\]\((.*?)\)", PAGE.read_text())
    assert len(pictures) == 4
    assert all((PAGE.parent / picture).stat().st_size < 150_000 for picture in pictures)


class Reader:
    """Somebody who does what the page says, in a folder with the films."""

    def __init__(self, folder):
        self.folder = folder
        self.films = write_tutorial_films(folder / "films")
        self.up = Up(folder / "radsieve-workspace", "films", folder / "up.log")
        # As the page: radsieve's own settings, but for ports, and for the time a training takes.
        for name in list(self.up.environment):
            kept = name.endswith(("_PORT", "_WORKSPACE")) or not name.startswith("RADSIEVE_")
            if not kept:
                del self.up.environment[name]
        self.up.environment["RADSIEVE_EPOCHS"] = FEWER_EPOCHS
        self.up.environment["RADSIEVE_RETRAIN_AFTER"] = "1000"  # a second training shows no more
        _ = self.up.workspace.secrets  # made here, so that it has the key of all tests
        self.reviewed = None

    def files_in(self, path):
        """Return the names of the files that a list is about."""
        with path.open(newline="") as rows:
            return self.files_of(row["file"] for row in csv.DictReader(rows))

    def files_of(self, called):
        """Return the names of the files that are called so in lists."""
        found = paths_by_name(self.up.workspace.database, list(called))
        return {Path(path).name for path in found.values()}

    def follow(self, step):
        """Do what a block says; return what was printed."""
        for command in step.commands:
            words = shlex.split(command)
            if words[:2] == ["radsieve", "up"]:
                return self._go_up(words[2:])
            if self.up.process and self.up.process.poll() is None:
                assert self.up.stop() == []
            program = [str(Path(sys.prefix) / "bin" / "radsieve")] if words[0] == "radsieve" else []
            program = [sys.executable, *program, *words[1:]] if program else words
            done = subprocess.run(
                program,
                cwd=self.folder,
                env=self.up.environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            printed = done.stdout
        return printed

    def _go_up(self, arguments):
        self.up.start(*arguments)
        printed = self.up.log.read_text()
        if self.reviewed is None:
            self.review()
        return printed

    def review(self):
        """Answer a sheet and a single film in the browser, the rest through the API."""
        workspace = self.up.workspace
        problems = self.films.problems
        reviewer = TutorialReviewer(workspace, load_detector_tasks(), self.up.studio, problems)
        login = {
            "username": workspace.settings.label_studio_username,
            "password": workspace.secrets.label_studio_password,
        }
        with open_browser() as browser:
            context = browser.new_context(
                viewport={"width": 1280, "height": 720}, http_credentials=login
            )
            page = context.new_page()
            page.set_default_timeout(90_000)
            wait_for(lambda: reviewer.waiting, "the first sheets")
            reviewer.open_queue(page)
            assert reviewer.answer_on_screen(page).kind == SHEET
            self.answer_sheets(reviewer)
            reviewer.open_queue(page)
            assert reviewer.answer_on_screen(page).kind != SHEET
        reviewer.work_through(self.watch)
        self.reviewed = reviewer

    def answer_sheets(self, reviewer):
        answered = set()

        def only_singles_wait():
            sheets = [item for item in reviewer.waiting if item.kind == SHEET]
            for sheet in sheets:
                if sheet.item_key not in answered:
                    reviewer.answer_by_api(sheet)
                    answered.add(sheet.item_key)
            return reviewer.waiting and not sheets

        wait_for(only_singles_wait, "the second looks")

    def watch(self):
        assert self.up.process.poll() is None, self.up.log.read_text()


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tutorial")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        reader = Reader(folder)
        for name in ("RADSIEVE_LABEL_STUDIO_PORT", "RADSIEVE_BACKEND_PORT"):
            patched.setenv(name, reader.up.environment[name])
        yield reader
    if reader.up.process and reader.up.process.poll() is None:
        reader.up.stop()
    shutil.rmtree(folder / "films")


@pytest.fixture(scope="module")
def followed(reader):
    """What the page's blocks printed, each with the block."""
    return [(reader.follow(step), step) for step in steps()[1:]]


class TestOnRealFilms:
    """The page from its first command to its last."""

    pytestmark = slow

    def test_what_the_commands_print_is_what_the_page_shows(self, followed):
        for printed, step in followed:
            check(printed, step.output)

    def test_the_lists_hold_what_was_wrong_and_nothing_else(self, followed, reader):
        lists = reader.folder / "lists"
        listed = reader.files_in(lists / "exclusions.csv")
        same_bytes = {reader.films.copy, reader.films.copy.removeprefix("copy_of_")}
        assert listed - same_bytes == set(reader.films.problems)
        assert len(listed & same_bytes) == 1
        mended = {
            name
            for name, what in reader.films.problems.items()
            if what.startswith(("rotation: ", "inversion: "))
        }
        put_right = reader.files_of(path.stem for path in (lists / "corrected").rglob("*.png"))
        # A detector that has learnt so briefly may still doubt a film that was put right.
        assert put_right | reader.files_in(lists / "unproven.csv") == mended
        assert put_right
