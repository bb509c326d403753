"""Does what an export leaves out cost some group of patients more than the rest?"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from backend.archive.adapters.catalogue import films
from backend.archive.core.film import Film
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import RadsieveError
from backend.export.adapters.film_groups import header_values, read_groups
from backend.export.core.bias import (
    UNKNOWN,
    Attribute,
    BiasReport,
    Exclusions,
    Limits,
    age_band,
    age_group,
    bias_report,
)
from backend.export.core.rows import wrong_films
from backend.labels.adapters.ledger_store import note_override
from backend.labels.core.labels import verdicts
from backend.reports.loop.report_labels import labels_in_force

MAKER_TAG = "Manufacturer"
_AGE, _AGE_GROUP = "age", "age group"
_MOST_NAMED = 5
"""Groups that an error names."""


def check_bias(
    workspace: Workspace,
    tasks: Mapping[str, DetectorTask],
    excluded: Mapping[str, Collection[str]],
    *,
    groups: Path | None = None,
) -> BiasReport:
    """Compare what each group of films loses with what the rest of the archive loses.

    Films are grouped by age band, by the side of 18 years they are on, sex, view and maker, as far
    as the archive says, and by what a table says. What a rule on metadata takes out, such as
    children, is a policy: it is listed, and does not block. A detector that takes out the same
    films does.

    Args:
        workspace: the archive.
        tasks: detector tasks by name.
        excluded: detector task -> radiograph ids of the films that it takes out.
        groups: a table of further groups, see `read_groups`.

    Raises:
        InputFileError: the table cannot be used.
    """
    archive = films(workspace.database)
    return bias_report(
        _attributes(workspace, archive, groups),
        [
            _exclusions(workspace, tasks[name], archive, set(some))
            for name, some in excluded.items()
        ],
        [film.patient_key for film in archive],
        limits(workspace),
    )


def refuse_bias(workspace: Workspace, report: BiasReport, *, accept: str | None = None) -> None:
    """Stop where a group loses too much, unless a person says why it may; that is kept for ever.

    Args:
        workspace: whose ledger notes the reason.
        report: of what is about to be left out.
        accept: the reason, in a person's words; None or blank: nobody gave one.

    Raises:
        RadsieveError: a group loses too much, and no reason was given.
    """
    blocking = report.blocking
    if not blocking:
        return
    if accept and accept.strip():
        rows = [
            {name: getattr(one, name) for name in ("detector_task", "attribute", "group")}
            | {"films": one.films, "excluded": one.excluded, "adjusted": one.adjusted}
            for one in blocking
        ]
        facts = {"limits": asdict(report.limits), "groups": rows}
        note_override(workspace.database, accept.strip(), {"bias": facts})
        return
    named = "; ".join(one.sentence() for one in blocking[:_MOST_NAMED])
    more = f"; and {len(blocking) - _MOST_NAMED} more" if len(blocking) > _MOST_NAMED else ""
    raise RadsieveError(
        f"some films lose more than others: {named}{more}. Look at them (`radsieve bias`), put "
        'wrong answers right, or say why it may be so with `--accept-bias "REASON"`'
    )


def confirmed_exclusions(
    workspace: Workspace, tasks: Mapping[str, DetectorTask]
) -> dict[str, set[str]]:
    """Return by detector task the films that are known to be bad; these an export lists."""
    known = {name: verdicts(labels_in_force(workspace, tasks[name]), tasks[name]) for name in tasks}
    return {name: set(bad) for name, bad in wrong_films(tasks, known).items()}


def limits(workspace: Workspace) -> Limits:
    """Return from when on a group loses too much, as set."""
    settings = workspace.settings
    return Limits(
        ratio=settings.bias_ratio,
        least_excluded=settings.bias_least_excluded,
        level=settings.bias_level,
        least_films=settings.bias_least_films,
    )


def _exclusions(
    workspace: Workspace, task: DetectorTask, archive: Sequence[Film], out: set[str]
) -> Exclusions:
    meant = workspace.settings.bias_meant.get(task.name, ())
    return Exclusions(
        detector_task=task.name,
        excluded=np.array([film.radiograph_id in out for film in archive], dtype=np.bool_),
        meant_for=(*meant, *[_AGE_GROUP] * (_AGE in meant)),
        # A rule on pixels may well dislike the films of one group more than it should.
        is_policy=task.rule is not None and not task.rule.needs_pixels,
    )


def _attributes(
    workspace: Workspace, archive: Sequence[Film], groups: Path | None
) -> list[Attribute]:
    makers = header_values(workspace.database, MAKER_TAG)
    found = {
        _AGE: {film.radiograph_id: (age_band(film.age_years),) for film in archive},
        _AGE_GROUP: {film.radiograph_id: (age_group(film.age_years),) for film in archive},
        "sex": {film.radiograph_id: (film.sex or UNKNOWN,) for film in archive},
        "view": {film.radiograph_id: (film.view_position or UNKNOWN,) for film in archive},
        "maker": {film: (maker,) for film, maker in makers.items()},
    }
    more = read_groups(groups, workspace.database) if groups else {}
    return [
        Attribute(name, [said.get(film.radiograph_id, (UNKNOWN,)) for film in archive])
        # A table's column stands beside one of ours with its name, and never takes its place.
        for name, said in (*found.items(), *more.items())
    ]
