import io
import struct
import zlib

import cv2
import imagecodecs
import numpy as np
import pytest
from PIL import Image, ImageOps

from backend.archive.adapters.pixels.film_reader import picture_at, read_film, thumbnail_of
from backend.base.core.errors import UnreadableFilmError
from backend.base.core.pixel_change import PixelChange

ORIENTATIONS = range(1, 9)


@pytest.fixture
def grey():
    return np.random.default_rng(0).integers(0, 256, (60, 40), dtype=np.uint8)


@pytest.fixture
def deep():
    return np.random.default_rng(0).integers(300, 3000, (60, 40)).astype(np.uint16)


def encoded(pixels, kind, **options):
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_grey_of_8_bits_comes_as_it_is(grey, kind):
    film = read_film(encoded(grey, kind), "film")
    np.testing.assert_array_equal(film.pixels, grey)
    assert (film.width_px, film.height_px, film.file_format) == (40, 60, kind)
    assert film.normalisation == ()


def test_a_grey_jpeg_comes_as_pillow_decodes_it(grey):
    content = encoded(grey, "JPEG")
    expected = np.asarray(Image.open(io.BytesIO(content)))
    np.testing.assert_array_equal(read_film(content, "film").pixels, expected)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_grey_of_16_bits_is_spread_and_says_so(deep, kind):
    film = read_film(encoded(deep, kind), "film")
    assert (film.pixels.min(), film.pixels.max()) == (0, 255)
    assert film.normalisation[0].startswith("no window: values 3")


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_grey_of_few_bits_spans_black_to_white(bits):
    levels = np.arange(32 * 32).reshape(32, 32) % 2**bits
    packed = _png_of_bits(levels, bits)
    film = read_film(packed, "film")
    np.testing.assert_array_equal(film.pixels, levels * 255 // (2**bits - 1))


def _png_of_bits(levels, bits):
    per_byte = 8 // bits
    bytes_ = sum(
        levels[:, place::per_byte] << (8 - bits * (place + 1)) for place in range(per_byte)
    )
    rows = b"".join(b"\0" + row.astype(np.uint8).tobytes() for row in bytes_)
    return _png(rows, levels.shape, bits=bits)


def _png(rows, shape, *, bits, interlace=0):
    header = struct.pack(">IIBBBBB", shape[1], shape[0], bits, 0, 0, 0, interlace)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P"])
def test_colour_modes_become_luminance(grey, mode):
    film = read_film(encoded(Image.fromarray(grey).convert(mode), "PNG"), "film")
    np.testing.assert_array_equal(film.pixels, grey)
    assert "luminance taken" in film.normalisation[0]
    assert len(film.normalisation) == 1


def test_burned_in_colour_is_only_recorded(grey):
    colour = np.repeat(grey[..., None], 3, axis=2)
    colour[:6, :4] = (250, 10, 10)
    film = read_film(encoded(colour, "PNG"), "film")
    assert film.normalisation[1] == "1.00% of the pixels are coloured"
    assert film.coloured_share == 0.01


def test_transparent_parts_are_black(grey):
    rgba = np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    rgba[:10, :, 3] = 0
    film = read_film(encoded(rgba, "PNG"), "film")
    assert not film.pixels[:10].any()
    np.testing.assert_array_equal(film.pixels[10:], grey[10:])
    assert "transparency: put on black" in film.normalisation


def test_an_interlaced_png_is_read(grey):
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4)]
    passes += [(2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    rows = b"".join(
        b"\0" + row.tobytes() for y, x, down, across in passes for row in grey[y::down, x::across]
    )
    content = _png(rows, grey.shape, bits=8, interlace=1)
    np.testing.assert_array_equal(read_film(content, "film").pixels, grey)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_orientation_tag_is_applied_and_named(kind, orientation):
    smooth = cv2.GaussianBlur(np.random.default_rng(0).random((64, 48)), (0, 0), 6)
    stored = cv2.normalize(smooth, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    content = _with_orientation(stored, kind, orientation)
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        expected = np.asarray(ImageOps.exif_transpose(image))
    film = read_film(content, "film")
    np.testing.assert_array_equal(film.pixels, expected)
    assert (film.height_px, film.width_px) == expected.shape
    assert film.normalisation == (
        () if orientation == 1 else (f"orientation tag {orientation}: applied",)
    )


def _with_orientation(pixels, kind, orientation):
    if kind == "TIFF":
        return encoded(pixels, kind, tiffinfo={274: orientation})
    exif = Image.Exif()
    exif[274] = orientation
    return encoded(pixels, kind, exif=exif)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_tiff_whose_white_is_zero_is_inverted(dtype):
    rows = np.linspace(0, np.iinfo(dtype).max, 64).astype(dtype)
    stored = np.repeat(rows[:, None], 32, axis=1)
    film = read_film(imagecodecs.tiff_encode(stored, photometric="miniswhite"), "film")
    assert film.pixels[0].mean() > 250
    assert film.pixels[-1].mean() < 5
    assert film.normalisation[-1] == "WhiteIsZero: inverted"
    assert film.white_is_zero


def test_the_first_page_of_a_tiff_is_used(grey):
    first, second = Image.fromarray(grey), Image.fromarray(255 - grey)
    film = read_film(encoded(first, "TIFF", save_all=True, append_images=[second]), "film")
    np.testing.assert_array_equal(film.pixels, grey)
    assert film.normalisation == ("page 1 of 2 used",)


def test_a_jpeg_with_a_preview_in_it_is_a_jpeg(grey):
    first, preview = Image.fromarray(grey), Image.fromarray(grey[::2, ::2])
    content = encoded(first, "MPO", save_all=True, append_images=[preview])
    assert read_film(content, "film.jpg").file_format == "JPEG"


def test_a_floating_point_tiff_is_spread():
    values = np.random.default_rng(0).random((32, 32), dtype=np.float32)
    film = read_film(encoded(values, "TIFF"), "film")
    assert (film.pixels.min(), film.pixels.max()) == (0, 255)


def test_a_jpeg_is_decoded_at_a_reduced_scale_that_is_large_enough():
    smooth = cv2.GaussianBlur(np.random.default_rng(0).random((1200, 1100)), (0, 0), 30)
    grey = cv2.normalize(smooth, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    content = encoded(grey, "JPEG", quality=95)
    whole, reduced = read_film(content, "film"), read_film(content, "film", at_least_px=256)
    assert reduced.pixels.shape == (300, 275)
    assert (reduced.width_px, reduced.height_px) == (1100, 1200)
    difference = thumbnail_of(whole).astype(int) - thumbnail_of(reduced)
    assert np.abs(difference).max() <= 3


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated_files_are_refused(grey, kind, share):
    large = np.random.default_rng(0).integers(0, 256, (300, 300), dtype=np.uint8)
    content = encoded(large, kind)
    with pytest.raises(UnreadableFilmError, match=f"damaged {kind}"):
        read_film(content[: int(len(content) * share)], f"film.{kind.lower()}")


def test_a_flipped_bit_in_a_png_is_noticed(grey):
    content = bytearray(encoded(grey, "PNG"))
    content[len(content) // 2] ^= 4
    with pytest.raises(UnreadableFilmError, match="damaged PNG"):
        read_film(bytes(content), "film.png")


@pytest.mark.parametrize("length", [0, 3, 8, 12, 20, 25, 30])
def test_the_first_bytes_of_a_png_alone_are_refused(grey, length):
    with pytest.raises(UnreadableFilmError):
        read_film(encoded(grey, "PNG")[:length], "film.png")


def test_a_text_with_the_name_of_an_image_is_no_image():
    with pytest.raises(UnreadableFilmError, match=r"not an image .* though its name ends in .png"):
        read_film(b"file,patient_id\n" * 20, "film.png")


def test_an_image_with_the_name_of_a_text_is_an_image(grey):
    assert read_film(encoded(grey, "PNG"), "film.txt").file_format == "PNG"


def test_an_empty_file_says_so():
    with pytest.raises(UnreadableFilmError, match="empty"):
        read_film(b"", "film.png")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_an_icon_is_too_small(kind):
    with pytest.raises(UnreadableFilmError, match="too small: 1 x 1 px"):
        read_film(encoded(np.zeros((1, 1), np.uint8), kind), "film")


def test_a_huge_claim_is_refused_before_it_is_decoded(grey):
    content = bytearray(encoded(grey, "PNG"))
    content[16:24] = struct.pack(">II", 50_000, 50_000)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    with pytest.raises(UnreadableFilmError, match="huge: 50000 x 50000 px"):
        read_film(bytes(content), "film.png")


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("invert", [False, True])
def test_changing_the_film_and_changing_its_thumbnail_are_the_same(turns, invert):
    smooth = cv2.GaussianBlur(np.random.default_rng(0).random((700, 500)), (0, 0), 9)
    grey = cv2.normalize(smooth, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    change = PixelChange(turns, invert=invert)
    of_film = thumbnail_of(read_film(encoded(change.apply(grey, 255), "PNG"), "film"))
    of_thumbnail = change.apply(thumbnail_of(read_film(encoded(grey, "PNG"), "film")), 255)
    assert np.abs(of_film.astype(int) - of_thumbnail).max() <= 1


@pytest.mark.parametrize("shape", [(64, 64), (700, 100), (100, 700), (16, 16)])
def test_small_and_narrow_films_have_thumbnails_too(shape):
    grey = np.full(shape, 77, np.uint8)
    assert (thumbnail_of(read_film(encoded(grey, "PNG"), "film")) == 77).all()


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((600, 400), (320, 213)), ((100, 50), (100, 50)), ((20, 5000), (1, 320))],
)
def test_a_picture_keeps_its_aspect_and_is_never_enlarged(shape, expected):
    content = encoded(np.full(shape, 99, np.uint8), "PNG")
    assert picture_at(content, "film", 320).shape == expected
