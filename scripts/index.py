"""`radsieve index`: find and read the films of an archive."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import click

from backend.archive.adapters.catalogue import PatientCounts, unreadable_files
from backend.archive.core.metadata import MetadataRow
from backend.archive.core.metadata_findings import Findings
from backend.archive.loop.apply_metadata import MetadataReport
from backend.archive.loop.index import IndexReport, index, refuse_no_film
from backend.base.adapters.workspace import Workspace
from backend.base.core.doing import Doing
from backend.base.core.words import counted, listed
from scripts._command import Outcome, is_step, making_command, progress_bar
from scripts._patient_lines import how_patients_are_told
from scripts._unreadable_files import UnreadableFiles

_ROWS_SHOWN = 5
_TABLE_USE = "`radsieve index PATH --metadata TABLE` takes patients, ages, sexes and views from it"
_TABLE_BESIDE = f"A table beside the films looks like metadata: {_TABLE_USE}"
_MANY_FILMS, _LARGE_SHARE = 50, 0.2
"""A patient with more films than both, a number and a share, suggests that ids were removed."""


def _refuse(root: Path, paths: Sequence[str], metadata: Path | None) -> None:
    refuse_no_film(root, paths, metadata)


@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option(
    "--metadata",
    type=click.Path(path_type=Path),
    help="CSV or .xlsx with a column `file` and any of patient_id, study_id, age_years, sex, "
    "view_position; `PatientID`, `Patient ID` and the like are understood, and so are semicolons "
    "and 55,5 years.",
)
@partial(making_command, refuse=_refuse)
def COMMAND(workspace: Workspace, paths: Sequence[str], metadata: Path | None) -> Outcome:
    """Find PNG, JPEG, TIFF and DICOM films in files, folders and globs, and read each once.

    Files that are known and unchanged are not read again, so repeat the command when you have new
    films or a new table of metadata. Files that cannot be read are listed, and stop nothing.
    """
    with progress_bar(Doing.INDEX, "file") as progress:
        report = index(workspace, paths, metadata, progress=progress)
    unreadable = UnreadableFiles.among(unreadable_files(workspace.database), paths)
    paths_shown, tables = workspace.settings.paths, unreadable.tables()
    text = [
        _summary(report),
        *_no_film_lines(report),
        *_changed_lines(report),
        *how_patients_are_told(report.patients.films_by_source),
        *_patient_lines(report.patients),
        *_metadata_lines(report.metadata),
        *([] if is_step() else unreadable.lines(paths=paths_shown)),
        *([] if metadata or is_step() else _table_lines(tables, paths=paths_shown)),
    ]
    short = _in_short(report, unreadable, has_table=bool(tables))
    return Outcome("\n".join(text), _facts(report), in_short=short)


def _summary(report: IndexReport) -> str:
    return (
        f"{report.indexed} films indexed, {report.already} files known before, "
        f"{report.duplicates} duplicates, {report.unreadable} files unreadable, "
        f"{report.moved} files moved, {report.gone} files gone\n"
        f"the archive has {report.patients.films} films of {report.patients.patients} patients"
    )


def _changed_lines(report: IndexReport) -> Iterator[str]:
    """Say what was overwritten, by ids: the name of a file may identify the patient."""
    if not report.changed:
        return
    ids = list(report.changed)
    more = f" and {len(ids) - _ROWS_SHOWN} more" if len(ids) > _ROWS_SHOWN else ""
    lost = sum(now is None for now in report.changed.values())
    now = f"; {counted(lost, 'file')} of them cannot be read any more" if lost else ""
    yield (
        f"{counted(len(ids))} changed in place: the files that held {', '.join(ids[:_ROWS_SHOWN])}"
        f"{more} hold something else now{now}"
    )
    yield (
        "  what the files hold now is a new film without labels; labels and answers stay with the "
        "old film, which counts as gone, and hold again when its file is put back"
    )


def _no_film_lines(report: IndexReport) -> Iterator[str]:
    if not report.patients.films:
        yield "nothing there is a film; give files or folders of PNG, JPEG, TIFF or DICOM films"


def _patient_lines(patients: PatientCounts) -> Iterator[str]:
    most = patients.most_films_of_one
    if most > max(_MANY_FILMS, _LARGE_SHARE * patients.films):
        yield (
            f"one patient has {most} of {patients.films} films: were the patient ids removed? "
            "Give the true ones with --metadata, or films of one patient are trained and judged on"
        )


def _metadata_lines(metadata: MetadataReport | None) -> Iterator[str]:
    if metadata is None:
        return
    yield (
        f"metadata found for {metadata.films} films; {metadata.rows_without_film} rows name no "
        f"indexed file, {metadata.unreadable_ages} ages could not be read"
    )
    yield from _finding_lines(metadata)
    if metadata.without_film:
        yield f"  no film for {_rows(metadata.without_film)}"
        yield (
            "  write the name of the file, or the end of its path, as it is on the disk, with its "
            "ending such as .png; or index the folder that holds these films"
        )
    if metadata.with_unreadable_age:
        yield f"  no age read in {_rows(metadata.with_unreadable_age)}"
        yield "  write years, such as 55 or 55.5 or 55,5, or as DICOM does: 055Y, 006M, 002W, 012D"
    if metadata.with_unreadable_sex:
        yield f"  no sex read in {_rows(metadata.with_unreadable_sex)}"
        yield "  write M or F, or O for another; a cell may be empty"
    if metadata.ambiguous:
        yield (
            f"{counted(len(metadata.ambiguous), 'row')} fit several films and were left out: "
            f"{_rows(metadata.ambiguous)}; write more of the path into the column `file`"
        )


def _finding_lines(metadata: MetadataReport) -> Iterator[str]:
    if metadata.contradictions:
        yield (
            "the table says two things about "
            f"{_found(metadata.contradictions)}; neither was taken, but two patients of one film "
            "count as one: correct its rows"
        )
    if metadata.disagreements:
        yield (
            "the table says something else than the DICOM header, or an earlier table, about "
            f"{_found(metadata.disagreements)}; the table was taken"
        )


def _found(findings: Findings) -> str:
    """Return how many films there are, about what, and the ids of the first."""
    films = list(dict.fromkeys(film for some in findings.values() for film in some))
    about = listed([f"{len(some)} {subject}" for subject, some in findings.items()])
    more = len(films) - _ROWS_SHOWN
    named = ", ".join(films[:_ROWS_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return f"{counted(len(films))} ({about}): {named}"


def _rows(rows: Sequence[MetadataRow]) -> str:
    """Return the line numbers of the first rows; their content may identify a patient."""
    named = [f"line {row.line}" for row in rows[:_ROWS_SHOWN]]
    more = len(rows) - _ROWS_SHOWN
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")


def _table_lines(tables: Sequence[str], *, paths: bool) -> Iterator[str]:
    if tables and not paths:
        yield _TABLE_BESIDE
    elif tables:
        look = "looks like a table" if len(tables) == 1 else "look like tables"
        yield f"{listed(tables)} {look} of metadata: {_TABLE_USE}"


def _in_short(report: IndexReport, unreadable: UnreadableFiles, *, has_table: bool) -> str:
    """Return how many files were read and how many not, without file names, for a log."""
    sentences = [
        f"{counted(report.patients.films)} of {counted(report.patients.patients, 'patient')} are "
        f"indexed, {report.indexed:,} of them now."
    ]
    if report.duplicates:
        are = "is a second copy" if report.duplicates == 1 else "are second copies"
        sentences.append(f"{counted(report.duplicates, 'file')} {are} of films.")
    if report.changed:
        sentences.append(
            f"{counted(len(report.changed))} changed in place: the new ones have no labels yet, "
            "and the labels of the old ones wait for their files."
        )
    sentences += how_patients_are_told(report.patients.films_by_source)
    if others := unreadable.others_sentence():
        sentences.append(f"{others}.")
    if unreadable.images:
        sentences.append(
            f"{counted(len(unreadable.images), 'image')} cannot be read and are left out; "
            "`radsieve paths --unreadable` names them."
        )
    if has_table:
        sentences.append(f"{_TABLE_BESIDE}.")
    return " ".join(sentences)


def _facts(report: IndexReport) -> dict[str, object]:
    facts: dict[str, object] = {
        "indexed": report.indexed,
        "already": report.already,
        "unreadable": report.unreadable,
        "duplicates": report.duplicates,
        "moved": report.moved,
        "gone": report.gone,
        "changed": dict(report.changed),
        "films": report.patients.films,
        "patients": report.patients.patients,
        "patient_source": report.patients.films_by_source,
        "most_films_of_one_patient": report.patients.most_films_of_one,
    }
    if report.metadata:
        facts["metadata_films"] = report.metadata.films
        facts["metadata_ambiguous"] = _lines_of(report.metadata.ambiguous)
        facts["metadata_rows_without_film"] = report.metadata.rows_without_film
        facts["metadata_unreadable_ages"] = report.metadata.unreadable_ages
        facts["metadata_contradictions"] = _counts(report.metadata.contradictions)
        facts["metadata_disagreements"] = _counts(report.metadata.disagreements)
        facts["metadata_lines_without_film"] = _lines_of(report.metadata.without_film)
        facts["metadata_lines_with_unreadable_age"] = _lines_of(report.metadata.with_unreadable_age)
        facts["metadata_lines_with_unreadable_sex"] = _lines_of(report.metadata.with_unreadable_sex)
    return facts


def _counts(findings: Findings) -> dict[str, int]:
    return {subject: len(films) for subject, films in findings.items()}


def _lines_of(rows: Sequence[MetadataRow]) -> list[int]:
    return [row.line for row in rows[:_ROWS_SHOWN]]
