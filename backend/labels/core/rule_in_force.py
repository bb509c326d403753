"""A rule as it holds for one archive: it labels the films of the archive, and those that arrive."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.base.core.rule import Check, CutOffs, FilmFacts, FilmRule, Force
from backend.labels.core.cut_off_in_force import beyond_words
from backend.labels.core.suspicion import (
    CutOffSource,
    Scale,
    begun_scale,
    distances_by,
    suspecting_checks,
)


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """A rule with the cut-offs that hold for the films of one archive."""

    rule: FilmRule
    expected_label: str
    cut_offs: CutOffs
    """Of its policies, in the unit of each measure."""
    scales: tuple[Scale, ...]
    """Of its checks that suspect, each at most once."""

    def labels(self, films: Mapping[str, FilmFacts]) -> dict[str, str | None]:
        """Return the label of the first check that flags each film, by radiograph id.

        A policy compares the number itself, a suspicion the distance from the archive's bulk. None:
        nothing that the rule asks for is known of the film.
        """
        if not self.rule.checks:
            return {film: self.rule.decide(facts, self.cut_offs) for film, facts in films.items()}
        distances = distances_by(self.scales, films)
        cut_offs = [scale.cut_off for scale in self.scales]
        names = [scale.check.label for scale in self.scales]
        return {
            film: self._label(facts, dict(zip(names, (row > cut_offs).tolist(), strict=True)))
            for (film, facts), row in zip(films.items(), distances, strict=True)
        }

    def words(self, label: str) -> str:
        """Return which films get a label, as in `grey_range below 0.31`; empty: no check says."""
        for scale in self.scales:
            if scale.check.label == label:
                return beyond_words(scale.check, scale.cut_off_value)
        for check in self.rule.checks:
            if check.label == label:
                return beyond_words(check, self.cut_offs[check.cut_off])
        return ""

    def _label(self, facts: FilmFacts, beyond: Mapping[str, bool]) -> str | None:
        flagged = {check.label: self._flags(check, facts, beyond) for check in self.rule.checks}
        known = any(flag is not None for flag in flagged.values())
        first = next((label for label, flag in flagged.items() if flag), self.expected_label)
        return first if known else None

    def _flags(self, check: Check, facts: FilmFacts, beyond: Mapping[str, bool]) -> bool | None:
        """Whether a check flags a film; None where its number is not known."""
        if check.force is Force.POLICY:
            return check.flags(facts, self.cut_offs)
        return None if facts.number(check.measure) is None else beyond.get(check.label)


def rule_in_force(
    rule: FilmRule, expected_label: str, given: CutOffs, fitted: Iterable[Scale]
) -> RuleInForce:
    """Return a rule as it holds where its checks were fitted to an archive some time ago.

    Args:
        rule: the rule.
        expected_label: of its detector task.
        given: the cut-offs that a person sets today: they hold, but where answers have moved one.
        fitted: the scales of the checks then; a check without one keeps its default.
    """
    by_label = {scale.check.label: scale for scale in fitted}
    scales = (
        _scale_now(check, by_label.get(check.label), given) for check in suspecting_checks(rule)
    )
    return RuleInForce(rule, expected_label, {**rule.cut_offs, **given}, tuple(scales))


def _scale_now(check: Check, fitted: Scale | None, given: CutOffs) -> Scale:
    if fitted is None:
        return begun_scale(check, None, given)
    learnt = fitted.source is CutOffSource.ANSWERS
    return (
        fitted if learnt or check.cut_off not in given else begun_scale(check, fitted.bulk, given)
    )
