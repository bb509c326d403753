import numpy as np
import pytest

from backend.review.loop.studio.sheet_pictures import montage


@pytest.mark.parametrize("films", [1, 5, 24, 60])
def test_every_film_stands_whole_in_a_cell_of_its_own(films):
    shades = np.linspace(130, 255, films).astype(np.uint8)
    pictures = [np.full((90 + n, 120), shade, np.uint8) for n, shade in enumerate(shades)]
    sheet = montage(pictures)
    shown = [int(shade) for shade in np.unique(sheet) if shade > 119]
    assert shown == sorted({int(shade) for shade in shades})
    assert (sheet != 119).sum() >= sum(64 * 48 for _ in range(films)) * 0.9
    assert 0.5 < sheet.shape[1] / sheet.shape[0] < 3
