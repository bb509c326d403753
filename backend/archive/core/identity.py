"""Stable names for films and patients, and the splits that follow from them.

Everything here is a hash of what a thing *is*, never of where it stands in a list, so that a
split drawn today is the split drawn in a year, on another machine, with more films.
"""

import hashlib
import hmac

RADIOGRAPH_ID_LENGTH = 20
PATIENT_KEY_LENGTH = 24
STUDY_KEY_LENGTH = 24


def radiograph_id(file_bytes: bytes | memoryview) -> str:
    """Return the film's id: the first 80 bits of the SHA-256 of the file's bytes, in hex.

    >>> radiograph_id(b"film")
    'd0607f7ad2628b2af915'
    """
    return hashlib.sha256(file_bytes).hexdigest()[:RADIOGRAPH_ID_LENGTH]


def patient_key(patient: str, archive_key: bytes) -> str:
    """Return the keyed hash that stands for a patient; without the key it cannot be undone."""
    return _keyed_hash("patient", patient, archive_key)[:PATIENT_KEY_LENGTH]


def study_key(study: str, archive_key: bytes) -> str:
    """Return the keyed hash that stands for a study; without the key it cannot be undone."""
    return _keyed_hash("study", study, archive_key)[:STUDY_KEY_LENGTH]


def is_sealed(patient: str, archive_key: bytes, sealed_share: float) -> bool:
    """Tell whether the hash puts a patient (by key) into the sealed set, never trained on.

    Ask `archive.core.seal`, which also knows what was sealed before patients were told apart.

    Args:
        patient: a patient key.
        archive_key: the workspace's secret.
        sealed_share: expected share of patients in the sealed set, 0 to 1.
    """
    return _keyed_fraction("sealed", patient, archive_key) < sealed_share


def fold_of(patient: str, archive_key: bytes, folds: int) -> int:
    """Return the cross-fitting fold (0 to `folds` - 1) of a patient (by key)."""
    return int(_keyed_fraction("fold", patient, archive_key) * folds)


def _keyed_fraction(purpose: str, patient: str, archive_key: bytes) -> float:
    return int(_keyed_hash(purpose, patient, archive_key)[:16], 16) / 2**64


def _keyed_hash(purpose: str, name: str, archive_key: bytes) -> str:
    return hmac.new(archive_key, f"{purpose}:{name}".encode(), hashlib.sha256).hexdigest()
