"""How long reviewing makes a person wait, and how many clicks and keys it takes.

    python -m benchmarks.review.review_speed FILMS_FOLDER --out DIR
        [--films 1000] [--window 1600x1000]

A script reviews real films in headless Chromium, in a real Label Studio that is started for it: on
contact sheets as radsieve makes them, as single items, and in Label Studio's Data Manager grid, all
in one run and turn by turn. Nobody looks at the films, so this says nothing about people; it says
what the screens cost them. In the end every answer is read back and compared with what was meant.

DIR gets `review_speed.json`, `review_speed.md`, every wait, and pictures of the screens. The
pictures show the films: do not publish them where the films may not be.
"""

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import click
from playwright.sync_api import TimeoutError

from backend.base.adapters.settings import Settings
from backend.base.adapters.workspace import Workspace
from benchmarks.review.review_arms import Arm, SheetArm, SingleArm, Studio
from benchmarks.review.review_browser import Desk, Screen, open_desk
from benchmarks.review.review_figures import Run, run_of, write_figures
from benchmarks.review.review_films import Material, ShownFilm, make_material
from benchmarks.review.review_grid import SelectAllGridArm, TickedGridArm
from benchmarks.review.review_studio import own_label_studio
from tasks import detector_task

WINDOWS = ("1600x1000", "1280x720", "2560x1440")
THEMES = ("Light", "Dark")
SHEETS = (48, 60)
FEW_FILMS = 100
"""Reviewed where every film costs a click or a key: the count per 1,000 follows."""


@click.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--films", default=1000, show_default=True, help="Pictures to review on sheets.")
@click.option("--elsewhere", default=480, show_default=True, help="In all windows but the first.")
@click.option("--share", default=0.02, show_default=True, help="Of these that are exceptions.")
@click.option("--window", "windows", multiple=True, default=WINDOWS, show_default=True)
@click.option("--theme", "themes", multiple=True, default=THEMES, show_default=True)
@click.option("--look", "look_s", default=1.5, show_default=True, help="Seconds spent on a screen.")
@click.option("--about", default="not stated", help="Source and patients, for the record.")
def main(  # noqa: PLR0913, PLR0917 - one per option
    source: Path,
    out: Path,
    films: int,
    elsewhere: int,
    share: float,
    windows: tuple[str, ...],
    themes: tuple[str, ...],
    look_s: float,
    about: str,
) -> None:
    """Review the films below SOURCE; write and print figures; fail if an answer is not as meant."""
    (out / "screens").mkdir(parents=True, exist_ok=True)
    screens = [_screen(*pair) for pair in product(windows, themes)]
    task = detector_task("rotation")
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.open_or_make(Path(folder) / "workspace")
        material = make_material(
            workspace, source, task, count=films, exceptions=round(share * films)
        )
        click.echo(material.described, err=True)
        with own_label_studio(workspace, Path(folder) / "label-studio") as own:
            floor_s = Settings().seconds_per_film
            studio = Studio(own.client, workspace, task, own.plan.token, floor_s)
            with open_desk(own.plan) as desk:
                shown = [material] + [material.first(elsewhere)] * (len(screens) - 1)
                pairs = list(zip(screens, shown, strict=True))
                runs = list(_all_runs(studio, desk, pairs, look_s=look_s, out=out))
    click.echo(write_figures(runs, material.described, about, out))
    sys.exit(0 if all(run.proof.holds for run in runs) else 1)


def _all_runs(
    studio: Studio,
    desk: Desk,
    shown: Sequence[tuple[Screen, Material]],
    *,
    look_s: float,
    out: Path,
) -> Iterator[Run]:
    for number, (screen, material) in enumerate(shown):
        arms = _sheet_arms(studio, material, desk, screen)
        if number == 0:
            arms += _other_arms(studio, material, desk, screen)
        before = os.getloadavg()[0]
        _review(arms, look_s, out / "screens", str(screen))
        load = (before, os.getloadavg()[0])
        for arm in arms:
            run = run_of(arm, str(screen), load)
            click.echo(f"{screen}, {arm.name}: {run.per_1000}, {run.proof}", err=True)
            yield run
        desk.close_windows()


def _sheet_arms(studio: Studio, material: Material, desk: Desk, screen: Screen) -> list[Arm]:
    return [
        SheetArm(studio, material, desk.window(screen), films_a_sheet=films) for films in SHEETS
    ]


def _other_arms(studio: Studio, material: Material, desk: Desk, screen: Screen) -> list[Arm]:
    films, half = material.films, len(material.exceptions) // 2
    few = _few(material)
    return [
        SheetArm(studio, material, desk.window(screen), films_a_sheet=SHEETS[0], ticked=half),
        SingleArm(studio, few, desk.window(screen)),
        TickedGridArm(studio, few, desk.window(screen)),
        SelectAllGridArm(studio, films, desk.window(screen)),
    ]


def _few(material: Material) -> list[ShownFilm]:
    """Return the first films, so many of them exceptions as their share of all."""
    share = len(material.exceptions) / len(material.films)
    out = [film for film in material.films if film.radiograph_id in material.exceptions]
    out = out[: round(share * FEW_FILMS)]
    fine = [film for film in material.films if film.radiograph_id not in material.exceptions]
    kept = {film.radiograph_id for film in [*out, *fine[: FEW_FILMS - len(out)]]}
    return [film for film in material.films if film.radiograph_id in kept]


def _review(arms: Sequence[Arm], look_s: float, pictures: Path, screen: str) -> None:
    """Let the arms take turns until all are done; keep a picture of each one's first screen."""
    for arm in arms:
        arm.open()
        arm.hand.page.screenshot(path=pictures / f"{screen}, {arm.name}.png")
    left = list(arms)
    while left:
        left = [
            arm for arm in left if _turn(arm, look_s, pictures / f"{screen}, {arm.name}, stuck.png")
        ]


def _turn(arm: Arm, look_s: float, picture_if_stuck: Path) -> bool:
    """Let an arm review on; one that is stuck is left as it is: its proof will tell."""
    try:
        return arm.turn(look_s)
    except TimeoutError as error:
        click.echo(f"{arm.name} is stuck: {error}", err=True)
        arm.hand.page.screenshot(path=picture_if_stuck)
        return False


def _screen(window: str, theme: str) -> Screen:
    width, _, height = window.partition("x")
    return Screen(int(width), int(height), theme)


if __name__ == "__main__":
    main()
