"""How long a reviewer waits between two sheets, while detectors are trained and while not.

    python -m benchmarks.review.waiting --out DIR [--films 1000] [--think 5]

The whole of `radsieve up` runs on drawn films: Label Studio, the backend, the worker with its
trainings. A script reviews the joint sheets in headless Chromium: it ticks what is spoilt, thinks
for a while, presses Ctrl+Enter, and measures until every picture of the next sheet is painted.
Single films, which come of its ticks, are answered beside it through the API. The baseline of each
ratio is the median wait of the same run while nothing is trained.

DIR gets `waiting.json` with every wait. The films are drawn, and nobody looks at them.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import click
import numpy as np
from playwright.sync_api import Page

from backend.archive.adapters.catalogue import films as catalogue_films
from backend.base.adapters.activity import activities
from backend.base.adapters.child_process import run_step
from backend.base.adapters.settings import SETTINGS_FILE
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.joint_question import FINE, problem_name
from backend.base.core.made_label import made_label
from backend.base.core.pixel_change import UNCHANGED, PixelChange
from backend.phantoms.adapters.phantom_archive import read_truth, write_phantom_archive
from backend.review.adapters.batch_store import open_items
from backend.review.adapters.label_studio.shapes import ResultRegion
from backend.review.adapters.screens.answer_choices import ANSWER_CONTROL
from backend.review.adapters.screens.single_screen import IMAGE_TAG
from backend.review.core.item import SHEET
from backend.service.loop.overview import read_overview
from backend.service.loop.prepare import prepare
from backend.service.loop.stack import Stack, server_plan
from benchmarks.review.page_state import wait_until
from benchmarks.review.review_browser import Desk, Screen, open_desk
from benchmarks.review.review_studio import free_port
from tasks import load_detector_tasks

SEED = 20261201
JOINT = "any_problem"
THINK_ALONE_S = 3.0
"""The time that is reported for a single film."""
PATIENCE_S = 300.0
"""A wait that takes longer ends the run."""
_PICTURES = ".sheet .films img.t"

_SHEET_OR_END = """pictures => document.querySelector(pictures)
  || document.body.innerText.includes('No More Tasks Left in Queue')"""

# Runs in the page: the clock starts at the key and stops two frames after the last new picture.
_WATCH = """([pictures]) => {
  const nextFrame = () => new Promise(requestAnimationFrame);
  const shown = () => [...document.querySelectorAll(pictures)];
  const before = new Set(shown().map(picture => picture.src));
  const isThere = picture => picture.complete && picture.naturalWidth > 0;
  const isNext = found => found.every(isThere) && found.some(picture => !before.has(picture.src));
  const isOver = () => document.body.innerText.includes('No More Tasks Left in Queue');
  window.sheetWait = null;
  const watch = async pressed => {
    while (!isNext(shown()) && !isOver()) await nextFrame();
    await nextFrame();
    await nextFrame();
    window.sheetWait = {ms: performance.now() - pressed, over: isOver()};
  };
  addEventListener('keydown', event => watch(event.timeStamp), {capture: true, once: true});
}"""


@dataclass(frozen=True, slots=True)
class Wait:
    """From Ctrl+Enter until the next sheet was painted."""

    seconds: float
    training: bool
    """Whether a detector was being trained when the key was pressed or when the wait ended."""
    no_more: bool
    """Whether Label Studio said that no more tasks are left, though more came later."""


@dataclass(slots=True)
class Run:
    """What one run measured."""

    films: int
    sheets: int = 0
    films_on_sheets: int = 0
    waits: list[Wait] = field(default_factory=list)
    trainings: int = 0
    """Seen to run when a sheet was submitted."""

    def seconds(self, *, training: bool) -> list[float]:
        """Return the waits while something was trained, or while nothing was."""
        return [wait.seconds for wait in self.waits if wait.training is training]


@click.command()
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--films", default=1000, show_default=True, help="Drawn films in the archive.")
@click.option("--think", "think_s", default=5.0, show_default=True, help="Seconds on each sheet.")
def main(out: Path, films: int, think_s: float) -> None:
    """Measure and print."""
    workspace, tasks = _workspace(out, films), load_detector_tasks()
    run = Run(films)
    with Stack(workspace, tasks, tell=click.echo) as stack:
        prepare(workspace, tasks, None, partial(run_step, workspace=workspace.root))
        stack.open_review()
        run_step(["push", JOINT], workspace.root)
        with open_desk(server_plan(workspace)) as desk:
            session = _Session(workspace, tasks, stack, desk, _truth(workspace, out / "films"))
            _review(session, run, think_s)
    (out / "waiting.json").write_text(json.dumps(asdict(run), indent=1))
    click.echo("\n".join(_lines(run)))


def _workspace(out: Path, films: int) -> Workspace:
    workspace = Workspace.open_or_make(out / "workspace")
    ports = {"label_studio_port": free_port(), "backend_port": free_port()}
    settings = "".join(f"{name} = {port}\n" for name, port in ports.items())
    (workspace.root / SETTINGS_FILE).write_text(settings)
    folder = out / "films"
    write_phantom_archive(folder, films=films, seed=SEED)
    run_step(["index", str(folder), "--metadata", str(folder / "metadata.csv")], workspace.root)
    return workspace


def _truth(workspace: Workspace, folder: Path) -> dict[str, PixelChange]:
    by_name = read_truth(folder)
    archive = catalogue_films(workspace.database)
    return {film.radiograph_id: by_name[Path(film.path).name] for film in archive}


@dataclass(frozen=True, slots=True)
class _Session:
    """A reviewer at work: in a browser on sheets, through the API on single films."""

    workspace: Workspace
    tasks: Mapping[str, DetectorTask]
    stack: Stack
    desk: Desk
    truth: Mapping[str, PixelChange]
    answered: set[str] = field(default_factory=set)
    """Keys of the single items that were answered."""

    def open_page(self) -> Page | None:
        """Return the queue in a window, or None where no sheet waits and none is to come."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            self.stack.watch(0.2)
            overview = read_overview(self.workspace)
            if overview.sheets and overview.queue_url:
                self.desk.close_windows()
                page = self.desk.window(Screen(1600, 1000, "Light"))
                page.goto(overview.queue_url)
                wait_until(page, _SHEET_OR_END, arg=_PICTURES)
                # The answer to the last sheet may not have been pulled yet.
                if page.query_selector(_PICTURES):
                    return page
            if not overview.doing and not self.unseen():
                return None
        return None

    def unseen(self) -> int:
        """Count the films that nobody has looked at and that wait on no item."""
        overview = read_overview(self.workspace)
        waiting = open_items(self.workspace.database, JOINT)
        on_items = {film for item in waiting for film in item.radiograph_ids}
        return overview.films - overview.reviewed - len(on_items)

    def is_training(self) -> bool:
        return any(each.what.startswith("train") for each in activities(self.workspace.root))

    def answer_singles(self) -> None:
        """Say of each film that waits alone what was done to it."""
        for name in self.tasks:
            for item in open_items(self.workspace.database, name):
                is_new = item.item_key not in self.answered and item.item_id is not None
                if item.kind != SHEET and is_new:
                    self.answered.add(item.item_key)
                    region = ResultRegion(
                        ANSWER_CONTROL, IMAGE_TAG, self._wrong_with(item.radiograph_ids[0])
                    )
                    self.stack.studio.submit_answer(
                        item.item_id or 0, (region,), lead_time_s=THINK_ALONE_S
                    )

    def _wrong_with(self, film: str) -> tuple[str, ...]:
        change = self.truth[film]
        made = (task for task in self.tasks.values() if task.shares_network)
        named = [
            problem_name(task, label)
            for task in made
            if (label := made_label(task, change)) != task.expected_label
        ]
        return tuple(named) or (FINE,)


def _review(session: _Session, run: Run, think_s: float) -> None:
    page = session.open_page()
    while page is not None:
        run.sheets += 1
        run.films_on_sheets += _tick(page, session.truth)
        time.sleep(think_s)
        wait = _submit(page, session)
        run.waits.append(wait)
        run.trainings += wait.training
        if wait.no_more:
            page = session.open_page()
            if page is None:
                run.waits.pop()


def _tick(page: Page, truth: Mapping[str, PixelChange]) -> int:
    """Tick the spoilt films of a sheet and no other; return how many it shows."""
    cells = page.query_selector_all(".sheet .films .lsf-choice")
    for cell in cells:
        picture, box = cell.query_selector("img.t"), cell.query_selector("input")
        if picture is None or box is None:
            continue
        film = Path((picture.get_attribute("src") or "").partition("&")[0]).stem
        is_bad = truth.get(film, UNCHANGED) != UNCHANGED
        if box.is_checked() != is_bad:
            cell.query_selector("label").click()  # type: ignore[union-attr]
    return len(cells)


def _submit(page: Page, session: _Session) -> Wait:
    training = session.is_training()
    page.evaluate(_WATCH, [_PICTURES])
    page.keyboard.press("Control+Enter")
    with _answered_meanwhile(session):
        wait_until(page, "window.sheetWait !== null", timeout_ms=1000 * PATIENCE_S)
    found = page.evaluate("window.sheetWait")
    return Wait(found["ms"] / 1000, training or session.is_training(), bool(found["over"]))


@contextmanager
def _answered_meanwhile(session: _Session) -> Iterator[None]:
    """Answer the single films after the wait, so that they are not in it."""
    yield
    session.answer_singles()


def _lines(run: Run) -> list[str]:
    idle, busy = run.seconds(training=False), run.seconds(training=True)
    baseline = float(np.median(idle or busy))
    early = sum(wait.no_more for wait in run.waits)
    return [
        f"{run.films} drawn films, {run.sheets} sheets with {run.films_on_sheets} films; "
        f"`no more tasks` before the end: {early} times",
        _line("while nothing is trained", idle, baseline),
        _line("while a detector is trained", busy, baseline),
    ]


def _line(what: str, seconds: list[float], baseline: float) -> str:
    if not seconds:
        return f"{what}: no wait"
    worst, median = max(seconds), float(np.median(seconds))
    return (
        f"{what}: {len(seconds)} waits, median {median:.2f} s ({median / baseline:.2f} of the "
        f"median while nothing is trained), longest {worst:.2f} s ({worst / baseline:.2f} of it)"
    )


if __name__ == "__main__":
    main()
