"""The page of model cards and its plots, made from the task files and the benchmarks' figures.

`make docs` writes them; a test fails when one is out of date.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from backend.base.core.detector_task import DetectorTask, LearntFrom
from scripts._calibration_plot import calibration_svg
from tasks import load_detector_tasks

PAGE = Path("docs") / "detectors.md"
FIGURES = Path(__file__).parents[1] / "docs" / "figures"
_TEACHERS = {
    LearntFrom.MADE_FILMS: "films made of the archive's own",
    LearntFrom.ANSWERS: "answers of people, of reports or of a table",
    LearntFrom.RULE: "nothing; a rule decides",
    LearntFrom.OTHERS: "nothing; it sums up the other detectors",
}


def detectors_markdown() -> str:
    """Return the whole page."""
    parts = [
        "# Detectors",
        "Made from the task files and from docs/figures by `make docs`; change those, not this "
        "page. Intervals are 95 %, exact (Clopper-Pearson) for shares, a bootstrap over patients "
        "for areas, and for precision at a prevalence from the exact limits of recall and false "
        "alarms. Films that were changed or drawn are called synthetic.",
    ]
    for task in load_detector_tasks().values():
        parts += _sections(task)
    return "\n\n".join(parts) + "\n"


def calibration_plots() -> dict[str, str]:
    """Return the plot of every card that has a calibration, by file name in docs/figures."""
    # The folder also holds figures that belong to no card.
    tasks = load_detector_tasks()
    paths = [path for path in sorted(FIGURES.glob("*.json")) if path.stem in tasks]
    cards = [json.loads(path.read_text()) for path in paths]
    return {
        _plot_name(card["task"]): calibration_svg(card["task"], card["calibration"])
        for card in cards
        if card["calibration"]
    }


def _sections(task: DetectorTask) -> Iterator[str]:
    yield f"## {task.name}"
    yield f"{task.question} Labels: {', '.join(f'`{label}`' for label in task.labels)}."
    yield "\n".join(_facts(task))
    path = FIGURES / f"{task.name}.json"
    if path.exists():
        yield from _card(json.loads(path.read_text()))
    elif task.sums_up:
        yield "It has no figures of its own: see those of the detectors that it sums up."
    else:
        yield "Its figures have no card yet."


def _facts(task: DetectorTask) -> Iterator[str]:
    limits = task.thresholds
    yield f"- learns from: {_TEACHERS[task.learnt_from]}"
    if not task.seen_on_thumbnail:
        yield "- cannot be seen on a thumbnail, so a joint look does not answer it"
    if task.rule:
        yield from (
            f"- `{check.label}`: `{check.cut_off}` is {check.default:g} by default; {check.meaning}"
            for check in task.rule.checks
        )
        return
    yield f"- a person looks at films below a probability of {limits.review_below:g}"
    yield f"- it is sure from a probability of {limits.accept_at:g}"
    if task.catch_all:
        yield f"- films unlike all labelled ones also get the label `{task.catch_all}`"
    if task.review_only:
        yield "- for review only: nothing is excluded or corrected before a person has looked"


def _card(card: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"Measured on {card['films']}. Patients: {card['patients']}. Labels: "
        f"{card['label_source']}. Split: {card['split']}. To repeat: `{card['command']}`."
    )
    for table in card["tables"]:
        yield f"**{table['title']}**"
        yield _table(table["columns"], table["rows"])
    if card["calibration"]:
        yield "**Calibration**: how often it is right when it states a confidence"
        yield f"![calibration of {card['task']}](figures/{_plot_name(card['task'])})"
        yield _table(("stated", "right", "views"), _calibration(card["calibration"]))
    yield from card["notes"]
    yield "Not for: " + "; ".join(card["not_for"]) + "."


def _plot_name(task: str) -> str:
    return f"{task}-calibration.svg"


def _calibration(calibration: Mapping[str, Sequence[float]]) -> list[list[str]]:
    bins = zip(
        calibration["confidence"], calibration["share_right"], calibration["count"], strict=True
    )
    return [[f"{stated:.3f}", f"{right:.3f}", f"{count:g}"] for stated, right, count in bins]


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    PAGE.write_text(detectors_markdown())
    for name, plot in calibration_plots().items():
        (FIGURES / name).write_text(plot)
