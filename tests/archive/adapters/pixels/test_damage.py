"""What decoders say decides which of our sentences is true; nothing of it is passed on."""

import pytest

from backend.archive.adapters.pixels.damage import what_is_damaged


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("png_read_data_fn input stream too small", "it ends before its last pixel"),
        ("image file is truncated (12 bytes not processed)", "it ends before its last pixel"),
        ("index out of range", "it ends before its last pixel"),
        ("IDAT: CRC error", "its check sum does not fit its content"),
        ("Missing required element: (0028,0101) 'Bits Stored'", "the element Bits Stored is missi"),
        (
            "Unknown (0028,0004) 'Photometric Interpretation' value 'DOE'",
            "the element Photometric Interpretation holds what DICOM does not know",
        ),
        (
            "Unable to decode as exceptions were raised by all available plugins: gdcm: GDCM does "
            "not support 'JPEG Extended' for samples with 12-bit precision",
            "its pixels are packed as JPEG Extended of 12 bits, which is not read",
        ),
        ("could not convert string to float: '2048,0'", "a number in its header cannot be read"),
        ("cannot identify image file <_io.BytesIO object at 0x7f>", "promise a film"),
        ("decoder error -2", "it cannot be decoded"),
    ],
)
def test_each_kind_of_damage_has_words_of_its_own(said, told):
    assert told in what_is_damaged(said)


@pytest.mark.parametrize(
    "said",
    [
        "invalid literal for int() with base 10: '{}'",
        "Unknown (0028,0004) 'Photometric Interpretation' value '{}'",
        "Missing required element: (0010,0010) '{}'",
        "GDCM does not support '{}' for samples with 12-bit precision",
        "unexpected {}",
        "A (9999,9999) '{}' value is invalid",
    ],
)
@pytest.mark.parametrize("text", ["Doe^Jane", "19450201", "4711", "JPEG Doe", "R"])
def test_no_text_of_a_header_is_told(said, text):
    told = what_is_damaged(said.format(text))
    assert text not in told if len(text) > 1 else f" {text} " not in told
