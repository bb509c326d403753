"""What films whose answer is known say of reviewers: slips, false alarms, trust in ticks."""

from collections.abc import Iterable
from dataclasses import dataclass

from backend.base.core.figures import Figure, Share, difference, share
from backend.review.core.look import Call, KnownAnswer, Look


@dataclass(frozen=True, slots=True)
class CheckFigures:
    """Slips on hidden checks."""

    missed: Share
    """Of the known-bad films shown, those that were passed."""
    missed_synthetic: Share
    """The same of those that radsieve turned or inverted itself: easier, or harder, than life."""
    false_alarms: Share
    """Of the films known to be as expected, those that were called bad."""
    undecided: int
    """Known-bad films of which only some other wrong label was denied; counted nowhere else."""


@dataclass(frozen=True, slots=True)
class AutomationBias:
    """How far reviewers follow what is pre-annotated, on films whose answer is known.

    A tick stands for any suggestion that the film is bad. What of a wrong or missing tick was not
    accepted was refused or found.
    """

    wrong_tick_accepted: Share
    """Good films, suggested to be bad: called bad."""
    no_tick_called_bad: Share
    """Good films, rightly not suggested: called bad."""
    missing_tick_left: Share
    """Bad films, not suggested: passed."""
    right_tick_removed: Share
    """Bad films, rightly suggested: passed."""
    more_false_alarms: Figure
    """Called bad with the wrong tick minus without one."""
    more_slips: Figure
    """Passed without the tick minus with the right one."""


def check_figures(looks: Iterable[Look], expected_label: str) -> CheckFigures:
    """Return slips and false alarms; looks that are no checks are left out."""
    bad, good = _judged(looks, expected_label)
    return CheckFigures(
        missed=_passed(bad),
        missed_synthetic=_passed(check for check in bad if check.made),
        false_alarms=_alarms(good),
        undecided=sum(check.called_bad is None for check in bad),
    )


def misses(looks: Iterable[Look], expected_label: str) -> tuple[int, int]:
    """Return how many known-bad films were passed, of how many that were shown."""
    missed = check_figures(looks, expected_label).missed
    return missed.count, missed.of


def automation_bias(looks: Iterable[Look], expected_label: str) -> AutomationBias:
    """Return what became of right, wrong and missing suggestions on hidden checks."""
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
    """One answer about a film whose answer is known."""

    called_bad: bool | None
    ticked: bool
    """Whether the film was suggested to be bad."""
    made: bool


def _judged(
    looks: Iterable[Look], expected_label: str
) -> tuple[list[_JudgedAnswer], list[_JudgedAnswer]]:
    """Return the checks that are truly bad, and those that are truly good."""
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
    """Return None where a bad film was only, and rightly, denied another wrong label.

    >>> not_turned = Call("turned_90", denied=True)
    >>> _called_bad(not_turned, "turned_180", "upright")
    >>> _called_bad(not_turned, "turned_90", "upright")
    False
    """
    only_another = called.denied and called.label not in (expected_label, truth)
    return None if only_another and truth != expected_label else called.says_bad(expected_label)


def _suggestion(called: Call, check: KnownAnswer) -> Call:
    """Return what the tick said, or its lack, on a sheet whose pre-annotation was not kept."""
    return Call(called.label, denied=check.ticked)


def _passed(checks: Iterable[_JudgedAnswer]) -> Share:
    calls = [check.called_bad for check in checks if check.called_bad is not None]
    return share(calls.count(False), len(calls))


def _alarms(checks: Iterable[_JudgedAnswer]) -> Share:
    calls = [check.called_bad for check in checks]
    return share(calls.count(True), len(calls))
