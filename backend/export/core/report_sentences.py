"""What a head of department asks first, and what the report answers, in plain sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend.base.core.words import counted, listed
from backend.certificate.core.certificate import Certificate, SlipBounds, were_bad
from backend.export.core.bias import BiasReport
from backend.export.core.bias_causes import Cause
from backend.export.core.bias_comparison import Comparability, Comparison
from backend.export.core.fact_sentences import (
    bad_sentence,
    basis_words,
    drawn_sentence,
    look_notes,
    looked_sentence,
    part_of,
    put_right_sentence,
    suspected_sentence,
)
from backend.export.core.report import ArchiveReport, TaskReport
from backend.review.core.meters import ReadingFigures

_MOST_NAMED = 5
"""Groups that an answer names; the table of the page has all."""
_UNTESTED = "Too few films for a test: "


@dataclass(frozen=True, slots=True)
class PlainAnswer:
    """A question, its answer in a sentence, and what the answer rests on."""

    question: str
    short: str
    details: Sequence[str]


def used_tasks(report: ArchiveReport) -> list[TaskReport]:
    """Return the detector tasks that anybody, or anything, has worked on."""
    return [task for task in report.tasks if _is_used(task)]


def unused_tasks(report: ArchiveReport) -> list[str]:
    """Return the names of detector tasks that nobody, and nothing, has worked on."""
    return [task.called for task in report.tasks if not _is_used(task)]


def says_nothing(certificate: Certificate) -> bool:
    """Return whether a certificate is empty: it allows every film without a verdict to be bad."""
    open_films = certificate.unreviewed + certificate.unresolved
    return bool(open_films) and certificate.at_most_unreviewed >= open_films


def slip_bounds(certificate: Certificate) -> SlipBounds | None:
    """Return the bounds that allow for reviewers' slips; None where they exclude nothing.

    With few hidden films, it stays possible that reviewers miss most bad films.
    """
    slips = certificate.slips
    if slips is None or slips.at_most_remaining >= certificate.films - certificate.found:
        return None
    return slips


def at_most_left(certificate: Certificate) -> int:
    """Return how many bad films may be left at most; allows for slips where they were measured."""
    slips = slip_bounds(certificate)
    return slips.at_most_remaining if slips else certificate.at_most_unreviewed


def certified(task: TaskReport) -> Certificate | None:
    """Return the certificate of a task, where it says anything."""
    certificate = task.audited.certificate if task.audited else None
    return None if certificate is None or says_nothing(certificate) else certificate


def confidence(alpha: float) -> str:
    """Return a confidence in words.

    >>> confidence(0.05)
    '95 %'
    """
    return f"{100 * (1 - alpha):g} %"


def five_answers(report: ArchiveReport) -> list[PlainAnswer]:
    """Return the answers, in the order in which they are asked."""
    tasks = used_tasks(report)
    return [
        PlainAnswer("Is the archive clean now?", _clean(report, tasks), list(_left(tasks))),
        PlainAnswer(
            "What was found to be removed?", _removed(report), list(_removed_details(report, tasks))
        ),
        PlainAnswer("How sure are you?", _sure(report, tasks), list(_sure_by_task(tasks))),
        PlainAnswer("Does any group lose more than others?", *_fair(report.bias)),
        PlainAnswer("Who checked?", *_who(report, tasks)),
    ]


def _is_used(task: TaskReport) -> bool:
    has_version = bool(task.detector.versions)
    return bool(task.with_verdict or task.waiting or has_version or task.audited or task.meters)


def _clean(report: ArchiveReport, tasks: Sequence[TaskReport]) -> str:
    if not tasks:
        return "Nobody can say: nothing was asked of its films yet."
    known = [said for task in tasks if (said := certified(task))]
    begin = bad_sentence(report.facts.archive.bad)
    if report.bad_films:
        begin = (
            f"Not as it stands: {part_of(report.bad_films, report.films)} "
            f"{'is' if report.bad_films == 1 else 'are'} bad."
        )
    if not known:
        return f"{begin} How many more there are was not measured."
    joint = [said for task in tasks if task.sums_up and (said := certified(task))]
    asked, questions = (joint, 1) if joint else (known, len(tasks))
    later = _newcomers(asked)
    if later:
        begin = f"{begin} Nobody can say how many more there are. {later}."
    return f"{begin} {_still(asked, questions, bool(report.bad_films))}."


def _newcomers(known: Sequence[Certificate]) -> str:
    """Return in words how many films no certificate covers; empty where all are covered."""
    most = max((said.newcomers for said in known), key=lambda some: (some.unknown, some.films))
    return str(most) if most.films else ""


def _still(known: Sequence[Certificate], questions: int, any_found: bool) -> str:
    most = max(at_most_left(said) for said in known)
    trusting = "" if all(slip_bounds(said) for said in known) else " and every verdict is right"
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
        said = certified(task)
        if said is None:
            why = "the audit says nothing yet" if task.audited else task.not_audited
            yield f"{task.called}: not measured ({why})."
        else:
            yield f"{task.called}: {_left_of(said)} ({confidence(said.alpha)} confidence)."
        if task.suspected:
            yield f"{task.called}: {suspected_sentence(task.facts.suspected)}"


def _left_of(certificate: Certificate) -> str:
    left = _left_of_first(certificate)
    return f"{left}; {certificate.newcomers}" if certificate.newcomers.films else left


def _left_of_first(certificate: Certificate) -> str:
    """Return what is left of the films that the certificate is about."""
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
        f"{basis_words(bad)}. {put_right_sentence(bad)} radsieve deletes no film: it lists them."
    )


def _removed_details(report: ArchiveReport, tasks: Sequence[TaskReport]) -> Iterator[str]:
    for task in tasks:
        if task.found:
            classes = "; ".join(f"{found.called}: {found.films:,}" for found in task.found)
            yield f"{task.called}: {counted(task.bad)} ({classes})."
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
    """Say that so many files of films that would be listed hold something else by now."""
    one = files == 1
    return (
        f"{counted(files, 'file')} of these films {'is' if one else 'are'} gone or no longer what "
        f"was indexed: no list names {'it' if one else 'them'}, no copy is made of "
        f"{'it' if one else 'them'}. `radsieve index` reads what is there now."
    )


def refuted_words(films: int) -> str:
    """Say that a detector does not accept the corrections of so many films."""
    is_put_right = "film that can be put right" if films == 1 else "films that can be put right"
    return f"Of the {is_put_right}, {films:,} did not pass every detector after it"


def _sure(report: ArchiveReport, tasks: Sequence[TaskReport]) -> str:
    drawn = drawn_sentence(report.facts.archive.seen)
    known = [said for task in tasks if (said := certified(task))]
    if not known:
        return f"Not measured: nothing is certified yet. {drawn}"
    alphas = {said.alpha for said in known}
    each = confidence(max(alphas))
    if len(known) == 1:
        return f"{each}. {drawn}"
    # Of all that were audited: those that say something are no fixed choice.
    audited = [task.audited.certificate.alpha for task in tasks if task.audited]
    together = confidence(round(min(1.0, sum(audited)), 9))
    return f"{each} for each question, {together} for {_all(len(known))} together. {drawn}"


def _all(questions: int) -> str:
    return "both" if questions == 2 else f"all {questions}"


def _sure_by_task(tasks: Sequence[TaskReport]) -> Iterator[str]:
    for task in tasks:
        said = certified(task)
        if said is None:
            continue
        counts = "counts" if said.audit_looks == 1 else "count"
        drawn = f"{counted(said.audit_looks)} drawn at random {counts}"
        yield f"{task.called}: {drawn}, {were_bad(said.audit_finds)}; {_missed(said)}."


def _missed(certificate: Certificate) -> str:
    slips = certificate.slips
    if slips is None:
        return "how often reviewers miss a bad film was not measured"
    shown = f"{slips.missed:,} of {counted(slips.shown, 'bad film')} hidden among others"
    if slip_bounds(certificate) is None:
        return f"reviewers missed {shown}, too few to say how often they miss one"
    return f"reviewers missed {shown}"


def asked(bias: BiasReport) -> list[Comparison]:
    """Return the comparisons that were tested: the others are of too few films, or meant."""
    return [one for one in bias.comparisons if one.adjusted is not None]


def _fair(bias: BiasReport) -> tuple[str, list[str]]:
    tested, blocking, lost = asked(bias), bias.blocking_causes, _lost_untested(bias)
    if blocking:
        found = len(bias.blocking)
        short = (
            f"Yes: {counted(found, 'comparison')} of {len(tested):,} "
            f"{'shows' if found == 1 else 'show'} a group that loses more films than can be chance."
        )
        return short, [*_named(blocking, ""), *_named(lost, _UNTESTED)]
    if lost:
        said = f"Among larger groups, {_none_of(tested)}; that is no proof that there is none."
        few = [*_named(lost, _UNTESTED), said if tested else "Nothing could be tested."]
        return _perhaps(len(lost)), few
    if not tested:
        why = (
            "every group is too small to tell, or is meant to be told apart"
            if bias.comparisons
            else "no film is left out yet, so no group loses any"
        )
        return f"Not measured: {why}.", []
    others = len(bias.comparisons) - len(tested)
    untested = f" Not tested, too few films or meant: {others:,} more." if others else ""
    return (
        f"None was found to: {_none_of(tested)}.",
        [f"That is no proof that there is none; the table has how small each could be.{untested}"],
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
