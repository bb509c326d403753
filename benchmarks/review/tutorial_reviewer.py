"""A scripted reviewer who works as docs/tutorial.md says, and counts what the hand does.

It begins on the start page, answers in a browser as long as it is told to, and the rest through
Label Studio's API: both answers are the same to radsieve.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Page

from backend.archive.adapters.catalogue import films
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.joint_question import FINE, problem_name
from backend.base.core.made_label import made_label
from backend.base.core.pixel_change import PixelChange
from backend.review.adapters.batch_store import open_items
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.label_studio.shapes import ResultRegion
from backend.review.adapters.screens.answer_choices import ANSWER_CONTROL, MORE
from backend.review.adapters.screens.contact_sheet import sheet_result
from backend.review.adapters.screens.single_item import IMAGE_TAG
from backend.review.core.item import SHEET, Item
from backend.service.loop.addresses import START_PATH
from backend.service.loop.stack import ml_backend, server_plan

CELLS = ".films .lsf-choice"
FILM = ".film img[alt=image]"
_MADE = ("rotation", "inversion")
_ITEM_NUMBER = ".lsf-current-task__task-id"
_FILM_ID = re.compile(r"([0-9a-f]{20})(?:_large)?\.jpg")
SECONDS_PER_FILM = 0.5
"""The time that the reviewer reports for what it answers through the API."""


def made_problem(tasks: Mapping[str, DetectorTask], change: PixelChange) -> str | None:
    """Return how a single film names what was done to a film; None where nothing was."""
    for name in _MADE:
        label = made_label(tasks[name], change)
        if label != tasks[name].expected_label:
            return problem_name(tasks[name], label)
    return None


@dataclass(slots=True)
class Counts:
    """What the reviewer has answered, and what the hand did for it."""

    sheets: int = 0
    singles: int = 0
    clicks: int = 0
    """On films whose mark was wrong."""
    keys: int = 0
    """Ctrl+Enter is one."""
    films: set[str] = field(default_factory=set)


class TutorialReviewer:
    """Knows what is wrong with each film of the folder, and answers what waits in Label Studio."""

    def __init__(
        self,
        workspace: Workspace,
        tasks: Mapping[str, DetectorTask],
        studio: LabelStudio,
        problems: Mapping[str, str],
    ) -> None:
        """Take what is wrong.

        Args:
            workspace: of the archive.
            tasks: all detector tasks by name.
            studio: the running Label Studio.
            problems: by file name, `TASK: LABEL`; films that are fine are not in it.
        """
        self._workspace, self._tasks, self._studio = workspace, tasks, studio
        self._problems = {
            film.radiograph_id: problems.get(Path(film.path).name)
            for film in films(workspace.database)
        }
        self.counts = Counts()

    @property
    def waiting(self) -> list[Item]:
        """What waits in Label Studio, of all tasks."""
        items = open_items(self._workspace.database, *self._tasks)
        return [item for item in items if item.item_id is not None]

    def answer_by_api(self, item: Item) -> None:
        """Answer an item as a person would."""
        if item.kind == SHEET:
            out = self._out_of(item)
            result = sheet_result(item.shown_ids, out)
            self.counts.sheets += 1
            self.counts.clicks += len(out ^ self._chosen(item))
        else:
            (film,) = item.shown_ids
            named = self._named(film, item)
            result = (ResultRegion(ANSWER_CONTROL, IMAGE_TAG, (named,)),)
            self.counts.singles += 1
            self.counts.keys += len({named} ^ self._chosen(item))
        self.counts.keys += 1
        self.counts.films |= set(item.radiograph_ids)
        seconds = SECONDS_PER_FILM * len(item.shown_ids)
        self._studio.submit_answer(item.item_id or 0, result, lead_time_s=seconds)

    def work_through(self, watch: Callable[[], None], patience_s: float = 900.0) -> None:
        """Answer until nothing has waited for 20 s; `watch` is called once a second."""
        answered: set[str] = set()
        deadline, calm_since = time.monotonic() + patience_s, time.monotonic()
        while time.monotonic() - calm_since < 20.0:
            if time.monotonic() > deadline:
                raise TimeoutError(f"items still came after {patience_s:.0f} s")
            for item in self.waiting:
                calm_since = time.monotonic()
                if item.item_key not in answered:
                    self.answer_by_api(item)
                    answered.add(item.item_key)
            watch()
            time.sleep(1.0)

    def open_queue(self, page: Page) -> None:
        """Press the button of the start page, and log in to Label Studio where it asks."""
        backend = ml_backend(self._workspace.settings, self._workspace.secrets)
        page.goto(f"{backend.url}{START_PATH}")
        page.locator("a.next").click()
        plan = server_plan(self._workspace)
        page.locator(f"input[name=email], {CELLS}, {FILM}").first.wait_for()
        if page.locator("input[name=email]").count():
            page.fill("input[name=email]", plan.username)
            page.fill("input[name=password]", plan.password)
            page.keyboard.press("Enter")
        page.locator(f"{CELLS}, {FILM}").first.wait_for()
        page.wait_for_timeout(2000)

    def answer_on_screen(self, page: Page) -> Item:
        """Answer what the browser shows: click what is wrong, press Ctrl+Enter."""
        item = self.shown_on(page)
        if item.kind == SHEET:
            self._click_films(page, item)
            self.counts.sheets += 1
        else:
            self._choose(page, item)
            self.counts.singles += 1
        with page.expect_response(
            lambda response: "/annotations" in response.url and response.request.method == "POST"
        ):
            page.keyboard.press("Control+Enter")
        self.counts.keys += 1
        self.counts.films |= set(item.radiograph_ids)
        return item

    def shown_on(self, page: Page) -> Item:
        """Return the item that the browser shows."""
        number = int(page.locator(_ITEM_NUMBER).inner_text().split()[0].removeprefix("#"))
        (item,) = [each for each in self.waiting if each.item_id == number]
        return item

    def _click_films(self, page: Page, item: Item) -> None:
        out = self._out_of(item)
        for cell in page.locator(CELLS).all():
            (film,) = _film_ids([cell.locator("img.t").get_attribute("src") or ""])
            if cell.locator("input").is_checked() != (film in out):
                cell.click()
                self.counts.clicks += 1

    def _choose(self, page: Page, item: Item) -> None:
        (film,) = item.shown_ids
        wanted = self._named(film, item)
        for place, choice in enumerate(self._choices(item)):
            shown = page.locator(".ask .lsf-choice").nth(place)
            is_wrong = shown.locator("input").is_checked() != (choice["value"] == wanted)
            if is_wrong and choice["value"] != MORE:
                if not shown.is_visible():
                    self._press(page, "m")
                self._press(page, choice["hotkey"])

    def _press(self, page: Page, key: str) -> None:
        page.keyboard.press(key)
        self.counts.keys += 1
        page.wait_for_timeout(300)

    def _choices(self, item: Item) -> Sequence[Mapping[str, str]]:
        """Return what can be chosen on a single film, in the order of the screen."""
        choices: Sequence[Mapping[str, str]] = self._stored(item)["data"]["choices"]
        return choices

    def _chosen(self, item: Item) -> set[str]:
        """Return what the detectors have chosen on an item before anybody looks."""
        predictions = self._stored(item)["predictions"]
        regions = predictions[-1]["result"] if predictions else []
        return {choice for region in regions for choice in region["value"].get("choices", ())}

    def _stored(self, item: Item) -> Any:  # noqa: ANN401 - JSON of Label Studio
        answer = requests.get(
            f"{self._studio.url}/api/tasks/{item.item_id}",
            headers={"Authorization": f"Token {self._workspace.secrets.label_studio_token}"},
            timeout=60,
        )
        answer.raise_for_status()
        return answer.json()

    def _out_of(self, item: Item) -> set[str]:
        """Return what is to be out on a sheet: by shown id."""
        return {shown for shown in item.shown_ids if not self._belongs(shown, item)}

    def _belongs(self, shown: str, item: Item) -> bool:
        check = item.checks.get(shown)
        if check is not None:
            return check.truth == item.shown_label
        problem = self._problems[shown]
        task = self._tasks[item.detector_task]
        if item.shown_label == task.expected_label:
            return problem is None
        return problem == problem_name(task, item.shown_label)

    def _named(self, film: str, item: Item) -> str:
        check = item.checks.get(film)
        problem = self._problems[check.radiograph_id if check else film]
        return problem or FINE


def _film_ids(urls: Sequence[str]) -> list[str]:
    return [found[1] for url in urls if (found := _FILM_ID.search(url))]
