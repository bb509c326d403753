"""A scene of 12 bits, and DICOM files of it as makers write them."""

import io

import imagecodecs
import numpy as np
import pydicom
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

WINDOW = {"BitsStored": 12, "WindowCenter": 2048, "WindowWidth": 4096}
NATIVE = [
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
]


def film_scene():
    """A soft picture of 12 bits, dark above, with a bright block and a dark one."""
    rng = np.random.default_rng(5)
    values = np.add.outer(np.linspace(200, 3200, 120), np.linspace(0, 600, 96))
    values[20:40, 20:40] += 250
    values[80:90, 50:80] -= 500
    return (values + rng.normal(0, 10, values.shape)).clip(0, 4095).astype(np.uint16)


def as_shown(scene):
    return np.rint(scene / 4095 * 255)


def changed(content, change, **how):
    """Write a file once more after a change of its dataset."""
    dataset = pydicom.dcmread(io.BytesIO(content))
    change(dataset)
    file = io.BytesIO()
    dataset.save_as(file, **how)
    return file.getvalue()


def as_native(content, syntax):
    dataset = pydicom.dcmread(io.BytesIO(content))
    if syntax == ExplicitVRBigEndian:
        dataset.PixelData = np.frombuffer(dataset.PixelData, "<u2").astype(">u2").tobytes()
    dataset.file_meta.TransferSyntaxUID = syntax
    little = syntax != ExplicitVRBigEndian
    file = io.BytesIO()
    pydicom.dcmwrite(
        file, dataset, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=little
    )
    return file.getvalue()


def packed(content, uid, encoded):
    # pydicom does not write a syntax that it does not know: one of the same length is put in.
    written = uid if UID(uid).is_private or UID(uid).name != uid else UNKNOWN[uid]

    def pack(dataset):
        dataset.file_meta.TransferSyntaxUID = UID(written)
        dataset.PixelData = encapsulate([encoded])
        dataset["PixelData"].is_undefined_length = True

    file = changed(content, pack, implicit_vr=False, little_endian=True)
    return file.replace(written.encode(), uid.ljust(len(written), "\0").encode(), 1)


def jpeg(pixels, **how):
    return imagecodecs.jpeg_encode(pixels, bitspersample=12, **how)


UNKNOWN = {
    "1.2.840.10008.1.2.4.110": "1.2.840.10008.1.2.4.201",
    "1.2.840.10008.1.2.8.1": "1.2.840.10008.1.2.4.51",
}
CODECS = {
    "1.2.840.10008.1.2.4.51": (lambda pixels: jpeg(pixels, level=98), 4),
    "1.2.840.10008.1.2.4.57": (lambda pixels: jpeg(pixels, lossless=True), 0),
    "1.2.840.10008.1.2.4.70": (lambda pixels: jpeg(pixels, lossless=True), 0),
    "1.2.840.10008.1.2.4.80": (imagecodecs.jpegls_encode, 0),
    "1.2.840.10008.1.2.4.81": (lambda pixels: imagecodecs.jpegls_encode(pixels, level=2), 1),
    "1.2.840.10008.1.2.4.90": (
        lambda pixels: imagecodecs.jpeg2k_encode(pixels, level=0, codecformat="j2k"),
        0,
    ),
    "1.2.840.10008.1.2.4.92": (
        lambda pixels: imagecodecs.jpeg2k_encode(pixels, level=0, codecformat="j2k"),
        0,
    ),
    "1.2.840.10008.1.2.4.110": (lambda pixels: imagecodecs.jpegxl_encode(pixels, lossless=True), 0),
    **{
        f"1.2.840.10008.1.2.4.{number}": (
            lambda pixels: imagecodecs.htj2k_encode(pixels, reversible=True),
            0,
        )
        for number in (201, 202, 203)
    },
}
