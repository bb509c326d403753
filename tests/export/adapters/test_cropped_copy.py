import io

import imagecodecs
import numpy as np
import pydicom
import pytest
from PIL import Image
from shared_fixtures.copied import write_corrected_copy

from backend.archive.adapters.pixels.film_reader import read_film
from backend.base.core.errors import RadsieveError, UnreadableFilmError
from backend.base.core.pixel_change import UNCHANGED, PixelChange
from backend.labels.core.box import Box

BOX = Box(0.25, 0.5, 0.5, 0.25)
TURNED = PixelChange(turns_ccw=1, invert=True)


def film(dtype, *more):
    high = np.iinfo(dtype).max
    return np.random.default_rng(0).integers(0, high, (80, 160, *more), dtype=dtype, endpoint=True)


def inside(pixels):
    return pixels[40:60, 40:120]


def cut(content, folder, change=PixelChange()):  # noqa: B008 - immutable
    source, target = folder / "film", folder / "deep" / "part"
    source.write_bytes(content)
    write_corrected_copy(source, target, change, BOX)
    assert source.read_bytes() == content
    return target.read_bytes()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("kind", ["png", "tiff"])
@pytest.mark.parametrize("channels", [(), (3,)])
def test_png_and_tiff_keep_every_bit_of_what_lies_in_the_box(tmp_path, kind, dtype, channels):
    pixels = film(dtype, *channels)
    part = cut(getattr(imagecodecs, f"{kind}_encode")(pixels), tmp_path)
    found = getattr(imagecodecs, f"{kind}_decode")(part)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, inside(pixels))


def test_the_part_is_put_right_after_it_was_cut(tmp_path):
    pixels = film(np.uint16)
    part = imagecodecs.png_decode(cut(imagecodecs.png_encode(pixels), tmp_path, TURNED))
    np.testing.assert_array_equal(part, TURNED.apply(inside(pixels), white=65535))


def test_the_box_lies_on_the_film_as_it_is_shown(tmp_path):
    pixels = film(np.uint8)
    encoded, exif = io.BytesIO(), Image.Exif()
    exif[274] = 6  # stored lying, shown after a turn to the right
    Image.fromarray(np.rot90(pixels)).save(encoded, "PNG", exif=exif)
    part = imagecodecs.png_decode(cut(encoded.getvalue(), tmp_path))
    np.testing.assert_array_equal(part, inside(pixels))


def test_jpeg_stays_jpeg_and_close(tmp_path):
    smooth = np.add.outer(np.arange(80), np.arange(160)).astype(np.uint8)
    part = cut(imagecodecs.jpeg_encode(smooth, level=98), tmp_path)
    assert part.startswith(b"\xff\xd8")
    assert np.abs(imagecodecs.jpeg_decode(part).astype(int) - inside(smooth)).max() <= 3


@pytest.mark.parametrize("frames", [1, 3])
def test_dicom_keeps_its_header_and_every_bit(tmp_path, make_dicom, frames):
    pixels = np.squeeze(np.stack([film(np.uint16)] * frames))
    tags = {"NumberOfFrames": frames} if frames > 1 else {}
    content = make_dicom(pixels, PixelSpacing=[0.1, 0.2], **tags)
    copy = pydicom.dcmread(io.BytesIO(cut(content, tmp_path)))
    np.testing.assert_array_equal(np.atleast_3d(copy.pixel_array.T).T[0], inside(film(np.uint16)))
    assert (copy.Rows, copy.Columns, copy.get("NumberOfFrames", 1)) == (20, 80, frames)
    assert list(copy.PixelSpacing) == [0.1, 0.2]
    assert copy.ImageType[0] == "DERIVED"
    assert "cut out" in copy.DerivationDescription
    assert copy.SOPInstanceUID != pydicom.dcmread(io.BytesIO(content)).get("SOPInstanceUID")


def test_a_negative_dicom_part_is_shown_as_the_film_was(tmp_path, make_dicom):
    content = make_dicom(film(np.uint8), PhotometricInterpretation="MONOCHROME1")
    shown = read_film(content, "film").pixels
    part = read_film(cut(content, tmp_path), "part").pixels
    assert np.corrcoef(part.ravel(), inside(shown).ravel())[0, 1] > 0.99


def test_a_damaged_film_is_refused_with_its_reason(tmp_path):
    whole = imagecodecs.png_encode(film(np.uint8))
    with pytest.raises(UnreadableFilmError, match="no part of"):
        cut(whole[:200], tmp_path)


def test_the_original_is_never_replaced(tmp_path):
    source = tmp_path / "film.png"
    source.write_bytes(imagecodecs.png_encode(film(np.uint8)))
    with pytest.raises(RadsieveError, match="got the original"):
        write_corrected_copy(source, source, UNCHANGED, BOX)
