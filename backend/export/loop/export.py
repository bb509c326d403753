"""An export: the exclusion and correction lists, certificate, report, and corrected copies."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from backend.base.adapters.files import write_atomically
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.errors import RadsieveError
from backend.certificate.loop.audit import ArchiveAudit
from backend.detectors.loop.proof import unproven
from backend.export.adapters.page.archive_page import archive_page
from backend.export.core.facts import ReviewFacts
from backend.export.core.left_out import LeftOut, left_out
from backend.export.loop.bias import compare_losses, read_film_groups, refuse_bias
from backend.export.loop.checked_lists import checked_lists
from backend.export.loop.copies import Copies, make_copies, refuse_originals
from backend.export.loop.lists import ExportLists, Known
from backend.export.loop.record import export_moment, export_record, note_export, read_moment
from backend.export.loop.report import ReportParts, audit_or_problem, report_of
from backend.export.loop.report_provenance import provenance
from backend.export.loop.report_reading import read_report


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote, and the facts of the review that it is made of."""

    exclusions: int
    """Rows of the exclusion list: one for each file and reason."""
    left_out: LeftOut
    """The films that these rows leave out, and the reasons."""
    corrections: int
    """Files that can be corrected."""
    corrected_films: int
    """Films in these files."""
    unproven: int
    """Files whose correction the detectors refute; listed for a second look, not corrected."""
    unreviewed: Mapping[str, int]
    """Detector task -> files surely predicted bad that nobody has decided about."""
    boxes: int
    copies: int
    crops: int
    suspects: int
    """Files of films that are suspected and that nobody has decided about, by detector task."""
    facts: ReviewFacts
    """What was looked at, what is bad, and what is suspected."""
    ledger_row: int
    """The row of the ledger that records the export; `radsieve export --again` takes it."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """File that could not be corrected -> why."""
    changed: Mapping[str, str] = field(default_factory=dict)
    """File of a listed film that is no longer what was indexed, and in no list -> what came."""
    accepted_groups: int = 0
    """Groups of films that lose more than the rest, which a person has accepted."""


@dataclass(frozen=True, slots=True)
class BiasTerms:
    """How to treat an export that costs some groups of films more than others."""

    accept: str | None = None
    """Reason for accepting the bias, in a person's words; None refuses the export."""
    groups: Path | None = None
    """A table of further groups, see `export.adapters.film_groups.read_groups`."""


def export(  # noqa: PLR0913 - what is read, where to, and three choices
    workspace: Workspace,
    tasks: Mapping[str, DetectorTask],
    out: Path,
    *,
    with_predicted: bool = False,
    apply_to: Path | None = None,
    bias: BiasTerms = BiasTerms(),
    with_pictures: bool = True,
) -> ExportReport:
    """Write the lists, the certificate and the report, each whole or not at all.

    Excluded is only what a person confirmed or a policy takes out; what is suspected and unseen is
    in `suspects.csv`. A correction is listed only when the corrected film passes every detector;
    the others go to `unproven.csv`, for a second look. A file that is gone or holds something else
    than was indexed is in no list. The ledger keeps what each list was made of, and its digest.

    Args:
        workspace: whose verdicts are written.
        tasks: detector tasks by name.
        out: folder of the two lists.
        with_predicted: add films that are predicted bad with at least `accept_at` and that nobody
            has looked at; their `label_source` is empty. Tasks that are for review only add none.
        apply_to: folder for corrected copies and, below `crops`, for what lies in boxes;
            originals are never touched.
        bias: further groups, and a reason for accepting that a group loses too much.
        with_pictures: whether the report shows films; then it has to be kept as the films are.

    Raises:
        ChangedEvidenceError: a table or a file is not as the ledger says; nothing was written.
        RadsieveError: `apply_to` lies where originals are, or a group loses too much; nothing was
            written.
    """
    engine, files, settings = workspace.database, workspace.detector_files, workspace.settings
    read = read_moment(engine, workspace.seal_terms, tasks)
    moment = export_moment(read, files, settings, with_predicted=with_predicted)
    films, detectors = moment.reading.films.values(), moment.reading.proof_detectors()
    checked = checked_lists(
        engine, moment.known, lambda wanted: unproven(detectors, films, wanted, files)
    )
    refuse_originals(checked.lists, apply_to)
    groups = read_film_groups(engine, settings, films, bias.groups)
    unequal = compare_losses(tasks, _lost(checked.lists, checked.known), groups)
    refuse_bias(engine, unequal, accept=bias.accept)
    copies = make_copies(checked, apply_to) if apply_to else Copies(checked)
    checked = copies.checked
    audited = audit_or_problem(engine, tasks)
    report = read_report(engine, files, moment.reading, moment.known.tables, audited)
    at, key = moment.facts.read_at, workspace.secrets.archive_key
    parts = ReportParts(
        archive=moment.reading,
        report=report,
        refuted=checked.lists.refuted,
        changed=checked.films,
        bias=unequal,
        provenance=provenance(moment.reading, report, settings, key, at=at),
        thumbnails=files.thumbnails if with_pictures else None,
    )
    contents = checked.lists.as_files(checked.known.names) | _documents(audited, parts)
    _write(contents, out)
    record = export_record(moment, checked, contents, copies.made)
    row = note_export(engine, workspace.exports, record, contents)
    return replace(_outcome(copies, report.facts, row), accepted_groups=len(unequal.blocking))


def _write(contents: Mapping[str, bytes], out: Path) -> None:
    for name, content in contents.items():
        write_atomically(out / name, content)


def _outcome(copies: Copies, facts: ReviewFacts, row: int) -> ExportReport:
    lists, known = copies.checked.lists, copies.checked.known
    names, film_of = known.names, known.archive.films
    return ExportReport(
        exclusions=len(lists.exclusions),
        left_out=left_out(lists.exclusions, known.archive.files),
        corrections=len(lists.corrections),
        corrected_films=len({film_of[row.file] for row in lists.corrections}),
        unproven=len(lists.unproven),
        unreviewed=lists.unreviewed,
        boxes=len(lists.boxes),
        copies=copies.made.copies,
        crops=copies.made.crops,
        suspects=len(lists.suspects),
        facts=facts,
        ledger_row=row,
        failed={names[file]: why for file, why in copies.failed.items()},
        changed={names[file]: why for file, why in copies.checked.changed.items()},
    )


def _lost(lists: ExportLists, known: Known) -> dict[str, set[str]]:
    """Return by detector task the films that the archive loses; a second copy is no loss."""
    first = {paths[0]: film for film, paths in known.archive.files.items() if paths}
    lost: dict[str, set[str]] = {task.name: set() for task in known.of(AnswerKind.CHOICE)}
    for row in lists.exclusions:
        if row.file in first:
            lost[row.detector_task].add(first[row.file])
    return lost


def _documents(audited: ArchiveAudit | RadsieveError, report: ReportParts) -> dict[str, bytes]:
    """Return the certificate, for machines, and the report, for people."""
    if isinstance(audited, RadsieveError):
        nothing: dict[str, object] = {"headline": None, "alone": {}, "together": {}}
        certificate: Mapping[str, object] = nothing | {"problem": str(audited)}
    else:
        certificate = audited.as_json()
    page = archive_page(report_of(report), with_pictures=report.thumbnails is not None)
    return {
        "certificate.json": f"{json.dumps(certificate, indent=1, sort_keys=True)}\n".encode(),
        "report.html": page.encode(),
    }
