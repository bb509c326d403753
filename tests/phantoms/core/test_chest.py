import numpy as np
import pytest

from backend.phantoms.core.chest import PhantomAnatomy, chest_phantom, expose


@pytest.fixture
def phantoms():
    rng = np.random.default_rng(4)
    return [chest_phantom(rng, 128) for _ in range(20)]


def test_phantom_is_a_grey_image_of_the_asked_height(phantoms):
    assert all(film.dtype == np.float32 and film.ndim == 2 for film in phantoms)
    assert {film.shape[0] for film in phantoms} == {128}
    assert len({film.shape[1] for film in phantoms}) > 5
    assert all(0.0 <= film.min() < 0.1 and 0.7 < film.max() <= 1.0 for film in phantoms)


def test_same_generator_state_draws_the_same_phantom():
    first, again = (chest_phantom(np.random.default_rng(9), 96) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_phantoms_differ_from_one_another(phantoms):
    assert len({film.tobytes() for film in phantoms}) == len(phantoms)


def test_abdomen_below_is_brighter_than_lungs_above(phantoms):
    lungs = [film[40:60, 25:-25].mean() for film in phantoms]
    abdomen = [film[105:115, 25:-25].mean() for film in phantoms]
    assert np.all(np.array(abdomen) > np.array(lungs) + 0.1)


def test_heart_lies_to_the_viewers_right(phantoms):
    mean = np.mean([_squared(film) for film in phantoms], axis=0)
    beside_the_spine = slice(60, 75)
    assert mean[beside_the_spine, 68:88].mean() > mean[beside_the_spine, 40:60].mean() + 0.03


def test_two_films_of_one_patient_are_not_the_same_picture():
    rng = np.random.default_rng(2)
    anatomy = PhantomAnatomy.draw(rng)
    first, second = (_squared(expose(anatomy, rng, 128)) for _ in range(2))
    assert not np.array_equal(first, second)


def test_phantom_too_small_to_draw_is_refused():
    with pytest.raises(ValueError, match="at least 16 px"):
        chest_phantom(np.random.default_rng(0), 8)


def _squared(film):
    columns = np.linspace(0, film.shape[1] - 1, 128).round().astype(int)
    return film[:, columns]
