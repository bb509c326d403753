"""Combine several looks at one film: confirmed, in dispute, or looked at once.

An opinion is a look that says bad or not bad, except at a known-answer film. An answer that only
denies another wrong label says neither. Looks on different items are independent.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from backend.review.core.look import Call, Look, Purpose

_BLIND = (Purpose.FIRST, Purpose.DOUBLE)
"""Purposes of items that show a film regardless of earlier answers. The other purposes show only
films called bad or in dispute, and agreement on those does not measure readers' agreement."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A film that was called bad on at least two items."""

    called: Call
    """The call of the latest look."""
    item_keys: tuple[str, ...]
    """Keys of the items on which the film was called bad, in order of time."""
    by_another_reviewer: bool
    """Whether at least two reviewers gave those looks."""


@dataclass(frozen=True, slots=True)
class ReadTwiceFigures:
    """Pairs of blind looks at the same film: whether each look called the film bad."""

    by_two: list[tuple[bool, bool]]
    """The first look, and the first look of another reviewer."""
    by_one: list[tuple[bool, bool]]
    """The first two looks of the first reviewer, on different items."""


def confirmed_bad(looks: Iterable[Look], expected_label: str) -> dict[str, Confirmation]:
    """Return films that were called bad on at least two items and by the latest look."""
    confirmed = {}
    for film, seen in _opinions(looks, expected_label).items():
        bad = [look for look in seen if look.says_bad(expected_label)]
        item_keys = tuple(dict.fromkeys(look.item_key for look in bad))
        if len(item_keys) > 1 and seen[-1] is bad[-1]:
            reviewers = {look.reviewer for look in bad}
            confirmed[film] = Confirmation(bad[-1].called, item_keys, len(reviewers) > 1)
    return confirmed


def settled_bad(looks: Iterable[Look], expected_label: str) -> set[str]:
    """Return films that two independent looks on a screen called bad, and that are not disputed."""
    seen = list(looks)
    on_screen = [look for look in seen if look.on_screen]
    return confirmed_bad(on_screen, expected_label).keys() - set(disputed(seen, expected_label))


def awaiting_second_look(looks: Iterable[Look], expected_label: str) -> list[str]:
    """Return films that were called bad on one item only, and are not disputed."""
    waiting = []
    for film, seen in _opinions(looks, expected_label).items():
        item_keys = {look.item_key for look in seen if look.says_bad(expected_label)}
        is_bad = seen[-1].says_bad(expected_label)
        if is_bad and len(item_keys) == 1 and not _is_disputed(seen, expected_label):
            waiting.append(film)
    return waiting


def disputed(looks: Iterable[Look], expected_label: str) -> list[str]:
    """Return films about which reviewers disagree, and which no deciding look has settled.

    A reviewer's latest look replaces their earlier ones: a reviewer who calls their own find fine
    on a second look settles it. Where another reviewer calls it fine, a third look decides. A
    deciding look (`Purpose.SETTLE`) overrides all earlier looks.
    """
    return [
        film
        for film, seen in _opinions(looks, expected_label).items()
        if _is_disputed(seen, expected_label)
    ]


def finds_looked_at_again(looks: Iterable[Look], expected_label: str) -> tuple[int, int]:
    """Return the number of second looks that called a find bad again, and of all second looks.

    A second look for one detector task also answers other tasks; for those it does not count.
    """
    second = [
        look.says_bad(expected_label)
        for seen in _opinions(looks, expected_label).values()
        for index, look in enumerate(seen)
        if look.purpose is Purpose.SECOND
        and any(earlier.says_bad(expected_label) for earlier in seen[:index])
    ]
    return sum(second), len(second)


def read_twice_figures(looks: Iterable[Look], expected_label: str) -> ReadTwiceFigures:
    """Return the pairs of blind looks whose agreement is measured; see `ReadTwiceFigures`."""
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
    for look in sorted(looks, key=lambda look: look.said_at):
        if look.check is None and look.called.is_opinion(expected_label):
            key = (look.radiograph_id, look.item_key, look.reviewer)
            latest.pop(key, None)
            latest[key] = look
    by_film: dict[str, list[Look]] = {}
    for look in latest.values():
        by_film.setdefault(look.radiograph_id, []).append(look)
    return by_film


def _is_disputed(seen: list[Look], expected_label: str) -> bool:
    settled = [index for index, look in enumerate(seen) if look.purpose is Purpose.SETTLE]
    since = seen[settled[-1] :] if settled else seen
    standing = {look.reviewer: look.says_bad(expected_label) for look in since}
    return len(set(standing.values())) > 1
