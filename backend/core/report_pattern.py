"""The small language in which a lexicon writes down words and phrases.

A pattern is a regular expression in lower case in which a space stands for spaces or hyphens, `~`
for the same or nothing, and `{name}` for a piece the lexicon has named. A term is a plain phrase:
its last word may be plural, and a hyphen in it may be missing.
"""

import re
from collections.abc import Mapping, Sequence

from backend.base.core.errors import LexiconError
from backend.core.report_text import BLANK

HIT = "\ue001"
"""Stands for the device a cue is about."""
OTHER = "\ue002"
"""Stands for any other device in the same sentence."""

ANY_BLANK = "{blank}"
"""Among the words of a rule: it may match wherever something is blacked out."""

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
        found = _BUILT_IN.get(name[1]) or pieces.get(name[1])
        if found is None:
            raise LexiconError(f"there is no piece called {{{name[1]}}} in pattern {pattern!r}")
        return f"(?:{found})"

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
