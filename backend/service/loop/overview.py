"""Where the review stands right now: what waits, what runs, and the one thing to do next.

It is asked for once a second, so it counts in the database and reads no film, label or prediction.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import count_films
from backend.base.adapters.activity import Activity, activities
from backend.base.adapters.workspace import Workspace
from backend.base.core.limits import share_at_least
from backend.base.core.words import counted, listed
from backend.labels.adapters.label_store import count_reviewed
from backend.review.adapters.batch_store import WaitingItems, waiting_items
from backend.review.adapters.project_store import known_projects
from backend.review.core.item import SHEET
from backend.review.loop.studio.connect import connected_url

_MINUTE_S = 60
_ON_SHEETS = (
    "Click every film that does not belong, then press Ctrl+Enter: the next sheet comes by itself."
)
_ON_SINGLES = (
    "One film at a time: choose what is wrong with it, or press f where it is fine; then press "
    "Ctrl+Enter, and the next film comes by itself."
)
_ON_BOXES = "Correct the boxes on the film or draw them anew, then press Ctrl+Enter."
_GO_ON = (
    "When Label Studio says that no task is left, come back to this page: the button then leads to "
    "the rest."
)


@dataclass(frozen=True, slots=True)
class Overview:
    """The state that the start page and the line of `radsieve up` show."""

    films: int
    """In the index."""
    reviewed: int
    """Films that a person has answered for."""
    waiting: Sequence[WaitingItems]
    """By project and kind, what waits in Label Studio."""
    doing: Sequence[Activity]
    label_studio: str
    """Its address; empty where none is connected yet."""
    box_projects: Collection[int] = ()
    """Numbers of the projects in which boxes are drawn."""

    @property
    def sheets(self) -> int:
        """The contact sheets that wait."""
        return sum(each.items for each in self.waiting if each.kind == SHEET)

    @property
    def singles(self) -> int:
        """The single films that wait, of which somebody has to say what is wrong."""
        return sum(
            each.items
            for each in self.waiting
            if each.kind != SHEET and each.project_id not in self.box_projects
        )

    @property
    def boxes(self) -> int:
        """The films that wait for their boxes."""
        return sum(each.items for each in self.waiting) - self.sheets - self.singles

    @property
    def first(self) -> WaitingItems | None:
        """What is answered first; None where nothing waits. Sheets come before single films."""
        return max(self.waiting, key=self._urgency, default=None)

    @property
    def queue_url(self) -> str | None:
        """Where the next item is answered; None where nothing waits."""
        if not (self.label_studio and self.first):
            return None
        return f"{self.label_studio}/projects/{self.first.project_id}/data?labeling=1"

    def _urgency(self, waiting: WaitingItems) -> tuple[bool, bool, int]:
        is_sheet, is_box = waiting.kind == SHEET, waiting.project_id in self.box_projects
        return is_sheet, not is_box, waiting.items


def read_overview(workspace: Workspace) -> Overview:
    """Read where the review stands now."""
    engine: Engine = workspace.database
    label_studio = connected_url(workspace.root, workspace.settings)
    projects = known_projects(engine, label_studio)
    return Overview(
        films=count_films(engine),
        reviewed=count_reviewed(engine),
        waiting=waiting_items(engine),
        doing=activities(workspace.root),
        label_studio=label_studio,
        # Only a project of boxes belongs to one detector task.
        box_projects={each.project_id for each in projects if each.detector_task},
    )


def what_waits(overview: Overview) -> str:
    """Return in a sentence what waits for the reviewer, and when more comes."""
    if overview.waiting:
        kinds = ((overview.sheets, "sheet"), (overview.singles, "single film"))
        waits = [counted(number, what) for number, what in kinds if number]
        waits += [f"{counted(overview.boxes)} to draw boxes on"] if overview.boxes else []
        one = sum(each.items for each in overview.waiting) == 1
        return f"{listed(waits)} {'waits' if one else 'wait'} for you"
    if not overview.films:
        return "no film is indexed yet"
    if overview.doing:
        return "nothing waits for you yet: the next sheets come when this is done"
    if not overview.reviewed:
        return "nothing waits for you yet"
    end = "end with `radsieve audit` and `radsieve export`"
    if overview.reviewed < overview.films:
        # What was just answered may ask for a second look, and the next batch may be on its way.
        return (
            "nothing waits for you right now: what is left comes by itself within minutes; if "
            f"nothing comes, {end}"
        )
    return f"nothing waits for you: {end}"


def what_to_do(overview: Overview) -> list[str]:
    """Return in sentences how what comes first is answered, and where to go on after it."""
    first = overview.first
    if first is None:
        return []
    if first.kind == SHEET:
        how = _ON_SHEETS
    else:
        how = _ON_BOXES if first.project_id in overview.box_projects else _ON_SINGLES
    return [how, _GO_ON] if len(overview.waiting) > 1 else [how]


def what_runs(doing: Activity, now: float) -> str:
    """Return in words what a program does and how far it is.

    Args:
        doing: what it does.
        now: seconds since 1970.
    """
    share, left = doing.share(), doing.left_s(now)
    if share is None:
        return f"{doing.what} ({_time(now - doing.started_at)} so far)"
    rest = f", about {_time(left)} left" if left is not None and share < 1 else ""
    # Not all before it is done.
    return f"{doing.what} ({share_at_least(share, 0)}{rest})"


def state_line(overview: Overview, now: float, begin: str) -> str:
    """Return in one line what waits, where to answer it, and what runs.

    Args:
        overview: where the review stands.
        now: seconds since 1970.
        begin: address of the start page, which leads to whatever comes first.
    """
    waits = what_waits(overview)
    state = f"{waits}: open {begin}" if overview.waiting else waits
    running = "; ".join(what_runs(doing, now) for doing in overview.doing)
    return f"{state}; now: {running}" if running else state


def _time(seconds: float) -> str:
    """Return a duration as a person says it.

    >>> _time(12.3), _time(150)
    ('12 s', '3 min')
    """
    if seconds < 2 * _MINUTE_S:
        return f"{seconds:.0f} s"
    return f"{-(-seconds // _MINUTE_S):.0f} min"
