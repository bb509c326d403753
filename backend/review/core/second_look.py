"""What several looks at one film amount to: confirmed, in dispute, or looked at once.

An opinion is a look, no hidden check, that says bad or not bad. An answer that only denies another
wrong label says neither. Looks are independent if they were on different items.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from backend.review.core.look import Call, Look, Purpose

_BLIND = (Purpose.FIRST, Purpose.DOUBLE)
"""Not because of what somebody said before; the others are only of films that were called bad, or
in dispute, and agreement on those alone is no agreement of readers."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A film that was called bad on at least two items."""

    called: Call
    """What the latest look said."""
    item_keys: tuple[str, ...]
    """Of the items on which it was called bad, in order of time."""
    by_another_reviewer: bool
    """Whether two of those looks are of different reviewers."""


@dataclass(frozen=True, slots=True)
class ReadTwiceFigures:
    """Films with two looks that knew nothing of each other: whether each look called them bad."""

    by_two: list[tuple[bool, bool]]
    """The first look, and the first of another reviewer."""
    by_one: list[tuple[bool, bool]]
    """The first two looks of the reviewer who saw it first, on different items."""


def confirmed_bad(looks: Iterable[Look], expected_label: str) -> dict[str, Confirmation]:
    """Return films called bad on at least two items, whose latest look does not say otherwise."""
    confirmed = {}
    for film, seen in _opinions(looks, expected_label).items():
        bad = [look for look in seen if look.says_bad(expected_label)]
        item_keys = tuple(dict.fromkeys(look.item_key for look in bad))
        if len(item_keys) > 1 and seen[-1] is bad[-1]:
            reviewers = {look.reviewer for look in bad}
            confirmed[film] = Confirmation(bad[-1].called, item_keys, len(reviewers) > 1)
    return confirmed


def settled_bad(looks: Iterable[Look], expected_label: str) -> set[str]:
    """Return films that two independent looks on a screen called bad, and nobody disputes."""
    seen = list(looks)
    on_screen = [look for look in seen if look.on_screen]
    return confirmed_bad(on_screen, expected_label).keys() - set(disputed(seen, expected_label))


def awaiting_second_look(looks: Iterable[Look], expected_label: str) -> list[str]:
    """Return films that are called bad on one item, undisputed, and were not looked at again."""
    waiting = []
    for film, seen in _opinions(looks, expected_label).items():
        item_keys = {look.item_key for look in seen if look.says_bad(expected_label)}
        is_bad = seen[-1].says_bad(expected_label)
        if is_bad and len(item_keys) == 1 and not _is_disputed(seen, expected_label):
            waiting.append(film)
    return waiting


def disputed(looks: Iterable[Look], expected_label: str) -> list[str]:
    """Return films about which reviewers differ, and which nobody has settled.

    A reviewer's latest look stands for all of theirs: whoever says on a second, larger look that
    their own find is fine has settled it. Where another reviewer says so, a third look has to. A
    look at a film in dispute settles all that was said before it.
    """
    return [
        film
        for film, seen in _opinions(looks, expected_label).items()
        if _is_disputed(seen, expected_label)
    ]


def finds_looked_at_again(looks: Iterable[Look], expected_label: str) -> tuple[int, int]:
    """Return how many second looks at finds called them bad again, of how many there were.

    A look at a find of one detector task answers others as well, for which it is no second look.
    """
    second = [
        look.says_bad(expected_label)
        for seen in _opinions(looks, expected_label).values()
        for place, look in enumerate(seen)
        if look.purpose is Purpose.SECOND
        and any(earlier.says_bad(expected_label) for earlier in seen[:place])
    ]
    return sum(second), len(second)


def read_twice_figures(looks: Iterable[Look], expected_label: str) -> ReadTwiceFigures:
    """Return the pairs of blind looks of which agreement is measured."""
    by_two, by_one = [], []
    for seen in _opinions(looks, expected_label).values():
        blind = [look for look in seen if look.purpose in _BLIND]
        if not blind:
            continue
        first, *later = blind
        says = first.says_bad(expected_label)
        other = [look for look in later if look.reviewer != first.reviewer]
        own = [look for look in later if look.reviewer == first.reviewer]
        by_two += [(says, look.says_bad(expected_label)) for look in other[:1]]
        by_one += [(says, look.says_bad(expected_label)) for look in own[:1]]
    return ReadTwiceFigures(by_two, by_one)


def _opinions(looks: Iterable[Look], expected_label: str) -> dict[str, list[Look]]:
    """Return each film's opinions in order of time: the latest of each reviewer on each item."""
    latest: dict[tuple[str, str, str], Look] = {}
    for look in sorted(looks, key=lambda each: each.said_at):
        if look.check is None and look.called.is_opinion(expected_label):
            whose = (look.radiograph_id, look.item_key, look.reviewer)
            latest.pop(whose, None)
            latest[whose] = look
    by_film: dict[str, list[Look]] = {}
    for look in latest.values():
        by_film.setdefault(look.radiograph_id, []).append(look)
    return by_film


def _is_disputed(seen: list[Look], expected_label: str) -> bool:
    settled = [place for place, look in enumerate(seen) if look.purpose is Purpose.SETTLE]
    since = seen[settled[-1] :] if settled else seen
    standing = {look.reviewer: look.says_bad(expected_label) for look in since}
    return len(set(standing.values())) > 1
