"""DICOM headers as makers write them: one scene, compared with the scene itself."""

from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRBigEndian
from shared_fixtures.dicom_scene import (
    NATIVE,
    WINDOW,
    as_native,
    as_shown,
    changed,
    film_scene,
)

from backend.archive.adapters.pixels.film_reader import read_film

CASES = Path(__file__).parents[5] / "shared" / "cases"


@pytest.fixture(scope="module")
def scene():
    return film_scene()


def lut(outputs, first=0, bits=16, vr="OW", order="<"):
    item = Dataset()
    item.add_new("LUTDescriptor", "SS" if first < 0 else "US", [len(outputs), first, bits])
    data = np.asarray(outputs).astype(order + "u2")
    item.add_new("LUTData", vr, data.tobytes() if vr == "OW" else [int(one) for one in data])
    return item


@pytest.mark.parametrize("vr", ["OW", "US"])
@pytest.mark.parametrize("syntax", NATIVE, ids=lambda syntax: syntax.keyword)
def test_a_table_is_read_in_every_order_of_bytes(make_dicom, scene, syntax, vr):
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    item = lut(np.arange(4095, -1, -1), vr=vr, order=order)
    content = as_native(make_dicom(scene, BitsStored=12, VOILUTSequence=[item]), syntax)
    film = read_film(content, "a")
    np.testing.assert_array_equal(film.pixels, 255 - as_shown(scene))


@pytest.mark.parametrize("syntax", NATIVE[:2], ids=lambda syntax: syntax.keyword)
def test_the_first_value_of_a_table_has_the_sign_of_the_pixels(make_dicom, scene, syntax):
    signed = scene.astype(np.int16) - 2048
    item = lut(np.arange(4096), first=63488)
    content = as_native(make_dicom(signed, BitsStored=12, VOILUTSequence=[item]), syntax)
    np.testing.assert_array_equal(read_film(content, "a").pixels, as_shown(scene))


def test_a_table_for_rescaled_values_may_begin_below_zero(make_dicom, scene):
    tags = {"RescaleSlope": 1, "RescaleIntercept": -1024}
    item = lut(np.arange(4096), first=64512)
    content = make_dicom(scene, BitsStored=12, VOILUTSequence=[item], **tags)
    np.testing.assert_array_equal(read_film(content, "a").pixels, as_shown(scene))


def half_a_table(item):
    item.LUTData = item.LUTData[: len(item.LUTData) // 4]


def without_data(item):
    del item["LUTData"]


def without_anything(item):
    item.clear()


@pytest.mark.parametrize("harm", [half_a_table, without_data, without_anything])
@pytest.mark.parametrize("sequence", ["VOILUTSequence", "ModalityLUTSequence"])
def test_a_table_that_is_not_whole_is_passed_over(make_dicom, scene, harm, sequence):
    item = lut(np.arange(4095, -1, -1))
    harm(item)
    film = read_film(make_dicom(scene, **WINDOW, **{sequence: [item]}), "a")
    np.testing.assert_array_equal(film.pixels, as_shown(scene))
    assert "look-up table ignored" in film.normalisation[0]


def raw(name, vr, value):
    """Return a change that writes bytes into an element, whatever belongs there."""

    def change(dataset):
        dataset[name] = RawDataElement(Tag(name), vr, len(value), value, 0, False, True, True)

    return change


UNUSABLE = {
    "text for a slope": ("RescaleSlope", "DS", b"abc "),
    "no number for a slope": ("RescaleSlope", "DS", b"nan "),
    "an endless slope": ("RescaleSlope", "DS", b"inf "),
    "a slope of zero": ("RescaleSlope", "DS", b"0 "),
    "text for an intercept": ("RescaleIntercept", "DS", b"abc "),
    "text for frames": ("NumberOfFrames", "IS", b"1 x "),
    "no frames": ("NumberOfFrames", "IS", b"0 "),
    "two values of padding": ("PixelPaddingValue", "US", b"\0\0\1\0"),
    "padding as text": ("PixelPaddingValue", "LO", b"NOBODY"),
    "a VOI sequence that is a text": ("VOILUTSequence", "LO", b"NOBODY"),
    "an orientation that is a number": ("PatientOrientation", "US", b"\1\0"),
    "a view that is a number": ("ViewPosition", "DS", b"NOBODY"),
    "an age that is a number": ("PatientAge", "DS", b"abc "),
    "an unknown function": ("VOILUTFunction", "CS", b"NOBODY"),
    "a shutter without edges": ("ShutterShape", "CS", b"RECTANGULAR "),
    "a shutter of a number": ("ShutterShape", "FD", b"NOBODYNO"),
    "groups that are a text": ("SharedFunctionalGroupsSequence", "LO", b"NOBODY"),
    "an aspect of text": ("PixelAspectRatio", "IS", b"NOBODY"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_an_optional_tag_that_cannot_be_used_costs_no_film(make_dicom, scene, name):
    content = changed(make_dicom(scene, **WINDOW), raw(*UNUSABLE[name]))
    film = read_film(content, "a.dcm")
    np.testing.assert_array_equal(film.pixels, as_shown(scene))
    assert "NOBODY" not in " ".join(film.normalisation)


@pytest.mark.parametrize("value", [b"abc ", b"nan ", b"1e99"])
def test_a_window_that_cannot_be_read_is_passed_over_and_named(make_dicom, scene, value):
    content = changed(make_dicom(scene, **WINDOW), raw("WindowCenter", "DS", value))
    film = read_film(content, "a.dcm")
    assert film.pixels.std() > 50
    assert "Window Center cannot be read: passed over" in film.normalisation


def test_a_decimal_comma_is_read(make_dicom, scene):
    content = changed(make_dicom(scene, **WINDOW), raw("WindowCenter", "DS", b"2048,0"))
    np.testing.assert_array_equal(read_film(content, "a").pixels, as_shown(scene))


MISSING = [
    "PhotometricInterpretation",
    "SamplesPerPixel",
    "PixelRepresentation",
    "BitsStored",
    "HighBit",
    "BitsAllocated",
]


@pytest.mark.parametrize("name", MISSING)
def test_a_tag_that_the_standard_asks_for_may_be_missing(make_dicom, scene, name):
    content = changed(make_dicom(scene, **WINDOW), lambda dataset: delattr(dataset, name))
    film = read_film(content, "a")
    np.testing.assert_array_equal(film.pixels, as_shown(scene))
    assert name == "HighBit" or any("is missing: " in step for step in film.normalisation)


@pytest.mark.parametrize("said", [" MONOCHROME1", "MONOCHROME1 ", "monochrome1", "MONOCHROME1\0"])
@pytest.mark.parametrize("syntax", NATIVE[:2], ids=lambda syntax: syntax.keyword)
def test_a_spelling_of_its_own_means_the_same(make_dicom, scene, said, syntax):
    content = changed(
        make_dicom(scene, **WINDOW), raw("PhotometricInterpretation", "CS", said.encode())
    )
    np.testing.assert_array_equal(
        read_film(as_native(content, syntax), "a").pixels, 255 - as_shown(scene)
    )


@pytest.mark.parametrize("syntax", NATIVE[:2], ids=lambda syntax: syntax.keyword)
def test_padding_with_the_wrong_sign_is_padding_still(make_dicom, scene, syntax):
    signed = scene.astype(np.int16) - 2048
    signed[:10] = -2000
    signed[10:][signed[10:] == -2000] = -1999
    tags = {"BitsStored": 12, "PhotometricInterpretation": "MONOCHROME1"}
    content = changed(make_dicom(signed, **tags), raw("PixelPaddingValue", "US", b"\x30\xf8"))
    film = read_film(as_native(content, syntax), "a")
    assert not film.pixels[:10].any() and film.pixels[10:].std() > 50
    assert "padding: shown black" in film.normalisation


@pytest.mark.parametrize(
    "place", ["SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"]
)
def test_window_and_rescale_of_functional_groups_are_applied(make_dicom, scene, place):
    window, rescale, group = Dataset(), Dataset(), Dataset()
    window.WindowCenter, window.WindowWidth = 4096, 8191
    rescale.RescaleSlope, rescale.RescaleIntercept = 2, 0
    group.FrameVOILUTSequence, group.PixelValueTransformationSequence = [window], [rescale]
    film = read_film(make_dicom(scene, BitsStored=12, **{place: [group]}), "a")
    assert np.abs(film.pixels - as_shown(scene)).max() <= 1
    assert film.normalisation[0].startswith("rescaled: 2 x")


def test_a_table_of_functional_groups_is_applied(make_dicom, scene):
    group, shown = Dataset(), Dataset()
    shown.VOILUTSequence = [lut(np.arange(4095, -1, -1))]
    group.FrameVOILUTSequence = [shown]
    groups = {"PerFrameFunctionalGroupsSequence": [group]}
    film = read_film(make_dicom(scene, BitsStored=12, **groups), "a")
    np.testing.assert_array_equal(film.pixels, as_shown(4095 - scene))


def test_a_window_without_a_value_hides_none_of_the_functional_groups(make_dicom, scene):
    group, window = Dataset(), Dataset()
    window.WindowCenter, window.WindowWidth = 2048, 4096
    group.FrameVOILUTSequence = [window]
    tags = {"WindowCenter": None, "WindowWidth": None, "SharedFunctionalGroupsSequence": [group]}
    film = read_film(make_dicom(scene, BitsStored=12, **tags), "a")
    np.testing.assert_array_equal(film.pixels, as_shown(scene))


def test_a_window_around_zero_comes_before_that_of_functional_groups(make_dicom, scene):
    group, window = Dataset(), Dataset()
    window.WindowCenter, window.WindowWidth = 2048, 100
    group.FrameVOILUTSequence = [window]
    tags = {"WindowCenter": 0, "WindowWidth": 8192, "SharedFunctionalGroupsSequence": [group]}
    film = read_film(make_dicom(scene, BitsStored=12, **tags), "a")
    assert film.normalisation == ("window 0/8192 (LINEAR) applied",)


def test_deep_colours_in_the_high_bits_are_shifted_down(make_dicom, scene):
    colours = np.stack([scene] * 3, -1)
    low = read_film(make_dicom(colours, BitsStored=12), "a")
    high = read_film(changed(make_dicom(colours, BitsStored=12), in_the_high_bits), "a")
    np.testing.assert_array_equal(high.pixels, low.pixels)


def in_the_high_bits(dataset):
    dataset.HighBit = 15
    dataset.PixelData = (np.frombuffer(dataset.PixelData, "<u2") << 4).tobytes()


def test_a_shutter_is_applied_to_a_file(make_dicom, scene):
    film = read_film(
        make_dicom(
            scene,
            **WINDOW,
            ShutterShape=["RECTANGULAR", "CIRCULAR"],
            ShutterLeftVerticalEdge=10,
            ShutterRightVerticalEdge=80,
            ShutterUpperHorizontalEdge=10,
            ShutterLowerHorizontalEdge=100,
            CenterOfCircularShutter=[55, 45],
            RadiusOfCircularShutter=30,
        ),
        "a",
    )
    assert not film.pixels[:10].any() and not film.pixels[12, 12]
    np.testing.assert_array_equal(film.pixels[40:70, 30:60], as_shown(scene)[40:70, 30:60])


@pytest.mark.parametrize("name", ["PixelAspectRatio", "ImagerPixelSpacing"])
def test_pixels_that_are_not_square_are_said(make_dicom, scene, name):
    film = read_film(make_dicom(scene, **WINDOW, **{name: [3, 2]}), "a")
    assert film.normalisation[-1] == "pixels are 1.50 times as high as wide: not stretched"


def segmented(colour):
    """Return the words of a table that rises from 0 to 65280 and stays there."""
    return np.asarray([0, 1, 0, 1, 254, 65280, 0, 1, 65280], "<u2").tobytes()


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_palette_in_segments_becomes_luminance_or_is_said(make_dicom, is_whole):
    pixels = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 32, axis=1)
    tags = {}
    for colour in ("Red", "Green", "Blue"):
        words = segmented(colour)
        tags[f"{colour}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        tags[f"Segmented{colour}PaletteColorLookupTableData"] = words if is_whole else words[:6]
    film = read_film(make_dicom(pixels, PhotometricInterpretation="PALETTE COLOR", **tags), "a")
    np.testing.assert_allclose(film.pixels, pixels, atol=2)
    assert ("the palette cannot be used" in film.normalisation[0]) != is_whole


def cases():
    return sorted(CASES.glob("*/*.dcm")) if CASES.is_dir() else []


@pytest.mark.skipif(not cases(), reason="the cases are not here")
@pytest.mark.parametrize("path", cases(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_case_of_a_maker_is_read_as_the_good_one_is(path):
    film = read_film(path.read_bytes(), path.name)
    model = {"photometric_spelling": "mono1.dcm"}.get(path.parent.name, "ok.dcm")
    if path.parent.name == "enhanced_window":
        assert film.pixels.mean() == pytest.approx(215, abs=2)
        return
    good = CASES / "voi_table_shows_nothing" / "ok.dcm"
    own = path.parent / model
    expected = read_film((own if own.exists() else good).read_bytes(), "ok").pixels
    shown = film.pixels
    if path.stem == "shutter_rect":
        assert not shown[:30].any() and not shown[:, 130:].any()
        shown, expected = shown[30:170, 30:130], expected[30:170, 30:130]
    # A window that cannot be read leaves the greys of the film, spread.
    assert np.abs(shown.astype(int) - expected).mean() < 5
