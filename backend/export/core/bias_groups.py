"""Group films by age, sex, view, maker and the attributes of a table.

Groups of several attributes that hold the same films are one set of films with several names.
"""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UNKNOWN = "unknown"
"""The group of films for which an attribute is not known."""
ADULT_YEARS = 18
_AGE_BANDS = (
    (5, "0-4"),
    (10, "5-9"),
    (ADULT_YEARS, "10-17"),
    (40, "18-39"),
    (60, "40-59"),
    (80, "60-79"),
)
_OF_ONE_SOURCE = 0.9
"""A group with at least this share of its films from one source is compared within that source."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A property by which films are grouped, such as age or sex."""

    name: str
    groups: Sequence[Collection[str]]
    """The groups of each film: several for a film with several findings, none where none fits."""
    is_source: bool = False
    """Whether the attribute tells where a film comes from, such as the machine's maker."""


@dataclass(frozen=True, slots=True)
class GroupName:
    """A name of a set of films: `age` `0-4`."""

    attribute: str
    group: str


@dataclass(frozen=True, slots=True, eq=False)
class ComparedGroup:
    """A group of films with all of its names, and the films that it is compared with."""

    names: Sequence[GroupName]
    """At least one name; names with a known value come first, those of `UNKNOWN` last."""
    inside: NDArray[np.bool_]
    """Shape (films,): whether a film belongs to the group."""
    rest: NDArray[np.bool_]
    """Shape (films,): whether the group is compared with a film."""
    within: GroupName | None = None
    """The source whose other films are the rest; None: the rest is all other films."""


def age_band(age_years: float | None) -> str:
    """Return the band of an age in years.

    >>> [age_band(age) for age in (0, 4.9, 17, 85, None)]
    ['0-4', '0-4', '10-17', '80 or older', 'unknown']
    """
    if age_years is None or math.isnan(age_years):
        return UNKNOWN
    return next((name for below, name in _AGE_BANDS if age_years < below), "80 or older")


def age_group(age_years: float | None) -> str:
    """Return whether an age is under 18 years.

    All children together are compared as well as each age band: a band may be too small to test.

    >>> [age_group(age) for age in (0, 17.9, 18, None)]
    ['under 18', 'under 18', '18 or older', 'unknown']
    """
    if age_years is None or math.isnan(age_years):
        return UNKNOWN
    return f"under {ADULT_YEARS}" if age_years < ADULT_YEARS else f"{ADULT_YEARS} or older"


def compared_groups(attributes: Sequence[Attribute]) -> list[ComparedGroup]:
    """Return every group of films once, with the films that it is compared with.

    A group of all films is left out, as there is no rest. `UNKNOWN` tells that nothing was
    recorded, not who the patient is. So where nearly all such films come from one source, they are
    compared with the other films of that source, or left out where there are none.
    """
    groups = _distinct_sets(attributes)
    sources = {attribute.name for attribute in attributes if attribute.is_source}
    known_sources = [
        group
        for group in groups
        if group.names[0].attribute in sources and group.names[0].group != UNKNOWN
    ]
    compared = (_within_its_source(group, known_sources) for group in groups)
    return [group for group in compared if group.rest.any()]


def _distinct_sets(attributes: Sequence[Attribute]) -> list[ComparedGroup]:
    masks: dict[bytes, NDArray[np.bool_]] = {}
    names: dict[bytes, list[GroupName]] = {}
    for attribute in attributes:
        for group, inside in _masks(attribute):
            key = inside.tobytes()
            masks[key] = inside
            names.setdefault(key, []).append(GroupName(attribute.name, group))
    return [
        ComparedGroup(sorted(names[key], key=lambda name: name.group == UNKNOWN), inside, ~inside)
        for key, inside in masks.items()
    ]


def _masks(attribute: Attribute) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    films: dict[str, list[int]] = {}
    for film, groups in enumerate(attribute.groups):
        for group in groups:
            films.setdefault(group, []).append(film)
    for group in sorted(films):
        inside = np.zeros(len(attribute.groups), dtype=np.bool_)
        inside[films[group]] = True
        yield group, inside


def _within_its_source(group: ComparedGroup, sources: Sequence[ComparedGroup]) -> ComparedGroup:
    if group.names[0].group != UNKNOWN:
        return group
    films = int(group.inside.sum())
    for source in sources:
        if (group.inside & source.inside).sum() >= _OF_ONE_SOURCE * films:
            rest = source.inside & ~group.inside
            return ComparedGroup(group.names, group.inside, rest, source.names[0])
    return group
