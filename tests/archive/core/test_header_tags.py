import pytest

from backend.archive.core.header_tags import polarity_tag, tag_finding
from backend.base.core.pixel_change import PixelChange
from backend.export.core.rows import correction_rows, exclusion_reason
from tasks import load_detector_tasks

TASKS = load_detector_tasks()


@pytest.mark.parametrize(
    ("photometric", "shape", "decided"),
    [
        ("MONOCHROME1", "INVERSE", "MONOCHROME1"),
        ("MONOCHROME2", "IDENTITY", "MONOCHROME2"),
        ("MONOCHROME1", "IDENTITY", "IDENTITY"),
        ("MONOCHROME2", "INVERSE", "INVERSE"),
        ("RGB", "IDENTITY", None),
    ],
)
def test_the_tag_that_decided_is_named(photometric, shape, decided):
    tags = {"PhotometricInterpretation": photometric, "PresentationLUTShape": shape}
    assert polarity_tag(False, tags) == decided


def test_only_a_negative_contradicts_a_tag():
    assert tag_finding(TASKS["inversion"], "inverted", "MONOCHROME1")
    assert tag_finding(TASKS["inversion"], "normal", "MONOCHROME1") is None
    assert tag_finding(TASKS["rotation"], "turned_90", "MONOCHROME1") is None
    assert tag_finding(TASKS["inversion"], "inverted", None) is None


def test_a_film_without_a_tag_is_simply_inverted():
    assert exclusion_reason(TASKS["inversion"], "inverted") == "inversion: inverted"


def test_the_correction_of_a_tagged_film_mends_the_tag():
    wanted = {"tagged": PixelChange(invert=True), "turned": PixelChange(turns_ccw=1)}
    files = {"tagged": ["a.dcm"], "turned": ["b.dcm"]}
    tags = dict.fromkeys(files, "MONOCHROME1")
    first, second = correction_rows(wanted, files, tags)
    assert first.mend_tag == "PhotometricInterpretation: MONOCHROME2 instead of MONOCHROME1"
    assert second.mend_tag == ""
