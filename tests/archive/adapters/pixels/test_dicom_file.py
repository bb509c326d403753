import io
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest
from pydicom.uid import (
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from backend.archive.adapters.pixels.film_reader import (
    film_format,
    picture_at,
    read_film,
    thumbnail_of,
)
from backend.base.core.errors import UnreadableFilmError

COMPRESSED = [RLELossless, JPEGLSLossless, JPEGLosslessSV1, JPEG2000Lossless]
REAL = Path(__file__).parents[5] / "shared" / "data" / "dicom"


def is_brighter_below(film):
    height = len(film.pixels)
    return film.pixels[: height // 4].mean() < film.pixels[-height // 4 :].mean()


def test_a_12_bit_film_with_a_window_is_shown_through_it(make_dicom, ramp):
    film = read_film(make_dicom(ramp, BitsStored=12, WindowCenter=2048, WindowWidth=4096), "a.dcm")
    np.testing.assert_array_equal(film.pixels, np.rint(ramp / 4095 * 255))
    assert (film.width_px, film.height_px, film.file_format) == (64, 96, "DICOM")
    assert film.normalisation == ("window 2048/4096 (LINEAR) applied",)


def test_monochrome1_is_inverted_once(make_dicom, ramp):
    tags = {"BitsStored": 12, "PhotometricInterpretation": "MONOCHROME1"}
    plain = read_film(make_dicom(ramp, **tags), "a")
    shaped = read_film(make_dicom(ramp, **tags, PresentationLUTShape="INVERSE"), "a")
    assert not is_brighter_below(plain)
    np.testing.assert_array_equal(plain.pixels, shaped.pixels)
    assert plain.normalisation[-1] == "MONOCHROME1: inverted, so that white is dense"


@pytest.mark.parametrize(("shape", "brighter_below"), [("IDENTITY", True), ("INVERSE", False)])
def test_the_presentation_lut_shape_decides(make_dicom, ramp, shape, brighter_below):
    content = make_dicom(ramp, BitsStored=12, PresentationLUTShape=shape)
    assert is_brighter_below(read_film(content, "a")) == brighter_below


def test_rescale_comes_before_the_window(make_dicom, ramp):
    scaled = {"RescaleSlope": 2, "RescaleIntercept": -100}
    content = make_dicom(ramp, BitsStored=12, WindowCenter=3996, WindowWidth=8191, **scaled)
    film = read_film(content, "a")
    assert (film.pixels[0, 0], film.pixels[-1, 0]) == (0, 255)
    assert film.normalisation[0].startswith("rescaled: 2 x stored")


def test_signed_pixels_and_their_padding(make_dicom, ramp):
    signed = ramp.astype(np.int16) - 2048
    signed[:8] = -2048
    content = make_dicom(
        signed, BitsStored=12, PhotometricInterpretation="MONOCHROME1", PixelPaddingValue=-2048
    )
    film = read_film(content, "a")
    assert not film.pixels[:8].any()
    assert film.pixels[9].mean() > 250 > film.pixels[-1].mean()


def test_ten_bits_in_sixteen_use_the_whole_range(make_dicom, ramp):
    film = read_film(make_dicom(ramp // 4, BitsStored=10), "a")
    assert (film.pixels.min(), film.pixels.max()) == (0, 255)


def test_a_voi_table_is_applied(make_dicom, ramp):
    table = pydicom.Dataset()
    table.LUTDescriptor = [4096, 0, 12]
    table.LUTData = np.arange(4095, -1, -1, dtype="<u2").tobytes()
    table["LUTData"].VR = "OW"
    film = read_film(make_dicom(ramp, BitsStored=12, VOILUTSequence=[table]), "a")
    assert not is_brighter_below(film)
    assert "VOI look-up table applied" in film.normalisation


def test_colour_becomes_luminance(make_dicom):
    pixels = np.zeros((32, 32, 3), np.uint8)
    pixels[:16] = 200
    pixels[20, 20] = (255, 0, 0)
    film = read_film(make_dicom(pixels), "a")
    assert film.pixels[0, 0] == 200
    assert film.normalisation == ("RGB: luminance taken", "0.10% of the pixels are coloured")
    assert film.coloured_share == 0.001


def test_a_palette_becomes_luminance(make_dicom):
    pixels = np.repeat(np.arange(32, dtype=np.uint8)[:, None], 32, axis=1)
    table = (np.arange(256) * 257).astype("<u2").tobytes()
    tags = {}
    for colour in ("Red", "Green", "Blue"):
        tags[f"{colour}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        tags[f"{colour}PaletteColorLookupTableData"] = table
    film = read_film(make_dicom(pixels, PhotometricInterpretation="PALETTE COLOR", **tags), "a")
    np.testing.assert_allclose(film.pixels, pixels, atol=1)


def test_the_first_of_several_frames_is_used(make_dicom, ramp):
    film = read_film(make_dicom(np.stack([ramp, ramp[::-1]]), BitsStored=12), "a")
    assert is_brighter_below(film)
    assert film.normalisation[0] == "frame 1 of 2 used"


@pytest.mark.parametrize("syntax", COMPRESSED)
def test_compressed_films_decode_like_uncompressed_ones(make_dicom, ramp, syntax):
    plain = read_film(make_dicom(ramp, BitsStored=12), "a")
    packed = read_film(make_dicom(ramp, BitsStored=12, syntax=syntax), "a")
    np.testing.assert_array_equal(packed.pixels, plain.pixels)


@pytest.mark.parametrize("size", [(1024, 1024), (1955, 1841), (601, 517)])
def test_jpeg_2000_is_decoded_at_a_lower_resolution_that_is_large_enough(make_dicom, size):
    smooth = cv2.GaussianBlur(np.random.default_rng(3).random(size), (0, 0), 20)
    stored = cv2.normalize(smooth, None, 0, 1023, cv2.NORM_MINMAX).astype(np.uint16)
    content = make_dicom(stored, BitsStored=10, syntax=JPEG2000Lossless)
    whole, reduced = read_film(content, "a"), read_film(content, "a", at_least_px=256)
    assert 256 <= min(reduced.pixels.shape) < 512 + 256
    assert (reduced.width_px, reduced.height_px) == size[::-1]
    difference = thumbnail_of(whole).astype(int) - thumbnail_of(reduced)
    # A lower level samples up to half of its pixels beside an area mean, hence the few grey levels.
    assert np.abs(difference).mean() < 5


def test_what_the_fast_decoder_refuses_is_left_to_the_others(make_dicom, ramp):
    plain = make_dicom(ramp, BitsStored=12, syntax=JPEG2000Lossless)
    dataset = pydicom.dcmread(io.BytesIO(plain))
    dataset.file_meta.TransferSyntaxUID = JPEGLSLossless
    file = io.BytesIO()
    dataset.save_as(file)
    with pytest.raises(UnreadableFilmError, match="damaged DICOM"):
        read_film(file.getvalue(), "a.dcm")


def test_a_file_without_preamble_is_read(make_dicom, ramp):
    content = make_dicom(ramp, BitsStored=12, preamble=False, syntax=ImplicitVRLittleEndian)
    assert film_format(content) == "DICOM"
    assert is_brighter_below(read_film(content, "a"))


def test_padding_of_an_implicit_signed_file_is_read_as_signed(make_dicom, ramp):
    signed = ramp.astype(np.int16) - 2048
    content = make_dicom(
        signed,
        BitsStored=12,
        PixelPaddingValue=-2048,
        PhotometricInterpretation="MONOCHROME1",
        preamble=False,
        syntax=ImplicitVRLittleEndian,
    )
    assert "padding: shown black" in read_film(content, "a").normalisation


def test_only_listed_tags_are_kept(make_dicom, ramp):
    film = read_film(
        make_dicom(
            ramp,
            BitsStored=12,
            StationName="ROOM 7",
            InstitutionName="St. Elsewhere",
            StudyDate="20200101",
            PatientAge="006M",
            PatientSex="F",
            ViewPosition="AP",
            Manufacturer="Maker",
            PatientOrientation=["L", "F"],
        ),
        "a",
    )
    assert set(film.dicom_tags) <= {
        "Modality",
        "PhotometricInterpretation",
        "BitsStored",
        "ViewPosition",
        "Manufacturer",
        "PatientOrientation",
        "Rows",
        "Columns",
        "TransferSyntaxUID",
    }
    assert film.dicom_tags["PatientOrientation"] == "L\\F"
    assert (film.header.age_years, film.header.sex, film.header.view_position) == (0.5, "F", "AP")
    assert film.header.patient_id


def test_a_missing_age_is_not_zero(make_dicom, ramp):
    assert read_film(make_dicom(ramp, BitsStored=12, PatientAge=""), "a").header.age_years is None


def test_a_value_against_the_standard_warns_of_nothing_personal(make_dicom, ramp, recwarn):
    read_film(make_dicom(ramp, BitsStored=12, PatientAge="04"), "a")
    assert not recwarn.list


@pytest.mark.parametrize(
    ("missing", "reason"), [("PixelData", "without a picture"), ("Rows", "without a picture")]
)
def test_dicom_without_a_picture_is_refused(make_dicom, ramp, missing, reason):
    dataset = pydicom.dcmread(io.BytesIO(make_dicom(ramp, BitsStored=12)))
    delattr(dataset, missing)
    file = io.BytesIO()
    dataset.save_as(file)
    with pytest.raises(UnreadableFilmError, match=reason):
        read_film(file.getvalue(), "a.dcm")


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9])
def test_truncated_dicom_is_refused(make_dicom, ramp, share):
    content = make_dicom(ramp, BitsStored=12)
    with pytest.raises(UnreadableFilmError, match=r"DICOM|not an image"):
        read_film(content[: int(len(content) * share)], "a.dcm")


def test_a_huge_claim_is_refused_before_it_is_decoded(make_dicom, ramp):
    content = make_dicom(ramp, BitsStored=12, Rows=60_000, Columns=60_000)
    with pytest.raises(UnreadableFilmError, match="huge: 60000 x 60000 px"):
        read_film(content, "a.dcm")


def real_films():
    return sorted(REAL.glob("*.dcm")) if REAL.is_dir() else []


needs_real_films = pytest.mark.skipif(not real_films(), reason="the real films are not here")


@needs_real_films
@pytest.mark.parametrize("path", real_films(), ids=lambda path: path.name[-16:])
def test_real_films_show_bone_and_heart_brighter_than_lung_and_air(path):
    """But for the one whose tag was falsified: there the tag is followed, not the pixels."""
    small = picture_at(path.read_bytes(), path.name, 100).astype(int)
    height, width = small.shape
    if path.name.startswith("RG3"):
        # A shin: the bone is brighter than the air between it and the edge of the cassette.
        bone, air = small[40:60, 50:53].max(), small[30:70, 30:32].mean()
    elif path.name.startswith("331"):
        bone, air = small[20:50].mean(), small[-3:, 45:55].mean()
    else:
        # Spine and heart against the right lung.
        bone, air = small[40:60, 48:55].mean(), small[35:55, 20:35].mean()
    assert (bone > air) == (path.name != "Fake_MONOHR1.dcm")
    assert max(height, width) == 100


@needs_real_films
@pytest.mark.parametrize("path", real_films(), ids=lambda path: path.name[-16:])
def test_real_films_look_the_same_at_reduced_resolution(path):
    content = path.read_bytes()
    whole = thumbnail_of(read_film(content, path.name))
    reduced = thumbnail_of(read_film(content, path.name, at_least_px=256))
    assert np.abs(whole.astype(int) - reduced).mean() < 1.5
