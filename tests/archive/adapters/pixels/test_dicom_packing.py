"""DICOM files by how they are packed and begin: one scene, compared with the scene itself."""

import logging
import struct
import zlib

import numpy as np
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian
from shared_fixtures.dicom_scene import (
    CODECS,
    NATIVE,
    WINDOW,
    as_native,
    as_shown,
    changed,
    film_scene,
    packed,
)

from backend.archive.adapters.pixels.dicom_file import all_frames, parse_dicom
from backend.archive.adapters.pixels.dicom_header import study_uid_of
from backend.archive.adapters.pixels.film_reader import HEAD_BYTES, film_format, read_film
from backend.base.core.errors import UnreadableFilmError


@pytest.fixture(scope="module")
def scene():
    return film_scene()


@pytest.mark.parametrize("uid", CODECS)
def test_each_codec_gives_the_scene_back(make_dicom, scene, uid):
    encode, off_by = CODECS[uid]
    film = read_film(packed(make_dicom(scene, **WINDOW), uid, encode(scene)), "a.dcm")
    assert np.abs(film.pixels - as_shown(scene)).max() <= off_by
    assert film.normalisation == ("window 2048/4096 (LINEAR) applied",)


@pytest.mark.parametrize("uid", CODECS)
def test_a_frame_that_is_cut_short_is_refused_and_its_kind_named(make_dicom, scene, uid):
    encoded = CODECS[uid][0](scene)
    content = packed(make_dicom(scene, **WINDOW), uid, encoded[: len(encoded) // 2])
    with pytest.raises(UnreadableFilmError, match="damaged DICOM"):
        read_film(content, "a.dcm")


def test_deflated_frames_are_read(make_dicom, scene):
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    encoded = packing.compress(scene.astype("<u2").tobytes()) + packing.flush()
    content = packed(make_dicom(scene, **WINDOW), "1.2.840.10008.1.2.8.1", encoded)
    np.testing.assert_array_equal(read_film(content, "a").pixels, as_shown(scene))


@pytest.mark.parametrize(
    ("uid", "said"),
    [
        ("1.2.840.10008.1.2.4.100", "MPEG2 Main Profile / Main Level, which is not read"),
        ("1.2.840.10008.1.2.4.102", "MPEG-4"),
        ("1.2.3.4.77123", "DICOM of a private transfer syntax, which is not read"),
    ],
)
def test_what_cannot_be_read_is_named_and_no_private_number_is_said(make_dicom, scene, uid, said):
    with pytest.raises(UnreadableFilmError, match=said) as caught:
        read_film(packed(make_dicom(scene, **WINDOW), uid, b"\0" * 100), "a.dcm")
    assert "77123" not in str(caught.value) and "damaged" not in str(caught.value)


def test_copies_hold_the_pixels_of_what_only_our_codecs_decode(make_dicom, scene):
    uid = "1.2.840.10008.1.2.4.201"
    content = packed(make_dicom(scene, **WINDOW), uid, CODECS[uid][0](scene))
    np.testing.assert_array_equal(all_frames(parse_dicom(content, everything=True), content), scene)


@pytest.mark.parametrize(
    "preamble", [b"II*\0", b"MM\0*", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"abc"]
)
def test_whatever_the_preamble_holds_a_dicom_is_a_dicom(make_dicom, scene, preamble):
    content = make_dicom(scene, **WINDOW)
    content = preamble + content[len(preamble) :]
    np.testing.assert_array_equal(read_film(content, "a").pixels, as_shown(scene))
    assert study_uid_of(content)


@pytest.mark.parametrize("magic", [b"II*\0", b"MM\0*", b"\xff\xd8\xff"])
def test_a_true_tiff_or_jpeg_stays_one(magic):
    assert film_format(magic + bytes(HEAD_BYTES)) in {"TIFF", "JPEG"}


@pytest.mark.parametrize("syntax", NATIVE, ids=lambda syntax: syntax.keyword)
@pytest.mark.parametrize("first", [None, "Modality", "SpecificCharacterSet", "ImageType"])
def test_a_dataset_without_its_head_is_read_whatever_it_begins_with(
    make_dicom, scene, syntax, first
):
    def drop(dataset):
        if first:
            setattr(dataset, first, {"Modality": "CR"}.get(first, "ISO_IR 100"))
            for element in [one for one in dataset if one.tag < dataset[first].tag]:
                del dataset[element.tag]

    content = as_native(changed(make_dicom(scene, **WINDOW), drop), syntax)
    np.testing.assert_array_equal(read_film(content, "a").pixels, as_shown(scene))
    if syntax == DeflatedExplicitVRLittleEndian:
        return
    meta = 144 + struct.unpack("<I", content[140:144])[0]
    for bare in (content[meta:], content[128:], bytes(128) + content[meta:]):
        assert film_format(bare[:HEAD_BYTES]) == "DICOM"
        np.testing.assert_array_equal(read_film(bare, "a").pixels, as_shown(scene))


def test_no_word_of_a_library_comes_out(make_dicom, scene, recwarn, capfd, caplog):
    uid = "1.2.840.10008.1.2.4.51"
    encoded = CODECS[uid][0](scene)
    with caplog.at_level(logging.INFO):
        read_film(packed(make_dicom(scene, **WINDOW), uid, encoded), "a.dcm")
    assert not recwarn.list and capfd.readouterr() == ("", "") and not caplog.records
