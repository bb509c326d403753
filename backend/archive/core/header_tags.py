"""Tags that say which grey value is white, and films whose pixels contradict them.

A film that looks inverted although its tag was followed is not merely a negative: its tag is wrong,
and every other program that follows the tag will show it inverted too.
"""

from collections.abc import Mapping

from backend.base.core.detector_task import DetectorTask
from backend.base.core.pixel_change import UNCHANGED, PixelChange

_OPPOSITE = {
    "MONOCHROME1": "MONOCHROME2",
    "MONOCHROME2": "MONOCHROME1",
    "INVERSE": "IDENTITY",
    "IDENTITY": "INVERSE",
    "WhiteIsZero": "BlackIsZero",
}
_ELEMENT = {
    "INVERSE": "PresentationLUTShape",
    "IDENTITY": "PresentationLUTShape",
}


def polarity_tag(white_is_zero: bool, dicom_tags: Mapping[str, str]) -> str | None:
    """Return the value of the tag that decided which end is white, None where no tag says.

    Args:
        white_is_zero: whether the tag of a TIFF says that zero is white.
        dicom_tags: as the catalogue keeps them.

    >>> polarity_tag(False, {"PhotometricInterpretation": "MONOCHROME1"})
    'MONOCHROME1'
    >>> polarity_tag(True, {}), polarity_tag(False, {})
    ('WhiteIsZero', None)
    """
    photometric = dicom_tags.get("PhotometricInterpretation", "")
    if photometric.startswith("MONOCHROME"):
        shape = dicom_tags.get("PresentationLUTShape", "").strip().upper()
        agreeing = {"MONOCHROME1": "INVERSE", "MONOCHROME2": "IDENTITY"}.get(photometric)
        # Where the two contradict each other the shape is followed (archive/core/grey_mapping.py).
        return shape if shape in _ELEMENT and shape != agreeing else photometric
    return "WhiteIsZero" if white_is_zero else None


def tag_finding(task: DetectorTask, label: str | None, tag: str | None) -> str | None:
    """Return a sentence for a film whose pixels contradict its tag; None where they do not.

    Args:
        task: any detector task; only one that can tell a negative contradicts a tag.
        label: of the film.
        tag: see `polarity_tag`.
    """
    if tag is None or label is None or task.made_by.get(label) != PixelChange(invert=True):
        return None
    return f"the tag says {tag}, the pixels say otherwise"


def tag_mending(tag: str | None) -> str:
    """Return how to correct a tag that the pixels contradict; empty where there is none.

    >>> tag_mending("MONOCHROME1")
    'PhotometricInterpretation: MONOCHROME2 instead of MONOCHROME1'
    """
    if tag not in _OPPOSITE:
        return ""
    element = _ELEMENT.get(tag, "PhotometricInterpretation")
    return f"{element}: {_OPPOSITE[tag]} instead of {tag}"


_SHOWN_BY = {
    1: UNCHANGED,
    2: PixelChange(mirror=True),
    3: PixelChange(turns_ccw=2),
    4: PixelChange(turns_ccw=2, mirror=True),
    5: PixelChange(turns_ccw=1, mirror=True),
    6: PixelChange(turns_ccw=3),
    7: PixelChange(turns_ccw=3, mirror=True),
    8: PixelChange(turns_ccw=1),
}


def shown_by(orientation: int) -> PixelChange:
    """Return the change that shows stored pixels as the tag asks; nothing for unknown values.

    >>> shown_by(6)
    PixelChange(turns_ccw=3, mirror=False, invert=False)
    """
    return _SHOWN_BY.get(orientation, UNCHANGED)


def orientation_steps(orientation: int) -> tuple[str, ...]:
    """Return what is said of an orientation tag that was applied; nothing where it asks for none.

    >>> orientation_steps(6), orientation_steps(1), orientation_steps(77)
    (('orientation tag 6: applied',), (), ())
    """
    is_applied = shown_by(orientation) != UNCHANGED
    return (f"orientation tag {orientation}: applied",) if is_applied else ()
