"""Label films by their reports, without the rules that reviewers found imprecise."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import films
from backend.archive.loop.seal import seal_of
from backend.base.adapters.database import utc_now
from backend.base.adapters.settings import Settings
from backend.base.adapters.workspace import SealTerms
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import InputFileError
from backend.labels.adapters.label_store import (
    LabelChanges,
    drawn_films,
    replace_labels,
    report_evidence,
    standing_labels,
)
from backend.labels.adapters.label_table import FilmLookup
from backend.labels.core.labels import Label, LabelSource, Verdict, verdicts
from backend.reports.adapters.lexicon_file import lexicon_words
from backend.reports.adapters.report_label_table import ReportRow
from backend.reports.core.rule_trust import SILENT, RuleRecord, film_label, in_force, rule_records
from backend.reports.core.scrub import only_known, scrubbed, words_used_often


@dataclass(frozen=True, slots=True)
class ReportLabelling:
    """Counts of joining reports to films."""

    films: Mapping[str, int]
    """Label -> films that got it."""
    reports: int
    """Reports that give a label and have a film in the archive."""
    abstaining: int
    without_film: int
    """Reports that give a label and have no film in the archive."""
    unknown_films: int
    """Rows whose film is not in the archive."""
    contradictory: int
    """Films left out because their reports disagree."""
    changes: LabelChanges


def label_by_reports(
    engine: Engine,
    task: DetectorTask,
    reports: Sequence[ReportRow],
    films_of: Iterable[tuple[str, str]],
) -> ReportLabelling:
    """Store the labels of reports with the source REPORT; labels of reviewers stay.

    A report speaks for all films of its examination. Labels that an earlier table gave and this one
    does not are withdrawn. No report id is kept; of the report, only the sentence that decided,
    scrubbed of numbers, dates and names.

    Args:
        engine: the database.
        task: the detector task that learns from them.
        reports: what each report says; those that abstain label nothing.
        films_of: (name or path of a film's file, id of its report).

    Raises:
        InputFileError: two rows are of one report.
    """
    rows = _by_id(reports)
    labels = {key: film_label(task, row.label) for key, row in rows.items()}
    deciding = {key: label for key, label in labels.items() if label is not None}
    words, used, unknown = _join(engine, films_of, deciding)
    agreed = {film: keys for film, keys in words.items() if len({deciding[k] for k in keys}) == 1}
    surest = {film: max((rows[key] for key in keys), key=_sure) for film, keys in agreed.items()}
    known_words = lexicon_words() | words_used_often(row.span for row in reports)
    new = _labels(
        task, {film: (row, deciding[row.report_id]) for film, row in surest.items()}, known_words
    )
    changes = replace_labels(engine, task.name, LabelSource.REPORT, new)
    return ReportLabelling(
        films={name: sum(label.label == name for label in new) for name in task.labels},
        reports=len(used),
        abstaining=len(rows) - len(deciding),
        without_film=len(deciding) - len(used),
        unknown_films=unknown,
        contradictory=len(words) - len(agreed),
        changes=changes,
    )


def _sure(row: ReportRow) -> float:
    return row.confidence


def _by_id(reports: Sequence[ReportRow]) -> dict[str, ReportRow]:
    by_id = {row.report_id: row for row in reports}
    if len(by_id) < len(reports):
        raise InputFileError(
            f"expected one row a report, got {len(reports) - len(by_id)} more rows than reports; "
            "write the table again with `radsieve seed-reports`"
        )
    return by_id


def _join(
    engine: Engine, films_of: Iterable[tuple[str, str]], deciding: Mapping[str, str]
) -> tuple[dict[str, set[str]], set[str], int]:
    """Return report ids by film, the reports that have one, and how many names fit no film."""
    lookup, unknown = FilmLookup(engine), 0
    words: dict[str, set[str]] = {}
    for name, report_id in films_of:
        film = lookup.find(name)
        if film is None:
            unknown += 1
        elif report_id in deciding:
            words.setdefault(film, set()).add(report_id)
    return words, set().union(*words.values()), unknown


def _labels(
    task: DetectorTask, decided: Mapping[str, tuple[ReportRow, str]], known_words: Collection[str]
) -> list[Label]:
    now = utc_now()
    return [
        Label(
            film,
            task.name,
            label,
            LabelSource.REPORT,
            now,
            rule=row.rule or SILENT,
            confidence=row.confidence,
            evidence=only_known(scrubbed(row.span), known_words),
        )
        for film, (row, label) in decided.items()
    ]


def report_sentence(
    engine: Engine, settings: Settings, task: DetectorTask, radiograph_id: str
) -> str:
    """Return the sentence of a report that labelled a film, as a reviewer may see it.

    Returns:
        At most `LONGEST` characters of plain text, scrubbed; not escaped for HTML. Empty where no
        report labelled the film, or the setting `show_report_sentence` is off.
    """
    if not settings.show_report_sentence:
        return ""
    # Scrubbed again: the rules may have become stricter since the label was stored.
    return scrubbed(report_evidence(engine, task.name, radiograph_id))


def labels_in_force(
    engine: Engine,
    terms: SealTerms,
    task: DetectorTask,
    labels: Sequence[Label] | None = None,
) -> list[Label]:
    """Return the standing labels, without those of report rules that are imprecise.

    Args:
        engine: the database.
        terms: who is sealed.
        task: the detector task.
        labels: its standing labels, where the caller has read them already.
    """
    standing = standing_labels(engine, task.name) if labels is None else labels
    return counting_among(engine, task, standing, _sealed(engine, terms, standing))


def verdicts_in_force(
    engine: Engine, terms: SealTerms, task: DetectorTask, more: Sequence[Label] = ()
) -> dict[str, Verdict]:
    """Return the verdicts of the labels in force and of more labels, by radiograph id."""
    return verdicts([*labels_in_force(engine, terms, task), *more], task)


def counting_among(
    engine: Engine, task: DetectorTask, standing: Sequence[Label], sealed: AbstractSet[str]
) -> list[Label]:
    """Return labels without those of report rules that did badly, for a caller who has read them.

    Args:
        engine: the database.
        task: the detector task.
        standing: its labels that stand.
        sealed: ids of the sealed films; answers about them may not decide which rules teach.
    """
    return in_force(standing, records_among(engine, task, standing, sealed))


def records_among(
    engine: Engine, task: DetectorTask, standing: Sequence[Label], sealed: AbstractSet[str]
) -> list[RuleRecord]:
    """Return how often reviewers agreed with each rule's labels, the most used rule first.

    The arguments are those of `counting_among`. Without a label of a report there is no record, and
    the database is not asked.
    """
    if not _has_reports(standing):
        return []
    reviewed = [
        label
        for label in standing
        if label.source is LabelSource.REVIEWER and label.radiograph_id not in sealed
    ]
    drawn = drawn_films(engine, task.name)
    return rule_records(standing, verdicts(reviewed, task), drawn)


def _sealed(engine: Engine, terms: SealTerms, standing: Sequence[Label]) -> frozenset[str]:
    """Return the sealed films, where a rule's record needs them."""
    if not _has_reports(standing):
        return frozenset()
    return seal_of(engine, terms, films(engine)).films


def _has_reports(standing: Sequence[Label]) -> bool:
    return any(label.source is LabelSource.REPORT for label in standing)
