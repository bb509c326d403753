"""What has become of a device that a sentence names: there, gone, to come, denied, doubtful."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.core.report_finding import Status
from backend.core.report_lexicon import CONTEXT_CUE, Lexicon
from backend.core.report_matching import Mention
from backend.core.report_pattern import HIT, OTHER
from backend.core.report_rule import CueRule

_SENSES = frozenset({Status.NOT_IMPLANT})
_MAY_LIE_ELSEWHERE = frozenset(
    {Status.PRESENT, Status.IMPLIED, Status.UNCERTAIN, Status.FOREIGN_METAL}
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A status, and the id of the rule that gave it."""

    status: Status
    cue: str


def status_of(
    mention: Mention, sentence: str, others: Sequence[Mention], lexicon: Lexicon
) -> Verdict:
    """Return the status of a device in a part of a report that says what is seen."""
    return _by_cues(mention, marked(sentence, mention, others), lexicon, in_context=False)


def status_in_context(
    mention: Mention, sentence: str, others: Sequence[Mention], lexicon: Lexicon
) -> Verdict:
    """Return the status of a device where a report says why the film was taken."""
    seen = _by_cues(mention, marked(sentence, mention, others), lexicon, in_context=True)
    if seen.status in _MAY_LIE_ELSEWHERE:
        return Verdict(Status.HISTORY_ONLY, CONTEXT_CUE)
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


def _by_cues(mention: Mention, text: str, lexicon: Lexicon, *, in_context: bool) -> Verdict:
    status = mention.rule.status
    for cue in lexicon.cues:
        if status in cue.on and _speaks(cue, text, in_context):
            return Verdict(cue.status or status, cue.id)
    return Verdict(status, mention.rule.id)


def _speaks(cue: CueRule, text: str, in_context: bool) -> bool:
    if cue.only_in_context and not in_context:
        return False
    return cue.pattern.search(text) is not None
