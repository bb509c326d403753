"""Rules of a lexicon: which words name a device, and which say what has become of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.base.core.errors import LexiconError
from backend.core.report_finding import Status
from backend.core.report_pattern import anchor_words, compiled, term_pattern, with_plurals

_SHARED_KEYS = {"id", "status", "patterns", "examples", "counter"}
_RULE_KEYS = frozenset(
    _SHARED_KEYS | {"category", "region", "terms", "words", "needs", "unless", "cased"}
)
_CUE_KEYS = frozenset(_SHARED_KEYS | {"on", "context"})

Pieces = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DeviceRule:
    """Words that name one kind of device, or that only look as if they did."""

    id: str
    category: str
    status: Status
    """What the words mean where nothing around them says otherwise."""
    region: str
    pattern: re.Pattern[str]
    words: frozenset[str]
    """One of these is in every sentence that the rule can match; `*part*` is part of a word."""
    needs: re.Pattern[str] | None
    """Must be somewhere in the sentence."""
    unless: re.Pattern[str] | None
    """Must not be anywhere in the sentence."""
    is_cased: bool
    """Capitals count, and a sentence all in capitals is not asked."""
    examples: Sequence[str]
    counter: Sequence[str]


@dataclass(frozen=True, slots=True)
class CueRule:
    """Words around a device that say what has become of it."""

    id: str
    status: Status | None
    """None: the device keeps its status, and no later cue is asked."""
    on: frozenset[Status]
    """Which statuses it can change."""
    pattern: re.Pattern[str]
    only_in_context: bool
    """Only where a report says why the film was taken."""
    examples: Sequence[str]
    counter: Sequence[str]


def device_rule(raw: Mapping[str, Any], pieces: Pieces, categories: Sequence[str]) -> DeviceRule:
    """Return a rule from its entry in a lexicon.

    Raises:
        LexiconError: naming the rule that cannot be used, and why.
    """
    name = _checked_id(raw, _RULE_KEYS)
    terms, patterns = raw.get("terms", ()), raw.get("patterns", ())
    if not terms and not patterns:
        raise LexiconError(f"rule {name} has neither terms nor patterns; give it one of them")
    if raw.get("category") not in categories:
        raise LexiconError(
            f"rule {name} has category {raw.get('category')!r}; use one of {', '.join(categories)}"
        )
    if patterns and not raw.get("words"):
        raise LexiconError(f"rule {name} has patterns but no words: list a word of each pattern")
    is_cased = bool(raw.get("cased", False))
    return DeviceRule(
        id=name,
        category=raw["category"],
        status=_status(name, raw.get("status", "present")),
        region=raw.get("region", ""),
        pattern=_pattern(name, [*map(term_pattern, terms), *patterns], pieces),
        words=_index_words(raw),
        needs=_optional(name, raw.get("needs"), pieces),
        unless=_optional(name, raw.get("unless"), pieces),
        is_cased=is_cased,
        examples=tuple(raw.get("examples", ())),
        counter=tuple(raw.get("counter", ())),
    )


def cue_rule(raw: Mapping[str, Any], pieces: Pieces) -> CueRule:
    """Return a cue from its entry in a lexicon.

    Raises:
        LexiconError: naming the cue that cannot be used, and why.
    """
    name = _checked_id(raw, _CUE_KEYS)
    if not raw.get("patterns"):
        raise LexiconError(f"cue {name} has no patterns")
    on = raw.get("on", ("present", "implied", "uncertain"))
    return CueRule(
        id=name,
        status=_status(name, raw["status"]) if raw.get("status") else None,
        on=frozenset(_status(name, one) for one in on),
        pattern=_pattern(name, raw["patterns"], pieces),
        only_in_context=bool(raw.get("context", False)),
        examples=tuple(raw.get("examples", ())),
        counter=tuple(raw.get("counter", ())),
    )


def _checked_id(raw: Mapping[str, Any], keys: frozenset[str]) -> str:
    if not isinstance(raw.get("id"), str):
        raise LexiconError(f"a rule has no id: {sorted(raw)}")
    name: str = raw["id"]
    unknown = sorted(set(raw) - keys)
    if unknown:
        raise LexiconError(f"rule {name} has unknown entries {', '.join(unknown)}")
    return name


def _status(rule: str, word: str) -> Status:
    try:
        return Status(word)
    except ValueError as error:
        known = ", ".join(Status)
        raise LexiconError(f"rule {rule} has status {word!r}; use one of {known}") from error


def _pattern(rule: str, patterns: Sequence[str], pieces: Pieces) -> re.Pattern[str]:
    try:
        return compiled(patterns, pieces)
    except LexiconError as error:
        raise LexiconError(f"rule {rule}: {error}") from error


def _optional(rule: str, patterns: Sequence[str] | None, pieces: Pieces) -> re.Pattern[str] | None:
    return _pattern(rule, patterns, pieces) if patterns else None


def _index_words(raw: Mapping[str, Any]) -> frozenset[str]:
    of_terms = [form for term in raw.get("terms", ()) for form in anchor_words(term.lower())]
    return frozenset([*of_terms, *with_plurals([word.lower() for word in raw.get("words", ())])])
