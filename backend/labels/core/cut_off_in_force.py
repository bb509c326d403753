"""Where the checks of a rule begin to suspect films of one archive, what has set that, in words.

Pages and commands say it in these words and no others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.base.core.rule import Check
from backend.base.core.words import counted, listed
from backend.labels.core.suspicion import (
    FEWEST_ANSWERS,
    FEWEST_FILMS,
    START,
    CutOffSource,
    Scale,
    Suspicions,
)


@dataclass(frozen=True, slots=True)
class CutOffInForce:
    """The cut-off of one check, as it holds for the films of one archive."""

    scale: Scale
    answers: int
    """Films that the check was first to suspect and that a reviewer has answered about."""
    suspects: int
    """Films that the check suspects, of those there were when the rule was applied."""

    @property
    def label(self) -> str:
        """The label of the films beyond it."""
        return self.scale.check.label

    @property
    def where(self) -> str:
        """Which films lie beyond it, as in `grey_range below 0.31`."""
        return beyond_words(self.scale.check, self.scale.cut_off_value)

    @property
    def set_by(self) -> str:
        """What has set it, in a few words."""
        return _SET_BY[self.scale.source].format(answers=counted(self.answers, "answer"))

    @property
    def explanation(self) -> str:
        """Why it lies where it lies, and what answers have changed or may change; sentences."""
        if self.scale.source is CutOffSource.ANSWERS:
            return f"It was learnt from {counted(self.answers, 'answer')}. {_moved(self.scale)}"
        given = counted(self.answers, "answer") if self.answers else "no answer"
        return (
            f"{_BEGINS[self.scale.source]} From {FEWEST_ANSWERS} answers on, they move it; there "
            f"{'is' if self.answers < 2 else 'are'} {given} so far."
        )


_SET_BY = {
    CutOffSource.START: "by this archive's own films",
    CutOffSource.DEFAULT: "the default",
    CutOffSource.PERSON: "set by a person",
    CutOffSource.ANSWERS: "learnt from {answers}",
}
_BEGINS = {
    CutOffSource.START: f"It lies {START:g} times the usual spread of this archive's own films "
    "away from their middle.",
    CutOffSource.DEFAULT: "It is the default, as this archive does not tell what is usual: it has "
    f"fewer than {FEWEST_FILMS} films, or the check compares films with each other.",
    CutOffSource.PERSON: "A person has set it in radsieve.toml.",
}


def beyond_words(check: Check, cut_off: float) -> str:
    """Return which films lie beyond a cut-off, as in `grey_range below 0.31`."""
    return f"{check.measure} {'above' if check.flags_above else 'below'} {cut_off:.3g}"


def _moved(scale: Scale) -> str:
    began, now = f"{scale.began_value:.3g}", f"{scale.cut_off_value:.3g}"
    if scale.cut_off == scale.began:
        return f"It stays where it began, at {began}."
    if scale.cut_off > scale.began:
        return (
            f"It began at {began}: films between {began} and {now} are not suspected any more, as "
            "fewer than one in twenty of such films was bad."
        )
    return (
        f"It began at {began}: films between {now} and {began} are suspected, too, as at least one "
        "in twenty of such films was bad."
    )


def cut_offs_in_force(found: Suspicions) -> tuple[CutOffInForce, ...]:
    """Return the cut-offs by which a rule suspects films, in the order of its checks."""
    suspected = np.where((found.beyond > 0).any(axis=1), found.leading, -1)
    return tuple(
        CutOffInForce(scale, found.answered[place], int((suspected == place).sum()))
        for place, scale in enumerate(found.scales)
    )


def cut_offs_sentence(cut_offs: Sequence[CutOffInForce], called: Mapping[str, str]) -> str:
    """Say what has set the cut-offs of a rule; empty where it has none.

    Args:
        cut_offs: of one rule.
        called: by label, what people call it.
    """
    by_source = {source: [one for one in cut_offs if one.scale.source is source] for source in _SET}
    parts = [
        f"{len(some):,} {_SET[source]}{_named(some, called, source)}"
        for source, some in by_source.items()
        if some
    ]
    return f"Of {counted(len(cut_offs), 'cut-off')}, {listed(parts)}." if parts else ""


_SET = {
    CutOffSource.START: "by this archive's own films",
    CutOffSource.DEFAULT: "by default",
    CutOffSource.PERSON: "set by a person",
    CutOffSource.ANSWERS: "learnt from answers",
}


def _named(some: Iterable[CutOffInForce], called: Mapping[str, str], source: CutOffSource) -> str:
    """Name what was learnt; what begins somewhere is only counted."""
    if source is not CutOffSource.ANSWERS:
        return ""
    learnt = (f"{called.get(one.label, one.label)}: {one.answers:,}" for one in some)
    return f" ({', '.join(learnt)})"
