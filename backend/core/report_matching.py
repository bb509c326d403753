"""Which devices a sentence names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backend.core.report_finding import Status
from backend.core.report_lexicon import Lexicon
from backend.core.report_pattern import ANY_BLANK, tokens
from backend.core.report_rule import DeviceRule
from backend.core.report_text import BLANK

_VAGUE = {Status.IMPLIED: 1, Status.UNCERTAIN: 2}
"""What gives way where a rule with a plainer status matches the same words."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of a sentence that a rule matched."""

    start: int
    end: int
    rule: DeviceRule


def rules_for(low: str, lexicon: Lexicon) -> list[DeviceRule]:
    """Return the rules of which a word is in the text, in the order of the lexicon."""
    known = lexicon.by_word
    words = {word for word in tokens(low) if word in known}
    if lexicon.parts is not None:
        words |= {f"*{part}*" for part in lexicon.parts.findall(low)} & known.keys()
    if BLANK in low:
        words |= {ANY_BLANK} & known.keys()
    places = {place for word in words for place in known[word]}
    return [lexicon.rules[place] for place in sorted(places)]


def mentions(cased: str, low: str, rules: Iterable[DeviceRule]) -> list[Mention]:
    """Return what the rules find in a sentence; of two that overlap, the clearer or longer one.

    Args:
        cased: the sentence as it was written.
        low: the same in lower case.
        rules: those to ask.
    """
    found = [one for rule in rules for one in _matches(cased, low, rule)]
    found.sort(key=_precedence)
    kept: list[Mention] = []
    for one in found:
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def _precedence(one: Mention) -> tuple[int, int, int]:
    return (_VAGUE.get(one.rule.status, 0), one.start - one.end, one.start)


def _matches(cased: str, low: str, rule: DeviceRule) -> Sequence[Mention]:
    if rule.is_cased and cased.isupper():
        return ()
    text = cased if rule.is_cased else low
    found = [Mention(one.start(), one.end(), rule) for one in rule.pattern.finditer(text)]
    if not found or _is_ruled_out(text, rule):
        return ()
    return found


def _is_ruled_out(text: str, rule: DeviceRule) -> bool:
    if rule.unless is not None and rule.unless.search(text):
        return True
    return rule.needs is not None and not rule.needs.search(text)
