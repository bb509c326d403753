"""How long each step of docs/tutorial.md takes, per 1,000 films.

    python -m benchmarks.review.tutorial_times FILMS [--epochs 3] [--out TIMES.json]

FILMS is a folder of real films, all of them upright and not inverted. One in twenty of their copies
is turned or inverted here; a scripted reviewer who knows which answers all that is shown, and
counts the sheets, single films, clicks and keys. With fewer epochs than 30 the time of a whole
training is reckoned from that of its views.
"""

import json
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

import click
import cv2

from backend.base.adapters.settings import Settings
from backend.base.core.pixel_change import PixelChange
from backend.detectors.loop.kinds.made_head import make_plan
from benchmarks.review.started_radsieve import StartedRadsieve, command, started_radsieve
from benchmarks.review.tutorial_reviewer import TutorialReviewer, made_problem
from tasks import load_detector_tasks

EVERY = 20
FILMS_OF_THE_PAGE = 1000
_DONE = re.compile(
    r"^(?P<step>[a-z ]+): done, \w+ (?P<count>[\d,]+) of .*, "
    r"(?:(?P<minutes>\d+) min )?(?P<seconds>\d+) s$"
)
_CHANGES = (*(PixelChange(turns_ccw=turns) for turns in (1, 2, 3)), PixelChange(invert=True))


@click.command()
@click.argument("films", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--epochs", default=30, type=int)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path))
def main(films: Path, epochs: int, out: Path | None) -> None:
    """Clean a copy of the folder once, as the page says, and time the steps."""
    wanted = views_of_training(FILMS_OF_THE_PAGE)  # before the settings of the run are set
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        problems = _copies(films, root / "films")
        count = len(list((root / "films").iterdir()))
        settings = {"RADSIEVE_EPOCHS": str(epochs), "RADSIEVE_RETRAIN_AFTER": "100000"}
        with started_radsieve(root, str(root / "films"), **settings) as up:
            figures = {"films": count, "bad": len(problems), "until_welcome_s": up.until_welcome_s}
            figures |= _reviewed(up, problems)
            figures |= _steps(up.log.read_text(), wanted)
        for name, *arguments in (("audit",), ("export", "--out", str(root / "lists"))):
            started_at = time.monotonic()
            subprocess.run(command(name, *arguments), env=up.environment, check=True)
            figures[f"{name}_s"] = time.monotonic() - started_at
    figures["load_of_the_machine"] = os.getloadavg()
    text = json.dumps(figures, indent=1)
    click.echo(text)
    if out:
        out.write_text(f"{text}\n")


def _copies(films: Path, folder: Path) -> dict[str, str]:
    """Copy the films, some of them spoilt; return what is wrong with these."""
    folder.mkdir()
    tasks, problems = load_detector_tasks(), {}
    for number, source in enumerate(sorted(films.glob("*.png"))):
        spoilt = number % EVERY == EVERY - 1
        change = _CHANGES[number // EVERY % len(_CHANGES)] if spoilt else PixelChange()
        film = cv2.imread(str(source), cv2.IMREAD_GRAYSCALE)
        cv2.imwrite(str(folder / source.name), change.apply(film, 255))
        problem = made_problem(tasks, change)
        if problem:
            problems[source.name] = problem
    return problems


def _reviewed(up: StartedRadsieve, problems: dict[str, str]) -> dict[str, object]:
    reviewer = TutorialReviewer(up.workspace, load_detector_tasks(), up.studio, problems)
    started_at = time.monotonic()
    reviewer.work_through(up.watch)
    counts = reviewer.counts
    return {
        "review_s": time.monotonic() - started_at,
        "sheets": counts.sheets,
        "singles": counts.singles,
        "clicks": counts.clicks,
        "keys": counts.keys,
        "films_shown": len(counts.films),
    }


def _steps(log: str, wanted: int) -> dict[str, object]:
    """Return the seconds of the steps that say so, and of a training of `wanted` views."""
    found = [match for line in log.splitlines() if (match := _DONE.match(line))]
    seconds = {
        each["step"]: 60 * int(each["minutes"] or 0) + int(each["seconds"]) for each in found
    }
    views = {each["step"]: int(each["count"].replace(",", "")) for each in found}
    (training,) = [step for step in seconds if step.startswith("train ")]
    whole = seconds[training] * wanted / views[training]
    return {"steps_s": seconds, "views": views[training], "whole_training_s": whole}


def views_of_training(films: int) -> int:
    """Return how many made views a training of an archive shows, by radsieve's own settings."""
    settings = Settings()
    plan = make_plan(settings, round((1 - settings.sealed_share) * films))
    return plan.final.views_shown + settings.folds * plan.fold.views_shown


if __name__ == "__main__":
    main()
