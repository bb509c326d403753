"""The archive report as one HTML page: nothing is fetched, and there is no script in it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from html import escape
from importlib import resources

from backend.base.adapters.html_page import html_page
from backend.certificate.core.certificate import Certificate
from backend.certificate.core.curves import Curves
from backend.export.adapters.page.pictures import class_sheet
from backend.export.adapters.page.plots import (
    learning_plot,
    precision_recall_plot,
    reliability_plot,
)
from backend.export.adapters.page.review import review_parts
from backend.export.adapters.page.words import (
    NOT_MEASURED,
    bullets,
    figure_words,
    paragraph,
    share_words,
    stated_table,
    table,
)
from backend.export.core.bias import Limits
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
    counted,
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
_NOT_ON_RECORD = (
    "An earlier radsieve made this version and did not record which films it learnt from. Its "
    "figures on sealed patients hold only if no patient was told apart, and the share of sealed "
    "patients was not changed, since."
)
_SHOWS = (
    "This page shows films of real patients. Keep it, send it and delete it as you would the films "
    "themselves. It holds no name, no patient number and no file path."
)
_SHOWS_NONE = (
    "This page shows no film. It holds no name, no patient number and no file path; films have the "
    "first letters of their id."
)
_LIMITS = (
    "A film counts as bad only where a person, a report or a rule says so. A prediction alone "
    "never puts a film on the list of this report.",
    "'At most so many bad films are left' is a limit that holds for 19 of 20 archives, not an "
    "estimate: there may be far fewer, and there may be none.",
    "It speaks of the films that were indexed when the first ones were drawn at random, and of the "
    "questions asked here. Nobody looked for other faults.",
    "Every verdict is taken as right unless it says that slips were counted in. Slips are measured "
    "on films whose answer is known, hidden among the others.",
    "Figures on 'made views' come from the archive's own films that radsieve turned, inverted or "
    "mirrored. They are synthetic; real faults can be harder to see.",
    "Films in the precision-recall and calibration plots were chosen for review, most of them "
    "because they looked suspicious. Bad films are more common among them than in the archive, so "
    "precision is lower in the archive than in the plot.",
    "Intervals treat films as independent unless they say that patients were drawn. Films of one "
    "patient are alike, so true intervals can be wider.",
    "radsieve prepares research archives. It is no medical device; nothing here is a diagnosis.",
)


def archive_page(report: ArchiveReport, *, with_pictures: bool = True) -> str:
    """Return the whole page; the same report gives the same page."""
    made = report.provenance
    parts = {
        "made": escape(f"{made.at[:_DAY]}, radsieve {made.radsieve}, archive {made.workspace}"),
        "archive": escape(_archive_line(report)),
        "notice": escape(_SHOWS if with_pictures else _SHOWS_NONE),
        "answers": "".join(_answers(report)),
        "overview": "".join(_overview(report)),
        "found": "".join(_found(report, with_pictures=with_pictures)),
        "sure": "".join(_sure(report)),
        "fair": "".join(_fair(report)),
        "checked": "".join(review_parts(used_tasks(report))),
        "detectors": "".join(_detectors(report)),
        "versions": "".join(_versions(report)),
        "provenance": "".join(_provenance(made)),
        "limits": bullets(_LIMITS),
    }
    return html_page(title=_TITLE, body=_filled(parts), style=_part("archive_report.css"))


def _filled(parts: Mapping[str, str]) -> str:
    """Put parts into the template, in one pass: what looks like a hole in a part is none."""
    head, *rest = _part("archive_report.html").split("{{")
    filled = [head]
    for piece in rest:
        name, after = piece.split("}}", 1)
        filled += [parts[name], after]
    return "".join(filled)


def _part(name: str) -> str:
    return (resources.files(_FOLDER) / name).read_text(encoding="utf-8")


def _archive_line(report: ArchiveReport) -> str:
    known = ", ".join(
        f"{count:,} known by {how}" for how, count in report.patients_known_by.items()
    )
    copies = f"; {counted(report.copies, 'file')} hold what another file holds" * bool(
        report.copies
    )
    return (
        f"{counted(report.films)} of {counted(report.patients, 'patient')} ({known or 'none'}); "
        f"{counted(report.unreadable, 'file')} could not be read{copies}."
    )


def _answers(report: ArchiveReport) -> Iterator[str]:
    for answer in five_answers(report):
        yield (
            f'<div class="answer"><h2>{escape(answer.question)}</h2><div>'
            f"{paragraph(answer.short, 'short')}{bullets(answer.details)}</div></div>"
        )


def _overview(report: ArchiveReport) -> Iterator[str]:
    heads = (
        "Question",
        "Judged by a person",
        "Confirmed bad",
        "Suspected, not looked at",
        "Bad at most, without a verdict",
        "Bad at most in all",
    )
    rows = []
    for task in used_tasks(report):
        said = certified(task)
        rows.append(
            (
                task.name,
                f"{task.looked_at:,} of {report.films:,}",
                f"{task.bad:,}",
                NOT_MEASURED if task.suspected is None else f"{task.suspected:,}",
                f"{_unreviewed(said):,}" if said else NOT_MEASURED,
                _in_all(said) if said else NOT_MEASURED,
            )
        )
    yield table("The questions asked of every film, with the number of films", heads, rows)
    yield from (paragraph(f"{one.name}: {one.question}", "soft") for one in used_tasks(report))
    if unused := unused_tasks(report):
        yield paragraph(f"Nobody worked on: {', '.join(unused)}. Nothing is known of these.")


def _found(report: ArchiveReport, *, with_pictures: bool) -> Iterator[str]:
    any_found = False
    for task in report.tasks:
        if task.found:
            any_found = True
            yield f"<h3>{escape(task.name)}: {counted(task.bad, 'bad film')}</h3>"
            yield from (class_sheet(one, with_pictures=with_pictures) for one in task.found)
    if not any_found:
        yield paragraph("No film is confirmed bad.")


def _sure(report: ArchiveReport) -> Iterator[str]:
    for task in used_tasks(report):
        yield f"<h3>{escape(task.name)}</h3>"
        if task.audited is None:
            yield paragraph(f"Not measured: {task.not_audited}.")
        else:
            yield from _certificate(task.audited)


def _certificate(audited: Audited) -> Iterator[str]:
    said, ahead = audited.certificate, audited.halved
    yield f"<blockquote>{paragraph(said.sentence)}</blockquote>"
    slips = slip_bounds(said)
    rows = [
        ("Films when the first ones were drawn", f"{said.films:,}"),
        ("Came later, or were replaced: not counted below", f"{said.newcomers.films:,}"),
        ("Not looked at", f"{said.unreviewed:,}"),
        ("Looked at, without a verdict yet", f"{said.unresolved:,}"),
        ("Confirmed bad", f"{said.found:,}"),
        (
            "Bad at most among those not looked at, or without a verdict",
            f"{_unreviewed(said):,}",
        ),
        ("Bad at most in all, looked at and missed ones included", _in_all(said)),
        (
            "Bad films that one look misses, at most",
            f"{100 * slips.one_look_misses_at_most:.1f} %" if slips else NOT_MEASURED,
        ),
        ("Confidence", confidence(said.alpha)),
        ("To halve what may be left", _halved(audited)),
        ("Advice", f"{ahead.advice.value}; {audited.course.value}"),
    ]
    yield table("What is left, as certified", ("", "Films"), rows)


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


def _fair_rule(limits: Limits) -> str:
    return (
        f"A group loses too much where its share is more than {limits.ratio:g} times that of the "
        f"rest, {limits.least_excluded} films or more, and more than chance explains (below "
        f"{limits.level:g} when all comparisons are considered, by Holm). An export then stops "
        "until a person gives a reason, which the ledger keeps. Below "
        f"{limits.least_films} films, in it or outside, there is no test; such a group is named "
        "where it lost two films or more, and all of its films while the rest kept some, or more "
        f"than half of them and more than {limits.ratio:g} times the share of the rest."
    )


def _fair(report: ArchiveReport) -> Iterator[str]:
    bias, tested = report.bias, asked(report.bias)
    shown = [one for one in bias.comparisons if one in tested or one in bias.lost_untested]
    yield paragraph(_fair_rule(bias.limits))
    rows = [
        (
            f"{one.detector_task}: {one.attribute} {one.group}",
            f"{one.excluded:,} of {one.films:,}: {figure_words(one.rate)}",
            f"{one.rest_excluded:,} of {one.rest_films:,}: {figure_words(one.rest_rate)}",
            figure_words(one.difference),
            NOT_MEASURED if one.adjusted is None else f"{one.adjusted:.3g}",
            one.finding.value,
        )
        for one in shown
    ]
    heads = ("Group", "Loses", "The rest loses", "Difference", "Adjusted chance", "Finding")
    if rows:
        yield table("Films lost by group, with 95 % intervals", heads, rows)
    else:
        yield paragraph(f"Differences between groups: {NOT_MEASURED}.")
    others = Counter(one.finding.value for one in bias.comparisons if one not in shown)
    for finding, count in sorted(others.items()):
        yield paragraph(f"Not tested: {counted(count, 'comparison')}, {finding}.", "soft")
    for one in report.provenance.overrides:
        yield paragraph(f"An export went on all the same: {one}.")


def _detectors(report: ArchiveReport) -> Iterator[str]:
    for task in used_tasks(report):
        if not task.detector.versions:
            continue
        yield f"<h3>{escape(task.name)}</h3>"
        if task.detector.judged:
            yield stated_table("The version in use, as judged when trained", task.detector.judged)
        if task.detector.estimates:
            yield stated_table("In the archive itself", task.detector.estimates)
        else:
            yield paragraph("Precision and recall in the archive itself: not measured.")
        if not task.detector.learnt_from_known:
            yield paragraph(_NOT_ON_RECORD, "soft")
        yield f'<div class="plots">{"".join(_plots(task))}</div>'


def _plots(task: TaskReport) -> Iterator[str]:
    detector = task.detector
    yield (
        "<figure><figcaption><strong>Learning.</strong> Sealed views judged wrong by each version, "
        "over the reviewer labels there were; bars: exact 95 % intervals. Sealed patients are "
        f"never trained on.</figcaption>{learning_plot(task.name, detector.versions)}</figure>"
    )
    found = detector.curves
    if found is None:
        yield paragraph(
            "Precision over recall, calibration: not measured. No film of a sealed patient who is "
            "new to this version has been judged by a reviewer."
        )
        return
    on = escape(_curves_on(detector, found))
    if found.steps:
        yield (
            f"<figure><figcaption><strong>Precision over recall.</strong> {on} {_area(found)} Dot: "
            "at probability 0.5, with exact 95 % intervals."
            f"</figcaption>{precision_recall_plot(task.name, found)}</figure>"
        )
    else:
        yield paragraph(f"Precision over recall: not measured. {_curves_on(detector, found)}")
    yield (
        f"<figure><figcaption><strong>Calibration.</strong> {on} Bars: exact 95 % intervals; "
        "dashed: stated probabilities are true."
        f"</figcaption>{reliability_plot(task.name, found)}</figure>"
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


def _versions(report: ArchiveReport) -> Iterator[str]:
    rows = [
        (
            f"{task.name}: {one.model_version}",
            one.trained_at[:_MINUTE],
            f"{one.reviewer_labels:,}",
            share_words(one.sealed_wrong),
            "in use" if one.in_use else "not in use",
        )
        for task in report.tasks
        for one in task.detector.versions
    ]
    heads = ("Version", "Trained (UTC)", "Reviewer labels", "Sealed views judged wrong", "Now")
    yield table("Model versions", heads, rows) if rows else paragraph("No model was trained.")
    published = [
        (
            f"{task.name}: {one.model_version}",
            one.at[:_MINUTE],
            "rolled back to" if one.rolled_back else "published",
            one.reason,
        )
        for task in report.tasks
        for one in task.detector.publications
    ]
    if published:
        columns = ("Version", "When (UTC)", "What", "Why")
        yield table("Publications and rollbacks, oldest first", columns, published)


def _provenance(made: Provenance) -> Iterator[str]:
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
    yield table("Where the figures come from", ("Fact", "Value"), facts)
    yield paragraph("Settings that are not listed are as by default.", "soft")
    yield from _made_of(made)


def _made_of(made: Provenance) -> Iterator[str]:
    if made.predictions:
        digests = [
            (f"{one.task}: {one.model_version}", f"{one.films:,}", one.sha256)
            for one in made.predictions
        ]
        heads = ("Predictions", "Films", "SHA-256 of the file")
        yield table("Prediction files of the versions in use", heads, digests)
    if made.batches:
        drawn = [
            (
                f"{one.task}: batch {one.batch_id}",
                one.at[:_MINUTE],
                one.model_version,
                str(one.seed),
            )
            for one in made.batches
        ]
        columns = ("Review batch", "Drawn (UTC)", "By version", "Seed")
        yield table("Review batches and their seeds", columns, drawn)
