"""DICOM files made of a few tags and pixels, and an empty project of contact sheets."""

from io import BytesIO

import imagecodecs
import numpy as np
import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

from backend.review.adapters.screens.sheet_screen import sheet_config_xml

ENCODERS = {
    JPEG2000Lossless: lambda pixels, bits: imagecodecs.jpeg2k_encode(
        pixels, level=0, codecformat="j2k", bitspersample=bits, reversible=True
    ),
    JPEGLSLossless: lambda pixels, _bits: imagecodecs.jpegls_encode(pixels),
    JPEGLosslessSV1: lambda pixels, bits: imagecodecs.ljpeg_encode(pixels, bitspersample=bits),
}
PATIENT = "NOBODY^EVER^77123"


@pytest.fixture
def make_dicom():
    """Return a function that writes pixels as a DICOM file, with any tags over the usual ones."""
    return _make_dicom


def _make_dicom(pixels, *, preamble=True, syntax=ExplicitVRLittleEndian, **tags):
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = DigitalXRayImageStorageForPresentation
    dataset.PatientID = PATIENT
    dataset.PatientName = PATIENT
    dataset.StudyInstanceUID = generate_uid(entropy_srcs=["study"])
    dataset.Modality = "DX"
    colour = pixels.ndim == 3 and pixels.shape[-1] == 3
    bits = tags.pop("BitsStored", pixels.dtype.itemsize * 8)
    kind = tags.pop("PhotometricInterpretation", "RGB" if colour else "MONOCHROME2")
    dataset.set_pixel_data(pixels, kind, bits)
    for name, value in tags.items():
        setattr(dataset, name, value)
    if syntax == RLELossless:
        dataset.compress(syntax)
    elif syntax in ENCODERS:
        dataset.PixelData = encapsulate([ENCODERS[syntax](pixels, bits)])
        dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = syntax
    file = BytesIO()
    if preamble:
        dataset.save_as(file, enforce_file_format=True)
    else:
        del dataset.file_meta
        dataset.save_as(file, implicit_vr=syntax.is_implicit_VR, little_endian=True)
    return file.getvalue()


@pytest.fixture
def ramp():
    """A 12-bit picture that grows brighter downwards, 96 high and 64 wide."""
    rows = np.linspace(0, 4095, 96).astype(np.uint16)
    return np.repeat(rows[:, None], 64, axis=1)


@pytest.fixture
def project(studio):
    """A project of contact sheets that asks about rotation, empty."""
    label_config = sheet_config_xml()
    project_id = studio.client.ensure_project(studio.new_title(), label_config)
    yield project_id
    studio.client.delete_project(project_id)
