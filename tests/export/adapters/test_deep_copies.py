"""Corrected copies of what Pillow refuses, or read wrongly."""

import io

import imagecodecs
import numpy as np
import pytest
import tifffile
from shared_fixtures.copied import write_corrected_copy

from backend.archive.adapters.pixels.film_reader import read_film
from backend.base.core.errors import UnreadableFilmError
from backend.base.core.pixel_change import PixelChange

TURNED, NEGATIVE = PixelChange(1, mirror=True), PixelChange(invert=True)
SCENE = np.random.default_rng(0).random((40, 48)) * 0.9 + 0.05
GREY16 = (SCENE * 65535).astype(np.uint16)
CLEAR = {"photometric": "minisblack", "planarconfig": "contig", "extrasamples": ["unassalpha"]}


def tiff(values, **how):
    file = io.BytesIO()
    tifffile.imwrite(file, values, metadata=None, **how)
    return file.getvalue()


TIFFS = {
    "half floats": lambda: tiff(SCENE.astype("f2")),
    "doubles": lambda: tiff(SCENE.astype("f8")),
    "signed bytes": lambda: tiff((SCENE * 255 - 128).astype("i1")),
    "32 bits": lambda: tiff((SCENE * 4e9).astype("u4")),
    "12 bits": lambda: tiff(
        (SCENE * 4095).astype("u2"), bitspersample=12, photometric="miniswhite"
    ),
    "grey and opacity": lambda: tiff(np.dstack([GREY16, np.full_like(GREY16, 65535)]), **CLEAR),
    "bytes in planes": lambda: tiff(
        np.stack([(GREY16 >> 8).astype("u1")] * 3), photometric="rgb", planarconfig="separate"
    ),
    "words in planes": lambda: tiff(
        np.stack([GREY16] * 3), photometric="rgb", planarconfig="separate"
    ),
}
JPEGS = {
    "12 bits": lambda: imagecodecs.jpeg8_encode((SCENE * 4095).astype("u2"), bitspersample=12),
    "lossless": lambda: imagecodecs.jpeg8_encode(GREY16, lossless=True, bitspersample=16),
    "JPEG-LS": lambda: imagecodecs.jpegls_encode(GREY16),
}


@pytest.mark.parametrize("change", [TURNED, NEGATIVE])
@pytest.mark.parametrize("name", TIFFS)
def test_a_copy_of_a_deep_tiff_shows_the_film_changed(tmp_path, name, change):
    _check_copy(tmp_path, TIFFS[name](), "film.tif", change)


@pytest.mark.parametrize("change", [TURNED, NEGATIVE])
@pytest.mark.parametrize("name", JPEGS)
def test_a_copy_of_a_deep_jpeg_shows_the_film_changed(tmp_path, name, change):
    _check_copy(tmp_path, JPEGS[name](), "film.jpg", change)


def _check_copy(folder, content, name, change):
    source, target = folder / name, folder / f"copy of {name}"
    source.write_bytes(content)
    write_corrected_copy(source, target, change)
    copy = read_film(target.read_bytes(), name)
    expected = change.apply(read_film(content, name).pixels, 255)
    assert copy.pixels.shape == expected.shape
    assert np.abs(copy.pixels - expected.astype(int)).max() <= 2


def test_the_values_of_a_turned_copy_are_those_of_the_film(tmp_path):
    source, target = tmp_path / "film.tif", tmp_path / "copy.tif"
    source.write_bytes(tiff(SCENE))
    write_corrected_copy(source, target, TURNED)
    np.testing.assert_array_equal(tifffile.imread(target), TURNED.apply(SCENE, 0))


def test_other_deep_pages_are_copied_as_they_are(tmp_path):
    source, target = tmp_path / "film.tif", tmp_path / "copy.tif"
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(SCENE, metadata=None)
        writer.write(1 - SCENE, metadata=None)
    source.write_bytes(file.getvalue())
    write_corrected_copy(source, target, TURNED)
    with tifffile.TiffFile(target) as copy:
        np.testing.assert_array_equal(copy.pages[1].asarray(), 1 - SCENE)


def test_greys_multiplied_by_their_opacity_are_not_changed(tmp_path):
    source = tmp_path / "film.tif"
    source.write_bytes(
        tiff(
            np.dstack([GREY16, np.full_like(GREY16, 65535)]),
            **{**CLEAR, "extrasamples": ["assocalpha"]},
        )
    )
    with pytest.raises(UnreadableFilmError, match="multiplied by their opacity"):
        write_corrected_copy(source, tmp_path / "copy.tif", TURNED)
