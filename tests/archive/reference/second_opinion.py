"""What other readers make of the files of the reference test, as grey levels of 8 bits."""

from io import BytesIO

import cv2
import imagecodecs
import numpy as np
from PIL import Image
from pydicom import dcmread
from pydicom.pixels import apply_modality_lut, apply_voi_lut

WHOLE = {"u1": 255.0, "u2": 65535.0}


def by_opencv(content):
    """Return grey levels as OpenCV decodes a PNG, JPEG or TIFF, None where it does not."""
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    return None if pixels is None else _grey(pixels)


def by_imagecodecs(content):
    """Return grey levels as the decoders of imagecodecs take a file."""
    decoders = {b"\x89P": imagecodecs.png_decode, b"\xff\xd8": imagecodecs.jpeg_decode}
    pixels = np.asarray(decoders.get(content[:2], imagecodecs.tiff_decode)(content))
    return _grey(pixels)


def by_pillow(content):
    """Return grey levels as Pillow shows a picture."""
    with Image.open(BytesIO(content)) as image:
        if image.mode in {"I;16", "I;16B", "I", "F"}:
            return _grey(np.asarray(image))
        return np.asarray(image.convert("L"))


def by_pydicom(content):
    """Return grey levels as pydicom's own pipeline shows a grey film."""
    dataset = dcmread(BytesIO(content))
    values = apply_voi_lut(apply_modality_lut(dataset.pixel_array, dataset), dataset)
    return _spread(values.astype(float))


def _grey(pixels):
    if pixels.ndim == 3:
        if pixels.shape[0] == 3:
            pixels = np.moveaxis(pixels, 0, -1)
        pixels = pixels[..., : 3 if pixels.shape[2] >= 3 else 1].mean(-1)
    return _spread(pixels.astype(float))


def _spread(values):
    """Return least to greatest as 0 to 255: films of the plans hold both."""
    low, high = values.min(), values.max()
    return (values - low) * (255 / max(high - low, 1e-9))
