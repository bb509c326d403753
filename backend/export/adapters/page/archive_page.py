"""The archive report as one HTML page: nothing is fetched, and there is no script in it.

What the page says lies in `archive_report.html`; this file prepares the figures that it names.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from backend.base.adapters.html_page import html_page, page_file, rendered
from backend.base.core.limits import share_at_most
from backend.base.core.words import counted
from backend.certificate.core.certificate import Certificate
from backend.certificate.core.curves import Curves
from backend.export.adapters.page.cut_offs import rule_cut_offs_of
from backend.export.adapters.page.pictures import ClassSheet, class_sheet
from backend.export.adapters.page.plots import (
    learning_plot,
    precision_recall_plot,
    reliability_plot,
)
from backend.export.adapters.page.review import reviewed_tasks
from backend.export.adapters.page.words import (
    NOT_MEASURED,
    Table,
    figure_words,
    share_words,
    stated_table,
)
from backend.export.core.bias import BiasReport
from backend.export.core.bias_comparison import Comparison
from backend.export.core.facts import BadFilms, Facts
from backend.export.core.report import (
    ArchiveReport,
    Audited,
    DetectorSection,
    Provenance,
    TaskReport,
)
from backend.export.core.report_sentences import (
    asked,
    certified,
    confidence,
    five_answers,
    slip_bounds,
    unused_tasks,
    used_tasks,
)

_FOLDER = "backend.export.adapters.page"
_TITLE = "radsieve: archive report"
_DAY = len("2026-01-31")
_MINUTE = len("2026-01-31T10:00")
_FEWEST_BAD = 10
"""A bootstrap of fewer bad films gives an interval that is far too short."""


def archive_page(report: ArchiveReport, *, with_pictures: bool = True) -> str:
    """Return the whole page; the same report gives the same page."""
    made, bias = report.provenance, report.bias
    body = rendered(
        f"{_FOLDER}/archive_report.html",
        archive=_archive_line(report),
        made=f"{made.at[:_DAY]}, radsieve {made.radsieve}, archive {made.workspace}",
        with_pictures=with_pictures,
        answers=five_answers(report),
        tasks=used_tasks(report),
        unused=unused_tasks(report),
        overview=_overview(report),
        found=_found(report, with_pictures=with_pictures),
        rules=rule_cut_offs_of(report.tasks),
        sure=[_sure(task) for task in used_tasks(report)],
        limits=bias.limits,
        groups=_groups(bias),
        not_tested=_not_tested(bias),
        overrides=made.overrides,
        reviewed=reviewed_tasks(used_tasks(report)),
        detectors=[_detector(task) for task in used_tasks(report) if task.detector.versions],
        versions=_versions(report),
        publications=_publications(report),
        provenance=list(_provenance(made)),
    )
    return html_page(title=_TITLE, body=body, style=page_file(f"{_FOLDER}/archive_report.css"))


def _archive_line(report: ArchiveReport) -> str:
    known = ", ".join(
        f"{count:,} known by {how}" for how, count in report.patients_known_by.items()
    )
    hold = "holds" if report.copies == 1 else "hold"
    copies = f"; {counted(report.copies, 'file')} {hold} what another file holds" * bool(
        report.copies
    )
    return (
        f"{counted(report.films)} of {counted(report.patients, 'patient')} ({known or 'none'}); "
        f"{counted(report.unreadable, 'file')} could not be read{copies}."
    )


def _overview(report: ArchiveReport) -> Table:
    heads = (
        "Question",
        "Looked at",
        "Bad, confirmed by two looks",
        "Called bad, not yet confirmed",
        "Bad by policy",
        "Suspected, undecided",
        "Of these, nobody looked",
        "Bad at most, without a verdict",
        "Bad at most in all",
    )
    rows = [
        (task.called, *_counts(task.facts, _all_bad(task, report)), *_at_most(certified(task)))
        for task in used_tasks(report)
    ]
    # Whoever sums up has answered for all: its certificate is that of the archive.
    summed = next((certified(task) for task in used_tasks(report) if task.sums_up), None)
    whole = report.facts.archive
    if rows:
        rows.append(("all, each film once", *_counts(whole, whole.bad), *_at_most(summed)))
    return Table("The questions asked of every film, with the number of films", heads, rows)


def _all_bad(task: TaskReport, report: ArchiveReport) -> BadFilms:
    """Return the bad films of a task; of one that sums up those of all, named or not."""
    return report.facts.archive.bad if task.sums_up else task.facts.bad


def _counts(facts: Facts, bad: BadFilms) -> tuple[str, ...]:
    seen, suspected = facts.seen, facts.suspected
    return (
        f"{seen.looked_at:,} of {seen.films:,}",
        f"{bad.two_looks:,}",
        f"{bad.one_look:,}",
        f"{bad.policy:,}",
        f"{suspected.films:,}" if suspected else NOT_MEASURED,
        f"{suspected.unseen:,}" if suspected else NOT_MEASURED,
    )


def _at_most(said: Certificate | None) -> tuple[str, str]:
    return (f"{_unreviewed(said):,}", _in_all(said)) if said else (NOT_MEASURED, NOT_MEASURED)


@dataclass(frozen=True, slots=True)
class _FoundBad:
    """The bad films of one task."""

    name: str
    films: str
    sheets: Sequence[ClassSheet]


def _found(report: ArchiveReport, *, with_pictures: bool) -> list[_FoundBad]:
    return [
        _FoundBad(
            task.counts_as,
            counted(task.bad, "bad film"),
            [class_sheet(found, with_pictures=with_pictures) for found in task.found],
        )
        for task in report.tasks
        if task.found
    ]


@dataclass(frozen=True, slots=True)
class _Sureness:
    """What is left of one task's bad films."""

    name: str
    why_not: str
    """Why it was not measured; empty where it was."""
    sentence: str
    table: Table | None


def _sure(task: TaskReport) -> _Sureness:
    if task.audited is None:
        return _Sureness(task.called, task.not_audited, "", None)
    sentence = task.audited.certificate.sentence
    return _Sureness(task.called, "", sentence, _certificate(task, task.audited))


def _certificate(task: TaskReport, audited: Audited) -> Table:
    said, ahead = audited.certificate, audited.halved
    slips = slip_bounds(said)
    rows = [
        ("Films when the first ones were drawn", f"{said.films:,}"),
        ("Came later, or were replaced: not counted below", f"{said.newcomers.films:,}"),
        ("Not looked at for this", f"{said.unreviewed:,}"),
        ("Looked at, without a verdict yet", f"{said.unresolved:,}"),
        (f"Bad: confirmed by two looks{' or by policy' * task.sums_up}", f"{said.found:,}"),
        (
            "Bad at most among those not looked at, or without a verdict",
            f"{_unreviewed(said):,}",
        ),
        ("Bad at most in all, looked at and missed ones included", _in_all(said)),
        (
            "Bad films that one look misses, at most",
            share_at_most(slips.one_look_misses_at_most) if slips else NOT_MEASURED,
        ),
        ("Confidence", confidence(said.alpha)),
        ("To halve what may be left", _halved(audited)),
        ("Advice", f"{ahead.advice.value}; {audited.course.value}"),
    ]
    return Table("What is left, as certified", ("", "Films"), rows)


def _unreviewed(said: Certificate) -> int:
    slips = slip_bounds(said)
    return slips.at_most_unreviewed if slips else said.at_most_unreviewed


def _in_all(said: Certificate) -> str:
    slips = slip_bounds(said)
    if slips:
        return f"{slips.at_most_remaining:,}"
    why = f"slips were {NOT_MEASURED}" if said.slips is None else "too few hidden films for slips"
    return f"{said.at_most_unreviewed:,} if every verdict is right; {why}"


def _halved(audited: Audited) -> str:
    ahead = audited.halved
    if ahead.if_all_clean is None:
        return "no audit can do it while films have no verdict"
    if ahead.if_all_clean == 0:
        return "nothing: it is reached"
    likely = (
        f"about {ahead.at_present_rate:,} if bad films go on turning up as often"
        if ahead.at_present_rate is not None
        else "out of reach if bad films go on turning up as often"
    )
    return f"{ahead.if_all_clean:,} more drawn at random if none is bad; {likely}"


def _groups(bias: BiasReport) -> Table | None:
    """Return the groups that were tested or lost most; None where there are none."""
    rows = [
        (
            f"{one.called}: {one.named}",
            f"{one.excluded:,} of {one.films:,}: {figure_words(one.rate)}",
            f"{one.rest_excluded:,} of {one.rest_films:,}: {figure_words(one.rest_rate)}",
            figure_words(one.difference),
            NOT_MEASURED if one.adjusted is None else f"{one.adjusted:.3g}",
            one.finding.value,
        )
        for one in _shown(bias)
    ]
    heads = ("Group", "Loses", "The rest loses", "Difference", "Adjusted chance", "Finding")
    return Table("Films lost by group, with 95 % intervals", heads, rows) if rows else None


def _shown(bias: BiasReport) -> list[Comparison]:
    tested = asked(bias)
    return [one for one in bias.comparisons if one in tested or one in bias.lost_untested]


def _not_tested(bias: BiasReport) -> list[tuple[str, str]]:
    """Return how many comparisons were not tested, and why."""
    shown = _shown(bias)
    others = Counter(one.finding.value for one in bias.comparisons if one not in shown)
    return [(counted(count, "comparison"), finding) for finding, count in sorted(others.items())]


@dataclass(frozen=True, slots=True)
class _CurvePlots:
    """What was measured on sealed patients who are new to a version."""

    films: str
    area: str
    precision_recall: Markup | None
    reliability: Markup


@dataclass(frozen=True, slots=True)
class _DetectorPart:
    """The detector of one task."""

    name: str
    judged: Table | None
    estimates: Table | None
    learnt_from_known: bool
    learning: Markup
    curves: _CurvePlots | None


def _detector(task: TaskReport) -> _DetectorPart:
    detector = task.detector
    judged, estimates = detector.judged, detector.estimates
    return _DetectorPart(
        name=task.called,
        judged=stated_table("The version in use, as judged when trained", judged)
        if judged
        else None,
        estimates=stated_table("In the archive itself", estimates) if estimates else None,
        learnt_from_known=detector.learnt_from_known,
        learning=learning_plot(task.called, detector.versions),
        curves=_curve_plots(task.called, detector, detector.curves) if detector.curves else None,
    )


def _curve_plots(name: str, detector: DetectorSection, found: Curves) -> _CurvePlots:
    return _CurvePlots(
        films=_curves_on(detector, found),
        area=_area(found),
        precision_recall=precision_recall_plot(name, found) if found.steps else None,
        reliability=reliability_plot(name, found),
    )


def _area(found: Curves) -> str:
    if found.bad < _FEWEST_BAD:
        return f"Area under it: {NOT_MEASURED}, with fewer than {_FEWEST_BAD} bad films."
    return f"Area under it: {figure_words(found.figures.auprc)}, by bootstrap over patients."


def _curves_on(detector: DetectorSection, found: Curves) -> str:
    new = " from whom this version learnt nothing" if detector.learnt_from_known else ""
    return (
        f"On {counted(found.films)} that reviewers judged, {found.bad:,} of them bad, of "
        f"{counted(found.patients, 'sealed patient')}{new}."
    )


def _versions(report: ArchiveReport) -> Table | None:
    rows = [
        (
            f"{task.called}: {one.model_version}",
            one.trained_at[:_MINUTE],
            f"{one.reviewer_labels:,}",
            share_words(one.sealed_wrong),
            "in use" if one.in_use else "not in use",
        )
        for task in report.tasks
        for one in task.detector.versions
    ]
    heads = ("Version", "Trained (UTC)", "Reviewer labels", "Sealed views judged wrong", "Now")
    return Table("Model versions", heads, rows) if rows else None


def _publications(report: ArchiveReport) -> Table | None:
    rows = [
        (
            f"{task.called}: {one.model_version}",
            one.at[:_MINUTE],
            "rolled back to" if one.rolled_back else "published",
            one.reason,
        )
        for task in report.tasks
        for one in task.detector.publications
    ]
    heads = ("Version", "When (UTC)", "What", "Why")
    return Table("Publications and rollbacks, oldest first", heads, rows) if rows else None


def _provenance(made: Provenance) -> Iterator[Table]:
    """Yield where the figures come from, then what the models and batches were made of."""
    chain = f"BROKEN: {made.ledger_fault}" if made.ledger_fault else "unbroken"
    facts = [
        ("Made at (UTC)", made.at),
        ("radsieve", made.radsieve),
        ("Workspace", made.workspace),
        ("Films, SHA-256 of their sorted ids", made.films_digest),
        ("Ledger, last row", f"{made.ledger_rows:,}, chain {chain}"),
        ("Ledger, digest of the last row", made.ledger_head),
        *((f"Seed of {name}", str(seed)) for name, seed in made.seeds.items()),
        *((f"Setting {name}", value) for name, value in made.settings.items()),
    ]
    yield Table("Where the figures come from", ("Fact", "Value"), facts)
    if made.predictions:
        yield _prediction_files(made)
    if made.batches:
        yield _batches(made)


def _prediction_files(made: Provenance) -> Table:
    rows = [
        (f"{one.task}: {one.model_version}", f"{one.films:,}", one.sha256)
        for one in made.predictions
    ]
    heads = ("Predictions", "Films", "SHA-256 of the file")
    return Table("Prediction files of the versions in use", heads, rows)


def _batches(made: Provenance) -> Table:
    rows = [
        (f"{one.task}: batch {one.batch_id}", one.at[:_MINUTE], one.model_version, str(one.seed))
        for one in made.batches
    ]
    heads = ("Review batch", "Drawn (UTC)", "By version", "Seed")
    return Table("Review batches and their seeds", heads, rows)
