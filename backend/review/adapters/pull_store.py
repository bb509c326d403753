"""The turns of pulls, in the database: which reading of Label Studio began when, and writes now.

Pulls read at the same time, in one program, in several or on several machines; what they write
comes one after the other. Once a pull that began later has read everything, those that began before
it write no more: their answers are in its reading, or are out of date.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, insert, select, update

from backend.base.adapters.database import pulls
from backend.base.adapters.recorder import Recorder
from backend.labels.adapters.ledger_store import recorded
from backend.review.adapters.answer_store import Read


class OvertakenError(Exception):
    """A pull that began later has read everything: it does the rest."""


@dataclass(frozen=True, slots=True)
class StudioReading:
    """One reading of what Label Studio says about a detector task."""

    detector_task: str
    begun: int
    """The moment on the clock of the table `pulls`."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The turn of a reading to write: an open transaction, and its place in the order."""

    recorder: Recorder
    read: Read


def begin_reading(engine: Engine, detector_task: str) -> StudioReading:
    """Note that Label Studio is asked from now on; call it before the first question."""
    with recorded(engine) as recorder:
        moment, _ = _tick(recorder.connection, detector_task)
        return StudioReading(detector_task, moment)


def end_reading(engine: Engine, reading: StudioReading) -> None:
    """Note that all was read: readings that began before this one write no more.

    Raises:
        OvertakenError: another one that began later has come to its end.
    """
    with turn(engine, reading) as writing:
        of_task = pulls.c.detector_task == reading.detector_task
        ended = update(pulls).where(of_task).values(ended=reading.begun)
        writing.recorder.connection.execute(ended)


@contextmanager
def turn(engine: Engine, reading: StudioReading) -> Iterator[Turn]:
    """Open a transaction in which a reading is written.

    Raises:
        OvertakenError: another one that began later has come to its end.
    """
    with recorded(engine) as recorder:
        moment, ended = _tick(recorder.connection, reading.detector_task)
        if ended > reading.begun:
            raise OvertakenError
        yield Turn(recorder, Read(reading.begun, moment))


def _tick(connection: Connection, detector_task: str) -> tuple[int, int]:
    """Let the clock of a detector task go on; the write lock is held.

    Returns:
        Its moment now, and when the latest reading that has come to its end began.
    """
    of_task = pulls.c.detector_task == detector_task
    clock = connection.execute(select(pulls).where(of_task)).first()
    if clock is None:
        connection.execute(insert(pulls).values(detector_task=detector_task, moment=1, ended=0))
        return 1, 0
    moment = int(clock.moment) + 1
    connection.execute(update(pulls).where(of_task).values(moment=moment))
    return moment, int(clock.ended)
