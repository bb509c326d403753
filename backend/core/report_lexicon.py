"""A lexicon: everything about one language that the mining of reports needs, ready to use."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.base.core.errors import LexiconError
from backend.core.report_confidence import Confidence, confidence_from
from backend.core.report_pattern import with_pieces
from backend.core.report_place import Places, places_from
from backend.core.report_rule import CueRule, DeviceRule, cue_rule, device_rule
from backend.core.report_sections import Headings, headings
from backend.core.report_spelling import Speller, speller

_LISTS_OF_TABLES = ("rule", "cue", "category", "region")
_LISTS = ("abbreviations", "context", "off")
_TABLES_OF_VALUES = ("pieces", "sections", "side", "confidence")
_TABLES = frozenset({"language", "spelling", *_LISTS_OF_TABLES, *_LISTS, *_TABLES_OF_VALUES})
CONTEXT_CUE = "context"
"""Says of a hit that it stands where the reason for the examination does."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Compiled rules of one language."""

    language: str
    categories: Sequence[str]
    """In the order in which they are listed everywhere."""
    by_region: Mapping[tuple[str, str], str]
    """Category, part of the body -> the category it belongs to there."""
    no_implants: frozenset[str]
    """Categories of what nobody implanted: tubes, jewellery, words in another sense."""
    rules: Sequence[DeviceRule]
    cues: Sequence[CueRule]
    """The first that matches decides."""
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
    """What it was made from."""

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
    categories = tuple(one["name"] for one in data.get("category", ()))
    pieces = with_pieces(data.get("pieces", {}))
    rules = tuple(device_rule(one, pieces, categories) for one in _wanted(data, "rule"))
    cues = tuple(cue_rule(one, pieces) for one in _wanted(data, "cue"))
    by_word = _index(rules)
    return Lexicon(
        language=data.get("language", ""),
        categories=categories,
        by_region=_by_region(data.get("category", ())),
        no_implants=frozenset(
            one["name"] for one in data.get("category", ()) if not one.get("implant", True)
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
        (one["name"], region): other
        for one in categories
        for region, other in one.get("in_region", {}).items()
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
    wanted = [one for one in data.get(table, ()) if one.get("id") not in off]
    seen: set[str] = set()
    for one in wanted:
        name = one.get("id", "")
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
    spelling = [one.get("spelling", {}) for one in (data, more)]
    joined["spelling"] = {
        kind: [word for one in spelling for word in one.get(kind, ())]
        for kind in ("words", "right")
    }
    return joined


def _replaced(
    entries: Sequence[Mapping[str, Any]], more: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Return the entries followed by the new ones, without those that a new one replaces."""
    new = {_name(one) for one in more}
    return [*(one for one in entries if _name(one) not in new), *more]


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
