"""How long the ML backend makes Label Studio wait, beside a route that does nothing.

    python -m benchmarks.speed.backend_latency [--films 20000] [--sheets 500]

Label Studio's limits are 1 s for /health and /webhook, 3 s for /setup and 100 s for /predict. Over
real HTTP (waitress on loopback), on a workspace with stored predictions made for this purpose.
"""

import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import requests

from backend.base.adapters.jobs import JobQueue
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.detectors.adapters.versions.predictions import PredictionFile
from backend.detectors.adapters.versions.registry import record_publication, register_version
from backend.review.adapters.screens.contact_sheet import ContactSheet, SheetFilm, sheet_item
from backend.review.adapters.screens.sheet_screen import sheet_config_xml
from backend.service.edge.app import create_app
from backend.service.edge.guarded_app import GuardedApp
from backend.service.edge.web_server import make_server
from tasks import load_detector_tasks

VERSION = "tiny-000000000000"
FILMS_PER_SHEET = 48
REPEATS = 50


@click.command()
@click.option("--films", default=20_000, show_default=True, help="Films with a prediction.")
@click.option("--sheets", default=500, show_default=True, help="Items in the large request.")
def main(films: int, sheets: int) -> None:
    """Print milliseconds, and each as a multiple of the empty route."""
    tasks = load_detector_tasks()
    task = tasks["inversion"]
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.open_or_make(Path(folder))
        ids = _store_predictions(workspace, task, films)
        app = create_app(workspace, tasks, JobQueue(workspace.job_queue, list(tasks)))
        app.add_url_rule("/empty", endpoint="health", methods=["POST"])
        _with_server(app, lambda url: _measure(url, workspace, task, _sheets_of(task, ids, sheets)))


def _store_predictions(workspace: Workspace, task: DetectorTask, films: int) -> list[str]:
    ids = [f"{number:020x}" for number in range(films)]
    normal = np.random.default_rng(0).beta(9, 1, films).astype(np.float32)
    file = PredictionFile(workspace.predictions, task.name, VERSION)
    file.write_part(ids, task.labels, np.stack([normal, 1 - normal], axis=1))
    file.join()
    register_version(workspace.database, task.name, VERSION, reviewer_labels=0, judgement={})
    record_publication(workspace.database, task.name, VERSION, reason="benchmark")
    return ids


def _sheets_of(task: DetectorTask, ids: list[str], count: int) -> list[dict[str, object]]:
    rng = np.random.default_rng(1)
    items: list[dict[str, object]] = []
    for number in range(count):
        films = [ids[index] for index in rng.choice(len(ids), FILMS_PER_SHEET, replace=False)]
        cells = tuple(SheetFilm(film, f"/t/{film}.jpg", f"/l/{film}.jpg") for film in films)
        sheet = ContactSheet(task, task.expected_label, cells, VERSION, 0.5)
        items.append({"id": number, **sheet_item(sheet).as_json()})
    return items


def _with_server(app: GuardedApp, use: Callable[[str], None]) -> None:
    server = make_server(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    use(f"http://127.0.0.1:{server.effective_port}")


def _measure(
    url: str, workspace: Workspace, task: DetectorTask, items: list[dict[str, object]]
) -> None:
    session = requests.Session()
    session.auth = ("radsieve", workspace.secrets.backend_password)
    screen = sheet_config_xml()
    project = {"id": 1, "label_config": screen}
    predict = {"label_config": screen, "project": "1.1", "params": {}}
    requests_made: dict[str, tuple[str, bytes, int]] = {
        "empty route": ("/empty", b"{}", REPEATS),
        "setup": ("/setup", _body({"schema": screen, "project": "1.1"}), REPEATS),
        "webhook": (
            "/webhook",
            _body({"action": "ANNOTATION_CREATED", "project": project}),
            REPEATS,
        ),
        "webhook, 20 MB": ("/webhook", b" " * 20_000_000, 5),
        "predict, first": ("/predict", _body({**predict, "tasks": items[:1]}), 1),
        "predict, 1 sheet": ("/predict", _body({**predict, "tasks": items[:1]}), REPEATS),
        f"predict, {len(items)} sheets": ("/predict", _body({**predict, "tasks": items}), 5),
    }
    empty = None
    click.echo(f"{'':24}{'median ms':>10}{'slowest ms':>12}{'x empty':>9}{'kB sent':>9}")
    for name, (path, content, repeats) in requests_made.items():
        times = [_timed(session, url + path, content) for _ in range(repeats)]
        median = statistics.median(times)
        empty = empty or median
        click.echo(
            f"{name:24}{median:10.1f}{max(times):12.1f}{median / empty:9.1f}"
            f"{len(content) / 1000:9.0f}"
        )


def _body(payload: object) -> bytes:
    return json.dumps(payload).encode()


def _timed(session: requests.Session, url: str, content: bytes) -> float:
    started = time.perf_counter()
    answer = session.post(url, data=content, headers={"Content-Type": "application/json"})
    answer.raise_for_status()
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    main()
