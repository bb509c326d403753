"""How long the gate takes for a film, all detectors in use, beside the decoding of the film alone.

    python -m benchmarks.speed.gate_latency WORKSPACE FILM...

WORKSPACE has published detectors; FILMs are real PNG or DICOM files. Timed in turn, so that a busy
machine slows all alike: decoding the whole film and nothing more (the named baseline), the gate as
a Python class, and POST /gate over real HTTP (waitress on loopback). After that, once a film, what
a script does that starts anew for each: `radsieve gate FILM`. Processor time is given too; other
programs on the machine do not change it much.
"""

import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click
import numpy as np
import requests

from backend.archive.adapters.pixels.film_reader import read_film
from backend.base.adapters.jobs import JobQueue
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind
from backend.detectors.adapters.training.network_trainer import keep_to_one_core
from backend.detectors.adapters.versions.registry import published_version
from backend.detectors.loop.gate import Gate
from backend.service.edge.app import create_app
from backend.service.edge.web_server import make_server
from tasks import load_detector_tasks

WARM_UP = 3
BASELINE = "decode only"
STARTING = "radsieve gate, started for it"

Way = Callable[[bytes], object]


@click.command()
@click.argument("workspace", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument(
    "films", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--repeats", default=40, show_default=True, help="Of each film in each way.")
def main(workspace: Path, films: tuple[Path, ...], repeats: int) -> None:
    """Print milliseconds for each FILM and way."""
    opened, tasks = Workspace.open_or_make(workspace), load_detector_tasks()
    choices = [task for task in tasks.values() if task.answer is AnswerKind.CHOICE]
    used = [one.name for one in choices if published_version(opened.database, one.name)]
    rules = [one.name for one in choices if one.rule]
    click.echo(f"detectors in use: {', '.join(used)}; rules: {', '.join(rules)}")
    click.echo(f"{'':34}{'median ms':>10}{'95 % ms':>10}{'processor ms':>14}{'x decode':>10}")
    keep_to_one_core()
    gate = Gate(opened, tasks)
    ways: dict[str, Way] = {
        BASELINE: lambda content: read_film(content, "film"),
        "gate, Python class": gate.judge,
        "gate, POST /gate": _poster(_serve(opened), opened.secrets.backend_password),
    }
    for film in films:
        content = film.read_bytes()
        click.echo(f"{film.name[:60]}: {gate.judge(content).verdict.value}")
        report(measure(ways, content, repeats))
        click.echo(f"  {STARTING:32}{started_anew(film, workspace):10.0f}")


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of one way, one entry a film."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def measure(ways: Mapping[str, Way], content: bytes, repeats: int) -> dict[str, Times]:
    """Time every way; the ways take turns."""
    for way in ways.values():
        for _ in range(WARM_UP):
            way(content)
    times = {name: Times() for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            wall, processor = time.perf_counter(), time.process_time()
            way(content)
            times[name].wall.append(1000 * (time.perf_counter() - wall))
            times[name].processor.append(1000 * (time.process_time() - processor))
    return times


def report(times: Mapping[str, Times]) -> None:
    """Print the lines of one film."""
    decode = statistics.median(times[BASELINE].wall)
    for name, each in times.items():
        median, high = np.percentile(each.wall, [50, 95])
        processor = statistics.median(each.processor)
        click.echo(f"  {name:32}{median:10.1f}{high:10.1f}{processor:14.1f}{median / decode:10.1f}")


def started_anew(film: Path, workspace: Path) -> float:
    """Return the milliseconds of a `radsieve gate` that starts for one film."""
    radsieve = Path(sys.executable).with_name("radsieve")
    wall = time.perf_counter()
    subprocess.run(
        [radsieve, "gate", film, "--workspace", workspace], check=True, capture_output=True
    )
    return 1000 * (time.perf_counter() - wall)


def _serve(workspace: Workspace) -> str:
    tasks = load_detector_tasks()
    app = create_app(workspace, tasks, JobQueue(workspace.job_queue, list(tasks)))
    server = make_server(app, "127.0.0.1", 0)
    threading.Thread(target=server.run, daemon=True).start()
    return f"http://127.0.0.1:{server.effective_port}/gate"


def _poster(url: str, password: str) -> Way:
    session = requests.Session()
    session.auth = ("radsieve", password)

    def post(content: bytes) -> object:
        answer = session.post(url, data=content, headers={"Content-Type": "application/x-film"})
        answer.raise_for_status()
        return answer.json()

    return post


if __name__ == "__main__":
    main()
