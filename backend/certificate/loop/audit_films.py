"""The draws that count for a detector task: its own, and those of looks at several tasks at once.

A joint draw was uniform over the films that nobody had looked at jointly. Those of them that the
task had not reviewed before are a uniform draw from all such films. What could not be drawn though
no look at it counts as one before the draw (it was looked at for other tasks only, or the answer
was changed or taken back later) is set aside, and counts as what is known of it now.

All draws are read as draws from the films of the first one (`AuditFilms`): later ones were drawn
from films that had come since as well, and not from those that had left the archive.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from backend.archive.adapters.catalogue import film_ids, index_times
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.certificate.core.audit_log import DrawnBatch, restricted
from backend.review.core.item import DrawRecord
from backend.review.loop.draws import _before, draws_for, first_looks


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
