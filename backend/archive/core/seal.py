"""Which films are sealed: never trained on, only judged on."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from backend.archive.core.identity import is_sealed

NamedFilm = tuple[str, str]
"""Radiograph id and patient key of a film."""


@dataclass(frozen=True, slots=True)
class Seal:
    """The sealed films of an archive, and the patients they are of."""

    films: frozenset[str]
    """By radiograph id: nothing may learn from them."""
    patients: frozenset[str]
    """By patient key, those whose films are all sealed. Only theirs judge: where patients are told
    apart later, a sealed film may turn out to be of somebody who is trained on."""
    named: frozenset[NamedFilm]
    """The films sealed by the patient they are of today, which a training has to note."""


def deal_seal(
    archive: Collection[NamedFilm],
    noted: Iterable[NamedFilm],
    *,
    archive_key: bytes,
    sealed_share: float,
) -> Seal:
    """Return the seal: films whose patient's hash says so, and all films that were sealed before.

    Args:
        archive: all films.
        noted: what was sealed at earlier trainings, each film with its patient of that time.
        archive_key: the workspace's secret.
        sealed_share: expected share of patients, 0 to 1.

    >>> seal = deal_seal([("a", "Ann"), ("b", "Ann")], [("a", "no one")], archive_key=b"key",
    ...                  sealed_share=0.01)
    >>> sorted(seal.films), sorted(seal.patients)
    (['a'], [])
    """
    films_before, patients_before = _unzipped(noted)
    patients = {patient for _, patient in archive}
    by_hash = {one for one in patients if is_sealed(one, archive_key, sealed_share)}
    named = {film for film in archive if film[1] in by_hash | patients_before}
    sealed = {film for film, _ in named} | films_before
    mixed = {patient for film, patient in archive if film not in sealed}
    return Seal(frozenset(sealed), frozenset(patients - mixed), frozenset(named))


def _unzipped(noted: Iterable[NamedFilm]) -> tuple[set[str], set[str]]:
    pairs = set(noted)
    return {film for film, _ in pairs}, {patient for _, patient in pairs}
