"""Slips, false alarms and trust in ticks, measured on known-answer films."""

from collections.abc import Iterable
from dataclasses import dataclass

from backend.base.core.figures import Figure, Share, difference, share
from backend.review.core.look import Call, KnownAnswer, Look


@dataclass(frozen=True, slots=True)
class CheckFigures:
    """Reviewers' slips on known-answer films."""

    missed: Share
    """Share of the known bad films shown that reviewers passed."""
    missed_synthetic: Share
    """The same share of films that radsieve itself turned or inverted, which may be easier or
    harder than real ones."""
    false_alarms: Share
    """Share of the known good films shown that reviewers called bad."""
    undecided: int
    """Known bad films for which a reviewer only denied another wrong label; no share counts them.
    """


@dataclass(frozen=True, slots=True)
class AutomationBias:
    """How far reviewers follow suggestions, measured on known-answer films.

    A tick stands for any suggestion that a film is bad.
    """

    wrong_tick_accepted: Share
    """Share of good films with a wrong tick that were called bad."""
    no_tick_called_bad: Share
    """Share of good films without a tick that were called bad."""
    missing_tick_left: Share
    """Share of bad films without a tick that were passed."""
    right_tick_removed: Share
    """Share of bad films with a tick that were passed."""
    more_false_alarms: Figure
    """`wrong_tick_accepted` minus `no_tick_called_bad`."""
    more_slips: Figure
    """`missing_tick_left` minus `right_tick_removed`."""


def check_figures(looks: Iterable[Look], expected_label: str) -> CheckFigures:
    """Return slips and false alarms; looks at other films than known-answer films are left out."""
    bad, good = _judged(looks, expected_label)
    return CheckFigures(
        missed=_passed(bad),
        missed_synthetic=_passed(check for check in bad if check.made),
        false_alarms=_alarms(good),
        undecided=sum(check.called_bad is None for check in bad),
    )


def misses(looks: Iterable[Look], expected_label: str) -> tuple[int, int]:
    """Return the number of known bad films that were passed, and the number shown."""
    missed = check_figures(looks, expected_label).missed
    return missed.count, missed.of


def automation_bias(looks: Iterable[Look], expected_label: str) -> AutomationBias:
    """Return how reviewers answered right, wrong and missing ticks on known-answer films."""
    bad, good = _judged(looks, expected_label)
    wrong_tick = _alarms(check for check in good if check.ticked)
    no_tick = _alarms(check for check in good if not check.ticked)
    missing_tick = _passed(check for check in bad if not check.ticked)
    right_tick = _passed(check for check in bad if check.ticked)
    return AutomationBias(
        wrong_tick_accepted=wrong_tick,
        no_tick_called_bad=no_tick,
        missing_tick_left=missing_tick,
        right_tick_removed=right_tick,
        more_false_alarms=difference(wrong_tick, no_tick),
        more_slips=difference(missing_tick, right_tick),
    )


@dataclass(frozen=True, slots=True)
class _JudgedAnswer:
    """A reviewer's answer about one known-answer film."""

    called_bad: bool | None
    """None where the reviewer only denied another wrong label."""
    ticked: bool
    """Whether a tick suggested that the film is bad."""
    made: bool
    """Whether radsieve turned or inverted the film."""


def _judged(
    looks: Iterable[Look], expected_label: str
) -> tuple[list[_JudgedAnswer], list[_JudgedAnswer]]:
    """Return the answers about truly bad films, and those about truly good ones."""
    bad: list[_JudgedAnswer] = []
    good: list[_JudgedAnswer] = []
    for look in looks:
        if look.check is not None:
            (good if look.check.truth == expected_label else bad).append(
                _judge(look, look.check, expected_label)
            )
    return bad, good


def _judge(look: Look, check: KnownAnswer, expected_label: str) -> _JudgedAnswer:
    suggested = look.suggested or _suggestion(look.called, check)
    return _JudgedAnswer(
        called_bad=_called_bad(look.called, check.truth, expected_label),
        ticked=suggested.says_bad(expected_label),
        made=check.made,
    )


def _called_bad(called: Call, truth: str, expected_label: str) -> bool | None:
    """Return whether a film was called bad; None if only another wrong label of it was denied.

    >>> not_turned = Call("turned_90", denied=True)
    >>> _called_bad(not_turned, "turned_180", "upright")
    >>> _called_bad(not_turned, "turned_90", "upright")
    False
    """
    only_another = called.denied and called.label not in (expected_label, truth)
    return None if only_another and truth != expected_label else called.says_bad(expected_label)


def _suggestion(called: Call, check: KnownAnswer) -> Call:
    """Return the suggestion of a tick, or its lack, on a sheet whose suggestions are not stored."""
    return Call(called.label, denied=check.ticked)


def _passed(checks: Iterable[_JudgedAnswer]) -> Share:
    calls = [check.called_bad for check in checks if check.called_bad is not None]
    return share(calls.count(False), len(calls))


def _alarms(checks: Iterable[_JudgedAnswer]) -> Share:
    calls = [check.called_bad for check in checks]
    return share(calls.count(True), len(calls))
