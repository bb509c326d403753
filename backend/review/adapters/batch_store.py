"""Review batches, their picks and the Label Studio items that show them, in the database."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, func, select, update

from backend.archive.adapters.catalogue import gone_films
from backend.base.adapters.database import batches, items, picks, utc_now
from backend.base.adapters.recorder import Recorder, recording
from backend.base.core.ledger import Event, EventKind
from backend.labels.adapters.ledger_store import recorded
from backend.labels.core.labels import Slice
from backend.review.core.item import BatchFacts, DrawRecord, Item
from backend.review.core.look import KnownAnswer, Purpose
from backend.review.core.ranking.pool import Pick

BatchPicks = Mapping[int, Mapping[str, tuple[str, str]]]
"""By the number of a batch, (slice, reason) by radiograph id, in the order picked."""


def record_batch(
    engine: Engine,
    facts: BatchFacts,
    chosen: Sequence[Pick],
    items_of: Callable[[int], Sequence[Item]] = lambda _: (),
) -> int:
    """Store a batch before anybody sees it, with the items that show it; return its number.

    The items are stored before they are sent, so that a crash in between sends none twice.

    Args:
        engine: the database.
        facts: what was known when it was chosen.
        chosen: its films, in order.
        items_of: makes the items from the number of the batch.
    """
    with recorded(engine) as recorder:
        return add_batch(recorder, facts, chosen, items_of)


def add_batch(
    recorder: Recorder,
    facts: BatchFacts,
    chosen: Sequence[Pick],
    items_of: Callable[[int], Sequence[Item]],
) -> int:
    """Store a batch in an open transaction; the rest is as in `record_batch`."""
    gone = gone_films(recorder.connection) if facts.drawn_from is not None else None
    row = {
        "detector_task": facts.detector_task,
        "model_version": facts.model_version,
        "seed": facts.seed,
        "created_at": utc_now(),
        "films": facts.films,
        "drawn_from": facts.drawn_from,
        "set_aside": list(facts.set_aside),
        "gone": None if gone is None else sorted(gone),
    }
    (batch_id,) = recorder.insert(batches, [row])
    _insert_picks(recorder, batch_id, chosen)
    _insert_items(recorder, items_of(batch_id))
    recorder.add(_told(batch_id, facts, chosen))
    return batch_id


def _told(batch_id: int, facts: BatchFacts, chosen: Sequence[Pick]) -> Iterator[Event]:
    slices = Counter(pick.slice.value for pick in chosen)
    about = {"batch_id": batch_id, **asdict(facts), "slices": slices}
    yield Event(EventKind.BATCH, about, facts.detector_task)
    for rank, pick in enumerate(chosen, start=1):
        of_film = {"batch_id": batch_id, "rank": rank, "slice": pick.slice, "reason": pick.reason}
        yield Event(EventKind.PICK, of_film, facts.detector_task, pick.radiograph_id)


def batch_picks(engine: Engine, batch_id: int) -> dict[str, tuple[str, str]]:
    """Return (slice, reason) by radiograph id."""
    query = select(picks).where(picks.c.batch_id == batch_id).order_by(picks.c.rank)
    with engine.connect() as connection:
        return {row.radiograph_id: (row.slice, row.reason) for row in connection.execute(query)}


def all_picks(engine: Engine, *detector_tasks: str) -> BatchPicks:
    """Return the picks of every batch of these detector tasks, by the number of the batch."""
    query = (
        select(picks)
        .join(batches, batches.c.batch_id == picks.c.batch_id)
        .where(batches.c.detector_task.in_(detector_tasks))
        .order_by(picks.c.batch_id, picks.c.rank)
    )
    by_batch: dict[int, dict[str, tuple[str, str]]] = defaultdict(dict)
    with engine.connect() as connection:
        for row in connection.execute(query):
            by_batch[row.batch_id][row.radiograph_id] = (row.slice, row.reason)
    return dict(by_batch)


def draws(
    engine: Engine, *detector_tasks: str, chosen: BatchPicks | None = None
) -> list[DrawRecord]:
    """Return the batches of which an audit slice was drawn, in the order drawn.

    Args:
        engine: the database.
        detector_tasks: that the batches were made for.
        chosen: see `all_picks`, where the caller has read them already.
    """
    query = (
        select(batches)
        .where(batches.c.detector_task.in_(detector_tasks))
        .where(batches.c.drawn_from.is_not(None))
        .order_by(batches.c.batch_id)
    )
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    by_batch = all_picks(engine, *detector_tasks) if chosen is None else chosen
    return [_draw(row, by_batch.get(row.batch_id, {})) for row in rows]


def _draw(row: Row[Any], chosen: Mapping[str, tuple[str, str]]) -> DrawRecord:
    drawn = [film for film, (name, _) in chosen.items() if name == Slice.AUDIT]
    return DrawRecord(
        detector_task=row.detector_task,
        batch_id=row.batch_id,
        model_version=row.model_version,
        created_at=row.created_at,
        films=row.films,
        drawn_from=row.drawn_from,
        set_aside=row.set_aside or [],
        ranked=[film for film in chosen if film not in set(drawn)],
        drawn=drawn,
        gone=row.gone,
    )


@dataclass(frozen=True, slots=True)
class FilmPick:
    """A batch that a film was in, and why it was picked."""

    detector_task: str
    model_version: str
    created_at: str
    """UTC, ISO 8601."""
    batch_id: int
    slice: str
    reason: str


def picks_of_film(engine: Engine, radiograph_id: str) -> list[FilmPick]:
    """Return every batch a film was in: when, for which task, in which slice and why."""
    query = (
        select(
            batches.c.detector_task,
            batches.c.model_version,
            batches.c.created_at,
            picks.c.batch_id,
            picks.c.slice,
            picks.c.reason,
        )
        .join(batches, batches.c.batch_id == picks.c.batch_id)
        .where(picks.c.radiograph_id == radiograph_id)
        .order_by(picks.c.batch_id)
    )
    with engine.connect() as connection:
        return [FilmPick(**row._mapping) for row in connection.execute(query)]


def plan_items(engine: Engine, planned: Iterable[Item]) -> None:
    """Note items before they are sent, so that a crash in between sends none twice."""
    with recording(engine) as recorder:
        _insert_items(recorder, planned)


def _insert_items(recorder: Recorder, planned: Iterable[Item]) -> None:
    rows = [
        {
            "item_key": item.item_key,
            "project_id": item.project_id,
            "batch_id": item.batch_id,
            "position": item.position,
            "detector_task": item.detector_task,
            "kind": item.kind,
            "shown_label": item.shown_label,
            "radiograph_ids": list(item.radiograph_ids),
            "purpose": item.purpose.value,
            "shard": item.shard,
            "checks": {shown: check.as_json() for shown, check in item.checks.items()},
            "covered": None if item.covered is None else dict(item.covered),
            "closed_at": item.closed_at,
            "beside": dict(item.beside) or None,
        }
        for item in planned
    ]
    recorder.insert(items, rows)


def note_pushed(engine: Engine, item: Item, item_id: int) -> None:
    """Note Label Studio's id of an item that is there."""
    _change(engine, item, item_id=item_id, pushed_at=utc_now())


def move_item(engine: Engine, item: Item, shard: int) -> None:
    """Note that the item is on another reviewer's tab."""
    _change(engine, item, shard=shard)


def plan_again(engine: Engine, item: Item, project_id: int) -> None:
    """Note that the item is to be sent to another project; it is in none now."""
    _change(engine, item, project_id=project_id, item_id=None, pushed_at=None)


def settle_item(recorder: Recorder, item: Item, *, is_done: bool) -> bool:
    """Close an item, or open it again, in an open transaction; return whether that changed it.

    An item that was sent elsewhere since `item` was read is left as it is, and so is one that was
    never sent, or that a newer batch took the films of.
    """
    row = recorder.connection.execute(
        select(items)
        .where(items.c.item_key == item.item_key)
        .where(items.c.project_id == item.project_id)
    ).first()
    if row is None or row.item_id is None or row.item_id != item.item_id:
        return False
    if is_done == (row.closed_at is not None) or (not is_done and row.superseded_at is not None):
        return False
    closed_at = utc_now() if is_done else None
    _change_in(recorder, item, closed_at=closed_at)
    return True


def close_item(engine: Engine, item: Item) -> None:
    """Note that nobody needs to look at the item any more."""
    _change(engine, item, closed_at=utc_now())


def open_items(engine: Engine, *detector_tasks: str) -> list[Item]:
    """Return the items of these detector tasks that wait for a reviewer, in the order planned."""
    return _select(engine, items.c.detector_task.in_(detector_tasks), items.c.closed_at.is_(None))


@dataclass(frozen=True, slots=True)
class WaitingItems:
    """How many items of one kind wait in one project of Label Studio."""

    project_id: int
    kind: str
    items: int


def waiting_items(engine: Engine) -> list[WaitingItems]:
    """Count what waits in Label Studio, whatever it asks."""
    query = (
        select(items.c.project_id, items.c.kind, func.count().label("items"))
        .where(items.c.closed_at.is_(None))
        .where(items.c.item_id.is_not(None))
        .group_by(items.c.project_id, items.c.kind)
        .order_by(items.c.project_id, items.c.kind)
    )
    with engine.connect() as connection:
        return [WaitingItems(**row._mapping) for row in connection.execute(query)]


def has_items(engine: Engine, detector_task: str) -> bool:
    """Return whether any item was ever planned for a detector task."""
    query = select(items.c.item_key).where(items.c.detector_task == detector_task).limit(1)
    with engine.connect() as connection:
        return connection.execute(query).first() is not None


def has_own_batches(engine: Engine, detector_task: str) -> bool:
    """Return whether films were ever laid out for first looks at this detector task by name.

    Films that somebody sent from the grid do not count: nobody has asked for more of them.
    """
    sent = select(picks.c.batch_id).where(picks.c.slice == Slice.CHOSEN.value)
    query = (
        select(items.c.item_key)
        .where(items.c.detector_task == detector_task)
        .where(func.coalesce(items.c.purpose, "") == Purpose.FIRST.value)
        .where(items.c.batch_id.not_in(sent))
        .limit(1)
    )
    with engine.connect() as connection:
        return connection.execute(query).first() is not None


def leave_out(engine: Engine, item: Item, gone: Collection[str]) -> None:
    """Note that films of a planned item cannot be shown; one that shows nothing else is closed."""
    left = [film for film in item.radiograph_ids if film not in gone]
    checks = {
        shown: check.as_json()
        for shown, check in item.checks.items()
        if check.radiograph_id not in gone
    }
    _change(engine, item, radiograph_ids=left, checks=checks)
    if not left:
        close_item(engine, item)


def supersede_item(engine: Engine, item: Item) -> None:
    """Note that a newer batch took the item's films: nobody needs to look at it any more."""
    now = utc_now()
    _change(engine, item, superseded_at=now, closed_at=now)


def review_items(engine: Engine, *detector_tasks: str) -> list[Item]:
    """Return all items ever planned for these detector tasks or for several tasks at once."""
    return _select(engine, items.c.detector_task.in_(detector_tasks) | items.c.covered.is_not(None))


def task_items(engine: Engine, detector_task: str) -> list[Item]:
    """Return all items ever planned for a detector task."""
    return _select(engine, items.c.detector_task == detector_task)


def joint_items(engine: Engine) -> list[Item]:
    """Return all items ever planned that ask for several detector tasks at once."""
    return _select(engine, items.c.covered.is_not(None))


def unfinished_batches(engine: Engine) -> list[Item]:
    """Return all items, answered or not, of batches of which any item waits for a reviewer."""
    waiting = select(items.c.batch_id).where(items.c.closed_at.is_(None))
    return _select(engine, items.c.batch_id.in_(waiting))


def project_items(engine: Engine, project_id: int) -> list[Item]:
    """Return all items ever planned for a project."""
    return _select(engine, items.c.project_id == project_id)


def _insert_picks(recorder: Recorder, batch_id: int, chosen: Sequence[Pick]) -> None:
    rows = [
        {
            "batch_id": batch_id,
            "radiograph_id": pick.radiograph_id,
            "rank": rank,
            "slice": pick.slice.value,
            "reason": pick.reason,
            "inclusion": pick.inclusion,
        }
        for rank, pick in enumerate(chosen, start=1)
    ]
    recorder.insert(picks, rows)


def _change(engine: Engine, item: Item, **values: Any) -> None:  # noqa: ANN401
    with recording(engine) as recorder:
        _change_in(recorder, item, **values)


def _change_in(recorder: Recorder, item: Item, **values: Any) -> None:  # noqa: ANN401
    same_key = items.c.item_key == item.item_key  # an item may be sent to another project
    of_project = items.c.project_id == item.project_id
    with recorder.changing(items, same_key) as connection:
        connection.execute(update(items).where(same_key, of_project).values(**values))


def _select(engine: Engine, *where: ColumnElement[bool]) -> list[Item]:
    query = select(items).where(*where).order_by(items.c.batch_id, items.c.position)
    with engine.connect() as connection:
        rows = [dict(row._mapping) for row in connection.execute(query)]
    for row in rows:
        row["radiograph_ids"] = tuple(row["radiograph_ids"])
        row["purpose"] = Purpose(row["purpose"] or "")
        row["beside"] = row["beside"] or {}
        row["checks"] = {
            shown: KnownAnswer(**facts) for shown, facts in (row["checks"] or {}).items()
        }
    return [Item(**row) for row in rows]
