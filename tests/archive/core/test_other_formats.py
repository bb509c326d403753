import io

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from backend.archive.adapters.pixels.film_reader import NO_IMAGE, read_film
from backend.archive.core.other_formats import OTHER_FORMATS, other_format
from backend.base.core.errors import UnreadableFilmError

GREY = np.arange(48 * 40, dtype=np.uint8).reshape(40, 48)


def by_pillow(kind):
    file = io.BytesIO()
    Image.fromarray(GREY).save(file, kind)
    return file.getvalue()


def numpy_file():
    file = io.BytesIO()
    np.save(file, GREY)
    return file.getvalue()


WRITTEN = {
    "BMP": lambda: by_pillow("BMP"),
    "GIF": lambda: by_pillow("GIF"),
    "WebP": lambda: by_pillow("WEBP"),
    "portable grey": lambda: by_pillow("PPM"),
    "HEIC or AVIF": lambda: by_pillow("AVIF"),
    "JPEG 2000": lambda: imagecodecs.jpeg2k_encode(GREY, codecformat="jp2"),
    "JPEG 2000, ": lambda: imagecodecs.jpeg2k_encode(GREY, codecformat="j2k"),
    "JPEG XL": lambda: imagecodecs.jpegxl_encode(GREY),
    "JPEG XR": lambda: imagecodecs.jpegxr_encode(GREY),
    "Radiance HDR": lambda: imagecodecs.rgbe_encode(np.ones((40, 48, 3), "f4"), header=True),
    "NumPy array": numpy_file,
    "NIfTI": lambda: (348).to_bytes(4, "little") + bytes(36) + b"\3\0" + bytes(400),
    "NRRD": lambda: b"NRRD0004\ntype: short\n",
    "MetaImage": lambda: b"ObjectType = Image\nNDims = 2\n",
}


@pytest.mark.parametrize("name", WRITTEN)
def test_an_image_of_another_format_is_named_with_what_to_do(name):
    with pytest.raises(UnreadableFilmError, match=f"^{name}.*which is not read; ") as caught:
        read_film(WRITTEN[name](), "film")
    assert not str(caught.value).startswith(NO_IMAGE)


@pytest.mark.parametrize(
    "content",
    [
        b"BMI,age,sex\n22,40,F\n",
        b"P1 was seen on 3 May\n",
        b"P5 has no film\n",
        b"patient;view\n",
        b"GIFts for patients",
        b"RIFF",
        b"",
    ],
)
def test_a_text_is_no_image_of_any_format(content):
    assert other_format(content) is None


def test_no_two_formats_have_one_name():
    assert len({one.name for one in OTHER_FORMATS}) == len(OTHER_FORMATS)
