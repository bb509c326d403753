"""`radsieve probe`: is a task embarrassingly learnable, and are there enough films?"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from backend.base.adapters.workspace import Workspace
from backend.base.core.doing import Doing
from backend.base.core.limits import limits
from backend.detectors.adapters.versions.registry import refuse_joint
from backend.detectors.core.probe.learnability import TARGET
from backend.detectors.loop.probe.findings import Question
from backend.detectors.loop.probe.probe import ProbeResult, Way, probe, write_probe
from backend.detectors.loop.train import read_extra_labels
from backend.detectors.loop.training.judge import ASSUMED_PREVALENCE
from scripts._command import Outcome, progress_bar, workspace_command
from scripts._film_names import with_file_names
from tasks import detector_task

SHOWN_FILMS = 10
_FIGURES = {
    "auc": "AUC",
    "auprc": "AUPRC",
    "false_positive_rate": "false alarm rate",
    "mean_overlap": "mean overlap",
    "films_good": "share of films with all good",
}


@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    help="CSV with the columns file,label: answers you already have; of boxes also "
    "left,top,width,height in pixels of the film.",
)
@click.option(
    "--prevalence",
    type=click.FloatRange(0, 1),
    default=ASSUMED_PREVALENCE,
    show_default=True,
    help="Assumed share of bad films.",
)
@click.option(
    "--target",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=TARGET,
    show_default=True,
    help="Precision wanted where half of the films are bad; for boxes, the share wanted that "
    "overlap the true box by 0.7 or more.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for probe.json and probe.png; default probes/TASK in the workspace.",
)
@click.argument("name", metavar="TASK")
@workspace_command
def COMMAND(
    workspace: Workspace,
    name: str,
    labels: Path | None,
    out: Path | None,
    **question: float,
) -> Outcome:
    """Answer two questions before anyone labels: is TASK learnable, and is there enough data?

    The command trains the detector on growing numbers of films and judges it on other patients; it
    does the same with a baseline on 16 x 16 pixels. It keeps no version, and takes minutes.
    """
    task = detector_task(name)
    refuse_joint(task, "probe")
    extra = read_extra_labels(workspace.database, task, labels)
    with progress_bar(Doing.PROBE.about(task.display_name), "training") as progress:
        result = probe(workspace, task, Question(**question), extra_labels=extra, progress=progress)
    written = write_probe(result, out or workspace.probes / name)
    paths = {path.name.replace(".", "_"): str(path) for path in written}
    lines = [*_lines(result), f"wrote {' and '.join(paths.values())}"]
    text = with_file_names(workspace, "\n".join(lines))
    return Outcome(text, {**result.summary(), **paths})


def _lines(result: ProbeResult) -> Iterator[str]:
    facts = result.facts
    yield (
        f"{result.task.name}: {facts['films']} films of {facts['patients']} patients, each held "
        "out once, by patient"
    )
    yield f"is it embarrassingly learnable? {result.learnable.answer}: {result.learnable.reason}"
    for name, way in result.ways.items():
        yield f"  {name}:"
        yield from _figure_lines(way, result)
    if result.doubted:
        yield f"  left out, because they look bad as they are: {_first_doubted(result)}"
    yield f"is there enough data? {result.enough.reason}"


def _figure_lines(way: Way, result: ProbeResult) -> Iterator[str]:
    figures = way.findings.figures
    for name, words in _FIGURES.items():
        if name in figures:
            yield f"    {words:<28} {_shown(figures[name])}"
    for words, figure in way.findings.learnable.rests_on.items():
        yield f"    {words:<28} {_shown(asdict(figure))}"
    if "precision_at_prevalence" in figures:
        words = f"precision at {result.question.prevalence:.2%} bad"
        yield f"    {words:<28} {_shown(figures['precision_at_prevalence'])}"
    load = way.findings.review_per_100000
    value = "unknown" if load.value is None else f"{load.value:,.0f}"
    yield f"    to review of 100,000 films   {value} (95 % {limits(load.low, load.high, 0)})"


def _first_doubted(result: ProbeResult) -> str:
    more = len(result.doubted) - SHOWN_FILMS
    return ", ".join(result.doubted[:SHOWN_FILMS]) + (f" and {more} more" if more > 0 else "")


def _shown(figure: Mapping[str, Any]) -> str:
    value = "none  " if figure["value"] is None else f"{figure['value']:.4f}"
    return f"{value} (95 % {limits(figure['low'], figure['high'], 4)}, {figure['interval']})"
