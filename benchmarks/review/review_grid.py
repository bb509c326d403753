"""The Data Manager grid of stock Label Studio as a way of reviewing, to compare with.

It can only accept: selected films get their prediction as an answer through the action 'Create
Annotations From Predictions'. An exception is a film that is left over; no answer says so.
"""

import time
from collections.abc import Mapping, Sequence

import requests
from playwright.sync_api import Page

from backend.review.adapters.screens.single_item import read_single_answer
from backend.review.adapters.screens.single_screen import single_config_xml
from benchmarks.review.review_arms import Proof, Studio, proof, single_items, title
from benchmarks.review.review_browser import Hand
from benchmarks.review.review_films import ShownFilm

_COLUMNS = 10
_PICTURES = ".lsf-grid-view__cell img"
# Every film that lies wholly in the grid's own window, which other parts of the page overlap: its
# address, whether its box is ticked, and where the middle of that box is.
_READ = """() => {
  const room = document.querySelector('.lsf-grid-view__list').getBoundingClientRect();
  return [...document.querySelectorAll('.lsf-grid-view__cell')].map(cell =>
    [cell.querySelector('img'), cell.querySelector('input[type=checkbox]')])
  .filter(([picture]) => picture && picture.getBoundingClientRect().top >= room.top
    && picture.getBoundingClientRect().bottom <= room.bottom)
  .map(([picture, box]) => {
    const at = box.parentElement.getBoundingClientRect();
    return [picture.getAttribute('src'), box.checked,
      at.left + at.width / 2, at.top + at.height / 2];
  });
}"""
_ROW_PX = "document.querySelector('.lsf-grid-view__cell').getBoundingClientRect().height"
# What scrolls; kept in the page, since cells come and go while it does.
_FIND_SCROLLED = """() => {
  let box = document.querySelector('.lsf-grid-view__cell');
  while (box && !(box.scrollHeight > box.clientHeight
    && /auto|scroll/.test(getComputedStyle(box).overflowY))) box = box.parentElement;
  window.reviewGrid = box;
  return box.scrollTop;
}"""
_SCROLLED = "window.reviewGrid.scrollTop"
_MOST_SCROLLS = 400
"""Then it is stuck."""
# Columns that say nothing about the film; each would make the cells taller.
_HIDDEN = (
    "tasks:id",
    "tasks:inner_id",
    "tasks:completed_at",
    "tasks:total_annotations",
    "tasks:cancelled_annotations",
    "tasks:total_predictions",
    "tasks:annotators",
    "tasks:annotations_results",
    "tasks:annotations_ids",
    "tasks:predictions_score",
    "tasks:predictions_model_versions",
    "tasks:predictions_results",
    "tasks:predictions_ids",
    "tasks:file_upload",
    "tasks:storage_filename",
    "tasks:created_at",
    "tasks:updated_at",
    "tasks:updated_by",
    "tasks:avg_lead_time",
    "tasks:draft_exists",
    "tasks:data.item_key",
    "tasks:data.detector_task",
    "tasks:data.radiograph_id",
    "tasks:data.reason",
    "tasks:data.about",
)


class GridArm:
    """What both ways through the grid share."""

    def __init__(self, studio: Studio, films: Sequence[ShownFilm], page: Page, name: str) -> None:
        """Take some films, in order."""
        self.name = name
        self.films = len(films)
        self.hand = Hand(page)
        self._studio, self._shown, self._project = studio, films, 0
        self._by_address = {film.thumb_url: film for film in films}
        self._fits, self._row_px = 0, 0

    def open(self) -> None:
        """Make the project and open its grid."""
        page, task = self.hand.page, self._studio.task
        items = single_items(task, self._shown, thumbs=True)
        self._project = self._studio.new_project(title(self.name), single_config_xml(), items)
        tab = _grid_tab(self._studio, self._project)
        page.goto(f"{self._studio.client.url}/projects/{self._project}/data?tab={tab}")
        page.locator(_PICTURES).first.wait_for()
        page.wait_for_timeout(2000)
        self._fits = len(page.evaluate(_READ))
        self._row_px = page.evaluate(_ROW_PX)

    def prove(self) -> Proof:
        """Read back what arrived; a film without an answer counts as an exception."""
        task = self._studio.task
        answers = list(self._studio.client.answers(self._project))
        said = [
            (one.data.texts["radiograph_id"], read_single_answer(one.result, task))
            for one in answers
        ]
        meant = {film.radiograph_id: film.label for film in self._shown if self._is_fine(film)}
        skipped = sum(one.was_cancelled for one in answers)
        # No lead time is stored for what an action answers.
        return proof(meant, said, answers=len(answers), skipped=skipped, too_fast=0)

    @property
    def _exceptions(self) -> int:
        return sum(not self._is_fine(film) for film in self._shown)

    def _is_fine(self, film: ShownFilm) -> bool:
        return film.label == self._studio.task.expected_label

    def _tick_where(self, wanted: Mapping[bool, bool]) -> list[str]:
        """Click the boxes of the films in the window that do not stand as wanted.

        Args:
            wanted: whether a film is to be ticked, by whether it is fine.

        Returns:
            The films that were looked at; what the grid loads meanwhile is not among them.
        """
        found = self.hand.page.evaluate(_READ)
        for address, ticked, x, y in found:
            if ticked != wanted[self._is_fine(self._by_address[address])]:
                self.hand.click_at(x, y)
        return [address for address, *_ in found]

    def _accept(self, *, fresh: int | None, in_all: int | None) -> None:
        """Run the action on what is selected and wait for the grid without it."""
        page = self.hand.page
        self.hand.click(page.get_by_label("Tasks Actions"))
        self.hand.click(page.get_by_text("Create Annotations From Predictions"))
        confirm = page.get_by_test_id("dialog-ok-button")
        confirm.wait_for()
        with self.hand.timed("pointerdown", _PICTURES, fresh=fresh, in_all=in_all):
            self.hand.click(confirm)


class TickedGridArm(GridArm):
    """A window at a time: tick every film that is fine, then accept those."""

    def __init__(self, studio: Studio, films: Sequence[ShownFilm], page: Page) -> None:
        """Take some films, in order."""
        super().__init__(studio, films, page, "grid, fine films ticked")
        self._left = len(films)

    def turn(self, look_s: float) -> bool:
        """Review one window."""
        self.hand.page.bring_to_front()
        time.sleep(look_s)
        self._tick_where({True: True, False: False})
        on_screen = self.hand.page.evaluate(_READ)
        self._left -= sum(ticked for _, ticked, _, _ in on_screen)
        kept = sum(not ticked for _, ticked, _, _ in on_screen)
        fresh = min(self._fits, self._left) - kept
        self._accept(fresh=fresh, in_all=min(self._fits, self._left))
        return self._left > self._exceptions


class SelectAllGridArm(GridArm):
    """Select the whole tab, scroll through it, untick the exceptions, accept the rest at the end.

    Only the list has a box for all, so the way there and back are clicks too. What was never
    scrolled to would be accepted like the rest.
    """

    def __init__(self, studio: Studio, films: Sequence[ShownFilm], page: Page) -> None:
        """Take some films, in order."""
        super().__init__(studio, films, page, "grid, all selected, exceptions unticked")
        self._seen: set[str] = set()

    def turn(self, look_s: float) -> bool:
        """Review one window; after the last one, accept."""
        page = self.hand.page
        page.bring_to_front()
        if not self._seen:
            self._select_all()
        time.sleep(look_s)
        visible = self._tick_where({True: True, False: False})
        self._seen.update(visible)
        if len(self._seen) < self.films:
            self._scroll(len(visible))
            return True
        self._accept(fresh=None, in_all=min(self._fits, self._exceptions))
        return False

    def _select_all(self) -> None:
        page = self.hand.page
        self.hand.click(page.get_by_label("Switch to list view"))
        page.get_by_label("Select all rows").wait_for(state="attached")
        self.hand.click(page.locator("[class*=checkbox__box]").first)
        self.hand.click(page.get_by_label("Switch to grid view"))
        page.locator(_PICTURES).first.wait_for()
        page.wait_for_timeout(1500)

    def _scroll(self, visible: int) -> None:
        page = self.hand.page
        page.mouse.move(page.evaluate("innerWidth / 2"), page.evaluate("innerHeight / 2"))
        fresh = min(visible, self.films - len(self._seen))
        wanted_px = page.evaluate(_FIND_SCROLLED) + visible // _COLUMNS * self._row_px
        with self.hand.timed("wheel", _PICTURES, fresh=fresh):
            # The grid ends where it has loaded to; there it loads more, and one scrolls on.
            for _ in range(_MOST_SCROLLS):
                before_px = page.evaluate(_SCROLLED)
                page.mouse.wheel(0, wanted_px - before_px)
                page.wait_for_timeout(50)
                self.hand.scrolls += page.evaluate(_SCROLLED) > before_px
                if page.evaluate("window.reviewWait !== null"):
                    break


def _grid_tab(studio: Studio, project: int) -> int:
    unanswered = {
        "filter": "filter:tasks:total_annotations",
        "operator": "equal",
        "type": "Number",
        "value": 0,
    }
    data = {
        "title": "Grid",
        "type": "grid",
        "target": "tasks",
        "gridWidth": _COLUMNS,
        "gridFitImagesToWidth": False,
        "ordering": ["tasks:predictions_score"],
        "hiddenColumns": {"explore": _HIDDEN, "labeling": _HIDDEN},
        "filters": {"conjunction": "and", "items": [unanswered]},
    }
    session = requests.Session()
    session.trust_env = False
    answer = session.post(
        f"{studio.client.url}/api/dm/views/",
        json={"project": project, "data": data},
        headers={"Authorization": f"Token {studio.token}"},
        timeout=60,
    )
    answer.raise_for_status()
    return int(answer.json()["id"])
