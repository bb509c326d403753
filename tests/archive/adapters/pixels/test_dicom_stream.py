"""Packed pixels under a header that denies them: what is packed decides, and it is said."""

import imagecodecs
import numpy as np
import pytest
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)
from shared_fixtures.dicom_scene import packed

from backend.archive.adapters.pixels.film_reader import read_film
from backend.base.core.errors import UnreadableFilmError

COLUMNS, ROWS = 96, 80


@pytest.fixture(scope="module")
def scene():
    rng = np.random.default_rng(11)
    values = np.add.outer(np.linspace(200, 3200, ROWS), np.linspace(0, 600, COLUMNS))
    values[20:40, 20:40] += 250
    return (values + rng.normal(0, 10, values.shape)).clip(0, 4095).astype(np.uint16)


def said_to_be_native(content, uid):
    """Let the header of a packed film name a syntax of pixels that are not packed."""
    old, new = (
        (one + "\0" * (len(one) % 2)).encode() for one in (str(uid), str(ExplicitVRLittleEndian))
    )
    assert content.count(old) == 1
    return content.replace(old, new.ljust(len(old), b"\0"))


@pytest.mark.parametrize(
    "uid",
    [JPEG2000Lossless, JPEGLSLossless, JPEGLosslessSV1, RLELossless],
    ids=lambda uid: uid.name,
)
def test_packed_pixels_are_unpacked_though_the_header_says_they_are_not(make_dicom, scene, uid):
    good = make_dicom(scene, BitsStored=12, syntax=uid)
    film = read_film(said_to_be_native(good, uid), "a")
    np.testing.assert_array_equal(film.pixels, read_film(good, "a").pixels)
    assert "pixels are packed, though the header says they are not" in film.normalisation[0]


def test_packed_pixels_of_no_known_kind_are_never_shown_as_they_are(make_dicom):
    noise = np.random.default_rng(3).integers(1, 255, ROWS * COLUMNS * 2, np.uint8).tobytes()
    film = packed(make_dicom(np.zeros((ROWS, COLUMNS), np.uint8)), RLELossless, b"\xee" + noise)
    with pytest.raises(UnreadableFilmError, match="header says they are not, in an unknown way"):
        read_film(said_to_be_native(film, RLELossless), "a")


def test_a_coloured_stream_under_a_grey_header_is_read_as_colour(make_dicom, scene):
    grey = (scene >> 4).astype(np.uint8)
    stream = imagecodecs.jpeg8_encode(np.stack([grey] * 3, -1), level=98)
    film = read_film(packed(make_dicom(grey), UID(JPEGBaseline8Bit), stream), "a")
    assert np.abs(film.pixels.astype(int) - grey).max() <= 4
    assert "Samples per Pixel contradicts the packed pixels: 3 taken" in film.normalisation


def test_a_signed_stream_under_an_unsigned_header_keeps_its_sign(make_dicom, scene):
    values = scene.astype(np.int16) - 2048
    stream = imagecodecs.jpeg2k_encode(
        values, level=0, codecformat="j2k", bitspersample=12, reversible=True
    )
    tags = {"BitsStored": 12, "WindowCenter": 0, "WindowWidth": 4096}
    film = read_film(packed(make_dicom(scene, **tags), JPEG2000Lossless, stream), "a")
    np.testing.assert_array_equal(film.pixels, np.rint(scene / 4095 * 255))
    assert "Pixel Representation contradicts the packed pixels: 1 taken" in film.normalisation
