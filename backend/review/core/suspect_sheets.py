"""Which films that a rule suspects are shown next: one check on a sheet, the worst first.

Between two sheets of a check lies its cut-off: each says on which side of it its films are. Films
just inside are shown, too, as long as it is not known whether the cut-off lies too far out.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from backend.labels.core.labels import Slice
from backend.labels.core.suspicion import FEWEST_ANSWERS, CutOffSource, Suspicions

PAIR_SHARE = 4
"""A sheet on which every film stands beside another one holds so many times fewer: copies are told
apart by small things."""
BEYOND, INSIDE = "beyond the cut-off", "just inside the cut-off"


@dataclass(frozen=True, slots=True)
class SuspectSheet:
    """Films that one check suspects."""

    label: str
    """What they are suspected of."""
    side: str
    """`BEYOND` or `INSIDE`."""
    radiograph_ids: tuple[str, ...]
    """The worst first."""

    @property
    def slice(self) -> Slice:
        """Why its films are in the batch."""
        return Slice.LIKELY if self.side == BEYOND else Slice.UNCERTAIN

    def title(self, words: str) -> str:
        """Return what stands above the sheet, from what people call its label.

        >>> SuspectSheet("washed_out", BEYOND, ()).title("washed out")
        'Suspected: washed out, beyond the cut-off, the worst first'
        """
        return f"Suspected: {words}, {self.side}, the worst first"


def suspect_sheets(  # noqa: PLR0913 - what a batch is laid out by
    found: Suspicions,
    called_bad: Mapping[str, bool],
    busy: Collection[str],
    *,
    films: int,
    sheet_films: int,
    in_pairs: Collection[str] = (),
) -> list[SuspectSheet]:
    """Return the sheets of the next batch: of each check in turn, the worst first.

    A check whose cut-off has not been learnt yet gets no more films than that takes.

    Args:
        found: what the rule makes of the archive today.
        called_bad: by radiograph id, whether a reviewer called the film bad.
        busy: films that are not to be shown: answered, waiting, or decided.
        films: at most so many in all.
        sheet_films: at most so many on a sheet.
        in_pairs: labels whose films are shown each beside another one, see `PAIR_SHARE`.
    """
    pairs = max(1, sheet_films // PAIR_SHARE)
    sizes = [pairs if one.check.label in in_pairs else sheet_films for one in found.scales]
    queue = [
        sheet
        for number, size in enumerate(sizes)
        for sheet in _sheets_of(found, number, called_bad, busy, size)
    ]
    # Every check has its first sheet before any has its second.
    queue.sort(key=lambda turn_and_sheet: turn_and_sheet[0])
    chosen, left = [], films
    for _, sheet in queue:
        shown = sheet.radiograph_ids[:left]
        if not shown:
            break
        chosen.append(replace(sheet, radiograph_ids=shown))
        left -= len(shown)
    return chosen


def _sheets_of(
    found: Suspicions,
    number: int,
    called_bad: Mapping[str, bool],
    busy: Collection[str],
    sheet_films: int,
) -> list[tuple[int, SuspectSheet]]:
    """Return the sheets of one check, each with its turn."""
    scale, distances = found.scales[number], found.distances[:, number]
    led = np.flatnonzero(found.leading == number)
    order = led[np.argsort(-distances[led], kind="stable")].tolist()
    open_films = [place for place in order if found.radiograph_ids[place] not in busy]
    beyond = [place for place in open_films if distances[place] > scale.cut_off]
    if scale.source is not CutOffSource.ANSWERS:
        beyond = beyond[: math.ceil(FEWEST_ANSWERS / sheet_films) * sheet_films]
    inside = [place for place in open_films if distances[place] <= scale.cut_off]
    if not _asks_inside(found, number, order, called_bad, sheet_films):
        inside = []
    sheets = [
        SuspectSheet(scale.check.label, BEYOND, _ids(found, some))
        for some in _chunks(beyond, sheet_films)
    ]
    sheets += [
        SuspectSheet(scale.check.label, INSIDE, _ids(found, some))
        for some in _chunks(inside[:sheet_films], sheet_films)
    ]
    return list(enumerate(sheets))


def _asks_inside(
    found: Suspicions,
    number: int,
    order: Sequence[int],
    called_bad: Mapping[str, bool],
    sheet_films: int,
) -> bool:
    """Whether films just inside the cut-off may be bad: one beyond it was, or none was seen yet."""
    scale, distances = found.scales[number], found.distances[:, number]
    answered = [place for place in order if found.radiograph_ids[place] in called_bad]
    outside = [place for place in answered if distances[place] > scale.cut_off]
    if len(answered) - len(outside) >= sheet_films:
        return False
    if outside:
        return any(called_bad[found.radiograph_ids[place]] for place in outside)
    suspected = any(distances[place] > scale.cut_off for place in order)
    return suspected


def _ids(found: Suspicions, places: Sequence[int]) -> tuple[str, ...]:
    return tuple(found.radiograph_ids[place] for place in places)


def _chunks(places: Sequence[int], size: int) -> list[Sequence[int]]:
    return [places[start : start + size] for start in range(0, len(places), size)]
