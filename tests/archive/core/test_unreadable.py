"""Every reason why a file is no film is a sentence: what was expected, what came, what to do."""

import pytest

from backend.archive.core.unreadable import whole_sentence


@pytest.mark.parametrize(
    "problem",
    [
        "empty",
        "not an image (PNG, JPEG, TIFF or DICOM)",
        "not an image (PNG, JPEG, TIFF or DICOM), though its name ends in .dcm",
        "damaged PNG: it ends before its last pixel",
        "too small: 1 x 1 px",
        "huge: 2.0 GiB, more than 2 GiB",
        "DICOM without a picture (CR)",
        "broken link",
        "not a regular file",
        "cannot be opened: Permission denied",
        "its name is not UTF-8; rename it",
        "JPEG (arithmetic, 12 bits), which is not read",
        "GIF, which is not read; convert it to PNG",
        "of a kind that a later radsieve names",
    ],
)
def test_a_reason_becomes_a_whole_sentence(problem):
    expected, came, cure = re_split(whole_sentence(problem))
    assert expected.startswith("expected ") and len(expected.split()) > 2
    assert len(came.split()) > 1 and len(cure.split()) > 2


def re_split(sentence):
    expected, _, rest = sentence.partition(", got ")
    came, _, cure = rest.partition("; ")
    return expected, came, cure
