"""A picture of the archive report for the documents, on phantoms.

    python -m benchmarks.review.report_picture [--out docs/report.png] [--keep FOLDER]

Every film is drawn from random numbers; a scripted reviewer who knows how each was spoilt, and who
misses one bad film in ten, stands for the people. With --keep, the page itself, and pictures of it
wide, narrow, dark and printed, are kept in a folder.
"""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from PIL import Image
from playwright.sync_api import Browser, Page

from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.base.core.made_label import made_label
from backend.detectors.loop.sweep import sweep
from backend.detectors.loop.train import train
from backend.export.loop.report import write_archive_report
from backend.phantoms.adapters.phantom_archive import read_truth, write_phantom_archive
from backend.review.loop.publish import publish, rollback
from benchmarks.review.review_browser import open_browser
from benchmarks.review.reviewed_phantoms import ScriptedReview, truths
from tasks import load_detector_tasks

FILMS, SEED, SIZE_PX = 360, 5, 256
SLIPS = 0.1
BATCH, ROUNDS = 96, 3
COLOURS = 64
"""Of the picture in the documents: it is mostly text and grey."""
NAMES = ("rotation", "inversion")
WIDE, NARROW = {"width": 1280, "height": 1500}, {"width": 400, "height": 900}


@click.command()
@click.option("--out", default="docs/report.png", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path))
def main(out: Path, keep: Path | None) -> None:
    """Make a phantom archive, have it reviewed, and take the picture of its report."""
    with tempfile.TemporaryDirectory() as folder:
        page = (keep or Path(folder)) / "report.html"
        workspace = reviewed_archive(Path(folder))
        write_archive_report(workspace, load_detector_tasks(), page)
        click.echo(f"{page.stat().st_size:,} bytes")
        with open_browser() as browser:
            _write_small(_taken(browser, page, WIDE), out)
            if keep:
                take_pictures(browser, page, keep)


def reviewed_archive(folder: Path) -> Workspace:
    """Return a workspace with two trained, published and reviewed detectors."""
    write_phantom_archive(
        folder / "films", films=FILMS, seed=SEED, size_px=SIZE_PX, turned_share=0.05
    )
    workspace = Workspace.open_or_make(folder / "workspace")
    (workspace.root / "radsieve.toml").write_text("epochs = 6\nbatch_films = 96\n")
    index(workspace, [folder / "films"], folder / "films" / "metadata.csv")
    tasks = {name: task for name, task in load_detector_tasks().items() if name in NAMES}
    first = {name: _train(workspace, name) for name in NAMES}
    sweep(workspace, list(tasks.values()))
    spoilt = read_truth(folder / "films")
    for task in tasks.values():
        truth = truths(workspace, lambda name, task=task: made_label(task, spoilt[name]))
        review = ScriptedReview(workspace, task, truth, SLIPS, SEED)
        for _ in range(ROUNDS):
            review.review(BATCH)
    _train(workspace, NAMES[0])
    rollback(workspace, tasks[NAMES[0]], first[NAMES[0]])
    return workspace


def _train(workspace: Workspace, name: str) -> str:
    tasks = load_detector_tasks()
    family = [task for task in tasks.values() if task.shares_network]
    result = train(workspace, tasks[name], family)
    judged = result.judgement
    reason = judged.reason if judged.publish else f"by hand, although {judged.reason}"
    publish(workspace, tasks[name], result.model_version, reason=reason)
    return result.model_version


def take_pictures(browser: Browser, page: Path, folder: Path) -> None:
    """Keep the page as it looks wide, narrow, in the dark and on paper."""
    for name, size, scheme in (
        ("wide", WIDE, "light"),
        ("narrow", NARROW, "light"),
        ("dark", WIDE, "dark"),
    ):
        picture = _taken(browser, page, size, scheme=scheme, whole=True)
        (folder / f"{name}.png").write_bytes(picture)
    with _opened(browser, page, WIDE, "light") as shown:
        shown.pdf(path=folder / "printed.pdf", format="A4")


def _taken(
    browser: Browser,
    page: Path,
    size: dict[str, int],
    *,
    scheme: str = "light",
    whole: bool = False,
) -> bytes:
    with _opened(browser, page, size, scheme) as shown:
        return shown.screenshot(full_page=whole)


@contextmanager
def _opened(browser: Browser, page: Path, size: dict[str, int], scheme: str) -> Iterator[Page]:
    context = browser.new_context(viewport=size, color_scheme=scheme)
    shown = context.new_page()
    shown.goto(page.absolute().as_uri())
    yield shown
    context.close()


def _write_small(picture: bytes, out: Path) -> None:
    small = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS)
    small.save(out, optimize=True)


if __name__ == "__main__":
    main()
