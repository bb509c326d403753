"""The five questions that a head of department asks first, and the report's answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend.base.core.limits import share_at_least
from backend.base.core.words import counted, listed
from backend.certificate.core.certificate import Certificate, SlipBounds, were_bad
from backend.export.core.bias import BiasReport
from backend.export.core.bias_causes import Cause
from backend.export.core.bias_comparison import Comparability, Comparison
from backend.export.core.fact_sentences import (
    bad_sentence,
    basis_words,
    correction_sentence,
    drawn_sentence,
    look_notes,
    looked_sentence,
    part_of,
    suspected_sentence,
)
from backend.export.core.report import ArchiveReport, TaskReport
from backend.review.core.meters import ReadingFigures

_MOST_NAMED = 5
"""The most groups that an answer names; the table on the page has all."""
_UNTESTED = "Too few films for a test: "


@dataclass(frozen=True, slots=True)
class PlainAnswer:
    """A question, its answer in a sentence, and the details behind the answer."""

    question: str
    short: str
    details: Sequence[str]


def used_tasks(report: ArchiveReport) -> list[TaskReport]:
    """Return the detector tasks that have verdicts, waiting films, versions, looks or an audit."""
    return [task for task in report.tasks if _is_used(task)]


def unused_tasks(report: ArchiveReport) -> list[str]:
    """Return the names of the other detector tasks, see `used_tasks`."""
    return [task.called for task in report.tasks if not _is_used(task)]


def says_nothing(certificate: Certificate) -> bool:
    """Return whether a certificate is empty: it allows all films without a verdict to be bad."""
    open_films = certificate.unreviewed + certificate.unresolved
    return bool(open_films) and certificate.at_most_unreviewed >= open_films


def slip_bounds(certificate: Certificate) -> SlipBounds | None:
    """Return the bounds that allow for reviewers' slips; None where these bounds exclude nothing.

    With few known-answer films, it stays possible that reviewers miss most bad films.
    """
    slips = certificate.slips
    if slips is None or slips.at_most_remaining >= certificate.films - certificate.found:
        return None
    return slips


def at_most_left(certificate: Certificate) -> int:
    """Return the most bad films that may be left; allows for slips where they were measured."""
    slips = slip_bounds(certificate)
    return slips.at_most_remaining if slips else certificate.at_most_unreviewed


def certified(task: TaskReport) -> Certificate | None:
    """Return the certificate of a task; None without one, or where it says nothing."""
    certificate = task.audited.certificate if task.audited else None
    return None if certificate is None or says_nothing(certificate) else certificate


def confidence(alpha: float) -> str:
    """Return the confidence 1 - alpha in words, never more than it is.

    >>> confidence(0.05), confidence(0.05 / 7)
    ('95 %', '99.2857 %')
    """
    exact = round(1 - alpha, 12)
    return f"{share_at_least(exact, 4).removesuffix(' %').rstrip('0').rstrip('.')} %"


def five_answers(report: ArchiveReport) -> list[PlainAnswer]:
    """Return the answers to the five questions, in the order of the page."""
    tasks = used_tasks(report)
    return [
        PlainAnswer("Is the archive clean now?", _clean(report, tasks), list(_left(tasks))),
        PlainAnswer(
            "What was found to be removed?", _removed(report), list(_removed_details(report, tasks))
        ),
        PlainAnswer("How sure are you?", _sure(report, tasks), list(_sure_by_task(tasks))),
        PlainAnswer(
            "Does any group lose more than others?",
            *_fair(report.bias, left_out=report.bad_films),
        ),
        PlainAnswer("Who checked?", *_who(report, tasks)),
    ]


def _is_used(task: TaskReport) -> bool:
    has_version = bool(task.detector.versions)
    return bool(task.with_verdict or task.waiting or has_version or task.audited or task.meters)


def _clean(report: ArchiveReport, tasks: Sequence[TaskReport]) -> str:
    if not tasks:
        return "Nobody can say: no question was asked about its films yet."
    known = [certificate for task in tasks if (certificate := certified(task))]
    begin = bad_sentence(report.facts.archive.bad)
    if report.bad_films:
        begin = (
            f"Not as it stands: {part_of(report.bad_films, report.films)} "
            f"{'is' if report.bad_films == 1 else 'are'} bad."
        )
    if not known:
        return f"{begin} How many more there are was not measured."
    joint = [certificate for task in tasks if task.sums_up and (certificate := certified(task))]
    asked, questions = (joint, 1) if joint else (known, len(tasks))
    later = _newcomers(asked)
    if later:
        begin = f"{begin} Nobody can say how many more there are. {later}."
    return f"{begin} {_still(asked, questions, bool(report.bad_films))}."


def _newcomers(known: Sequence[Certificate]) -> str:
    """Return in words how many films no certificate covers; empty where all are covered."""
    most = max(
        (certificate.newcomers for certificate in known),
        key=lambda newcomers: (newcomers.unknown, newcomers.films),
    )
    return str(most) if most.films else ""


def _still(known: Sequence[Certificate], questions: int, any_found: bool) -> str:
    most = max(map(at_most_left, known))
    trusting = "" if all(map(slip_bounds, known)) else " and every verdict is right"
    of_kind = "" if questions == 1 else " for any one question"
    where = "among the films of the first draw" if _newcomers(known) else "in it"
    left = f"at most {counted(most, 'more bad film')} may be {where}{of_kind}"
    if len(known) < questions:
        return (
            f"For {len(known)} of {questions} questions {left}, if those found are left out"
            f"{trusting}; the others were not measured"
        )
    if any_found:
        return f"If they are left out{trusting}, {left}"
    return f"If every verdict is right, {left}" if trusting else left.capitalize()


def _left(tasks: Sequence[TaskReport]) -> Iterator[str]:
    for task in tasks:
        certificate = certified(task)
        if certificate is None:
            why = "the audit says nothing yet" if task.audited else task.not_audited
            yield f"{task.called}: not measured ({why})."
        else:
            how_sure = confidence(certificate.alpha)
            yield f"{task.called}: {_left_of(certificate)} ({how_sure} confidence)."
        if task.suspected:
            yield f"{task.called}: {suspected_sentence(task.facts.suspected)}"


def _left_of(certificate: Certificate) -> str:
    left = _left_of_first(certificate)
    return f"{left}; {certificate.newcomers}" if certificate.newcomers.films else left


def _left_of_first(certificate: Certificate) -> str:
    """Return in words how many bad films are left among those that the certificate covers."""
    slips, open_films = slip_bounds(certificate), certificate.unreviewed + certificate.unresolved
    if not open_films and not slips:
        which = "film of the first draw" if certificate.newcomers.films else "film"
        return f"every {which} has a verdict; none is left if every verdict is right"
    most = slips.at_most_unreviewed if slips else certificate.at_most_unreviewed
    unseen = f"at most {counted(most, 'bad film')} among {open_films:,} without a verdict"
    if slips:
        return (
            f"{unseen}, and at most {slips.at_most_remaining:,} in all, those that reviewers "
            "looked at and missed included"
        )
    return f"{unseen}, if every verdict is right"


def _removed(report: ArchiveReport) -> str:
    bad = report.facts.archive.bad
    if not bad.films:
        return "Nothing: no film is known to be bad."
    return (
        f"{counted(bad.films)} should not be used as {'it is' if bad.films == 1 else 'they are'}: "
        f"{basis_words(bad)}. {correction_sentence(bad)} radsieve deletes no film: it lists them."
    )


def _removed_details(report: ArchiveReport, tasks: Sequence[TaskReport]) -> Iterator[str]:
    for task in tasks:
        if task.found:
            classes = "; ".join(f"{group.called}: {group.films:,}" for group in task.found)
            named = "" if task.sums_up else f" ({classes})"
            yield f"{task.counts_as}: {counted(task.bad)}{named}."
    if sum(task.bad for task in tasks) > report.bad_films:
        yield "A film with several problems is in several of these lines."
    if report.refuted_films:
        yield (
            f"{refuted_words(report.refuted_films)}; "
            f"{'it waits' if report.refuted_films == 1 else 'they wait'} for another look."
        )
    if report.changed_files:
        yield changed_sentence(report.changed_files)


def changed_sentence(files: int) -> str:
    """Return a sentence on files of listed films that are gone or have changed."""
    are, them = ("is", "it") if files == 1 else ("are", "them")
    return (
        f"{counted(files, 'file')} of these films {are} gone or no longer what was indexed: no "
        f"list names {them}, no copy is made of {them}. `radsieve index` reads what is there now."
    )


def refuted_words(films: int) -> str:
    """Return the beginning of a sentence on films whose corrected picture a detector rejects."""
    which = "film that can be corrected" if films == 1 else "films that can be corrected"
    return f"Of the {which}, {films:,} did not pass every detector after the correction"


def _sure(report: ArchiveReport, tasks: Sequence[TaskReport]) -> str:
    drawn = drawn_sentence(report.facts.archive.seen)
    known = [certificate for task in tasks if (certificate := certified(task))]
    if not known:
        return f"Not measured: nothing is certified yet. {drawn}"
    alphas = {certificate.alpha for certificate in known}
    each = confidence(max(alphas))
    if len(known) == 1:
        return f"{each}. {drawn}"
    # The alphas of all audits count: which certificates say something depends on the looks.
    audited = [task.audited.certificate.alpha for task in tasks if task.audited]
    together = confidence(round(min(1.0, sum(audited)), 9))
    return f"{each} for each question, {together} for {_all(len(known))} together. {drawn}"


def _all(questions: int) -> str:
    return "both" if questions == 2 else f"all {questions}"


def _sure_by_task(tasks: Sequence[TaskReport]) -> Iterator[str]:
    for task in tasks:
        certificate = certified(task)
        if certificate is None:
            continue
        counts = "counts" if certificate.audit_looks == 1 else "count"
        drawn = f"{counted(certificate.audit_looks)} drawn at random {counts}"
        finds = were_bad(certificate.audit_finds)
        yield f"{task.called}: {drawn}, {finds}; {_missed(certificate)}."


def _missed(certificate: Certificate) -> str:
    slips = certificate.slips
    if slips is None:
        return "how often reviewers miss a bad film was not measured"
    shown = f"{slips.missed:,} of {counted(slips.shown, 'bad film')} hidden among others"
    if slip_bounds(certificate) is None:
        return f"reviewers missed {shown}, too few to say how often they miss one"
    return f"reviewers missed {shown}"


def asked(bias: BiasReport) -> list[Comparison]:
    """Return the comparisons that were tested.

    The others have too few films, or are of an attribute that the task is meant to distinguish.
    """
    return [comparison for comparison in bias.comparisons if comparison.adjusted is not None]


def _why_not_measured(bias: BiasReport, left_out: int) -> str:
    if bias.comparisons:
        return "every group is too small to tell, or is meant to be told apart"
    if left_out:
        return "no group lost a film, or age, sex, view and maker of these films are not known"
    return "no film is left out yet, so no group loses any"


def _fair(bias: BiasReport, *, left_out: int) -> tuple[str, list[str]]:
    tested, blocking, lost = asked(bias), bias.blocking_causes, _lost_untested(bias)
    if blocking:
        count = len(bias.blocking)
        short = (
            f"Yes: {counted(count, 'comparison')} of {len(tested):,} "
            f"{'shows' if count == 1 else 'show'} a group that loses more films than can be chance."
        )
        return short, [*_named(blocking, ""), *_named(lost, _UNTESTED)]
    if lost:
        larger = f"Among larger groups, {_none_of(tested)}; that is no proof that there is none."
        details = [*_named(lost, _UNTESTED), larger if tested else "Nothing could be tested."]
        return _perhaps(len(lost)), details
    if not tested:
        return f"Not measured: {_why_not_measured(bias, left_out)}.", []
    others = len(bias.comparisons) - len(tested)
    untested = f" Not tested, too few films or meant: {others:,} more." if others else ""
    return (
        f"None was found to: {_none_of(tested)}.",
        [f"That is no proof that there is none; the table has each interval.{untested}"],
    )


def _lost_untested(bias: BiasReport) -> list[Cause]:
    """Return the groups too small to test that lost most, each cause once."""
    return [cause for cause in bias.causes if cause.lead.finding is Comparability.LOST_MOST]


def _named(causes: Sequence[Cause], before: str) -> Iterator[str]:
    for cause in causes[:_MOST_NAMED]:
        yield f"{before}{cause.sentence()}."
    if len(causes) > _MOST_NAMED:
        yield f"{counted(len(causes) - _MOST_NAMED, 'more group')}; the table has all."


def _perhaps(groups: int) -> str:
    are, their = ("is", "its") if groups == 1 else ("are", "their")
    return (
        f"Perhaps: {counted(groups, 'group')} lost all or most of {their} films and {are} too "
        f"small for a test. Look at {their} films."
    )


def _none_of(tested: Sequence[Comparison]) -> str:
    return f"no difference in {counted(len(tested), 'comparison')} passes the limits that were set"


def _who(report: ArchiveReport, tasks: Sequence[TaskReport]) -> tuple[str, list[str]]:
    seen = report.facts.archive.seen
    second_looks = (
        _second_looks(task.called, task.meters.readings)
        for task in tasks
        if task.meters
        and (task.meters.readings.awaiting_second_look + task.meters.readings.disputed)
    )
    return looked_sentence(seen), [*look_notes(seen), *second_looks]


def _second_looks(name: str, readings: ReadingFigures) -> str:
    waiting, disputed = readings.awaiting_second_look, readings.disputed
    are_waiting = (
        "was called bad once and waits" if waiting == 1 else "were called bad once and wait"
    )
    words = [f"{counted(waiting)} {are_waiting} for a second look"] if waiting else []
    words += [f"about {counted(disputed)} reviewers disagree"] if disputed else []
    return f"{name}: {listed(words)}."
