"""The draws that count for a detector task: its own, and those of looks at several tasks at once.

A joint draw was uniform over the films that nobody had looked at jointly. Those of them that the
task had not reviewed before are a uniform draw from all such films. What could not be drawn though
no look at it counts as one before the draw (it was looked at for other tasks only, or the answer
was changed or taken back later) is set aside, and counts as what is known of it now.

All draws are read as draws from the films of the first one (`AuditFilms`): later ones were drawn
from films that had come since as well, and not from those that had left the archive.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from backend.adapters.annotation_labels import ReviewSpan, review_spans
from backend.adapters.batch_store import DrawRecord, draws, joint_items
from backend.archive.adapters.catalogue import film_ids, index_times
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.core.audit_log import DrawnBatch, restricted
from backend.labels.adapters.label_store import first_reviewed
from backend.loop.joint_looks import joint_first_looks


def first_looks(workspace: Workspace, task: DetectorTask) -> dict[str, str]:
    """Return by radiograph id when it was first looked at for a task, alone or among others.

    Answers that were changed or taken back do not count.
    """
    own = first_reviewed(workspace.database, task.name)
    joint = joint_first_looks(workspace, task)
    return own | {film: min(at, own.get(film, at)) for film, at in joint.items()}


def draws_for(
    workspace: Workspace, task: DetectorTask, first_looked: Mapping[str, str]
) -> list[DrawRecord]:
    """Return the draws that count for a task, in the order drawn.

    Args:
        workspace: the archive.
        task: the detector task.
        first_looked: see `first_looks`.
    """
    engine = workspace.database
    items = [] if task.sums_up else joint_items(engine)
    covering = {item.item_key: item for item in items if task.name in (item.covered or {})}
    joint = {
        name: review_spans(engine, name)
        for name in dict.fromkeys(item.detector_task for item in items)
    }
    closing = [
        *review_spans(engine, task.name),
        *(one for spans in joint.values() for one in spans if one.item_key in covering),
    ]
    found = [_with_closed(one, first_looked, closing) for one in draws(engine, task.name)]
    batches = {item.batch_id for item in covering.values()}
    for name, spans in joint.items():
        mine = [drawn for drawn in draws(engine, name) if drawn.batch_id in batches]
        found += [_for_part(drawn, first_looked, spans) for drawn in mine]
    return sorted(found, key=lambda drawn: drawn.batch_id)


@dataclass(frozen=True, slots=True)
class AuditFilms:
    """The films that a certificate is about: those in the archive at the first draw."""

    count: int
    listed: frozenset[str]
    """Their ids."""
    later: Mapping[str, str]
    """When each other film of the index came into it; some were there and gone at the draw."""
    named: bool
    """Whether the ids are those of the films that were counted; if not, draws are read as they are
    on record."""

    @classmethod
    def of(cls, workspace: Workspace, drawn: Sequence[DrawRecord]) -> Self:
        """Return the films of the first of these draws.

        One that does not say which films had no file is taken at the word of the next that does, if
        their number fits.
        """
        times, first = index_times(workspace.database), drawn[0]
        gone = next((set(one.gone) for one in drawn if one.gone is not None), set())
        by_then = frozenset(film for film, at in times.items() if at <= first.created_at)
        named = first.gone is not None or len(by_then - gone) == first.films
        listed = by_then - gone if named else by_then
        later = {film: at for film, at in times.items() if film not in listed}
        return cls(len(listed) if named else first.films, listed, later, named)

    def draw(self, drawn: DrawRecord, first_looked: Mapping[str, str]) -> DrawnBatch:
        """Return a draw as one from these films."""
        batch = DrawnBatch(
            batch_id=drawn.batch_id,
            films=drawn.films,
            drawn_from=drawn.drawn_from,
            ranked=drawn.ranked,
            drawn=drawn.drawn,
            set_aside=drawn.set_aside,
        )
        if drawn.gone is None or not self.named:
            return batch
        looked = _before(first_looked, drawn)
        taken = looked.union(drawn.gone, drawn.ranked, drawn.set_aside)
        came = {film for film, at in self.later.items() if at <= drawn.created_at}
        unseen = set(drawn.gone) - looked
        return restricted(batch, self.listed, newcomers=len(came - taken), gone=unseen)

    def not_among(self, workspace: Workspace) -> set[str]:
        """Return the films of today's archive that are not among these."""
        return film_ids(workspace.database) - self.listed


def came_later(workspace: Workspace, task: DetectorTask) -> set[str]:
    """Return the films of the archive that are not among those of a task's first draw.

    They were added or replaced since, and no certificate speaks of them. None without a draw.
    """
    drawn = draws_for(workspace, task, first_looks(workspace, task))
    return AuditFilms.of(workspace, drawn).not_among(workspace) if drawn else set()


def _with_closed(
    drawn: DrawRecord, first_looked: Mapping[str, str], spans: Sequence[ReviewSpan]
) -> DrawRecord:
    """Set aside what had been looked at when a batch was drawn, and counts as looked at later."""
    closed = _looked_then(spans, drawn.created_at) - _before(first_looked, drawn)
    return replace(drawn, set_aside=sorted(closed.union(drawn.set_aside)))


def _for_part(
    drawn: DrawRecord, first_looked: Mapping[str, str], spans: Sequence[ReviewSpan]
) -> DrawRecord:
    """Return a joint draw as one from the films that a task had not looked at.

    Args:
        drawn: the joint draw.
        first_looked: when each film was first looked at for the task.
        spans: of all joint looks, whether they answered the task or not.
    """
    before = _before(first_looked, drawn).difference(drawn.gone or ())
    closed = _looked_then(spans, drawn.created_at).union(drawn.ranked, drawn.set_aside)
    part = replace(
        drawn,
        drawn_from=drawn.drawn_from - len(before - closed),
        drawn=[film for film in drawn.drawn if film not in before],
    )
    return _with_closed(part, first_looked, spans)


def _before(first_looked: Mapping[str, str], drawn: DrawRecord) -> set[str]:
    return {film for film, at in first_looked.items() if at < drawn.created_at}


def _looked_then(spans: Sequence[ReviewSpan], moment: str) -> set[str]:
    return {span.radiograph_id for span in spans if span.covers(moment)}
