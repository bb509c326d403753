"""An archive full of invented names and numbers, and a search for them in every form of a file."""

import base64
import gzip
import sqlite3
import zlib
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import cv2
import numpy as np
import pyarrow.parquet as pq
import pydicom
from pydicom import DataElement, Dataset
from pydicom.datadict import DicomDictionary, tag_for_keyword

NAME, RECORD, DAY, PLACE = "Zwiebelbaum", "MRN7316402", "19470313", "Knusperhausgasse"
HIDDEN = (NAME, "Quendolin", RECORD, DAY, PLACE)
"""No other file holds any of these by chance."""

_TEXT = f"{NAME} {RECORD} {PLACE}"
_VALUES = {
    "PN": f"{NAME}^Quendolin",
    **dict.fromkeys(("LO", "SH", "ST", "LT", "UT", "UC"), _TEXT),
    **dict.fromkeys(("CS", "AE"), NAME.upper()),
    **dict.fromkeys(("DA", "DT"), DAY),
    "UR": f"http://{PLACE}.invalid/{RECORD}",
    "UI": f"1.2.{DAY}.7316402",
}
"""By kind of header field, what it says."""
_NEEDED = (0x0000, 0x0002, 0x0028, 0x7FE0)
"""Groups without which no picture is read; and the character set, which says how text is read."""
_BREAKS = ("Rows", "RescaleSlope", "Columns", "BitsStored", "Rows", "WindowCenter")
"""Fields that the pixels need: with a name in some of them, a film cannot be read."""
KEPT_FIELDS = ("Modality", "ViewPosition", "BodyPartExamined", "PatientOrientation", "Manufacturer")


def write_named_films(folder, make_dicom, count=48, *, burned_in=False):
    """Write DICOM films whose headers, private tags, folders and names say who the patient is.

    Args:
        folder: made where it is missing.
        make_dicom: makes a file of pixels.
        count: how many.
        burned_in: the films are larger, and their pixels say it as well.
    """
    text_fields = [
        (tag, vr)
        for tag, (vr, *_) in sorted(DicomDictionary.items())
        if vr in _VALUES and tag >> 16 not in _NEEDED and tag != 0x00080005
    ]
    for number in range(count):
        shape = (320, 280) if burned_in else (64, 56)
        pixels = np.random.default_rng(number).integers(0, 4096, shape, dtype=np.uint16)
        if burned_in:
            text = f"{NAME} {RECORD}"
            cv2.putText(pixels, text, (8, 40), cv2.FONT_HERSHEY_PLAIN, 1.0, 4095, 2)
        dataset = Dataset()
        for tag, vr in text_fields[number::count]:
            dataset[tag] = DataElement(tag, vr, _VALUES[vr])
        for name in KEPT_FIELDS:
            setattr(dataset, name, NAME.upper())
        private = dataset.private_block(0x0099, NAME, create=True)
        private.add_new(1, "LO", _TEXT)
        dataset.PatientName, dataset.PatientID = f"{NAME}^Quendolin", f"{RECORD}-{number // 2}"
        tags = {element.tag: element for element in dataset}
        place = folder / f"{NAME}_Quendolin" / f"{RECORD}-{number // 2}" / f"{NAME} {number}.dcm"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(_with(make_dicom(pixels, BitsStored=12), tags, number))
    first = next(folder.rglob("* 0.dcm"))
    (first.parent / f"copy of {NAME}.dcm").write_bytes(first.read_bytes())
    rows = [f"{NAME} {number}.dcm,{RECORD}-{number // 2},{NAME}" for number in range(count + 3)]
    table = folder.parent / "table.csv"
    table.write_text("\n".join(["file,patient_id,view_position", *rows]))
    return table


def _with(content, tags, number):
    """Return a DICOM file with more fields; every ninth has a name for a number."""
    dataset = pydicom.dcmread(BytesIO(content))
    if number % 9 == 4:
        broken = DataElement(tag_for_keyword(_BREAKS[number // 9 % len(_BREAKS)]), "LO", NAME)
        tags = tags | {broken.tag: broken}
    for element in tags.values():
        dataset[element.tag] = element
    out = BytesIO()
    dataset.save_as(out)
    return out.getvalue()


def forms_of(text):
    """Return the ways in which a text may be written, in small letters."""
    plain = text.encode()
    wrapped = [base64.b64encode(b"x" * shift + plain)[4 if shift else 0 : -4] for shift in range(3)]
    forms = {plain, text.encode("utf-16-le"), text.encode("utf-16-be"), quote(text).encode()}
    return {form.lower() for form in (*forms, plain.hex().encode(), *wrapped)}


def found_in(content):
    """Return the hidden texts that some bytes hold in any form."""
    small = content.lower()
    return {text for text in HIDDEN if any(form in small for form in forms_of(text))}


def contents_of(path):
    """Yield a file as it is and unpacked: gzip, Parquet, and tables of SQLite but the files."""
    content = path.read_bytes()
    if content.startswith(b"SQLite format 3"):
        yield _tables(path)
        return
    if ".sqlite3-" in path.name:  # what it holds is read with its database
        return
    yield content
    if content.startswith(b"\x1f\x8b"):
        yield gzip.decompress(content)
    elif content.startswith(b"PAR1"):
        yield repr(pq.read_table(path).to_pydict()).encode()
    elif content.startswith(b"\x89PNG"):
        yield b"".join(_unpacked(content))


def _unpacked(png):
    for kind in (b"IDAT", b"zTXt", b"iTXt"):
        place = png.find(kind)
        if place > 0:
            try:
                yield zlib.decompressobj().decompress(png[place + 4 :])
            except zlib.error:
                continue


def _tables(path):
    """Return a database as bytes, without the one table that may hold paths."""
    with sqlite3.connect(path) as source, sqlite3.connect(":memory:") as copy:
        source.backup(copy)
        if path.name == "radsieve.sqlite3":
            copy.execute("PRAGMA foreign_keys=OFF")
            copy.execute("DROP TABLE files")
            copy.commit()
        copy.execute("VACUUM")
        return copy.serialize()


def named_files(folder):
    """Return by file the hidden texts that it holds, or that its name does."""
    found = {}
    for path in sorted(Path(folder).rglob("*")):
        texts = found_in(str(path.relative_to(folder)).encode())
        if path.is_file():
            texts |= {text for content in contents_of(path) for text in found_in(content)}
        if texts:
            found[str(path.relative_to(folder))] = texts
    return found
