import io

import imagecodecs
import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEG2000Lossless
from shared_fixtures.copied import write_corrected_copy

from backend.archive.adapters.pixels.film_reader import read_film
from backend.base.core.errors import RadsieveError, UnreadableFilmError
from backend.base.core.pixel_change import PixelChange

CHANGES = [
    PixelChange(turns, mirror, invert)
    for turns, mirror, invert in [
        (1, False, False),
        (2, True, False),
        (3, False, True),
        (0, True, True),
    ]
]
every_change = pytest.mark.parametrize("change", CHANGES, ids=str)


def random_pixels(dtype, channels=0, low=0, high=None):
    shape = (48, 32, channels) if channels else (48, 32)
    high = np.iinfo(dtype).max if high is None else high
    return np.random.default_rng(0).integers(low, high, shape, dtype=dtype, endpoint=True)


def there_and_back(content, change, folder):
    """Return the changed copy of a file, and the copy of that with the change undone."""
    source, changed, back = folder / "source", folder / "changed", folder / "deep" / "back"
    source.write_bytes(content)
    write_corrected_copy(source, changed, change)
    write_corrected_copy(changed, back, change.inverse())
    assert source.read_bytes() == content
    return changed.read_bytes(), back.read_bytes()


@every_change
@pytest.mark.parametrize(
    ("dtype", "channels"),
    [(np.uint8, 0), (np.uint16, 0), (np.uint8, 3), (np.uint16, 3), (np.uint8, 4)],
)
@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_png_and_tiff_go_there_and_back_without_loss(tmp_path, kind, dtype, channels, change):
    encode = getattr(imagecodecs, f"{kind}_encode")
    decode = getattr(imagecodecs, f"{kind}_decode")
    pixels = random_pixels(dtype, channels)
    changed, back = there_and_back(encode(pixels), change, tmp_path)
    np.testing.assert_array_equal(decode(back), pixels)
    assert decode(changed).dtype == dtype
    assert not np.array_equal(decode(changed), pixels)


@every_change
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_what_is_seen_changes_as_asked(tmp_path, kind, change):
    pixels = random_pixels(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    changed, _ = there_and_back(file.getvalue(), change, tmp_path)
    np.testing.assert_array_equal(read_film(changed, "film").pixels, change.apply(pixels, 255))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_the_orientation_tag_is_carried_out_and_not_copied(tmp_path, kind):
    pixels = np.repeat(np.arange(0, 240, 5, dtype=np.uint8)[:, None], 32, axis=1)
    exif = Image.Exif()
    exif[274] = 6
    file = io.BytesIO()
    options = {"tiffinfo": {274: 6}} if kind == "TIFF" else {"exif": exif}
    Image.fromarray(pixels).save(file, kind, **options)
    shown = read_film(file.getvalue(), "film").pixels
    changed, _ = there_and_back(file.getvalue(), PixelChange(turns_ccw=1), tmp_path)
    film = read_film(changed, "film")
    np.testing.assert_allclose(film.pixels.astype(int), np.rot90(shown).astype(int), atol=2)
    assert film.normalisation == ()


@pytest.mark.parametrize("mode", ["1", "P"])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_black_and_white_and_palettes_are_shown_as_asked(tmp_path, kind, mode):
    file = io.BytesIO()
    Image.fromarray(random_pixels(np.uint8)).convert(mode).save(file, kind)
    shown = read_film(file.getvalue(), "film").pixels
    changed, _ = there_and_back(file.getvalue(), PixelChange(1, invert=True), tmp_path)
    expected = PixelChange(1, invert=True).apply(shown, 255)
    np.testing.assert_array_equal(read_film(changed, "film").pixels, expected)


def test_a_jpeg_keeps_its_look(tmp_path):
    pixels = np.repeat(np.linspace(0, 250, 48).astype(np.uint8)[:, None], 32, axis=1)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=95, dpi=(300, 300))
    changed, back = there_and_back(file.getvalue(), PixelChange(1, invert=True), tmp_path)
    film = read_film(changed, "film")
    assert film.file_format == "JPEG"
    expected = 255 - np.rot90(pixels).astype(int)
    np.testing.assert_allclose(film.pixels.astype(int), expected, atol=3)
    assert Image.open(io.BytesIO(back)).info["dpi"] == (300, 300)


def test_a_tiff_keeps_its_white_zero_its_resolution_and_its_other_pages(tmp_path):
    first, second = random_pixels(np.uint16), random_pixels(np.uint8)
    content = imagecodecs.tiff_encode(first, photometric="miniswhite", resolution=(300.0, 150.0))
    content = imagecodecs.tiff_encode(second, appendto=content)
    changed, _ = there_and_back(content, PixelChange(1), tmp_path)
    image = Image.open(io.BytesIO(changed))
    assert (image.n_frames, image.tag_v2[262]) == (2, 0)
    assert (image.tag_v2[282], image.tag_v2[283]) == (150.0, 300.0)
    np.testing.assert_array_equal(imagecodecs.tiff_decode(changed), np.rot90(first))
    np.testing.assert_array_equal(imagecodecs.tiff_decode(changed, index=1), second)


@every_change
@pytest.mark.parametrize(
    ("pixels", "tags"),
    [
        (random_pixels(np.uint8), {}),
        (random_pixels(np.uint16, high=4095), {"BitsStored": 12}),
        (random_pixels(np.uint16, high=32767), {"BitsStored": 15, "syntax": JPEG2000Lossless}),
        (random_pixels(np.int16, low=-2048, high=2047), {"BitsStored": 12}),
        (random_pixels(np.uint8, channels=3), {}),
        (random_pixels(np.uint16, high=999), {"PhotometricInterpretation": "MONOCHROME1"}),
    ],
    ids=["8 bit", "12 bit", "JPEG 2000", "signed", "colour", "MONOCHROME1"],
)
def test_dicom_goes_there_and_back_without_loss(tmp_path, make_dicom, pixels, tags, change):
    changed, back = there_and_back(make_dicom(pixels, **tags), change, tmp_path)
    dataset = pydicom.dcmread(io.BytesIO(back))
    np.testing.assert_array_equal(dataset.pixel_array, pixels)
    assert pydicom.dcmread(io.BytesIO(changed)).pixel_array.dtype == pixels.dtype
    assert dataset.BitsStored == tags.get("BitsStored", pixels.dtype.itemsize * 8)


@every_change
@pytest.mark.parametrize(
    "tags",
    [
        {"WindowCenter": 1500, "WindowWidth": 2000},
        {"WindowCenter": 3001, "WindowWidth": 4001, "RescaleSlope": 2, "RescaleIntercept": -500},
        {"WindowCenter": 1500, "WindowWidth": 900, "VOILUTFunction": "SIGMOID"},
        {"WindowCenter": 1500, "WindowWidth": 900, "PhotometricInterpretation": "MONOCHROME1"},
        {"PixelPaddingValue": 0, "WindowCenter": 2000, "WindowWidth": 3000},
    ],
    ids=["window", "rescale", "sigmoid", "MONOCHROME1", "padding"],
)
def test_what_is_seen_of_a_dicom_film_changes_as_asked(tmp_path, make_dicom, ramp, tags, change):
    content = make_dicom(ramp, BitsStored=12, **tags)
    before = read_film(content, "film").pixels
    changed, back = there_and_back(content, change, tmp_path)
    after = read_film(changed, "film").pixels
    expected = change.apply(before, 255)
    film = np.s_[:] if "PixelPaddingValue" not in tags else change.apply(ramp, 0) != 0
    assert np.abs(after.astype(int) - expected)[film].max() <= 1
    np.testing.assert_array_equal(read_film(back, "film").pixels, before)


def test_a_dicom_film_with_a_table_is_inverted_by_its_tags(tmp_path, make_dicom, ramp):
    table = pydicom.Dataset()
    table.LUTDescriptor = [4096, 0, 12]
    table.LUTData = (np.arange(4096) ** 2 // 4096).astype("<u2").tobytes()
    table["LUTData"].VR = "OW"
    content = make_dicom(
        ramp, BitsStored=12, VOILUTSequence=[table], PresentationLUTShape="IDENTITY"
    )
    before = read_film(content, "film").pixels
    changed, _ = there_and_back(content, PixelChange(invert=True), tmp_path)
    assert np.abs(read_film(changed, "film").pixels.astype(int) - (255 - before)).max() <= 1
    np.testing.assert_array_equal(pydicom.dcmread(io.BytesIO(changed)).pixel_array, ramp)


def test_a_dicom_copy_keeps_its_header_but_for_what_the_change_makes_wrong(
    tmp_path, make_dicom, ramp
):
    content = make_dicom(
        ramp,
        BitsStored=12,
        PixelSpacing=[0.1, 0.2],
        PatientOrientation=["L", "F"],
        ImageType=["ORIGINAL", "PRIMARY", ""],
        StudyDate="20200101",
        ShutterShape="RECTANGULAR",
    )
    dataset = pydicom.dcmread(io.BytesIO(content))
    dataset.add_new(0x60000010, "US", 96)
    file = io.BytesIO()
    dataset.save_as(file)
    changed, _ = there_and_back(file.getvalue(), PixelChange(turns_ccw=1), tmp_path)
    before, after = (pydicom.dcmread(io.BytesIO(each)) for each in (content, changed))
    assert (after.Rows, after.Columns) == (64, 96)
    assert after.PixelSpacing == [0.2, 0.1]
    assert not after.PatientOrientation
    assert after.ImageType == ["DERIVED", "PRIMARY", ""]
    assert after.DerivationDescription == "radsieve: turned 90 degrees counter-clockwise"
    assert (after.StudyDate, after.PatientID) == (before.StudyDate, before.PatientID)
    assert "ShutterShape" not in after and 0x60000010 not in after
    assert after.SOPInstanceUID != before.SOPInstanceUID
    assert after.file_meta.MediaStorageSOPInstanceUID == after.SOPInstanceUID
    assert after.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian


def test_all_frames_of_a_dicom_film_change(tmp_path, make_dicom, ramp):
    content = make_dicom(np.stack([ramp, ramp[::-1]]), BitsStored=12)
    changed, _ = there_and_back(content, PixelChange(turns_ccw=2), tmp_path)
    frames = pydicom.dcmread(io.BytesIO(changed)).pixel_array
    np.testing.assert_array_equal(frames, [np.rot90(ramp, 2), np.rot90(ramp[::-1], 2)])


def test_a_header_that_claims_too_few_bits_costs_no_pixels(tmp_path, make_dicom):
    pixels = random_pixels(np.uint16)
    content = make_dicom(pixels, syntax=JPEG2000Lossless, HighBit=11)
    dataset = pydicom.dcmread(io.BytesIO(content))
    dataset.BitsStored = 12
    file = io.BytesIO()
    dataset.save_as(file)
    _, back = there_and_back(file.getvalue(), PixelChange(invert=True), tmp_path)
    np.testing.assert_array_equal(pydicom.dcmread(io.BytesIO(back)).pixel_array, pixels)


def test_a_dicom_film_without_preamble_gets_one(tmp_path, make_dicom, ramp):
    content = make_dicom(ramp, BitsStored=12, preamble=False, syntax=ImplicitVRLittleEndian)
    changed, _ = there_and_back(content, PixelChange(turns_ccw=1), tmp_path)
    assert changed[128:132] == b"DICM"
    np.testing.assert_array_equal(pydicom.dcmread(io.BytesIO(changed)).pixel_array, np.rot90(ramp))


def test_a_palette_in_dicom_is_turned_but_not_inverted(tmp_path, make_dicom):
    tags = {}
    for colour in ("Red", "Green", "Blue"):
        tags[f"{colour}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        tags[f"{colour}PaletteColorLookupTableData"] = bytes(512)
    pixels = random_pixels(np.uint8)
    content = make_dicom(pixels, PhotometricInterpretation="PALETTE COLOR", **tags)
    changed, _ = there_and_back(content, PixelChange(turns_ccw=1), tmp_path)
    np.testing.assert_array_equal(
        pydicom.dcmread(io.BytesIO(changed)).pixel_array, np.rot90(pixels)
    )
    with pytest.raises(UnreadableFilmError, match="palette"):
        there_and_back(content, PixelChange(invert=True), tmp_path)


@pytest.mark.parametrize("how", ["same", "hard link", "symbolic link"])
def test_the_original_is_never_the_target(tmp_path, how):
    source, target = tmp_path / "film.png", tmp_path / "other.png"
    content = imagecodecs.png_encode(random_pixels(np.uint8))
    source.write_bytes(content)
    if how == "same":
        target = source
    elif how == "hard link":
        target.hardlink_to(source)
    else:
        target.symlink_to(source)
    with pytest.raises(RadsieveError, match="expected a new file"):
        write_corrected_copy(source, target, PixelChange(invert=True))
    assert source.read_bytes() == content


def test_a_damaged_film_leaves_no_copy(tmp_path):
    source = tmp_path / "film.png"
    source.write_bytes(imagecodecs.png_encode(random_pixels(np.uint8))[:200])
    with pytest.raises(UnreadableFilmError, match="no corrected copy"):
        write_corrected_copy(source, tmp_path / "copy.png", PixelChange(invert=True))
    assert not (tmp_path / "copy.png").exists()
