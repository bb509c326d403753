"""Groups of films: by age, sex, view, maker and whatever a table says.

Groups of several attributes that hold the very same films are one set of films with several names.
"""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UNKNOWN = "unknown"
"""The group of films of which an attribute is not known."""
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
"""A group with so large a share of its films from one source is compared within that source."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A property by which films are grouped, such as age or sex."""

    name: str
    groups: Sequence[Collection[str]]
    """One per film: its groups; several for films with several findings, none where none fits."""
    is_source: bool = False
    """Whether it says where a film comes from, such as the maker of the machine."""


@dataclass(frozen=True, slots=True)
class GroupName:
    """A name of a set of films: `age` `0-4`."""

    attribute: str
    group: str


@dataclass(frozen=True, slots=True, eq=False)
class ComparedGroup:
    """Films that belong together, by all of their names, and the films they are compared with."""

    names: Sequence[GroupName]
    """At least one; groups that are known before those of which an attribute is not known."""
    inside: NDArray[np.bool_]
    """Shape (films,)."""
    rest: NDArray[np.bool_]
    """Shape (films,): the films to compare with."""
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
    """Return on which side of 18 years an age lies.

    Beside the bands: each band of children may be too small to tell where all children are not.

    >>> [age_group(age) for age in (0, 17.9, 18, None)]
    ['under 18', 'under 18', '18 or older', 'unknown']
    """
    if age_years is None or math.isnan(age_years):
        return UNKNOWN
    return f"under {ADULT_YEARS}" if age_years < ADULT_YEARS else f"{ADULT_YEARS} or older"


def compared_groups(attributes: Sequence[Attribute]) -> list[ComparedGroup]:
    """Return every group of films once, with what it is compared with.

    A group that has all films is left out: there is no rest. "Unknown" says that nothing was
    written down, and not who the patient is: where nearly all such films come from one source, they
    are compared with the other films of that source, and left out where there are none.
    """
    sets = _distinct_sets(attributes)
    sources = {one.name for one in attributes if one.is_source}
    known_sources = [
        one for one in sets if one.names[0].attribute in sources and one.names[0].group != UNKNOWN
    ]
    found = (_within_its_source(one, known_sources) for one in sets)
    return [one for one in found if one.rest.any()]


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
    for place, groups in enumerate(attribute.groups):
        for group in groups:
            films.setdefault(group, []).append(place)
    for group in sorted(films):
        inside = np.zeros(len(attribute.groups), dtype=np.bool_)
        inside[films[group]] = True
        yield group, inside


def _within_its_source(one: ComparedGroup, sources: Sequence[ComparedGroup]) -> ComparedGroup:
    if one.names[0].group != UNKNOWN:
        return one
    films = int(one.inside.sum())
    for source in sources:
        if (one.inside & source.inside).sum() >= _OF_ONE_SOURCE * films:
            rest = source.inside & ~one.inside
            return ComparedGroup(one.names, one.inside, rest, source.names[0])
    return one
