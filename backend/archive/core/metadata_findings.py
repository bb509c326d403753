"""Where the rows of a table contradict each other, and where a table contradicts DICOM headers."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from backend.archive.core.metadata import MetadataRow
from backend.archive.core.patients import PatientSource

ONE_FILM_YEARS = 1.0
"""A film is made on one day; ages that are rounded differently are this far apart at most."""
ONE_PATIENT_YEARS = 30.0
"""No archive of digital films goes back further."""

Findings = Mapping[str, Sequence[str]]
"""By what it is about (`patient`, `sex`, `age`, `view`, `study`): radiograph ids."""


@dataclass(frozen=True, slots=True)
class SettledMetadata:
    """What a table says of each film, without what it contradicts itself about."""

    rows: Mapping[str, MetadataRow]
    """By radiograph id; None also where two rows say different things, but for patients: those that
    rows about one film name are taken for one."""
    contradictions: Findings


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """What the index knew of a DICOM film before a table: from its header, or an earlier table."""

    patient_key: str
    patient_source: str
    age_years: float | None
    sex: str | None


def settled(by_film: Mapping[str, Sequence[MetadataRow]]) -> SettledMetadata:
    """Return one row for each film; where rows about a film or a patient differ, neither counts.

    >>> found = settled({"film": [MetadataRow("a", sex="M"), MetadataRow("a", "7", sex="F")]})
    >>> found.rows["film"].patient_id, found.rows["film"].sex, dict(found.contradictions)
    ('7', None, {'sex': ['film']})
    """
    rows: dict[str, MetadataRow] = {}
    found: dict[str, dict[str, None]] = defaultdict(dict)
    one_id = _one_id_each(by_film)
    for film, described in by_film.items():
        rows[film], about = _one_row(described, one_id)
        for subject in about:
            found[subject][film] = None
    for film, subject in _doubts_of_patients(rows):
        found[subject][film] = None
        rows[film] = _without(rows[film], subject)
    return SettledMetadata(rows, {subject: list(films) for subject, films in found.items()})


def _one_id_each(by_film: Mapping[str, Sequence[MetadataRow]]) -> dict[str, str]:
    """Return, for ids that rows about one film give, one id for all of them.

    They may be one patient, and one patient taken for two would be learnt from and judged on.
    """
    together: dict[str, set[str]] = {}
    for rows in by_film.values():
        ids = {row.patient_id for row in rows if row.patient_id is not None}
        if len(ids) > 1:
            group = ids.union(*(together.get(one, ()) for one in ids))
            together.update(dict.fromkeys(group, group))
    return {one: min(group) for one, group in together.items()}


def _without(row: MetadataRow, subject: str) -> MetadataRow:
    return replace(row, sex=None) if subject == "sex" else replace(row, age_years=None)


def _one_row(
    rows: Sequence[MetadataRow], one_id: Mapping[str, str]
) -> tuple[MetadataRow, list[str]]:
    """Return what the rows of a film agree about, and what they do not.

    Args:
        rows: of the film.
        one_id: see `_one_id_each`.
    """
    named = next((row.patient_id for row in rows if row.patient_id is not None), None)
    patient = one_id.get(named, named) if named is not None else None
    if len(rows) == 1:
        return replace(rows[0], patient_id=patient) if patient != named else rows[0], []
    said = {
        "patient": {row.patient_id for row in rows},
        "sex": {row.sex for row in rows},
        "view": {row.view_position for row in rows},
        "study": {row.study_id for row in rows},
    }
    ages = [row.age_years for row in rows if row.age_years is not None]
    apart = _far_apart(ages, ONE_FILM_YEARS)
    row = replace(
        rows[-1],
        patient_id=patient,
        sex=_only(said["sex"]),
        view_position=_only(said["view"]),
        study_id=_only(said["study"]),
        age_years=None if apart or not ages else ages[-1],
    )
    about = [subject for subject, values in said.items() if len(values - {None}) > 1]
    return row, about + (["age"] if apart else [])


def _only(values: Collection[str | None]) -> str | None:
    known = [value for value in values if value is not None]
    return known[0] if len(known) == 1 else None


def _doubts_of_patients(rows: Mapping[str, MetadataRow]) -> list[tuple[str, str]]:
    """Return films of patients with two sexes or with ages far apart, and which of both it is."""
    of_patient: dict[str, list[str]] = defaultdict(list)
    for film, row in rows.items():
        if row.patient_id is not None:
            of_patient[row.patient_id].append(film)
    return [doubt for films in of_patient.values() for doubt in _doubts(films, rows)]


def _doubts(films: Iterable[str], rows: Mapping[str, MetadataRow]) -> Iterator[tuple[str, str]]:
    sexes = {film: rows[film].sex for film in films if rows[film].sex is not None}
    if len(set(sexes.values())) > 1:
        yield from ((film, "sex") for film in sexes)
    ages = {film: age for film in films if (age := rows[film].age_years) is not None}
    if _far_apart(ages.values(), ONE_PATIENT_YEARS):
        yield from ((film, "age") for film in ages)


def _far_apart(ages: Collection[float], most_years: float) -> bool:
    return bool(ages) and max(ages) - min(ages) > most_years


def disagreements(
    rows: Mapping[str, MetadataRow],
    known: Mapping[str, KnownFacts],
    patient_keys: Mapping[str, str],
) -> Findings:
    """Return films of which a table says something else than what was known before.

    Args:
        rows: of the table, by radiograph id.
        known: of DICOM films, by radiograph id.
        patient_keys: by patient id as the table writes it.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for film, facts in known.items():
        for subject in _differing(rows[film], facts, patient_keys):
            found[subject].append(film)
    return dict(found)


def _differing(
    row: MetadataRow, facts: KnownFacts, patient_keys: Mapping[str, str]
) -> Iterator[str]:
    patient = patient_keys.get(row.patient_id or "", facts.patient_key)
    if facts.patient_source == PatientSource.DICOM and patient != facts.patient_key:
        yield "patient"
    if facts.sex and row.sex and facts.sex != row.sex:
        yield "sex"
    ages = [age for age in (facts.age_years, row.age_years) if age is not None]
    if _far_apart(ages, ONE_FILM_YEARS):
        yield "age"
