"""One radiograph of the archive, as the catalogue knows it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Film:
    """One radiograph of the archive."""

    radiograph_id: str
    thumbnail_row: int
    path: str
    """One of the files that hold it; where there are several, one that exists."""
    patient_key: str
    patient_source: str
    """What the patient was taken from: `metadata`, `dicom`, `study`, `folder` or `film`."""
    width_px: int
    height_px: int
    age_years: float | None
    sex: str | None
    view_position: str | None
    normalisation: tuple[str, ...]
    """What was done to the pixels to show them, one short sentence each."""
    coloured_share: float = 0.0
    """Share of the pixels that are coloured, 0 to 1, as by a burned-in marking."""
    thumbnail_digest: str | None = None
    """Of the thumbnail as it was made; None where an earlier radsieve made it."""
