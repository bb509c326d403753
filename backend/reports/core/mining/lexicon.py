"""A lexicon: the compiled rules of one language for mining reports."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.base.core.errors import LexiconError
from backend.reports.core.mining.parts import Headings, headings
from backend.reports.core.mining.reading import Speller, speller
from backend.reports.core.mining.rules import (
    CueRule,
    DeviceRule,
    compiled,
    cue_rule,
    device_rule,
    term_pattern,
    with_pieces,
)

PRIOR = 5
"""Weight of the prior share of all rules, in hits."""


@dataclass(frozen=True, slots=True)
class Confidence:
    """Measured shares by status and rule."""

    rules: Mapping[str, float]
    """`status rule` -> share right, drawn towards `unseen`."""
    unseen: float
    """Share for a rule without any counted hit; 0 where nothing was measured."""
    absent: Mapping[str, float]
    """Status of a report -> share without metal in it, lower 95 % limit."""

    def of(self, status: str, rule: str) -> float:
        """Return the estimated probability that a hit of this rule with this status is right."""
        return self.rules.get(f"{status} {rule}", self.unseen)

    def of_absent(self, status: str) -> float:
        """Return the estimated probability that a report with this status has no metal implant."""
        return self.absent.get(status, min(self.absent.values(), default=0.0))


def confidence_from(data: Mapping[str, Any]) -> Confidence:
    """Return the confidence described in a lexicon: counts for rules, shares for silence."""
    unseen = float(data.get("unseen", 0.0))
    rules = {
        f"{status} {rule}": shrunken(right, hits, towards=unseen)
        for status, counts in data.get("rules", {}).items()
        for rule, (right, hits) in counts.items()
    }
    absent = {status: float(share) for status, share in data.get("absent", {}).items()}
    return Confidence(rules, unseen, absent)


def shrunken(right: int, hits: int, *, towards: float) -> float:
    """Return the share that is right, drawn towards what is known without these hits.

    >>> shrunken(5, 5, towards=0.8)
    0.9
    """
    return (right + PRIOR * towards) / (hits + PRIOR)


_CLAUSE = re.compile(r"[,:]| and | but | with ")


@dataclass(frozen=True, slots=True)
class Places:
    """Words for parts and sides of the body in one language."""

    regions: Sequence[tuple[str, re.Pattern[str]]]
    sides: Sequence[tuple[str, re.Pattern[str]]]

    def region(self, sentence: str, start: int, end: int) -> str:
        """Return the part of the body named nearest to these characters; empty if none is."""
        return _nearest(self.regions, sentence, start, end)

    def side(self, sentence: str, start: int, end: int) -> str:
        """Return `left`, `right` or `both` for these characters; empty if no side is named.

        The clause of the device goes first; a side before the device goes before one behind it.
        """
        first, last = _clause(sentence, start, end)
        inside = _nearest(self.sides, sentence[first:last], start - first, end - first)
        return inside or _nearest(self.sides, sentence[:start], start, end)


def places_from(regions: Sequence[Mapping[str, Any]], sides: Mapping[str, Sequence[str]]) -> Places:
    """Return the places described in a lexicon."""
    return Places(
        tuple(
            (region["name"], _any_of(region["terms"], region.get("patterns", ())))
            for region in regions
        ),
        tuple((name, _any_of(terms)) for name, terms in sides.items()),
    )


def _any_of(terms: Sequence[str], patterns: Sequence[str] = ()) -> re.Pattern[str]:
    return compiled([*map(term_pattern, terms), *patterns], {})


def _clause(sentence: str, start: int, end: int) -> tuple[int, int]:
    first = max((mark.end() for mark in _CLAUSE.finditer(sentence, 0, start)), default=0)
    after = _CLAUSE.search(sentence, end)
    return first, after.start() if after else len(sentence)


def _nearest(
    places: Sequence[tuple[str, re.Pattern[str]]], sentence: str, start: int, end: int
) -> str:
    """Return the name of the place with the fewest characters in between."""
    best, distance = "", len(sentence) + 1
    for name, pattern in places:
        for match in pattern.finditer(sentence):
            # One character in favour of what stands before: "left hip prosthesis right of ..."
            gap = max(start - match.end(), match.start() - end + 1, 0)
            if gap < distance:
                best, distance = name, gap
    return best


_LISTS_OF_TABLES = ("rule", "cue", "category", "region")
_LISTS = ("abbreviations", "context", "off")
_TABLES_OF_VALUES = ("pieces", "sections", "side", "confidence")
_TABLES = frozenset({"language", "spelling", *_LISTS_OF_TABLES, *_LISTS, *_TABLES_OF_VALUES})
CONTEXT_CUE = "context"
"""Id of the cue of a hit in the reason for the examination."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Compiled rules of one language."""

    language: str
    categories: Sequence[str]
    """Kinds of device, in the order in which every table lists them."""
    by_region: Mapping[tuple[str, str], str]
    """Category, part of the body -> the category it belongs to there."""
    no_implants: frozenset[str]
    """Categories that are not implants: tubes, jewellery, words in another sense."""
    rules: Sequence[DeviceRule]
    cues: Sequence[CueRule]
    """Cues in order; the first that matches decides."""
    headings: Headings
    abbreviations: frozenset[str]
    places: Places
    speller: Speller
    by_word: Mapping[str, tuple[int, ...]]
    """Word -> places in `rules` of the rules that it may belong to."""
    parts: re.Pattern[str] | None
    """Finds parts of words, for languages that write compounds in one."""
    confidence: Confidence
    data: Mapping[str, Any]
    """The parsed files that the lexicon was made from."""

    def extended(self, more: Mapping[str, Any]) -> "Lexicon":
        """Return a lexicon with more rules; one with a known id replaces it.

        Args:
            more: of the form of a lexicon; its list `off` names rules to leave out.

        Raises:
            LexiconError: naming the rule that cannot be used.
        """
        return lexicon_from(_joined(self.data, more))


def lexicon_from(data: Mapping[str, Any]) -> Lexicon:
    """Return the lexicon described by a parsed file.

    Raises:
        LexiconError: naming the rule that cannot be used, and why.
    """
    _check_tables(data)
    categories = tuple(category["name"] for category in data.get("category", ()))
    pieces = with_pieces(data.get("pieces", {}))
    rules = tuple(device_rule(entry, pieces, categories) for entry in _wanted(data, "rule"))
    cues = tuple(cue_rule(entry, pieces) for entry in _wanted(data, "cue"))
    by_word = _index(rules)
    return Lexicon(
        language=data.get("language", ""),
        categories=categories,
        by_region=_by_region(data.get("category", ())),
        no_implants=frozenset(
            category["name"]
            for category in data.get("category", ())
            if not category.get("implant", True)
        ),
        rules=rules,
        cues=cues,
        headings=headings(data.get("sections", {}), data.get("context", ())),
        abbreviations=frozenset(data.get("abbreviations", ())),
        places=places_from(data.get("region", ()), data.get("side", {})),
        speller=_speller(data.get("spelling", {}), by_word),
        by_word=by_word,
        parts=_part_pattern(by_word),
        confidence=confidence_from(data.get("confidence", {})),
        data=data,
    )


def _by_region(categories: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    return {
        (category["name"], region): other
        for category in categories
        for region, other in category.get("in_region", {}).items()
    }


def _check_tables(data: Mapping[str, Any]) -> None:
    unknown = sorted(set(data) - _TABLES)
    if unknown:
        raise LexiconError(
            f"a lexicon has no table {', '.join(unknown)}; use {', '.join(sorted(_TABLES))}"
        )


def _wanted(data: Mapping[str, Any], table: str) -> list[Mapping[str, Any]]:
    """Return the entries of a table that are not switched off.

    Raises:
        LexiconError: two of them have the same id.
    """
    off = set(data.get("off", ()))
    wanted = [entry for entry in data.get(table, ()) if entry.get("id") not in off]
    seen: set[str] = set()
    for entry in wanted:
        name = entry.get("id", "")
        if name in seen:
            raise LexiconError(f"there are two rules called {name}")
        seen.add(name)
    return wanted


def _joined(data: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    _check_tables(more)
    joined = dict(data)
    for table in _LISTS_OF_TABLES:
        joined[table] = _replaced(data.get(table, ()), more.get(table, ()))
    for table in _LISTS:
        joined[table] = [*data.get(table, ()), *more.get(table, ())]
    for table in _TABLES_OF_VALUES:
        joined[table] = {**data.get(table, {}), **more.get(table, {})}
    spelling = [tables.get("spelling", {}) for tables in (data, more)]
    joined["spelling"] = {
        kind: [word for words in spelling for word in words.get(kind, ())]
        for kind in ("words", "right")
    }
    return joined


def _replaced(
    entries: Sequence[Mapping[str, Any]], more: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Return the entries followed by the new ones, without those that a new one replaces."""
    new = {_name(entry) for entry in more}
    return [*(entry for entry in entries if _name(entry) not in new), *more]


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry.get("id", entry.get("name", "")))


def _index(rules: Iterable[DeviceRule]) -> dict[str, tuple[int, ...]]:
    by_word: dict[str, list[int]] = {}
    for place, rule in enumerate(rules):
        for word in sorted(rule.words):
            by_word.setdefault(word, []).append(place)
    return {word: tuple(places) for word, places in by_word.items()}


def _speller(data: Mapping[str, Sequence[str]], known: Iterable[str]) -> Speller:
    return speller(data.get("words", ()), {*data.get("right", ()), *known})


def _part_pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    parts = sorted((word.strip("*") for word in words if word.startswith("*")), key=len)
    return re.compile("|".join(re.escape(part) for part in parts)) if parts else None
