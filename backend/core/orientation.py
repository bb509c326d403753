"""The orientation tag that cameras and scanners write (EXIF and TIFF, tag 274)."""

from backend.base.core.pixel_change import UNCHANGED, PixelChange

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
