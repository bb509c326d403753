"""Other readers agree with ours on the films of the reference test, or a table says why not."""

from collections import Counter
from itertools import islice

import numpy as np
import pytest
from archive.reference import dicom_plan, jpeg_plan, png_plan, second_opinion, tiff_plan
from archive.reference.known_differences import KNOWN, reasons_for
from archive.reference.scene import scene_of

from backend.archive.adapters.pixels.film_reader import read_film

PICTURES = (second_opinion.by_opencv, second_opinion.by_pillow, second_opinion.by_imagecodecs)
PLANS = [
    (png_plan.plan, 2, PICTURES),
    (jpeg_plan.plan, 3, PICTURES),
    (tiff_plan.plan, 19, PICTURES),
    (dicom_plan.plan, 11, (second_opinion.by_pydicom,)),
]
"""Plans, one in how many combinations is shown to others, and to whom."""
NEAR = 3.0
LEAST_AGREEMENTS = {"by_opencv": 100, "by_pillow": 80, "by_imagecodecs": 150, "by_pydicom": 60}


@pytest.fixture(scope="module")
def opinions():
    """Reader, combination, and whether it agrees with us, of whatever the reader reads."""
    return [opinion for plan in PLANS for opinion in _opinions(*plan)]


def _opinions(plan, step, readers):
    for combination in islice(plan(), 0, None, step):
        if "kind" in combination.facts or "frames" in combination.facts:
            continue  # pydicom hands out colours and all frames, and shows neither
        content = combination.write(scene_of(1))
        ours = read_film(content, "film").pixels.astype(float)
        for reader in readers:
            theirs = _opinion(reader, content)
            if theirs is not None:
                agrees = theirs.shape == ours.shape and np.abs(theirs - ours).mean() < NEAR
                yield reader.__name__, combination, agrees


def _opinion(reader, content):
    """Return what another reader shows; None where it does not read such a file at all."""
    try:
        return reader(content)
    except Exception:  # what decoders raise is not documented by any
        return None


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_whoever_differs_from_us_does_so_for_a_reason_that_is_known(opinions):
    unexplained = [
        f"{reader}: {combination.name}"
        for reader, combination, agrees in opinions
        if not agrees and not reasons_for(reader, combination)
    ]
    assert unexplained == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_each_known_reason_explains_a_difference_that_is_there(opinions):
    met = {
        place
        for reader, combination, agrees in opinions
        if not agrees
        for place in reasons_for(reader, combination)
    }
    assert [KNOWN[place][2] for place in range(len(KNOWN)) if place not in met] == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_every_reader_agrees_with_us_on_many_films(opinions):
    agreeing = Counter(reader for reader, _, agrees in opinions if agrees)
    assert {
        name: agreeing[name]
        for name in LEAST_AGREEMENTS
        if agreeing[name] < (LEAST_AGREEMENTS[name])
    } == {}
