"""Finds the devices that a sentence names, and the status of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backend.reports.core.mining.finding import Status
from backend.reports.core.mining.lexicon import CONTEXT_CUE, Lexicon
from backend.reports.core.mining.reading import BLANK
from backend.reports.core.mining.rules import ANY_BLANK, HIT, OTHER, CueRule, DeviceRule, tokens

_VAGUE = {Status.IMPLIED: 1, Status.UNCERTAIN: 2}
"""Statuses that give way where a rule with a clearer status matches the same words."""


@dataclass(frozen=True, slots=True)
class Mention:
    """The words of a sentence that a rule matched."""

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
    mentions = [mention for rule in rules for mention in _matches(cased, low, rule)]
    mentions.sort(key=_precedence)
    kept: list[Mention] = []
    for mention in mentions:
        if all(mention.end <= other.start or other.end <= mention.start for other in kept):
            kept.append(mention)
    return sorted(kept, key=lambda mention: mention.start)


def _precedence(mention: Mention) -> tuple[int, int, int]:
    return (_VAGUE.get(mention.rule.status, 0), mention.start - mention.end, mention.start)


def _matches(cased: str, low: str, rule: DeviceRule) -> Sequence[Mention]:
    if rule.is_cased and cased.isupper():
        return ()
    text = cased if rule.is_cased else low
    mentions = [Mention(match.start(), match.end(), rule) for match in rule.pattern.finditer(text)]
    if not mentions or _is_ruled_out(text, rule):
        return ()
    return mentions


def _is_ruled_out(text: str, rule: DeviceRule) -> bool:
    if rule.unless is not None and rule.unless.search(text):
        return True
    return rule.needs is not None and not rule.needs.search(text)


_SENSES = frozenset({Status.NOT_IMPLANT})
_MAY_LIE_ELSEWHERE = frozenset(
    {Status.PRESENT, Status.IMPLIED, Status.UNCERTAIN, Status.OPEN, Status.FOREIGN_METAL}
)


@dataclass(frozen=True, slots=True)
class StatusReading:
    """A status, and the id of the rule that gave it."""

    status: Status
    cue: str


def status_of(
    mention: Mention, sentence: str, others: Sequence[Mention], lexicon: Lexicon
) -> StatusReading:
    """Return the status of a device that is named in a part about what is seen."""
    return _by_cues(mention, marked(sentence, mention, others), lexicon, in_context=False)


def status_in_context(
    mention: Mention, sentence: str, others: Sequence[Mention], lexicon: Lexicon
) -> StatusReading:
    """Return the status of a device that is named in the reason for the examination."""
    seen = _by_cues(mention, marked(sentence, mention, others), lexicon, in_context=True)
    if seen.status in _MAY_LIE_ELSEWHERE:
        return StatusReading(Status.HISTORY_ONLY, CONTEXT_CUE)
    return seen


def marked(sentence: str, mention: Mention, others: Sequence[Mention]) -> str:
    """Return the sentence with one character in the place of each device.

    Words in another sense are no devices and stay as they are.
    """
    pieces: list[str] = []
    done = 0
    for other in others:
        if other.rule.status in _SENSES and other is not mention:
            continue
        pieces += [sentence[done : other.start], HIT if other is mention else OTHER]
        done = other.end
    return "".join([*pieces, sentence[done:]])


def _by_cues(mention: Mention, text: str, lexicon: Lexicon, *, in_context: bool) -> StatusReading:
    status = mention.rule.status
    for cue in lexicon.cues:
        if status in cue.on and _speaks(cue, text, in_context):
            return StatusReading(cue.status or status, cue.id)
    return StatusReading(status, mention.rule.id)


def _speaks(cue: CueRule, text: str, in_context: bool) -> bool:
    if cue.only_in_context and not in_context:
        return False
    return cue.pattern.search(text) is not None
