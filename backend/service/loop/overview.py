"""Where the review stands right now: what waits, what runs, and the one thing to do next.

It is asked for once a second, so it counts in the database and reads no film, label or prediction.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import count_films
from backend.base.adapters.activity import Activity, activities
from backend.base.adapters.workspace import Workspace
from backend.base.core.words import counted
from backend.labels.adapters.label_store import count_reviewed
from backend.review.adapters.batch_store import WaitingItems, waiting_items
from backend.review.core.item import SHEET
from backend.review.loop.studio.connect import connected_url

_MINUTE_S = 60


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

    @property
    def sheets(self) -> int:
        """The contact sheets that wait."""
        return sum(each.items for each in self.waiting if each.kind == SHEET)

    @property
    def singles(self) -> int:
        """The single films that wait."""
        return sum(each.items for each in self.waiting if each.kind != SHEET)

    @property
    def queue_url(self) -> str | None:
        """Where the next item is answered; None where nothing waits. Sheets come first."""
        if not (self.label_studio and self.waiting):
            return None
        first = max(self.waiting, key=lambda each: (each.kind == SHEET, each.items))
        return f"{self.label_studio}/projects/{first.project_id}/data?labeling=1"


def read_overview(workspace: Workspace) -> Overview:
    """Read where the review stands now."""
    engine: Engine = workspace.database
    return Overview(
        films=count_films(engine),
        reviewed=count_reviewed(engine),
        waiting=waiting_items(engine),
        doing=activities(workspace.root),
        label_studio=connected_url(workspace.root, workspace.settings),
    )


def what_waits(overview: Overview) -> str:
    """Return in a sentence what waits for the reviewer, and when more comes."""
    if overview.sheets or overview.singles:
        waits = " and ".join(
            counted(number, what)
            for number, what in ((overview.sheets, "sheet"), (overview.singles, "single film"))
            if number
        )
        one = overview.sheets + overview.singles == 1
        return f"{waits} {'waits' if one else 'wait'} for you"
    if not overview.films:
        return "no film is indexed yet"
    if overview.doing:
        return "nothing waits for you yet: the next sheets come when this is done"
    if not overview.reviewed:
        return "nothing waits for you yet"
    return "nothing waits for you: end with `radsieve audit` and `radsieve export`"


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
    return f"{doing.what} ({100 * share:.0f} %{rest})"


def state_line(overview: Overview, now: float) -> str:
    """Return what waits and what runs in one line."""
    running = "; ".join(what_runs(doing, now) for doing in overview.doing)
    return f"{what_waits(overview)}; now: {running}" if running else what_waits(overview)


def _time(seconds: float) -> str:
    """Return a duration as a person says it.

    >>> _time(12.3), _time(150)
    ('12 s', '3 min')
    """
    if seconds < 2 * _MINUTE_S:
        return f"{seconds:.0f} s"
    return f"{-(-seconds // _MINUTE_S):.0f} min"
