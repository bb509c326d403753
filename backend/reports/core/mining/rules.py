"""Rules of a lexicon: the words that name a device, and the words that tell its status."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.base.core.errors import LexiconError
from backend.reports.core.mining.finding import Status
from backend.reports.core.mining.reading import BLANK

HIT = "\ue001"
"""Takes the place of the device that a cue is about."""
OTHER = "\ue002"
"""Takes the place of any other device in the same sentence."""

ANY_BLANK = "{blank}"
"""In the words of a rule: matches text that de-identification has removed."""

_BUILT_IN = {"blank": f"{BLANK}+(?:-\\w{{1,2}}-{BLANK}+)?", "hit": HIT, "other": OTHER}
_NAME = re.compile(r"\{([a-z_]+)\}")
_GAP, _MAYBE_GAP = "[ -]+", "[ -]*"
_TOKEN = re.compile(r"[^\W_]+")


def expanded(pattern: str, pieces: Mapping[str, str]) -> str:
    """Return the pattern as a regular expression.

    Raises:
        LexiconError: it names a piece that does not exist.
    """

    def piece(name: re.Match[str]) -> str:
        meaning = _BUILT_IN.get(name[1]) or pieces.get(name[1])
        if meaning is None:
            raise LexiconError(f"there is no piece called {{{name[1]}}} in pattern {pattern!r}")
        return f"(?:{meaning})"

    return _NAME.sub(piece, pattern).replace(" ", _GAP).replace("~", _MAYBE_GAP)


def with_pieces(raw: Mapping[str, str]) -> dict[str, str]:
    """Return the pieces with the pieces inside them written out; earlier ones may be used."""
    pieces: dict[str, str] = {}
    for name, pattern in raw.items():
        pieces[name] = _NAME.sub(
            lambda used: f"(?:{pieces[used[1]]})" if used[1] in pieces else used[0], pattern
        )
    return {name: _with_built_in(pattern) for name, pattern in pieces.items()}


def compiled(patterns: Sequence[str], pieces: Mapping[str, str]) -> re.Pattern[str]:
    """Return one expression that matches any of these patterns as whole words.

    Raises:
        LexiconError: one of them is not a regular expression.
    """
    whole = "|".join(_checked(pattern, pieces) for pattern in patterns)
    return re.compile(rf"(?<![^\W_])(?:{whole})(?![^\W_])")


def _checked(pattern: str, pieces: Mapping[str, str]) -> str:
    written_out = expanded(pattern, pieces)
    try:
        re.compile(written_out)
    except re.error as error:
        raise LexiconError(f"{pattern!r} is not a regular expression: {error}") from error
    return written_out


def term_pattern(term: str) -> str:
    """Return a pattern for a phrase, its plural, and its spelling with or without hyphens.

    >>> term_pattern("k-wire")
    'k~wire(?:s|es)?'
    """
    escaped = re.escape(term).replace(r"\ ", " ").replace(r"\-", "~")
    return escaped + ("(?:s|es)?" if escaped[-1:].isalpha() and not term.endswith("s") else "")


def anchor_words(term: str) -> tuple[str, ...]:
    """Return forms of the longest word of a phrase; one of them is wherever the phrase is.

    >>> anchor_words("hip prosthesis")
    ('prosthesis',)
    """
    tokens = _TOKEN.findall(term)
    longest = max(tokens, key=len)
    joined = "".join(tokens)
    forms = with_plurals((longest,)) if longest == tokens[-1] else (longest,)
    return forms if "-" not in term else (*forms, *with_plurals((joined,)))


def with_plurals(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words, and their plurals unless they end in s or are parts of words."""
    plural = [
        form
        for word in words
        for form in ((word,) if word.endswith(("s", "*", "}")) else (word, word + "s", word + "es"))
    ]
    return tuple(dict.fromkeys(plural))


def tokens(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return _TOKEN.findall(text)


def _with_built_in(pattern: str) -> str:
    return _NAME.sub(
        lambda used: f"(?:{_BUILT_IN[used[1]]})" if used[1] in _BUILT_IN else used[0], pattern
    )


_SHARED_KEYS = {"id", "status", "patterns", "examples", "counter"}
_RULE_KEYS = frozenset(
    _SHARED_KEYS | {"category", "region", "terms", "words", "needs", "unless", "cased"}
)
_CUE_KEYS = frozenset(_SHARED_KEYS | {"on", "context"})

Pieces = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DeviceRule:
    """Words that name one kind of device, or the same words in another sense."""

    id: str
    category: str
    status: Status
    """Status of the device where no cue changes it."""
    region: str
    pattern: re.Pattern[str]
    words: frozenset[str]
    """Every sentence that the rule can match holds one of these; `*part*` is a part of a word."""
    needs: re.Pattern[str] | None
    """Pattern that must match somewhere in the sentence."""
    unless: re.Pattern[str] | None
    """Pattern that must not match anywhere in the sentence."""
    is_cased: bool
    """Whether case counts; then a sentence in capitals alone is not matched."""
    examples: Sequence[str]
    counter: Sequence[str]


@dataclass(frozen=True, slots=True)
class CueRule:
    """Words around a device that tell its status."""

    id: str
    status: Status | None
    """The new status; with None the device keeps its status and later cues are not tried."""
    on: frozenset[Status]
    """Statuses that the cue can change."""
    pattern: re.Pattern[str]
    only_in_context: bool
    """Whether the cue is tried only in the reason for the examination."""
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
        on=frozenset(_status(name, status) for status in on),
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
