"""The draws that count for a detector task: its own, and those of looks at several tasks at once.

A joint draw was uniform over the films that nobody had looked at jointly. Those of them that the
task had not reviewed before are a uniform draw from all such films. What could not be drawn though
no look at it counts as one before the draw (it was looked at for other tasks only, or the answer
was changed or taken back later) is set aside, and counts as what is known of it now.

All draws are read as draws from the films of the first one (`AuditFilms`): later ones were drawn
from films that had come since as well, and not from those that had left the archive.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import film_ids, index_times
from backend.certificate.core.audit_log import DrawnBatch, restricted
from backend.review.core.item import DrawRecord
from backend.review.loop.draws import looked_before


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
    def of(cls, times: Mapping[str, str], drawn: Sequence[DrawRecord]) -> Self:
        """Return the films of the first of these draws.

        A draw that does not say which films had no file is read with those of the next draw that
        does, if the number of films fits.

        Args:
            times: by radiograph id, when each film came into the index, those without files too.
            drawn: the draws that count for a task, at least one, in the order drawn.
        """
        first = drawn[0]
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
        looked = looked_before(first_looked, drawn)
        taken = looked.union(drawn.gone, drawn.ranked, drawn.set_aside)
        came = {film for film, at in self.later.items() if at <= drawn.created_at}
        unseen = set(drawn.gone) - looked
        return restricted(batch, self.listed, newcomers=len(came - taken), gone=unseen)

    def not_among(self, present: Collection[str]) -> set[str]:
        """Return the films of today's archive (`present`) that are not among these."""
        return set(present) - self.listed


def came_later(engine: Engine, drawn: Sequence[DrawRecord]) -> set[str]:
    """Return the films of the archive that are not among those of the first of these draws.

    They were added or replaced since, and no certificate covers them. None without a draw.
    """
    if not drawn:
        return set()
    return AuditFilms.of(index_times(engine), drawn).not_among(film_ids(engine))
