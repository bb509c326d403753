import numpy as np
import pytest

from backend.archive.core.stored_bits import StoredBits, pixel_values

TWELVE = StoredBits(allocated=16, stored=12, high=11, is_signed=False)


@pytest.fixture
def scene():
    """A smooth picture of 12 bits with one bright block."""
    values = np.add.outer(np.arange(60), np.arange(80)) * 20
    values[10:20, 10:30] += 1000
    return values.astype(np.uint16)


def test_values_that_fit_are_left_alone_without_a_word(scene):
    found = pixel_values(scene, TWELVE)
    np.testing.assert_array_equal(found.values, scene)
    assert (found.bits, found.steps) == (12, ())


def test_left_aligned_values_are_shifted_and_said(scene):
    found = pixel_values(scene << 4, StoredBits(16, 12, 15, is_signed=False))
    np.testing.assert_array_equal(found.values, scene)
    assert found.bits == 12 and "shifted" in found.steps[0]


def test_values_that_only_claim_to_be_left_aligned_stay(scene):
    found = pixel_values(scene + 1, StoredBits(16, 12, 15, is_signed=False))
    np.testing.assert_array_equal(found.values, scene + 1)
    assert not found.steps


def test_signed_left_aligned_values_keep_their_sign(scene):
    signed = scene.astype(np.int16) - 2000
    found = pixel_values(signed << 4, StoredBits(16, 12, 15, is_signed=True))
    np.testing.assert_array_equal(found.values, signed)


def test_an_overlay_in_unused_bits_is_passed_over_and_said(scene):
    drawn = scene.copy()
    drawn[::7, ::5] |= 0x8000
    found = pixel_values(drawn, TWELVE)
    np.testing.assert_array_equal(found.values, scene)
    assert "passed over" in found.steps[0]


def test_too_few_bits_in_the_header_do_not_tear_the_picture(scene):
    found = pixel_values(scene, StoredBits(16, 10, 9, is_signed=False))
    np.testing.assert_array_equal(found.values, scene)
    assert found.bits == 16 and "all bits used" in found.steps[0]


def test_what_a_codec_wrote_hides_nothing_beside_it():
    noise = np.random.default_rng(0).integers(0, 65536, (30, 30), dtype=np.uint16)
    bits = StoredBits(16, 12, 11, is_signed=False, is_coded=True)
    np.testing.assert_array_equal(pixel_values(noise, bits).values, noise)


@pytest.mark.parametrize("is_coded", [True, False])
def test_zeros_beside_the_sign_are_no_large_numbers(scene, is_coded):
    signed = scene.astype(np.int16) - 2000
    padded = (signed & 0x0FFF).astype(np.uint16)
    bits = StoredBits(16, 12, 11, is_signed=True, is_coded=is_coded)
    found = pixel_values(padded, bits)
    np.testing.assert_array_equal(found.values, signed)
    assert not found.steps
