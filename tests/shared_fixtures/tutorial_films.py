"""The folder that docs/tutorial.md cleans: real films, some of them spoilt, and who knows which."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import cv2

from backend.base.core.pixel_change import PixelChange

REAL_FILMS = Path(__file__).parents[3] / "shared" / "data" / "radiographs"
CHESTS, LATERALS, ABDOMENS = 60, 4, 4
_TURNED = {5: 1, 17: 2, 29: 3, 41: 1, 53: 2}
"""Quarter turns against the clock, by the number of the chest film."""
_INVERTED = (11, 33, 50)


@dataclass(frozen=True, slots=True)
class TutorialFilms:
    """The folder, and what is wrong with its films."""

    folder: Path
    problems: dict[str, str]
    """By file name, `TASK: LABEL` as single films name it; films that are fine are not in it."""
    copy: str
    """The file that has the same bytes as another one."""


def write_tutorial_films(folder: Path) -> TutorialFilms:
    """Copy real films into a new folder; turn, invert and double some."""
    folder.mkdir(parents=True)
    problems: dict[str, str] = {}
    sources = sorted((REAL_FILMS / "nih_chest").glob("*.png"))[:CHESTS]
    for number, source in enumerate(sources):
        change = PixelChange(turns_ccw=_TURNED.get(number, 0), invert=number in _INVERTED)
        film = cv2.imread(str(source), cv2.IMREAD_GRAYSCALE)
        cv2.imwrite(str(folder / source.name), change.apply(film, 255))
        if change.turns_ccw:
            problems[source.name] = f"rotation: turned_{90 * change.turns_ccw}"
        elif change.invert:
            problems[source.name] = "inversion: inverted"
    for kind, count, problem in (
        ("lateral_chest", LATERALS, "projection: lateral"),
        ("abdomen", ABDOMENS, "body_region: abdomen"),
    ):
        for source in sorted((REAL_FILMS / kind).glob("*.*"))[:count]:
            shutil.copyfile(source, folder / source.name)
            problems[source.name] = problem
    copy = f"copy_of_{sources[0].name}"
    shutil.copyfile(folder / sources[0].name, folder / copy)
    return TutorialFilms(folder, problems, copy)
