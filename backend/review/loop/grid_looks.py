"""What a person does in the grid: label films, take that back, send films to review."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from backend.base.adapters.database import utc_now
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.errors import InputFileError, NothingPublishedError
from backend.detectors.adapters.versions.registry import COLD_START, version_in_use
from backend.labels.core.labels import Slice
from backend.review.adapters.batch_store import open_items, record_batch, task_items
from backend.review.adapters.browse_store import films_sent
from backend.review.adapters.grid_look_store import record_grid_answer, take_back_grid_answer
from backend.review.adapters.review_turn import review_turn
from backend.review.core.browse import UNDECIDED
from backend.review.core.grid_look import MOST_FILMS, GridAnswer, grid_reviewer
from backend.review.core.item import BatchFacts
from backend.review.core.meters import pace_floor
from backend.review.core.ranking.pool import Pick
from backend.review.core.sent_films import films_to_show
from backend.review.loop.browse import ArchiveBrowser
from backend.review.loop.looks import looks

MOST_SENT = 2000
"""Films that can be sent to review at once: some forty sheets."""


class GridRefusedError(InputFileError):
    """What somebody asked the grid to do cannot be done; the message says what to do."""


@dataclass(frozen=True, slots=True)
class GridLook:
    """What somebody wants to say of films in the grid."""

    task: str
    label: str
    films: Sequence[str]
    reviewer: str
    """The name given in the page."""
    seconds: float
    """That the films were on the reviewer's screen, all together."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of films that were sent to review."""

    sent: int
    waiting: int
    """Wait for a look already, and were left out."""


def can_label(task: DetectorTask) -> bool:
    """Whether a film can be labelled in the grid: with one of the task's own labels."""
    return task.answer is AnswerKind.CHOICE and not task.sums_up


def can_send(task: DetectorTask) -> bool:
    """Whether a film can be sent to review: what policies alone decide is in no queue."""
    return task.rule is None or task.rule.suspects


def label_films(workspace: Workspace, browser: ArchiveBrowser, given: GridLook) -> int:
    """Record one look a film, all of them or none; return the number that takes them back.

    A push reads what was looked at and then draws: whoever labels films in between would make that
    draw worthless for the certificate. So the two take turns.

    Raises:
        GridRefusedError: not a label of the task, no pseudonym, unknown or too many films, or so
            little time that nobody can have looked.
    """
    task, reviewer = browser.task(given.task), _pseudonym(given.reviewer)
    if not can_label(task) or given.label not in task.labels:
        raise GridRefusedError(
            f"expected a label of a detector task that chooses one, got {given.label!r} of "
            f"{task.name}; choose another task"
        )
    _refuse_count(given.films, MOST_FILMS, "label")
    suggested = _predicted(browser, task, given.films)
    engine = workspace.database
    _refuse_haste(
        given, pace_floor(looks(engine, task), reviewer, workspace.settings.seconds_per_film)
    )
    with review_turn(workspace.root):
        answer = GridAnswer(task.name, given.label, suggested, reviewer, utc_now(), given.seconds)
        batch_id = record_grid_answer(engine, answer, _version(engine, task))
    browser.look_again()
    return batch_id


def take_back(workspace: Workspace, browser: ArchiveBrowser, batch_id: int, reviewer: str) -> int:
    """Withdraw what this reviewer said at one time; return of how many films.

    Raises:
        GridRefusedError: no pseudonym.
    """
    with review_turn(workspace.root):
        count = take_back_grid_answer(workspace.database, batch_id, _pseudonym(reviewer))
    browser.look_again()
    return count


def send_to_review(
    engine: Engine, browser: ArchiveBrowser, name: str, films: Sequence[str], reviewer: str
) -> Sent:
    """Note films that the next push shows before all others; those that wait are left out.

    Raises:
        GridRefusedError: the task has no queue, no pseudonym, unknown or too many films.
        NothingPublishedError: the detector task has no published model version.
    """
    task, _ = browser.task(name), _pseudonym(reviewer)
    if not can_send(task):
        raise GridRefusedError(
            f"{task.name} is decided by a policy, so there is no queue for it; label the films here"
        )
    _refuse_count(films, MOST_SENT, "send")
    _predicted(browser, task, films)
    waiting = {film for item in open_items(engine, name) for film in item.radiograph_ids}
    waiting.update(film for some in _to_show(engine, name).values() for film in some)
    chosen = [film for film in dict.fromkeys(films) if film not in waiting]
    if chosen:
        picks = [Pick(film, Slice.CHOSEN, f"Sent from the grid by {reviewer}") for film in chosen]
        record_batch(engine, BatchFacts(name, version_in_use(engine, task), seed=0), picks)
    browser.look_again()
    return Sent(len(chosen), len(set(films)) - len(chosen))


def waits_for_push(engine: Engine, name: str) -> int:
    """Return how many films were sent to review and are on no item yet."""
    return sum(map(len, _to_show(engine, name).values()))


def _to_show(engine: Engine, name: str) -> dict[int, list[str]]:
    sent = films_sent(engine, name)
    return films_to_show(sent, task_items(engine, name)) if sent else {}


def _pseudonym(name: str) -> str:
    reviewer = grid_reviewer(name)
    if reviewer is None:
        raise GridRefusedError(
            f"expected a pseudonym of 1 to 64 letters, digits, _ or -, got {name!r}; never give a "
            "real name"
        )
    return reviewer


def _refuse_count(films: Sequence[str], most: int, what: str) -> None:
    if not 1 <= len(films) <= most or len(set(films)) != len(films):
        raise GridRefusedError(
            f"expected 1 to {most:,} films to {what}, each once, got {len(films):,}; select others"
        )


def _predicted(
    browser: ArchiveBrowser, task: DetectorTask, films: Sequence[str]
) -> dict[str, str | None]:
    """Return what the version in use takes films for."""
    places, predicted = browser.archive().place_of, browser.task_columns(task.name).predicted
    unknown = [film for film in films if film not in places]
    if unknown:
        raise GridRefusedError(
            f"expected films of the archive, got {len(unknown)} that are not in it (any more); "
            "reload the page"
        )
    numbers = {film: int(predicted[places[film]]) for film in films}
    return {
        film: None if number == UNDECIDED else task.labels[number]
        for film, number in numbers.items()
    }


def _refuse_haste(given: GridLook, floor_s: float) -> None:
    if given.seconds < floor_s * len(given.films):
        raise GridRefusedError(
            f"{len(given.films)} films in {given.seconds:.1f} s are more than anybody can look at "
            f"({floor_s:.2f} s a film); nothing was saved, look at them and label them again"
        )


def _version(engine: Engine, task: DetectorTask) -> str:
    """Return the version in use; one that has none yet, or needs none, has learnt nothing."""
    if not can_send(task):
        return COLD_START
    try:
        return version_in_use(engine, task)
    except NothingPublishedError:
        return COLD_START
