"""Does what an export leaves out cost some group of patients more than the rest?"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import Engine

from backend.archive.core.film import Film
from backend.base.adapters.settings import Settings
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import RadsieveError
from backend.export.adapters.film_groups import header_values, read_groups
from backend.export.core.bias import BiasReport, bias_report, is_sentence
from backend.export.core.bias_comparison import Exclusions, Limits
from backend.export.core.bias_groups import UNKNOWN, Attribute, age_band, age_group
from backend.export.core.rows import wrong_films
from backend.export.loop.reading import read_archive
from backend.labels.adapters.ledger_store import note_override
from backend.labels.core.labels import verdicts

MAKER_TAG = "Manufacturer"
_AGE, _AGE_GROUP, _MAKER = "age", "age group", "maker"
_SOURCES = (_MAKER, "scanner", "site", "source")
"""Attributes that say where a film comes from; all but the first are columns of a table."""
_MOST_NAMED = 2
"""Causes that an error names; it is one line, and each cause is long."""


@dataclass(frozen=True, slots=True)
class FilmGroups:
    """The properties by which films are grouped, and the limits of what a group may lose."""

    films: Sequence[Film]
    makers: Mapping[str, str]
    """Radiograph id -> the maker of the machine, of films whose header names one."""
    of_table: Mapping[str, Mapping[str, tuple[str, ...]]]
    """By the name of an attribute and radiograph id, the groups that a table puts films in."""
    meant: Mapping[str, Sequence[str]]
    """Detector task -> the attributes that it is meant to tell apart."""
    limits: Limits


def read_film_groups(
    engine: Engine, settings: Settings, archive: Iterable[Film], groups: Path | None = None
) -> FilmGroups:
    """Read the properties by which films are grouped.

    Args:
        engine: the database.
        settings: the limits of what a group may lose.
        archive: its films.
        groups: a table of further groups, see `read_groups`.

    Raises:
        InputFileError: the table cannot be used.
    """
    return FilmGroups(
        films=list(archive),
        makers=header_values(engine, MAKER_TAG),
        of_table=read_groups(groups, engine) if groups else {},
        meant=settings.bias_meant,
        limits=_limits(settings),
    )


def bias_of_known(
    workspace: Workspace, tasks: Mapping[str, DetectorTask], *, groups: Path | None = None
) -> BiasReport:
    """Compare what groups of films would lose if all films were excluded that are known to be bad.

    Args:
        workspace: the archive.
        tasks: detector tasks by name.
        groups: a table of further groups, see `read_groups`.

    Raises:
        InputFileError: the table cannot be used.
    """
    engine = workspace.database
    reading = read_archive(engine, workspace.seal_terms, tasks)
    known = {name: verdicts(labels, tasks[name]) for name, labels in reading.labels.items()}
    lost = {name: set(bad) for name, bad in wrong_films(tasks, known).items()}
    by_group = read_film_groups(engine, workspace.settings, reading.films.values(), groups)
    return compare_losses(tasks, lost, by_group)


def compare_losses(
    tasks: Mapping[str, DetectorTask],
    excluded: Mapping[str, Collection[str]],
    groups: FilmGroups,
) -> BiasReport:
    """Compare what each group of films loses with what the rest of the archive loses.

    Films are grouped by age band, by the side of 18 years they are on, sex, view and maker, as far
    as the archive says, and by what a table says; groups of the same films are compared once. What
    a rule on metadata takes out, such as children, is a policy: it is listed, and does not block. A
    detector that takes out the same films does.

    Args:
        tasks: detector tasks by name.
        excluded: detector task -> radiograph ids of the films that it takes out.
        groups: what the films are grouped by.
    """
    return bias_report(
        _attributes(groups),
        [_exclusions(tasks[name], groups, set(films)) for name, films in excluded.items()],
        [film.patient_key for film in groups.films],
        groups.limits,
    )


def refuse_bias(engine: Engine, report: BiasReport, *, accept: str | None = None) -> None:
    """Refuse where a group loses too much, unless a person gives a reason; the ledger keeps it.

    Args:
        engine: the database, whose ledger notes the reason.
        report: of what is about to be left out.
        accept: the reason, a sentence in a person's words; None or blank: nobody gave one.

    Raises:
        RadsieveError: a group loses too much, and no reason was given, or one of too few words.
    """
    if not report.blocking:
        return
    reason = (accept or "").strip()
    if not reason:
        raise RadsieveError(_what_loses(report))
    if not is_sentence(reason):
        raise RadsieveError(
            f"{reason!r} is no reason that somebody can judge later; give a sentence, such as "
            '`--accept-bias "the children\'s ward takes films of lying patients"`'
        )
    note_override(engine, reason, {"bias": _override_facts(report)})


def _what_loses(report: BiasReport) -> str:
    causes = report.blocking_causes
    named = "; ".join(cause.sentence() for cause in causes[:_MOST_NAMED])
    more = f"; and {len(causes) - _MOST_NAMED} more" if len(causes) > _MOST_NAMED else ""
    return (
        f"some films lose more than others: {named}{more}. Look at them (`radsieve bias`), put "
        'wrong answers right, or say in a sentence why it may be so: `--accept-bias "REASON"`'
    )


def _override_facts(report: BiasReport) -> dict[str, object]:
    names = ("detector_task", "attribute", "group", "films", "excluded", "adjusted")
    rows = [{name: getattr(one, name) for name in names} for one in report.blocking]
    return {"limits": asdict(report.limits), "groups": rows}


def _limits(settings: Settings) -> Limits:
    """Return the limits of what a group may lose, from the settings."""
    return Limits(
        ratio=settings.bias_ratio,
        least_excluded=settings.bias_least_excluded,
        level=settings.bias_level,
        least_films=settings.bias_least_films,
    )


def _exclusions(task: DetectorTask, groups: FilmGroups, out: set[str]) -> Exclusions:
    meant = groups.meant.get(task.name, ())
    return Exclusions(
        detector_task=task.name,
        title=task.display_name,
        excluded=np.array([film.radiograph_id in out for film in groups.films], dtype=np.bool_),
        meant_for=(*meant, *[_AGE_GROUP] * (_AGE in meant)),
        # A rule on pixels may well dislike the films of one group more than it should.
        is_policy=task.rule is not None and not task.rule.needs_pixels,
    )


def _attributes(groups: FilmGroups) -> list[Attribute]:
    films = groups.films
    own: dict[str, Mapping[str, tuple[str, ...]]] = {
        _AGE: {film.radiograph_id: (age_band(film.age_years),) for film in films},
        _AGE_GROUP: {
            film.radiograph_id: () if film.age_years is None else (age_group(film.age_years),)
            for film in films
        },
        "sex": {film.radiograph_id: (film.sex or UNKNOWN,) for film in films},
        "view": {film.radiograph_id: (film.view_position or UNKNOWN,) for film in films},
        _MAKER: {film: (maker,) for film, maker in groups.makers.items()},
    }
    return [
        Attribute(
            name, [values.get(film.radiograph_id, (UNKNOWN,)) for film in films], name in _SOURCES
        )
        # A column of the table stands beside one of ours with its name, and never replaces it.
        for name, values in (*own.items(), *groups.of_table.items())
    ]
