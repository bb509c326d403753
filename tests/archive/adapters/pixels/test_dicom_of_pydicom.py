"""The DICOM files that come with pydicom: what each of them gives here, and nothing unexpected."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.data.data_manager import DATA_ROOT

from backend.archive.adapters.pixels.film_reader import read_film
from backend.archive.core.decoded_film import MIN_SIDE_PX
from backend.base.core.errors import UnreadableFilmError

FILES = sorted(path.name for path in Path(DATA_ROOT, "test_files").glob("*.dcm"))
REFUSED = {
    "ExplVR_BigEndNoMeta.dcm": r"without a picture \(RTPLAN\)",
    "ExplVR_LitEndNoMeta.dcm": r"without a picture \(RTPLAN\)",
    "JPEG2000-embedded-sequence-delimiter.dcm": "huge",
    "MR_truncated.dcm": "damaged DICOM: it ends before its last pixel",
    "UN_sequence.dcm": "without a picture",
    "empty_charset_LEI.dcm": "without a picture",
    "meta_missing_tsyntax.dcm": "without a picture",
    "nested_priv_SQ.dcm": "without a picture",
    "no_meta.dcm": "not an image",
    "no_meta_group_length.dcm": "without a picture",
    "priv_SQ.dcm": "without a picture",
    "reportsi.dcm": r"without a picture \(SR\)",
    "reportsi_with_empty_number_tags.dcm": r"without a picture \(SR\)",
    "rtplan.dcm": r"without a picture \(RTPLAN\)",
    "rtplan_truncated.dcm": r"without a picture \(RTPLAN\)",
    "rtstruct.dcm": r"without a picture \(RTSTRUCT\)",
    "test-SR.dcm": r"without a picture \(SR\)",
    "waveform_ecg.dcm": r"without a picture \(ECG\)",
}
"""Files without a film in them, and those that are damaged on purpose."""
ONLY_OURS = {"JPEG-lossy.dcm", "JPGExtended.dcm"}
"""JPEG of 12 bits, which none of pydicom's plugins here decodes."""


def content_of(name):
    return Path(get_testdata_file(name, download=False)).read_bytes()


def is_small(name):
    header = pydicom.dcmread(get_testdata_file(name, download=False), force=True)
    return min(header.get("Rows", MIN_SIDE_PX), header.get("Columns", MIN_SIDE_PX)) < MIN_SIDE_PX


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_read_or_refused_for_the_reason_that_it_has(name, recwarn):
    reason = REFUSED.get(name, "too small" if is_small(name) else None)
    recwarn.clear()
    if reason:
        with pytest.raises(UnreadableFilmError, match=reason):
            read_film(content_of(name), name)
    else:
        film = read_film(content_of(name), name)
        assert np.ptp(film.pixels) > 2
    assert not recwarn.list


@pytest.mark.filterwarnings("ignore")  # of pydicom, which reads the files here by itself
@pytest.mark.parametrize("name", [name for name in FILES if name not in REFUSED])
def test_what_is_bright_to_pydicom_is_bright_here(name):
    """Rank for rank: a window changes greys, and cuts off what lies outside, but no order."""
    if name in ONLY_OURS or is_small(name):
        pytest.skip("nothing to compare with")
    dataset = pydicom.dcmread(get_testdata_file(name, download=False), force=True)
    theirs = pydicom.pixels.pixel_array(dataset, index=0).astype(float)
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        theirs = pydicom.pixels.apply_color_lut(theirs.astype(np.uint8), dataset).astype(float)
    theirs = theirs @ [0.299, 0.587, 0.114] if theirs.ndim == 3 else theirs
    ours = read_film(content_of(name), name).pixels.astype(float)
    order = np.argsort(theirs, axis=None, kind="stable")
    sorted_ours, sorted_theirs = ours.ravel()[order], theirs.ravel()[order]
    steps = np.diff(sorted_ours)[np.diff(sorted_theirs) > 0]
    # Luminance is rounded, and padding is black wherever it stands among the values.
    assert (steps < -1).sum() <= 2
