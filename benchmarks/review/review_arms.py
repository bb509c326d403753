"""The ways of reviewing that are compared: contact sheets, single items, Data Manager grid.

Each arm has a project and a window of its own and is taken a turn at a time, so that a busy machine
slows all arms alike. The reviewer goes by what the screen shows: it reads which films are there and
which are marked, and acts where that differs from the truth.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from playwright.sync_api import Page

from backend.base.adapters.workspace import Workspace
from backend.base.core.chunks import in_chunks
from backend.base.core.detector_task import DetectorTask
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.label_studio.shapes import NewItem
from backend.review.adapters.screens.contact_sheet import (
    ContactSheet,
    SheetFilm,
    read_sheet_answer,
    sheet_item,
)
from backend.review.adapters.screens.sheet_screen import sheet_config_xml
from backend.review.adapters.screens.single_item import SingleFilm, read_single_answer, single_item
from backend.review.adapters.screens.single_screen import single_config_xml
from backend.review.adapters.screens.tabs import ReviewTab
from benchmarks.review.page_state import wait_until
from benchmarks.review.review_browser import Hand
from benchmarks.review.review_films import Material, ShownFilm

VERSION = "scripted-000000000000"
_SHEET_PICTURES = ".films img.t"
_SINGLE_PICTURE = ".film img[alt=image]"
_SINGLES_A_TURN = 5
# What is on the screen: the address of each thumbnail, and whether its cell has the hatched frame.
_READ_SHEET = """() => [...document.querySelectorAll('.films .lsf-choice')].map(cell => [
  cell.querySelector('img.t').getAttribute('src'),
  getComputedStyle(cell).backgroundImage.includes('repeating-linear-gradient')])"""


@dataclass(frozen=True, slots=True)
class Proof:
    """What Label Studio holds at the end, beside what the script meant to say."""

    answers: int
    films: int
    """That should have been answered."""
    never: int
    twice: int
    wrong: int
    skipped: int
    too_fast: int
    """Answers faster than radsieve's floor per film, which a pull would not count."""

    @property
    def holds(self) -> bool:
        """Whether every film was answered exactly once, and as meant."""
        return not (self.never or self.twice or self.wrong or self.skipped)


@dataclass(frozen=True, slots=True)
class Studio:
    """Where the arms make their projects."""

    client: LabelStudio
    workspace: Workspace
    task: DetectorTask
    token: str
    floor_s: float
    """radsieve's setting `seconds_per_film`."""

    def new_project(self, title: str, config: str, items: Sequence[NewItem]) -> int:
        """Return a project with these items, whose pictures can be seen."""
        project = self.client.ensure_project(title, config)
        self.client.ensure_local_storage(project, self.workspace.review)
        self.client.import_items(project, items)
        return project

    def queue(self, project: int) -> str:
        """Return the address of 'Label All Tasks' on the review tab."""
        (tab,) = self.client.ensure_tabs(project, [ReviewTab("Review")])
        return f"{self.client.url}/projects/{project}/data?tab={tab}&labeling=1"


class Arm(Protocol):
    """One way of reviewing."""

    name: str
    films: int
    hand: Hand

    def open(self) -> None:
        """Make the project and open its first screen."""

    def turn(self, look_s: float) -> bool:
        """Review the next screen, or a few; tell whether there is more."""

    def prove(self) -> Proof:
        """Read back what arrived."""


class SheetArm:
    """Contact sheets as radsieve makes them, the next one's thumbnails prefetched."""

    def __init__(
        self, studio: Studio, material: Material, page: Page, *, films_a_sheet: int, ticked: int = 0
    ) -> None:
        """Lay the films out on sheets.

        Args:
            studio: where.
            material: what is shown.
            page: the reviewer's window.
            films_a_sheet: at most 60.
            ticked: so many of the exceptions are marked before the reviewer looks.
        """
        self.name = f"sheets of {films_a_sheet}" + f", {ticked} pre-ticked" * bool(ticked)
        self.films = len(material.films)
        self.hand = Hand(page)
        self._studio, self._exceptions = studio, material.exceptions
        suspects = frozenset(sorted(material.exceptions)[:ticked])
        self._sheets = _sheets(studio.task, material.films, films_a_sheet, suspects)
        self._ids = {film.thumb_url: film.radiograph_id for film in material.films}
        self._done = 0
        self._project = 0

    def open(self) -> None:
        """Make the project and open its first sheet."""
        items = [
            sheet_item(*pair) for pair in zip(self._sheets, [*self._sheets[1:], None], strict=True)
        ]
        config = sheet_config_xml()
        self._project = self._studio.new_project(title(self.name), config, items)
        self.hand.page.goto(self._studio.queue(self._project))
        wait_for_pictures(self.hand.page, _SHEET_PICTURES, len(self._sheets[0].films))

    def turn(self, look_s: float) -> bool:
        """Review one sheet."""
        page = self.hand.page
        page.bring_to_front()
        time.sleep(look_s)
        cells = page.locator(".films .lsf-choice")
        for place, (address, marked) in enumerate(page.evaluate(_READ_SHEET)):
            if marked != (self._ids[address] in self._exceptions):
                self.hand.click(cells.nth(place))
        self._done += 1
        left = self._sheets[self._done :]
        press_for_next(self.hand, _SHEET_PICTURES, len(left[0].films) if left else 0)
        return bool(left)

    def prove(self) -> Proof:
        """Read back what arrived."""
        task, said, fast, skipped, count = self._studio.task, [], 0, 0, 0
        for answer in self._studio.client.answers(self._project):
            read = read_sheet_answer(answer.data, answer.result, task)
            count += 1
            skipped += answer.was_cancelled
            floor_s = self._studio.floor_s * len(read.radiograph_ids)
            fast += (answer.lead_time_s or 0.0) < floor_s
            said += [(film, film in read.flagged) for film in read.radiograph_ids]
        meant = {film: film in self._exceptions for film in self._ids.values()}
        return proof(meant, said, answers=count, skipped=skipped, too_fast=fast)


class SingleArm:
    """One film at a time: the predicted label is chosen already, a key chooses another."""

    def __init__(self, studio: Studio, films: Sequence[ShownFilm], page: Page) -> None:
        """Take some films, in order."""
        self.name = "single items"
        self.films = len(films)
        self.hand = Hand(page)
        self._studio, self._shown, self._done, self._project = studio, films, 0, 0

    def open(self) -> None:
        """Make the project and open its first film."""
        items = single_items(self._studio.task, self._shown, thumbs=False)
        config = single_config_xml()
        self._project = self._studio.new_project(title(self.name), config, items)
        self.hand.page.goto(self._studio.queue(self._project))
        wait_for_pictures(self.hand.page, _SINGLE_PICTURE, 1)

    def turn(self, look_s: float) -> bool:
        """Review a few films."""
        self.hand.page.bring_to_front()
        for film in self._shown[self._done : self._done + _SINGLES_A_TURN]:
            time.sleep(look_s / _SINGLES_A_TURN)
            if film.label != self._studio.task.expected_label:
                # What is chosen beforehand (fine) is taken back, and the problem is named.
                self.hand.press("f")
                self.hand.press(_key_of(self._studio.task, film.label))
            self._done += 1
            press_for_next(self.hand, _SINGLE_PICTURE, int(self._done < len(self._shown)))
        return self._done < len(self._shown)

    def prove(self) -> Proof:
        """Read back what arrived."""
        answers = list(self._studio.client.answers(self._project))
        said = [
            (one.data.texts["radiograph_id"], read_single_answer(one.result, self._studio.task))
            for one in answers
        ]
        return proof(
            {film.radiograph_id: film.label for film in self._shown},
            said,
            answers=len(answers),
            skipped=sum(one.was_cancelled for one in answers),
            too_fast=sum((one.lead_time_s or 0.0) < self._studio.floor_s for one in answers),
        )


def _key_of(task: DetectorTask, label: str) -> str:
    problems = [each for each in task.labels if each != task.expected_label]
    return str(1 + problems.index(label))


def press_for_next(hand: Hand, pictures: str, count: int) -> None:
    """Submit, and wait for the next screen's `count` pictures; 0 for the last answer of all."""
    timed = hand.timed("keydown", pictures, fresh=count, in_all=count) if count else None
    with timed or hand.timed_last():
        hand.press("Control+Enter")


def _sheets(
    task: DetectorTask, films: Sequence[ShownFilm], size: int, suspects: frozenset[str]
) -> list[ContactSheet]:
    chunks = list(in_chunks(films, size))
    return [
        ContactSheet(
            task,
            task.expected_label,
            tuple(
                SheetFilm(
                    film.radiograph_id,
                    film.thumb_url,
                    film.large_url,
                    ticked=film.radiograph_id in suspects,
                )
                for film in chunk
            ),
            VERSION,
            # The queue shows the lowest first; the prefetch relies on this order.
            confidence=(number + 1) / (len(chunks) + 1),
        )
        for number, chunk in enumerate(chunks)
    ]


def single_items(task: DetectorTask, films: Sequence[ShownFilm], *, thumbs: bool) -> list[NewItem]:
    """Return single items that predict the expected label of every film, small or large."""
    sure = {label: float(label == task.expected_label) for label in task.labels}
    return [
        single_item(
            task,
            SingleFilm(
                film.radiograph_id,
                film.thumb_url if thumbs else film.large_url,
                sure,
                VERSION,
                (number + 1) / (len(films) + 1),
            ),
        )
        for number, film in enumerate(films)
    ]


def proof(
    meant: Mapping[str, object],
    said: Iterable[tuple[str, object]],
    *,
    answers: int,
    skipped: int,
    too_fast: int,
) -> Proof:
    """Compare what was said of each film with what was meant."""
    said = list(said)
    times = Counter(film for film, _ in said)
    return Proof(
        answers=answers,
        films=len(meant),
        never=sum(film not in times for film in meant),
        twice=sum(count > 1 for count in times.values()),
        wrong=sum(meant.get(film) != verdict for film, verdict in said),
        skipped=skipped,
        too_fast=too_fast,
    )


def title(name: str) -> str:
    """Return a title that no other project has."""
    return f"{name[:28]} {time.time_ns()}"  # Label Studio takes 50 characters


def wait_for_pictures(page: Page, pictures: str, count: int) -> None:
    """Wait until the first screen stands still."""
    wait_until(
        page,
        """([pictures, count]) => {
          const shown = [...document.querySelectorAll(pictures)];
          return shown.length === count
            && shown.every(picture => picture.complete && picture.naturalWidth > 0);
        }""",
        arg=[pictures, count],
    )
    page.wait_for_timeout(1500)
