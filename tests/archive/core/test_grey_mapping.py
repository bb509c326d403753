import numpy as np
import pytest

from backend.archive.core.grey_functions import LookUpTable, Window, WindowFunction
from backend.archive.core.grey_mapping import GreyRules, show, spread


@pytest.fixture
def ramp():
    """All 12-bit values once, as a picture."""
    return np.arange(4096, dtype=np.uint16).reshape(64, 64)


def test_a_linear_window_follows_the_formula_of_the_standard(ramp):
    # PS3.3 C.11.2.1.2.1 gives this example: centre 2048, width 4096, is the identity on 12 bits.
    shown = show(ramp, GreyRules(bits_stored=12, windows=(Window(2048, 4096),)))
    np.testing.assert_array_equal(shown.pixels, np.rint(ramp / 4095 * 255))


def test_a_window_of_width_one_is_a_threshold():
    brightness = Window(100, 1).brightness(np.array([99, 100, 101]))
    assert brightness.tolist() == [0.0, 1.0, 1.0]


def test_a_linear_exact_window_reaches_white_half_a_width_above_its_centre():
    window = Window(100, 50, WindowFunction.LINEAR_EXACT)
    assert window.brightness(np.array([75, 100, 125])).tolist() == [0.0, 0.5, 1.0]


def test_a_sigmoid_window_is_half_bright_at_its_centre_and_never_overflows():
    window = Window(100, 0.001, WindowFunction.SIGMOID)
    brightness = window.brightness(np.array([-65536, 100, 65536]))
    assert brightness.tolist() == pytest.approx([0.0, 0.5, 1.0])


def test_the_window_acts_on_rescaled_values(ramp):
    rules = GreyRules(bits_stored=12, slope=2, intercept=-1000, windows=(Window(1000, 2001),))
    shown = show(ramp, rules)
    flat = shown.pixels.ravel()
    assert flat[499] == 0 and flat[1500] == 255 and 0 < flat[1000] < 255
    assert shown.steps[0] == "rescaled: 2 x stored + -1000"


def test_negative_stored_values_are_windowed_like_others():
    stored = np.arange(-2048, 2048, dtype=np.int16).reshape(64, 64)
    shown = show(stored, GreyRules(bits_stored=12, windows=(Window(0, 4096),)))
    assert shown.pixels[0, 0] == 0 and shown.pixels[-1, -1] == 255
    assert (np.diff(shown.pixels.ravel().astype(int)) >= 0).all()


@pytest.mark.parametrize(
    ("is_monochrome1", "shape", "first"),
    [
        (False, None, 0),
        (True, None, 255),
        (False, "IDENTITY", 0),
        (True, "INVERSE", 255),
        (True, "IDENTITY", 0),
        (False, "INVERSE", 255),
        (True, "LIN OD", 255),
    ],
)
def test_polarity_is_applied_once_and_the_presentation_lut_decides(
    ramp, is_monochrome1, shape, first
):
    rules = GreyRules(
        bits_stored=12,
        windows=(Window(2048, 4096),),
        is_monochrome1=is_monochrome1,
        presentation_shape=shape,
    )
    assert show(ramp, rules).pixels[0, 0] == first


def test_contradicting_polarity_tags_are_named(ramp):
    rules = GreyRules(bits_stored=12, is_monochrome1=True, presentation_shape="IDENTITY")
    assert any("contradicts MONOCHROME1" in step for step in show(ramp, rules).steps)


def test_without_a_window_the_films_own_greys_are_spread(ramp):
    shown = show(ramp // 4 + 1000, GreyRules(bits_stored=12))
    assert (shown.pixels.min(), shown.pixels.max()) == (0, 255)
    assert any(step.startswith("no window: values 100") for step in shown.steps)


def test_eight_bits_without_a_window_stay_as_they_are():
    stored = np.arange(50, 150, dtype=np.uint8).reshape(10, 10)
    shown = show(stored, GreyRules(bits_stored=8))
    np.testing.assert_array_equal(shown.pixels, stored)
    assert shown.steps == ()


def test_stray_pixels_do_not_flatten_the_film():
    stored = np.random.default_rng(0).integers(1000, 2000, (100, 100)).astype(np.uint16)
    stored[0, :20] = 65535
    assert show(stored, GreyRules(bits_stored=16)).pixels[50:].std() > 60


@pytest.mark.parametrize("window", [Window(60_000, 100), Window(100, 0), Window(100, -5)])
def test_a_window_that_shows_nothing_is_ignored_and_named(ramp, window):
    shown = show(ramp, GreyRules(bits_stored=12, windows=(window,)))
    assert shown.pixels.std() > 60
    assert "ignored" in shown.steps[0]


def test_the_second_window_serves_where_the_first_shows_nothing(ramp):
    rules = GreyRules(bits_stored=12, windows=(Window(60_000, 100), Window(2048, 4096)))
    assert "number 2 of 2" in show(ramp, rules).steps[1]


def test_padding_is_black_on_an_inverted_film_and_does_not_stretch_it():
    stored = np.random.default_rng(0).integers(1000, 1100, (64, 64)).astype(np.uint16)
    stored[:10] = 0
    shown = show(stored, GreyRules(bits_stored=12, is_monochrome1=True, padding=(0, 0)))
    assert (shown.pixels[:10] == 0).all()
    assert shown.pixels[10:].std() > 60
    assert shown.steps[-1] == "padding: shown black"


def test_a_voi_table_replaces_the_window(ramp):
    table = LookUpTable(0, np.arange(4095, -1, -1, dtype=np.uint16), 12)
    rules = GreyRules(bits_stored=12, voi_tables=(table,), windows=(Window(2048, 4096),))
    shown = show(ramp, rules)
    assert (shown.pixels[0, 0], shown.pixels[-1, -1]) == (255, 0)


def test_a_modality_table_comes_before_the_window(ramp):
    table = LookUpTable(1000, np.array([0, 100, 200], np.uint16), 16)
    rules = GreyRules(bits_stored=12, modality_table=table, windows=(Window(100.5, 201),))
    flat = show(ramp, rules).pixels.ravel()
    assert (flat[0], flat[1000], flat[1002], flat[4095]) == (0, 0, 255, 255)
    assert 120 < flat[1001] < 135


def test_a_film_of_one_value_is_black_and_says_so():
    shown = show(np.full((20, 20), 7, np.uint16), GreyRules(bits_stored=12))
    assert not shown.pixels.any()
    assert "all values are 7" in shown.steps[0]


def test_floats_that_are_not_numbers_are_black():
    values = np.linspace(0, 1, 400, dtype=np.float32).reshape(20, 20)
    values[0, :3] = np.nan, np.inf, -np.inf
    shown = spread(values)
    assert not shown.pixels[0, :3].any()
    assert shown.pixels[-1, -1] == 255


def test_the_stored_pixels_are_left_alone(ramp):
    before = ramp.copy()
    show(ramp, GreyRules(bits_stored=12, is_monochrome1=True, padding=(0, 5)))
    np.testing.assert_array_equal(ramp, before)


def test_wide_integers_are_mapped_without_a_table():
    stored = np.array([[0, 1 << 29], [1 << 30, 1 << 31]], np.uint32)
    shown = show(stored, GreyRules(bits_stored=32, windows=(Window(1 << 30, 1 << 31),)))
    assert shown.pixels[0, 0] == 0 and shown.pixels[1, 1] == 255


FULL = np.arange(4096, dtype=np.uint16)
BAD_TABLES = {
    "constant": LookUpTable(0, np.full(4096, 700, np.uint16), 12),
    "beyond all values": LookUpTable(60_000, FULL, 12),
    "below all values": LookUpTable(-60_000, FULL, 12),
    "white at once": LookUpTable(0, np.r_[0, np.full(4095, 4095)].astype(np.uint16), 12),
}


@pytest.mark.parametrize("name", BAD_TABLES)
def test_a_table_that_shows_nothing_gives_way_to_the_window_and_is_named(ramp, name):
    rules = GreyRules(bits_stored=12, voi_tables=(BAD_TABLES[name],), windows=(Window(2048, 4096),))
    shown = show(ramp, rules)
    np.testing.assert_array_equal(shown.pixels, np.rint(ramp / 4095 * 255))
    assert "VOI look-up table ignored" in shown.steps[0]


@pytest.mark.parametrize("bits", [0, 8, 10, 16])
def test_white_is_the_largest_entry_whatever_bits_a_table_declares(ramp, bits):
    shown = show(ramp, GreyRules(bits_stored=12, voi_tables=(LookUpTable(0, FULL, bits),)))
    np.testing.assert_array_equal(shown.pixels, np.rint(ramp / 4095 * 255))
    assert "its largest entry, 4095" in shown.steps[0]


def test_a_table_of_only_light_greys_takes_its_range_from_its_entries(ramp):
    table = LookUpTable(0, (FULL + 30_000).astype(np.uint16), 16)
    shown = show(ramp, GreyRules(bits_stored=12, voi_tables=(table,)))
    np.testing.assert_array_equal(shown.pixels, np.rint(ramp / 4095 * 255))


def test_the_second_table_serves_where_the_first_shows_nothing(ramp):
    tables = (BAD_TABLES["constant"], LookUpTable(0, FULL, 12))
    assert "number 2 of 2" in show(ramp, GreyRules(bits_stored=12, voi_tables=tables)).steps[1]


@pytest.mark.parametrize("name", ["constant", "beyond all values"])
def test_a_modality_table_that_shows_nothing_is_passed_over(ramp, name):
    rules = GreyRules(
        bits_stored=12, modality_table=BAD_TABLES[name], windows=(Window(2048, 4096),)
    )
    shown = show(ramp, rules)
    assert shown.pixels.std() > 60
    assert "modality look-up table ignored" in shown.steps[0]


def test_padding_that_covers_the_film_is_ignored_and_named(ramp):
    shown = show(ramp, GreyRules(bits_stored=12, padding=(0, 4095)))
    assert shown.pixels.std() > 60
    assert shown.steps[-1] == "padding ignored: it would cover the film"
