"""How many bad films may be left: the certificate of a detector task, from what was looked at."""

from dataclasses import asdict, dataclass
from typing import Any

from backend.adapters.batch_store import DrawRecord, draws
from backend.adapters.catalogue import films_indexed_by
from backend.adapters.label_store import first_reviewed, standing_labels
from backend.adapters.workspace import Workspace
from backend.core.audit_log import (
    AuditHistory,
    AuditReading,
    DrawnBatch,
    Looked,
    Verdict,
    read_history,
)
from backend.core.certificate import Certificate, certify
from backend.core.certificate_forecast import Course, Forecast, article_course, forecast, halve
from backend.core.certificate_slips import Repeats
from backend.core.detector_task import DetectorTask
from backend.core.errors import RadsieveError
from backend.core.labels import verdicts
from backend.core.look import Look
from backend.core.review_meters import confirmed_bad, disputed, misses
from backend.loop.looks import looks


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What can be said of a detector task now, and what would make it say more."""

    detector_task: str
    certificate: Certificate
    reading: AuditReading
    halved: Forecast
    """What it takes to halve what may be left."""
    wanted: Forecast | None
    """What it takes to reach the target, where one was given."""
    course: Course

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "detector_task": self.detector_task,
            **self.certificate.as_json(),
            "halve": self.halved.as_json(),
            "target": self.wanted.as_json() if self.wanted else None,
            "course": self.course.value,
            "waiting": len(self.reading.waiting),
            "unusable_batches": [asdict(batch) for batch in self.reading.unusable],
        }


def audit(workspace: Workspace, task: DetectorTask, *, at_most: int | None = None) -> AuditReport:
    """Say how many bad films may be left; asking as often as one likes costs nothing.

    Args:
        workspace: the archive.
        task: the detector task.
        at_most: a target, films that may be left unreviewed.

    Raises:
        RadsieveError: nothing was ever drawn at random for this detector task.
    """
    seen = looks(workspace, task)
    reading = read_history(audit_history(workspace, task, seen))
    missed, shown = misses(seen, task.expected_label)
    said = certify(reading.log, repeats=Repeats(missed, shown))
    return AuditReport(
        task.name,
        said,
        reading,
        halve(reading.log, said),
        None if at_most is None else forecast(reading.log, said, at_most),
        article_course(said),
    )


def audit_history(workspace: Workspace, task: DetectorTask, seen: list[Look]) -> AuditHistory:
    """Return what happened to the films that were there when the first audit was drawn.

    Raises:
        RadsieveError: nothing was drawn yet.
    """
    drawn = draws(workspace.database, task.name)
    if not drawn:
        raise RadsieveError(
            f"{task.name}: nothing was drawn at random yet, so nothing can be certified; show a "
            f"first batch with `radsieve push {task.name}` and have it reviewed"
        )
    listed = films_indexed_by(workspace.database, drawn[0].created_at)
    looked = _looked(workspace, task, seen, [one.created_at for one in drawn])
    return AuditHistory(
        films=drawn[0].films,
        batches=[_batch(one) for one in drawn],
        looked={film: how for film, how in looked.items() if film in listed},
    )


def _batch(drawn: DrawRecord) -> DrawnBatch:
    return DrawnBatch(
        batch_id=drawn.batch_id,
        films=drawn.films,
        drawn_from=drawn.drawn_from,
        ranked=drawn.ranked,
        drawn=drawn.drawn,
        set_aside=drawn.set_aside,
    )


def _looked(
    workspace: Workspace, task: DetectorTask, seen: list[Look], drawn_at: list[str]
) -> dict[str, Looked]:
    """Return by radiograph id what is known of every film that a reviewer has judged."""
    known = _verdicts(workspace, task, seen)
    first = first_reviewed(workspace.database, task.name)
    return {
        film: Looked(verdict, sum(at < first[film] for at in drawn_at))
        for film, verdict in known.items()
    }


def _verdicts(workspace: Workspace, task: DetectorTask, seen: list[Look]) -> dict[str, Verdict]:
    """Return what is known: bad is what two looks called bad, and what is not settled is open.

    What nobody had on a screen (accepted in bulk, or in a folder) is open, too.
    """
    made = [look for look in seen if not look.check]
    twice = confirmed_bad(made, task.expected_label)
    disputes = set(disputed(made, task.expected_label))
    on_screen = {look.radiograph_id for look in made if look.seconds is not None}
    known = verdicts(standing_labels(workspace.database, task.name), task)
    found = {}
    for film in first_reviewed(workspace.database, task.name):
        is_open = film in disputes or film not in on_screen or known[film].needs_exact_class
        if film in twice and film not in disputes:
            found[film] = Verdict.BAD
        elif is_open or known[film].is_bad(task):
            found[film] = Verdict.OPEN
        else:
            found[film] = Verdict.GOOD
    return found
