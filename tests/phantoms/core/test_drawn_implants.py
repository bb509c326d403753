import numpy as np
import pytest

from backend.phantoms.core.body_frame import BodyFrame
from backend.phantoms.core.chest import chest_phantom
from backend.phantoms.core.drawn_implants import (
    HEIGHT_MM,
    MAKERS,
    BodyPart,
    ImplantKind,
    with_implant,
)
from backend.phantoms.core.pelvis import pelvis_phantom

PLACES = [(region, kind) for region, kinds in MAKERS.items() for kind in kinds]
every_implant = pytest.mark.parametrize(
    ("region", "kind"), PLACES, ids=[f"{kind} in {region}" for region, kind in PLACES]
)


@pytest.fixture(scope="module")
def films():
    """By region; phantoms of a pelvis stand for abdomens, which end there."""
    pelvis, _ = pelvis_phantom(np.random.default_rng(1), 384)
    chest = chest_phantom(np.random.default_rng(1), 384)
    return {BodyPart.CHEST: chest, BodyPart.ABDOMEN: pelvis, BodyPart.PELVIS: pelvis}


def drawn(film, kind, region, seed=0):
    return with_implant(film, kind, region, np.random.default_rng([5, seed]))


@every_implant
def test_the_film_is_brighter_where_metal_is_and_the_same_elsewhere(films, region, kind):
    film = films[region]
    added = drawn(film, kind, region) - film
    assert added[added != 0].mean() > 0.01
    assert (added < -0.03).sum() < 0.05 * (added != 0).sum()
    assert 0.0001 < (added != 0).mean() < 0.12


@every_implant
def test_the_same_seed_draws_the_same_and_another_one_does_not(films, region, kind):
    film = films[region]
    first, again, other = (drawn(film, kind, region, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_shape_and_type_stay_and_the_film_is_left_as_it_is(films, dtype):
    white = np.iinfo(dtype).max if np.issubdtype(dtype, np.integer) else 1
    film = (films[BodyPart.CHEST] * white).astype(dtype)
    before = film.copy()
    shown = drawn(film, ImplantKind.LEADS, BodyPart.CHEST)
    assert (shown.shape, shown.dtype) == (film.shape, film.dtype)
    assert (shown != film).mean() < 0.1
    np.testing.assert_array_equal(film, before)


def test_every_kind_is_drawn_somewhere():
    assert {kind for kinds in MAKERS.values() for kind in kinds} == set(ImplantKind)


def test_what_does_not_belong_into_a_region_is_refused(films):
    with pytest.raises(ValueError, match="expected one of screws, clips, stem"):
        drawn(films[BodyPart.PELVIS], ImplantKind.WIRES, BodyPart.PELVIS)


@pytest.mark.parametrize("kind", [ImplantKind.RODS, ImplantKind.WIRES])
def test_what_belongs_to_the_midline_is_near_it(films, kind):
    film = films[BodyPart.CHEST]
    middle = BodyFrame.of(film, HEIGHT_MM[BodyPart.CHEST] / len(film)).midline_px
    columns = np.nonzero(drawn(film, kind, BodyPart.CHEST) != film)[1]
    assert np.abs(columns - middle).max() < 0.2 * film.shape[1]


def test_a_hip_lies_at_the_lower_edge_of_an_abdomen_and_in_the_middle_of_a_pelvis(films):
    film = films[BodyPart.PELVIS]
    low, middle = (
        np.nonzero(drawn(film, ImplantKind.STEM, region) != film)[0].min() / len(film)
        for region in (BodyPart.ABDOMEN, BodyPart.PELVIS)
    )
    assert low > 0.65
    assert 0.3 < middle < 0.6


def test_a_smaller_film_shows_the_same_implant_smaller(films):
    film = films[BodyPart.CHEST]
    half = film[: len(film) // 2 * 2, : film.shape[1] // 2 * 2]
    half = half.reshape(half.shape[0] // 2, 2, -1, 2).mean(axis=(1, 3))
    large, small = (drawn(one, ImplantKind.RODS, BodyPart.CHEST) - one for one in (film, half))
    assert (small > 0.02).mean() == pytest.approx((large > 0.02).mean(), rel=0.4)


def test_air_beside_the_body_and_borders_are_not_the_body():
    film = chest_phantom(np.random.default_rng(8), 256)
    bordered = np.pad(film, 40)
    frame = BodyFrame.of(bordered, 420 / 336)
    assert not frame.inside[:20].any()
    assert frame.inside[180, bordered.shape[1] // 2]
    assert abs(frame.midline_px - bordered.shape[1] / 2) < 0.1 * bordered.shape[1]
    assert 40 <= frame.shoulder_px < 150
