"""Small files that claim, or unpack to, very much; each is made by code, none is kept."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zlib

import imagecodecs
import numpy as np
from PIL import Image
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

_PIECE = bytes(1 << 20)


def zeros(count, packer=None):
    """Return so many zeros, deflated."""
    packer = packer or zlib.compressobj(9)
    pieces = [packer.compress(_PIECE) for _ in range(count >> 20)]
    return b"".join([*pieces, packer.compress(bytes(count & 0xFFFFF)), packer.flush()])


def png_chunk(name, content):
    crc = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc)


def png(width, height, depth=8, colour=0, more=b"", pixels=None):
    """Return a blank PNG, or one of these pixels (packed); `more` stands before them."""
    channels = {0: 1, 2: 3, 6: 4}[colour]
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    if pixels is None:
        pixels = zeros(height * (1 + width * depth // 8 * channels))
    parts = png_chunk(b"IHDR", head) + more + png_chunk(b"IDAT", pixels)
    return b"\x89PNG\r\n\x1a\n" + parts + png_chunk(b"IEND", b"")


def png_with_texts(count):
    return png(100, 100, more=png_chunk(b"zTXt", b"a\0\0" + zeros(7_900_000)) * count)


def jpeg(width, height, scans=0):
    """Return a grey JPEG of that size: sequential, or progressive with so many scans more."""
    encoded = io.BytesIO()
    Image.new("L", (16, 16), 128).save(encoded, "JPEG", progressive=bool(scans))
    content = bytearray(encoded.getvalue())
    frame = content.index(b"\xff\xc2" if scans else b"\xff\xc0")
    content[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    if scans:
        scan = b"\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x00" + bytes(4)
        return bytes(content[:-2]) + scan * scans + b"\xff\xd9"
    # A block without change is 6 bits: 00 for its mean and 1010 for its end (ITU T.81 K.3).
    blocks = -(-width // 8) * -(-height // 8)
    start = content.index(b"\xff\xda") + 10
    return bytes(content[:start]) + b"\x28\xa2\x8a" * (blocks // 4 + 1) + b"\xff\xd9"


def tiff(width, height, compression=8, bits=8, data=None):
    """Return a blank TIFF of one strip, or one of this data (packed)."""
    pack = {1: bytes, 8: zeros, 34925: lambda count: lzma.compress(bytes(count))}
    if data is None:
        data = pack[compression](width * height * bits // 8)
    own = [(256, width), (257, height), (258, bits), (259, compression), (262, 1), (273, 8)]
    own += [(277, 1), (278, height), (279, len(data))]
    return tiff_of(data, own)


def tiff_of(data, tags):
    entries = b"".join(struct.pack("<HHII", number, 4, 1, value) for number, value in tags)
    directory = struct.pack("<H", len(tags)) + entries + bytes(4)
    data += bytes(len(data) % 2)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory


def tiff_of_one_tile(side, data=None):
    data = zeros(side * side) if data is None else data
    tags = [(256, 100), (257, 100), (258, 8), (259, 8), (262, 1), (277, 1)]
    return tiff_of(data, [*tags, (322, side), (323, side), (324, 8), (325, len(data))])


def tiff_of_pages(count):
    """Return a TIFF whose first page is followed by so many empty ones."""
    content = bytearray(tiff(100, 100, 1))
    base = len(content)
    content[-4:] = struct.pack("<I", base)
    places = [*(base + 6 * place for place in range(1, count)), 0]
    return bytes(content) + b"".join(struct.pack("<HI", 0, place) for place in places)


def jpeg2000(width, height, components=1, block=4, precincts=b"", tile=None):
    """Return a codestream of empty packets (ISO 15444-1 A); `block` is log2 of a side less 2."""

    def segment(marker, content):
        return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content

    levels = 5
    grid = (width, height, 0, 0, *(tile or (width, height)), 0, 0)
    size = struct.pack(">H8IH", 0, *grid, components) + bytes([7, 1, 1]) * components
    style = struct.pack(">BBHBBBBBB", bool(precincts), 0, 1, 0, levels, block, block, 0, 1)
    steps = bytes([0x40]) + bytes([80]) * (3 * levels + 1)
    packets = bytes(100_000 if precincts else (levels + 1) * components)
    part = struct.pack(">HIBB", 0, 14 + len(packets), 0, 1)
    return b"".join(
        [
            b"\xff\x4f",
            segment(0x51, size),
            segment(0x52, style + precincts),
            segment(0x5C, steps),
            segment(0x90, part),
            b"\xff\x93",
            packets,
            b"\xff\xd9",
        ]
    )


def jpeg_ls(width, height):
    content = bytearray(imagecodecs.jpegls_encode(np.zeros((16, 16), np.uint8)))
    frame = content.index(b"\xff\xf7")
    content[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(content[: content.index(b"\xff\xda") + 10]) + b"\x7f" * 3000 + b"\xff\xd9"


def rle(width, height):
    """Return a blank 16-bit frame (PS3.5 G)."""
    half = b"\x81\0" * (width * height // 128) + b"\x00\x00" * (width * height % 128)
    return struct.pack("<16I", 2, 64, 64 + len(half), *[0] * 13) + half * 2


def dicom(width, height, data, syntax=ExplicitVRLittleEndian, bits=16, **tags):
    """Return a DICOM file; `data` is bytes, or a list of packed frames."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.SOPClassUID = DigitalXRayImageStorageForPresentation
    dataset.SOPInstanceUID, dataset.Modality = "1.2.3", "DX"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = height, width, 1
    dataset.PhotometricInterpretation, dataset.PixelRepresentation = "MONOCHROME2", 0
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    for name, value in tags.items():
        setattr(dataset, name, value)
    is_packed = isinstance(data, list)
    dataset.add_new(
        0x7FE00010, "OB" if is_packed else "OW", encapsulate(data) if is_packed else data
    )
    dataset["PixelData"].is_undefined_length = is_packed
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def dicom_j2k(width, height, encoded=None, **how):
    frame = encoded or jpeg2000(width, height, **how)
    return dicom(width, height, [frame], JPEG2000Lossless, 8)


def dicom_jls(width, height, claimed_side=None):
    frame = jpeg_ls(claimed_side or width, claimed_side or height)
    return dicom(width, height, [frame], JPEGLSLossless, 8)


def dicom_deflated(megabytes):
    """Return a film of 64 x 64 whose pixel data unpack to so much."""
    plain = dicom(64, 64, bytes(8192), DeflatedExplicitVRLittleEndian)
    meta = plain[: 144 + struct.unpack("<I", plain[140:144])[0]]
    dataset = zlib.decompress(plain[len(meta) :], -zlib.MAX_WBITS)
    start = dataset[: dataset.rindex(b"\xe0\x7f\x10\x00")]
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    count = megabytes << 20
    head = packer.compress(start + b"\xe0\x7f\x10\x00OW\0\0" + struct.pack("<I", count))
    return meta + head + zeros(count, packer)


def dicom_frames(count):
    return dicom(3000, 3000, [rle(3000, 3000)] * count, RLELossless, NumberOfFrames=count)


def before_pixels(more):
    plain = dicom(64, 64, bytes(8192))
    place = plain.rindex(b"\xe0\x7f\x10\x00")
    return plain[:place] + more + plain[place:]


def dicom_items(count):
    item = b"\xfe\xff\x00\xe0" + bytes(4)
    sequence = b"\x28\x00\x00\x30SQ\0\0\xff\xff\xff\xff"
    return before_pixels(sequence + item * count + b"\xfe\xff\xdd\xe0" + bytes(4))


def dicom_elements(count):
    return before_pixels(
        b"".join(
            struct.pack("<HH2sH", 0x31 + 2 * (n // 0xE000), 0x1000 + n % 0xE000, b"LO", 0)
            for n in range(count)
        )
    )


def dicom_long_element(count):
    """Return a film whose window centre is so many bytes long."""
    return before_pixels(
        b"\x28\x00\x50\x10UT\0\0" + struct.pack("<I", count) + b"1\\" * (count // 2)
    )


def dicom_windows(count):
    numbers = ["1"] * count
    return dicom(100, 100, bytes(20000), WindowCenter=numbers, WindowWidth=numbers)


def tar_with_name(size, kind=tarfile.GNUTYPE_LONGNAME, held=None):
    """Return a packed archive with one header that claims a name of so many bytes, and has them."""
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = kind, size
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    begin = packer.compress(header.tobuf(tarfile.GNU_FORMAT))
    return begin + zeros(size + 1024 if held is None else held, packer)


def packed_table(head, line, megabytes, packer="gz"):
    """Return a table whose lines go on for so many megabytes."""
    pack = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}[packer]
    if packer != "gz":
        return pack(head + line * ((megabytes << 20) // len(line)))
    stream = zlib.compressobj(6, zlib.DEFLATED, 31)
    piece = line * ((1 << 20) // len(line))
    return b"".join(
        [stream.compress(head), *(stream.compress(piece) for _ in range(megabytes)), stream.flush()]
    )
