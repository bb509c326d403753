"""From films to a Parquet file of predictions, per CPU second: what everybody does, and radsieve.

What everybody does: Pillow, RGB, a DataLoader with two workers, ResNet-50 at 256 px, float32, one
detector. radsieve: `index` and `sweep` as shipped, both detectors at once. Weights are random in
both; speed does not depend on them. Each run is a process of its own and its CPU time includes its
children's; what is imported before the first film is not counted, in either.

    python -m benchmarks.speed.naive_pipeline FILMS
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import pandas as pd
import psutil
import timm
import torch
from PIL import Image
from torchvision import transforms

from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.detectors.adapters.tiny_detector import tiny_version
from backend.detectors.adapters.tiny_network import TinyNetwork
from backend.detectors.adapters.versions.model_folder import save_version
from backend.detectors.adapters.versions.predictions import load_predictions
from backend.detectors.adapters.versions.registry import record_publication
from backend.detectors.core.model_card import HeadCard, ModelCard, TrainingFacts
from backend.detectors.loop.sweep import sweep
from tasks import load_detector_tasks

EVERYBODY, RADSIEVE = "everybody", "radsieve"
BATCH, WORKERS, SIDE_PX = 16, 2, 256
SAMPLE_EVERY_S = 0.05


@click.command()
@click.argument("films", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-n", "count", default=128, show_default=True, help="Films in each run.")
@click.option("--rounds", default=3, show_default=True, help="Runs of each, taking turns.")
@click.option("--run", "method", type=click.Choice([EVERYBODY, RADSIEVE]), hidden=True)
def main(films: Path, count: int, rounds: int, method: str | None) -> None:
    """Compare both on the PNG files in FILMS; also on four times as many, for radsieve's memory."""
    if method:
        print(json.dumps(RUNS[method](sorted(films.glob("*.png")))))
        return
    with tempfile.TemporaryDirectory() as folder:
        some = _copies(films, Path(folder) / "n", count)
        many = _copies(films, Path(folder) / "4n", 4 * count)
        runs = [measure(name, some) for _ in range(rounds) for name in (EVERYBODY, RADSIEVE)]
        report(runs, [measure(RADSIEVE, each, watch=True) for each in (some, many)])


def measure(method: str, films: Path, *, watch: bool = False) -> dict[str, Any]:
    """Run one method in a process of its own; return its times and, if watched, its peak memory.

    Watching slows it down, so the times of a watched run count for nothing.
    """
    command = [sys.executable, __file__, str(films), "--run", method]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        peak_bytes = _watch(process) if watch else 0
        output = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise click.ClickException(f"the run of {method} failed")
    times: dict[str, Any] = json.loads(output.splitlines()[-1])
    return times | {"method": method, "peak_bytes": peak_bytes}


def report(runs: Sequence[dict[str, Any]], memory: Sequence[dict[str, Any]]) -> None:
    """Print the table, the ratio and the memory."""
    print("\n| | films | CPU ms per film | wall ms per film | films per CPU second |")
    print("|---|---|---|---|---|")
    for run in runs:
        cpu, wall = (1000 * run[key] / run["films"] for key in ("cpu_s", "wall_s"))
        print(f"| {run['method']} | {run['films']} | {cpu:.2f} | {wall:.2f} | {1000 / cpu:.1f} |")
    usual, ours = (
        [run["cpu_s"] for run in runs if run["method"] == name] for name in (EVERYBODY, RADSIEVE)
    )
    # Neighbours slow a busy machine from minute to minute: each round is compared with itself.
    ratios = sorted(theirs / mine for theirs, mine in zip(usual, ours, strict=True))
    print(
        f"\nradsieve does {statistics.median(ratios):.1f} times as much per CPU second "
        f"(median of {len(ratios)} rounds, {ratios[0]:.1f} to {ratios[-1]:.1f})"
    )
    sizes = ", ".join(f"{run['peak_bytes'] / 2**20:.0f} MiB for {run['films']}" for run in memory)
    print(f"peak memory of radsieve, all processes: {sizes} films")


class UsualFilms(torch.utils.data.Dataset[torch.Tensor]):
    """Films as a tutorial on ImageNet reads them."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files
        self._prepare = transforms.Compose(
            [
                transforms.Resize((SIDE_PX, SIDE_PX)),
                transforms.ToTensor(),
                transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
            ]
        )

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, place: int) -> torch.Tensor:
        with Image.open(self._files[place]) as film:
            prepared: torch.Tensor = self._prepare(film.convert("RGB"))
        return prepared


def everybody(files: Sequence[Path]) -> dict[str, float]:
    """Predict with the usual parts."""
    model = timm.create_model("resnet50", num_classes=4).eval()

    def work() -> None:
        loader = torch.utils.data.DataLoader(
            UsualFilms(files), batch_size=BATCH, num_workers=WORKERS
        )
        with torch.inference_mode():
            found = torch.cat([model(batch).softmax(dim=1) for batch in loader])
        table = pd.DataFrame(found.numpy(), columns=[f"p_{label}" for label in range(4)])
        table.insert(0, "file", [file.name for file in files])
        with tempfile.TemporaryDirectory() as folder:
            table.to_parquet(Path(folder) / "predictions.parquet")

    return _timed(work, len(files))


def radsieve(files: Sequence[Path]) -> dict[str, float]:
    """Predict with `index` and `sweep`, in a workspace of its own."""
    tasks = [task for task in load_detector_tasks().values() if task.shares_network]
    card = ModelCard(
        heads={task.name: HeadCard(task.labels, task.expected_label, 1.0) for task in tasks},
        training=TrainingFacts(),
    )
    network = TinyNetwork({task.name: len(task.labels) for task in tasks})
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.open_or_make(Path(folder))
        version = save_version(workspace.models, tiny_version(network, card))
        for task in tasks:
            record_publication(workspace.database, task.name, version, reason="benchmark")

        def work() -> None:
            index(workspace, [files[0].parent])
            sweep(workspace, tasks)

        times = _timed(work, len(files))
        for task in tasks:
            found = load_predictions(workspace.predictions, task.name, version)
            if len(found.frame) != len(files):
                raise click.ClickException(f"{len(found.frame)} of {len(files)} films predicted")
    return times


RUNS: dict[str, Callable[[Sequence[Path]], dict[str, float]]] = {
    EVERYBODY: everybody,
    RADSIEVE: radsieve,
}


def _timed(work: Callable[[], None], films: int) -> dict[str, float]:
    wall, cpu = time.monotonic(), _cpu_seconds()
    work()
    return {"films": films, "wall_s": time.monotonic() - wall, "cpu_s": _cpu_seconds() - cpu}


def _cpu_seconds() -> float:
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in parts)


def _watch(process: "subprocess.Popen[str]") -> int:
    """Return the peak memory of a process and its children, each shared page counted once."""
    peak = 0
    while process.poll() is None:
        peak = max(peak, _memory(psutil.Process(process.pid)))
        time.sleep(SAMPLE_EVERY_S)
    return peak


def _memory(root: psutil.Process) -> int:
    try:
        return sum(each.memory_full_info().pss for each in (root, *root.children(recursive=True)))
    except psutil.Error:
        return 0


def _copies(films: Path, folder: Path, count: int) -> Path:
    """Make `count` files with different content: beyond the end of a PNG stands what you like."""
    folder.mkdir()
    originals = sorted(films.glob("*.png"))
    for number in range(count):
        content = originals[number % len(originals)].read_bytes()
        (folder / f"{number:05d}.png").write_bytes(content + str(number).encode())
    return folder


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main()
