"""Ways of writing a film that are refused: see refused.py for the reasons."""

import io

import imagecodecs
import numpy as np
import tifffile
from archive.reference import dicom_writers
from archive.reference.scene import Combination, levels


def plan():
    for packing in ("lerc", "png", "jpegxl"):
        yield _tiff({"packing": packing}, _bytes, compression=packing)
    yield _tiff(
        {"packing": "webp"}, lambda scene: np.dstack([_bytes(scene)] * 3), compression="webp"
    )
    yield _tiff({"dtype": "c8"}, lambda scene: scene.astype("c8"))
    yield _tiff(
        {"layout": "palette of 16 bits"}, _words, photometric="palette",
        colormap=np.zeros((3, 65536), "u2"),
    )  # fmt: skip
    yield _tiff(
        {"layout": "volume"}, lambda scene: np.stack([_words(scene)] * 16), volumetric=True,
        tile=(16, 16, 16),
    )  # fmt: skip
    yield _tiff({"layout": "filter array"}, _words, photometric="cfa")
    yield Combination("JPEG", _deep_inks, {"mode": "CMYK", "bits": 12})
    yield Combination("JPEG", _lossless_pair, {"lossless": "grey and opacity"})
    yield Combination("DICOM", dicom_writers.floating, {"kind": "floating point"})


def _tiff(facts, values_of, **how):
    def write(scene):
        file = io.BytesIO()
        tifffile.imwrite(file, values_of(scene), metadata=None, **how)
        return file.getvalue()

    return Combination("TIFF", write, facts)


def _bytes(scene):
    return levels(scene, 256).astype(np.uint8)


def _words(scene):
    return levels(scene, 65536).astype(np.uint16)


def _deep_inks(scene):
    inks = np.dstack([levels(1 - scene, 4096).astype(np.uint16)] * 4)
    return imagecodecs.jpeg8_encode(inks, bitspersample=12)


def _lossless_pair(scene):
    pair = np.dstack([_bytes(scene)] * 2)
    return imagecodecs.jpeg8_encode(pair, lossless=True, colorspace="unknown")
