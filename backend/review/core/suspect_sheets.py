"""Choose the films that a rule suspects for the next batch: one check per sheet, the worst first.

The films of a sheet lie beyond the check's cut-off, or just inside it; the sheet's title says so.
Films just inside are shown as long as the cut-off may lie too far out.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from backend.labels.core.labels import Slice
from backend.labels.core.suspicion import FEWEST_ANSWERS, CutOffSource, Suspicions

PAIR_SHARE = 4
"""A sheet of pairs has this many times fewer films: small details distinguish copies."""
BEYOND, INSIDE = "beyond the cut-off", "just inside the cut-off"


@dataclass(frozen=True, slots=True)
class SuspectSheet:
    """Films that one check suspects."""

    label: str
    """The suspected label."""
    side: str
    """`BEYOND` or `INSIDE`."""
    radiograph_ids: tuple[str, ...]
    """The worst first."""

    @property
    def slice(self) -> Slice:
        """The slice of the batch that the sheet's films belong to."""
        return Slice.LIKELY if self.side == BEYOND else Slice.UNCERTAIN

    def title(self, words: str) -> str:
        """Return the title above the sheet.

        Args:
            words: the label's name for people.

        >>> SuspectSheet("washed_out", BEYOND, ()).title("washed out")
        'Suspected: washed out, beyond the cut-off, the worst first'
        """
        return f"Suspected: {words}, {self.side}, the worst first"


def suspect_sheets(  # noqa: PLR0913 - what a batch is laid out by
    suspicions: Suspicions,
    called_bad: Mapping[str, bool],
    busy: Collection[str],
    *,
    films: int,
    sheet_films: int,
    in_pairs: Collection[str] = (),
) -> list[SuspectSheet]:
    """Return the sheets of the next batch: one of each check in turn, the worst films first.

    A check whose cut-off is not learnt yet gets only the films that learning it takes.

    Args:
        suspicions: the rule's suspicions in the archive now.
        called_bad: radiograph id -> whether a reviewer called the film bad.
        busy: ids of films that are not shown: answered, waiting, or decided.
        films: the most films in all.
        sheet_films: the most films on a sheet.
        in_pairs: labels whose films are shown beside a similar film, see `PAIR_SHARE`.
    """
    pairs = max(1, sheet_films // PAIR_SHARE)
    sizes = [pairs if scale.check.label in in_pairs else sheet_films for scale in suspicions.scales]
    queue = [
        sheet
        for number, size in enumerate(sizes)
        for sheet in _sheets_of(suspicions, number, called_bad, busy, size)
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
    suspicions: Suspicions,
    number: int,
    called_bad: Mapping[str, bool],
    busy: Collection[str],
    sheet_films: int,
) -> list[tuple[int, SuspectSheet]]:
    """Return (turn, sheet) for the sheets of one check."""
    scale, distances = suspicions.scales[number], suspicions.distances[:, number]
    led = np.flatnonzero(suspicions.leading == number)
    order = led[np.argsort(-distances[led], kind="stable")].tolist()
    open_films = [position for position in order if suspicions.radiograph_ids[position] not in busy]
    beyond = [position for position in open_films if distances[position] > scale.cut_off]
    if scale.source is not CutOffSource.ANSWERS:
        beyond = beyond[: math.ceil(FEWEST_ANSWERS / sheet_films) * sheet_films]
    inside = [position for position in open_films if distances[position] <= scale.cut_off]
    if not _asks_inside(suspicions, number, order, called_bad, sheet_films):
        inside = []
    sheets = [
        SuspectSheet(scale.check.label, BEYOND, _ids(suspicions, positions))
        for positions in _chunks(beyond, sheet_films)
    ]
    sheets += [
        SuspectSheet(scale.check.label, INSIDE, _ids(suspicions, positions))
        for positions in _chunks(inside[:sheet_films], sheet_films)
    ]
    return list(enumerate(sheets))


def _asks_inside(
    suspicions: Suspicions,
    number: int,
    order: Sequence[int],
    called_bad: Mapping[str, bool],
    sheet_films: int,
) -> bool:
    """Whether to show films just inside the cut-off, because it may lie too far out.

    That is so where a film beyond it was called bad, or no film beyond it has been answered yet.
    """
    scale, distances = suspicions.scales[number], suspicions.distances[:, number]
    answered = [position for position in order if suspicions.radiograph_ids[position] in called_bad]
    outside = [position for position in answered if distances[position] > scale.cut_off]
    if len(answered) - len(outside) >= sheet_films:
        return False
    if outside:
        return any(called_bad[suspicions.radiograph_ids[position]] for position in outside)
    return any(distances[position] > scale.cut_off for position in order)


def _ids(suspicions: Suspicions, positions: Sequence[int]) -> tuple[str, ...]:
    return tuple(suspicions.radiograph_ids[position] for position in positions)


def _chunks(positions: Sequence[int], size: int) -> list[Sequence[int]]:
    return [positions[start : start + size] for start in range(0, len(positions), size)]
