"""The pictures of docs/tutorial.md, on phantoms: what a person sees who follows it.

    python -m benchmarks.review.tutorial_pictures [--out docs]

Runs `radsieve up` on films that are drawn from random numbers, and answers what it shows. The
picture of the report is made by `benchmarks.review.report_picture`.
"""

import io
import tempfile
from pathlib import Path

import click
from PIL import Image
from playwright.sync_api import Page

from backend.phantoms.adapters.phantom_archive import read_truth, write_phantom_archive
from backend.review.core.item import SHEET
from backend.service.loop.addresses import START_PATH
from backend.service.loop.stack import ml_backend
from benchmarks.review.page_state import wait_until
from benchmarks.review.review_browser import open_browser
from benchmarks.review.started_radsieve import StartedRadsieve, started_radsieve
from benchmarks.review.tutorial_reviewer import TutorialReviewer, made_problem
from tasks import load_detector_tasks

FILMS, SEED = 144, 31
SIZE = {"width": 1280, "height": 720}
SETTINGS = {"RADSIEVE_EPOCHS": "3", "RADSIEVE_RETRAIN_AFTER": "1000"}
"""Enough for phantoms; a retraining would only take time."""
_ASIDE = (800, 710)
"""Where the pointer touches nothing."""
_ALL_PAINTED = """() => [...document.querySelectorAll('img')].every(
    image => !image.offsetParent || (image.complete && image.naturalWidth > 0))"""
_WAIT_MS = 90_000


@click.command()
@click.option("--out", default="docs", type=click.Path(file_okay=False, path_type=Path))
def main(out: Path) -> None:
    """Clean an archive of phantoms and take the pictures on the way."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_phantom_archive(root / "films", films=FILMS, seed=SEED)
        with started_radsieve(root, str(root / "films"), **SETTINGS) as started:
            _review(started, root / "films", out)


def _review(started: StartedRadsieve, films: Path, out: Path) -> None:
    tasks = load_detector_tasks()
    made = {name: made_problem(tasks, change) for name, change in read_truth(films).items()}
    problems = {name: problem for name, problem in made.items() if problem}
    reviewer = TutorialReviewer(started.workspace, tasks, started.studio, problems)
    with open_browser() as browser:
        page = browser.new_context(viewport=SIZE, http_credentials=login(started)).new_page()
        page.set_default_timeout(_WAIT_MS)
        page.goto(
            f"{ml_backend(started.workspace.settings, started.workspace.secrets).url}{START_PATH}"
        )
        page.locator("a.next").wait_for()
        _take(page, out / "tutorial-start.webp")
        reviewer.open_queue(page)
        _take(page, out / "tutorial-sheet.webp")
        reviewer.answer_on_screen(page)
        while any(item.kind == SHEET for item in reviewer.waiting):
            for item in reviewer.waiting:
                if item.kind == SHEET:
                    reviewer.answer_by_api(item)
            page.wait_for_timeout(20_000)
            started.watch()
        reviewer.open_queue(page)
        _take(page, out / "tutorial-single.webp")
        reviewer.answer_on_screen(page)
    reviewer.work_through(started.watch)
    click.echo(f"{reviewer.counts.sheets} sheets, {reviewer.counts.singles} single films")


def login(started: StartedRadsieve) -> dict[str, str]:
    """Return what the start page asks for, as the browser takes it."""
    settings, secrets = started.workspace.settings, started.workspace.secrets
    return {
        "username": settings.label_studio_username,
        "password": secrets.label_studio_password,
    }


def _take(page: Page, path: Path) -> None:
    page.mouse.move(*_ASIDE)
    wait_until(page, _ALL_PAINTED)
    page.wait_for_timeout(2000)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.save(path, quality=70, method=6)


if __name__ == "__main__":
    main()
