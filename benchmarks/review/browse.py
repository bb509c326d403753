"""What the grid costs at 100,000 films: seconds of a question, a page, a sprite and the first one.

    python -m benchmarks.review.browse [--films 100000]

The archive is made of rows (`made_grid`). Of each measure the median of several runs is printed,
and as the baseline what the same question costs if it is asked of the database and of the
thumbnails one by one, as a page without columns and sprites would. One JSON object is printed.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import cv2
import numpy as np
from sqlalchemy import select

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.base.adapters.database import radiographs
from backend.base.adapters.workspace import Workspace
from backend.detectors.adapters.versions.predictions import load_predictions
from backend.review.adapters.sprites import sprite
from backend.review.core.browse import FilmFilter, FilmOrder
from backend.review.loop.browse import ArchiveBrowser, GridQuestion
from backend.service.edge.grid_answers import film_page, search_facts
from benchmarks.review.made_grid import made_archive
from tasks import load_detector_tasks

_RUNS = 9
_PAGE = 120
_FEATURES = 320


@click.command()
@click.option("--films", "count", default=100_000, type=click.IntRange(min=1000))
def main(count: int) -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = made_archive(Path(folder), count)
        print(json.dumps(measured(workspace), indent=1))


def measured(workspace: Workspace) -> dict[str, object]:
    """Return seconds and ratios."""
    tasks = load_detector_tasks()
    task = tasks["rotation"]
    browser = ArchiveBrowser(workspace, tasks)
    first_s = _seconds(lambda: browser.search(_question(0)), runs=1)
    questions = iter(range(1, 1000))
    search_s = _seconds(lambda: search_facts(browser.search(_question(next(questions))), task, {}))
    found = browser.search(GridQuestion("rotation"))
    middle = len(found.places) // 2
    page_s = _seconds(lambda: film_page(found, task, found.places[middle : middle + _PAGE]))
    _make_features(workspace, len(found.archive))
    similar_s = _seconds(
        lambda: browser.search(_similar(found.archive.radiograph_ids[next(questions)])), runs=3
    )
    store = ThumbnailStore(workspace.thumbnails)
    sprite_s = _seconds(lambda: sprite(store, range(_PAGE), 128))
    from_database_s = _seconds(lambda: _searched_in_database(workspace), runs=3)
    one_by_one_s = _seconds(lambda: [_one_jpeg(store, row) for row in range(_PAGE)])
    return {
        "films": len(found.archive),
        "first_question_s": round(first_s, 4),
        "filter_and_sort_s": round(search_s, 4),
        "filter_and_sort_without_columns_s": round(from_database_s, 4),
        "filter_and_sort_ratio": round(from_database_s / search_s, 1),
        f"page_of_{_PAGE}_s": round(page_s, 4),
        f"sprite_of_{_PAGE}_s": round(sprite_s, 4),
        f"jpegs_one_by_one_of_{_PAGE}_s": round(one_by_one_s, 4),
        "sprite_ratio": round(one_by_one_s / sprite_s, 2),
        "requests_for_a_page": {"with_sprite": 2, "one_by_one": 1 + _PAGE},
        "similar_by_features_s": round(similar_s, 4),
    }


def _make_features(workspace: Workspace, count: int) -> None:
    """Keep features of every film: numbers drawn at random, as many as the frozen network has."""
    folder = workspace.root / "features"
    folder.mkdir()
    rng = np.random.default_rng(5)
    rng.random((count, _FEATURES), np.float32).astype(np.float16).tofile(folder / "made-320.f16")
    np.ones(count, np.uint8).tofile(folder / "made-320.done")


def _question(number: int) -> GridQuestion:
    """Return a question that was not asked before: each has another least age."""
    wanted = FilmFilter(low=0.01, youngest=number / 100, sex=1)
    return GridQuestion("rotation", wanted, FilmOrder.PROBABLE)


def _similar(film: str) -> GridQuestion:
    return GridQuestion("rotation", FilmFilter(), FilmOrder.SIMILAR, film)


def _seconds(work: Callable[[], object], runs: int = _RUNS) -> float:
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def _searched_in_database(workspace: Workspace) -> list[str]:
    """Answer the same kind of question without columns: the index and the predictions are read."""
    wanted = select(radiographs.c.radiograph_id).where(
        radiographs.c.sex == "F", radiographs.c.age_years >= 0.5
    )
    with workspace.database.connect() as connection:
        ids = set(connection.execute(wanted).scalars())
    there = [film.radiograph_id for film in films(workspace.database) if film.radiograph_id in ids]
    table = load_predictions(workspace.predictions, "rotation", "made")
    p_bad = 1 - table.probabilities(there)[:, 0]
    return [film for p, film in sorted(zip(p_bad, there, strict=True), reverse=True) if p >= 0.01]


def _one_jpeg(store: ThumbnailStore, row: int) -> bytes:
    small = cv2.resize(store.read([row])[0], (128, 128), interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 82])[1])


if __name__ == "__main__":
    main()
