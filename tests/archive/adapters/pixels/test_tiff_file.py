"""TIFFs that Pillow refuses or reads wrongly; the ordinary ones: tests/archive/reference."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile
from shared_fixtures import bombs

from backend.archive.adapters.pixels.film_reader import read_film
from backend.archive.core.tiff_kind import UNSIGNED, TiffKind, tiff_kind
from backend.base.core.errors import UnreadableFilmError

CASES = Path(__file__).parents[5] / "shared" / "cases"


@pytest.fixture
def scene():
    """A ramp with a bright block, 0.0 to 1.0, shape (40, 48)."""
    rows, columns = np.mgrid[0:40, 0:48]
    scene = 0.1 + 0.5 * columns / 48 + 0.3 * rows / 40
    scene[8:16, 10:20] = 0.98
    return scene


def written(values, **how):
    file = io.BytesIO()
    tifffile.imwrite(file, values, metadata=None, **how)
    return file.getvalue()


def differs(film, scene):
    low, high = np.percentile(scene, (0.5, 99.5))
    return np.abs(film.pixels - 255 * np.clip((scene - low) / (high - low), 0, 1)).mean()


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_floating_point_of_every_size_is_read(scene, dtype):
    film = read_film(written(scene.astype(dtype)), "film.tif")
    assert differs(film, scene) < 1
    assert film.normalisation[0].endswith("bits floating point")


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_grey_of_packed_bits_is_read(scene, bits):
    packed = written(
        (scene * (2**bits - 1)).astype(np.uint16), bitspersample=bits, photometric="minisblack"
    )
    film = read_film(packed, "film.tif")
    assert differs(film, scene) < 1
    assert film.normalisation[0] == f"TIFF of {bits} bits"


def test_signed_bytes_are_not_read_as_unsigned(scene):
    film = read_film(written((scene * 255 - 128).astype(np.int8)), "film.tif")
    assert differs(film, scene) < 1


def test_colours_in_planes_are_put_together(scene):
    planes = np.stack([(scene * 65535).astype(np.uint16)] * 3)
    film = read_film(written(planes, photometric="rgb", planarconfig="separate"), "film.tif")
    assert differs(film, scene) < 1
    assert "RGB: luminance taken" in film.normalisation


def test_32_bits_without_sign_do_not_wrap(scene):
    film = read_film(written((scene * 4e9).astype(np.uint32)), "film.tif")
    assert differs(film, scene) < 1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("alpha", ["unassalpha", "assocalpha"])
def test_transparent_parts_are_black_multiplied_already_or_not(scene, dtype, alpha):
    most = np.iinfo(dtype).max
    opacity = np.full(scene.shape, most, dtype)
    opacity[20:] = 0
    grey = (scene * most).astype(dtype)
    if alpha == "assocalpha":
        grey[20:] = 0
    values = np.dstack([grey, opacity])
    content = written(values, photometric="minisblack", planarconfig="contig", extrasamples=[alpha])
    film = read_film(content, "film.tif")
    assert not film.pixels[20:].any()
    assert film.pixels[8:16, 10:20].min() > 240
    assert film.normalisation[-1] == "transparency: put on black"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_tag_of_deep_pixels_is_applied_and_named(scene, orientation):
    as_bytes = (scene * 255).astype(np.uint8)
    plain = read_film(written(as_bytes, extratags=[(274, "H", 1, orientation, True)]), "film.tif")
    deep = read_film(
        written(as_bytes.astype("f4"), extratags=[(274, "H", 1, orientation, True)]), "film.tif"
    )
    assert deep.pixels.shape == plain.pixels.shape
    assert np.corrcoef(deep.pixels.ravel(), plain.pixels.ravel())[0, 1] > 0.999
    assert deep.normalisation[:-2] == plain.normalisation


def test_white_is_zero_at_any_depth(scene):
    film = read_film(written((1 - scene).astype("f4"), photometric="miniswhite"), "film.tif")
    assert differs(film, scene) < 1
    assert film.white_is_zero
    assert film.normalisation[-1] == "WhiteIsZero: inverted"


def test_a_missing_photometric_interpretation_is_guessed_aloud(scene):
    content = bytearray(written((scene * 255).astype(np.uint8), photometric="minisblack"))
    place = content.index(struct.pack("<HHI", 262, 3, 1))
    struct.pack_into("<H", content, place, 265)  # CellLength, of which nobody asks
    film = read_film(bytes(content), "film.tif")
    assert film.pixels[8:16, 10:20].min() > 240
    assert film.normalisation == ("photometric interpretation missing: taken as black is zero",)


def test_of_deep_pages_the_first_is_used(scene):
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(scene.astype("f4"), metadata=None)
        writer.write(1 - scene.astype("f4"), metadata=None)
    film = read_film(file.getvalue(), "film.tif")
    assert differs(film, scene) < 1
    assert film.normalisation[0] == "page 1 of 2 used"


@pytest.mark.parametrize("compression", [None, "lzw", "zlib", "packbits", "lzma", "zstd"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_deep_files_cut_short_are_refused(compression, share):
    noise = np.random.default_rng(0).random((300, 300)).astype("f4")
    content = written(noise, compression=compression, rowsperstrip=40)
    with pytest.raises(UnreadableFilmError, match="damaged TIFF"):
        read_film(content[: int(len(content) * share)], "film.tif")


def test_strips_that_are_empty_are_refused(scene):
    content = bytearray(written(scene.astype("f4"), rowsperstrip=10))
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        place = file.pages.first.tags[279].valueoffset
    struct.pack_into("<H", content, place, 0)
    with pytest.raises(UnreadableFilmError, match="damaged TIFF: strips or tiles are missing"):
        read_film(bytes(content), "film.tif")


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"compression": "jpegxl"}, "TIFF packed by JPEG XL, which is not read"),
        ({"compression": "lerc"}, "TIFF packed by LERC, which is not read"),
        ({"compression": "png"}, "TIFF packed by PNG, which is not read"),
    ],
)
def test_what_is_not_read_is_named(scene, how, reason):
    with pytest.raises(UnreadableFilmError, match=reason):
        read_film(written((scene * 255).astype(np.uint8), **how), "film.tif")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (TiffKind((32,), 6, 1, False, 1, 1), "complex or undefined values"),
        (TiffKind((16,), UNSIGNED, 1, False, 1, 1, depth=7), "more than one layer"),
        (TiffKind((16,), UNSIGNED, 1, False, 3, 1), "palette of 16 bits"),
        (TiffKind((16,) * 3, UNSIGNED, 3, False, 8, 1), "CIELab of 16 bits"),
        (TiffKind((16,) * 3, UNSIGNED, 3, False, 32844, 1), "of unknown colours"),
        (TiffKind((5, 6, 5), UNSIGNED, 3, False, 2, 1), "different or impossible sizes"),
        (TiffKind((16,), UNSIGNED, 1, False, 2, 1), "damaged TIFF: 1 samples for RGB"),
        (TiffKind((16,), UNSIGNED, 1, False, 1, 4711), "packed by an unknown method"),
    ],
)
def test_each_refusal_says_what_came(kind, reason):
    assert not kind.is_common
    assert reason in kind.refusal


def test_what_a_tiff_leaves_out_has_the_default_of_the_standard():
    assert tiff_kind({}) == TiffKind((1,), UNSIGNED, 1, False, 1, 1, is_guessed=True)


@pytest.mark.parametrize(
    "content",
    [
        bombs.tiff(10_000, 10_000, bits=32, data=b"x"),
        bombs.tiff(20_000, 20_000, bits=12, data=b"x"),
    ],
)
def test_a_small_deep_file_that_claims_very_much_is_refused(content):
    with pytest.raises(UnreadableFilmError, match="huge"):
        read_film(content, "film.tif")


def test_a_jpeg_in_a_strip_that_claims_to_be_huge_is_refused():
    packed = bombs.jpeg(30_000, 30_000)[:3000]
    content = bombs.tiff(64, 64, compression=7, bits=12, data=packed)
    with pytest.raises(
        UnreadableFilmError, match="damaged TIFF: a strip or tile claims to be huge"
    ):
        read_film(content, "film.tif")


@pytest.mark.skipif(not CASES.exists(), reason="needs ../shared")
@pytest.mark.parametrize("folder", ["tiff_kinds", "tiff_silently_wrong_pixels"])
def test_the_files_of_other_makers_show_their_scene(folder):
    paths = sorted((CASES / folder).glob("*.tif"))
    films = {path.name: read_film(path.read_bytes(), path.name).pixels for path in paths}
    expected = films.pop("tif8.tif").astype(int)
    assert len(films) >= 2
    for name, pixels in films.items():
        assert np.abs(pixels - expected).mean() < 8, name
