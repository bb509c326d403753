"""Take patients, studies, ages, sexes and views from a table into the catalogue."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from backend.archive.adapters import catalogue_writer as writer
from backend.archive.adapters.metadata_table import MetadataTable
from backend.archive.core.identity import patient_key, study_key
from backend.archive.core.metadata import MetadataRow, match_rows
from backend.archive.core.metadata_findings import Findings, disagreements, settled


@dataclass(frozen=True, slots=True)
class MetadataReport:
    """What became of the table of patients, studies, ages, sexes and views."""

    films: int
    """Films that a row was found for."""
    ambiguous: Sequence[MetadataRow]
    """Rows whose file name fits several films; nothing was taken from them."""
    without_film: Sequence[MetadataRow]
    """Rows that name no indexed file."""
    with_unreadable_age: Sequence[MetadataRow]
    """Rows whose age is neither an age nor said to be missing."""
    with_unreadable_sex: Sequence[MetadataRow]
    """Rows whose sex is neither a sex nor said to be missing."""
    contradictions: Findings
    """Films of which the table says two things; neither was taken, but patients are one."""
    disagreements: Findings
    """DICOM films of which the table says something else than what was known; the table counts."""

    @property
    def rows_without_film(self) -> int:
        """How many rows name no indexed file."""
        return len(self.without_film)

    @property
    def unreadable_ages(self) -> int:
        """How many ages could not be read."""
        return len(self.with_unreadable_age)


def apply_metadata(
    engine: Engine, archive_key: bytes, table: MetadataTable, roots: Collection[str]
) -> MetadataReport:
    """Write what a table says of the films below some folders.

    Args:
        engine: the database.
        archive_key: the workspace's secret.
        table: its empty cells change nothing.
        roots: files and folders, absolute.
    """
    below = writer.files_below(engine, roots)
    match = match_rows(table.rows, ((path, film) for path, film in below if film))
    found = settled(match.by_film)
    patients = {row.patient_id for row in found.rows.values() if row.patient_id}
    studies = {row.study_id for row in found.rows.values() if row.study_id}
    patient_keys = {patient: patient_key(patient, archive_key) for patient in patients}
    known = writer.known_of_dicom(engine, list(found.rows))
    differing = disagreements(found.rows, known, patient_keys)
    writer.update_from_metadata(
        engine,
        found.rows,
        patient_keys=patient_keys,
        study_keys={study: study_key(study, archive_key) for study in studies},
    )
    return MetadataReport(
        films=len(match.by_film),
        ambiguous=match.ambiguous,
        without_film=match.rows_without_film,
        with_unreadable_age=table.rows_with_unreadable_age,
        with_unreadable_sex=table.rows_with_unreadable_sex,
        contradictions=found.contradictions,
        disagreements=differing,
    )
