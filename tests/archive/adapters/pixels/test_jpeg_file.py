"""JPEGs that are deep, lossless, or lack their end."""

import io
from pathlib import Path

import cv2
import imagecodecs
import numpy as np
import pytest
from PIL import Image

from backend.archive.adapters.pixels.film_reader import read_film
from backend.base.core.errors import UnreadableFilmError

CASES = Path(__file__).parents[5] / "shared" / "cases"


@pytest.fixture
def smooth():
    """Values 0.0 to 1.0, shape (60, 40)."""
    noise = cv2.GaussianBlur(np.random.default_rng(0).random((60, 40)), (0, 0), 5)
    return (noise - noise.min()) / np.ptp(noise)


def jpeg(pixels, **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", **options)
    return file.getvalue()


def differs(film, scene):
    low, high = np.percentile(scene, (0.5, 99.5))
    return np.abs(film.pixels - 255 * np.clip((scene - low) / (high - low), 0, 1)).mean()


def test_12_bits_are_read_and_said(smooth):
    content = imagecodecs.jpeg8_encode(
        (smooth * 4095).astype(np.uint16), level=95, bitspersample=12
    )
    film = read_film(content, "film.jpg")
    assert differs(film, smooth) < 2
    assert film.normalisation[0] == "JPEG (sequential, 12 bits)"


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_lossless_jpegs_lose_nothing(smooth, bits):
    values = (smooth * (2**bits - 1)).astype(np.uint8 if bits == 8 else np.uint16)
    film = read_film(imagecodecs.ljpeg_encode(values, bitspersample=bits), "film.jpg")
    if bits == 8:
        np.testing.assert_array_equal(film.pixels, values)
    else:
        assert differs(film, smooth) < 2
    assert film.normalisation[0] == f"JPEG (lossless, {bits} bits)"


def test_a_cut_jpeg_whose_header_holds_a_whole_preview_is_not_taken_for_whole(smooth):
    whole = imagecodecs.ljpeg_encode((smooth * 65535).astype(np.uint16), bitspersample=16)
    preview = b"Exif\0\0" + bytes.fromhex("ffd8ffda0000ffd9")
    segment = b"\xff\xe1" + (2 + len(preview)).to_bytes(2, "big") + preview
    content = whole[:2] + segment + whole[2:]
    assert differs(read_film(content, "film.jpg"), smooth) < 2
    with pytest.raises(UnreadableFilmError, match="ends before its last pixel"):
        read_film(content[: len(content) // 2], "film.jpg")


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_an_orientation_that_does_not_exist_turns_nothing(smooth, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    film = read_film(jpeg((smooth * 255).astype(np.uint8), exif=exif), "film.jpg")
    assert (film.width_px, film.height_px, film.normalisation) == (40, 60, ())


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_jpeg_ls_is_read(smooth, dtype):
    values = (smooth * np.iinfo(dtype).max).astype(dtype)
    film = read_film(imagecodecs.jpegls_encode(values), "film.jls")
    if dtype == np.uint8:
        np.testing.assert_array_equal(film.pixels, values)
    else:
        assert differs(film, smooth) < 2


@pytest.mark.parametrize("marker", [0xC5, 0xC6, 0xC7, 0xCB, 0xCD])
def test_a_coding_that_nobody_decodes_is_named(smooth, marker):
    content = jpeg((smooth * 255).astype(np.uint8)).replace(b"\xff\xc0", bytes([0xFF, marker]))
    with pytest.raises(UnreadableFilmError, match=r"JPEG \((hierarchical|lossless, arith)"):
        read_film(content, "film.jpg")


@pytest.mark.parametrize("more", [b"", b"\xff", b"\xff\xff\xff"])
def test_a_jpeg_without_its_end_marker_is_read_where_every_pixel_is_there(smooth, more):
    content = jpeg((smooth * 255).astype(np.uint8))
    film = read_film(content[:-2] + more, "film.jpg")
    np.testing.assert_array_equal(film.pixels, read_film(content, "film.jpg").pixels)
    assert film.normalisation == ("end marker missing: read, as every pixel is there",)


@pytest.mark.parametrize("missing", [4, 5, 8, 20, 100])
@pytest.mark.parametrize("coded", ["baseline", "12 bits", "lossless"])
def test_a_jpeg_that_ends_before_its_last_pixel_is_refused(smooth, missing, coded):
    noisy = np.random.default_rng(1).random((200, 200)) * 0.8
    content = {
        "baseline": lambda: jpeg((noisy * 255).astype(np.uint8)),
        "12 bits": lambda: imagecodecs.jpeg8_encode((noisy * 4095).astype("u2"), bitspersample=12),
        "lossless": lambda: imagecodecs.ljpeg_encode((noisy * 65535).astype("u2")),
    }[coded]()
    with pytest.raises(UnreadableFilmError, match="damaged JPEG: it ends before its last pixel"):
        read_film(content[:-missing], "film.jpg")


def test_a_progressive_jpeg_without_its_end_marker_is_refused(smooth):
    content = jpeg((smooth * 255).astype(np.uint8), progressive=True)
    with pytest.raises(UnreadableFilmError, match="or lacks its end marker"):
        read_film(content[:-2], "film.jpg")


def test_a_deep_jpeg_that_claims_very_much_is_refused(smooth):
    content = bytearray(imagecodecs.jpeg8_encode((smooth * 4095).astype("u2"), bitspersample=12))
    frame = content.index(b"\xff\xc1")
    content[frame + 5 : frame + 9] = bytes([0x40, 0, 0x40, 0])
    with pytest.raises(UnreadableFilmError, match="huge"):
        read_film(bytes(content), "film.jpg")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_tag_of_a_deep_jpeg_is_applied(smooth, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    plain = jpeg((smooth * 255).astype(np.uint8), exif=exif, quality=95)
    length = int.from_bytes(plain[plain.index(b"\xff\xe1") + 2 :][:2], "big")
    segment = plain[plain.index(b"\xff\xe1") :][: length + 2]
    deep = imagecodecs.jpeg8_encode((smooth * 4095).astype("u2"), level=95, bitspersample=12)
    film = read_film(deep[:2] + segment + deep[2:], "film.jpg")
    expected = read_film(plain, "film.jpg")
    assert film.pixels.shape == expected.pixels.shape
    assert np.corrcoef(film.pixels.ravel(), expected.pixels.ravel())[0, 1] > 0.99
    assert film.normalisation[:-2] == expected.normalisation


@pytest.mark.skipif(not CASES.exists(), reason="needs ../shared")
def test_the_files_of_other_makers_show_their_scene():
    def of(name, folder="jpeg_12bit_and_lossless"):
        return read_film((CASES / folder / name).read_bytes(), name).pixels.astype(int)

    scene = of("tif8.tif") / 255
    low, high = np.percentile(scene, (0.5, 99.5))
    spread = 255 * np.clip((scene - low) / (high - low), 0, 1)
    for name in ("jpg12.jpg", "jpg_lossless16.jpg"):
        assert np.abs(of(name) - spread).mean() < 4
    cut = of("jpg_ff_padding_before_eoi_missing.jpg", "unclear_jpeg_eoi_missing")
    assert np.abs(cut - 255 * scene).mean() < 4
