"""How fast a reviewer looks, and how fast is too fast to have looked."""

from collections.abc import Iterable, Sequence
from statistics import median

from backend.core.look import Look

_SHEETS, _FEWEST_SHEETS = 20, 5
_PART_OF_PACE = 0.25
_HIGHEST_FLOOR_S = 0.25


def pace_floor(looks: Iterable[Look], reviewer: str, setting_floor_s: float) -> float:
    """Return the seconds per film below which nobody can have looked.

    It is a quarter of the reviewer's own median pace, over the last 20 sheets that counted, once
    there are 5, and never above 0.25 s; the setting, where that is more. Items of one film teach
    nothing here: people look longer at those.

    Args:
        looks: those that counted, of anybody.
        reviewer: whose pace it is.
        setting_floor_s: seconds per film that count at least.

    >>> from backend.core.look import Purpose
    >>> def sheet(number, seconds):
    ...     facts = (f"item {number}", "r1", f"2026-01-0{number}", "upright", None)
    ...     return [Look(f"film {number}{side}", *facts, Purpose.FIRST, "", 1, seconds)
    ...             for side in "ab"]
    >>> seen = [look for number in (1, 2, 3, 4) for look in sheet(number, 0.4)]
    >>> pace_floor(seen, "r1", 0.02)
    0.02
    >>> pace_floor([*seen, *sheet(5, 0.8)], "r1", 0.02)
    0.1
    """
    paces = _sheet_paces(look for look in looks if look.reviewer == reviewer)
    if len(paces) < _FEWEST_SHEETS:
        return setting_floor_s
    own = _PART_OF_PACE * median(paces[-_SHEETS:])
    return max(setting_floor_s, min(_HIGHEST_FLOOR_S, own))


def films_per_hour(looks: Sequence[Look]) -> float | None:
    """Return films over the lead time of their items; None if no look was timed.

    >>> films_per_hour([])
    """
    timed = [look.seconds for look in looks if look.seconds is not None]
    total_s = sum(timed)
    return 3600 * len(timed) / total_s if total_s > 0 else None


def _sheet_paces(looks: Iterable[Look]) -> list[float]:
    """Return seconds per film of each timed sheet, the oldest first."""
    films: dict[tuple[str, str], int] = {}
    paces: dict[tuple[str, str], float] = {}
    for look in looks:
        if look.seconds is not None:
            answer = (look.answered_at, look.item_key)
            films[answer] = films.get(answer, 0) + 1
            paces[answer] = look.seconds
    return [paces[answer] for answer in sorted(films) if films[answer] > 1]
