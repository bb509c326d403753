"""TIFFs of every depth, sign, polarity, layout, packing and order of bytes."""

import io
import itertools
import struct

import cv2
import imagecodecs
import numpy as np
import tifffile
from archive.reference.scene import EXACT, LOSSY, Combination, levels, stored_for
from PIL import Image

DTYPES = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8")
PLAIN = (None, "lzw", "zlib", "packbits", "lzma", "zstd")
_NO_PREDICTOR = {None, "packbits"}
_LAYOUTS = {
    "grey": {"photometric": "minisblack"},
    "grey, white is zero": {"photometric": "miniswhite"},
    "grey and opacity": {
        "photometric": "minisblack", "planarconfig": "contig", "extrasamples": ["unassalpha"],
    },
    "grey and multiplied opacity": {
        "photometric": "minisblack", "planarconfig": "contig", "extrasamples": ["assocalpha"],
    },
    "RGB": {"photometric": "rgb"},
    "RGB in planes": {"photometric": "rgb", "planarconfig": "separate"},
    "RGB and opacity": {"photometric": "rgb", "extrasamples": ["unassalpha"]},
}  # fmt: skip
_CLEAR_ROWS = slice(34, 38)


def plan():
    yield from _of_all_types()
    yield from _packed_bits()
    yield from _lossy()
    yield from _of_pillow()
    yield from _turned()


def _of_all_types():
    for dtype, layout, packing in itertools.product(DTYPES, _LAYOUTS, PLAIN):
        for tile, order in itertools.product((None, (16, 32)), "<>"):
            predictors = (False,) if packing in _NO_PREDICTOR else (False, True)
            for predictor, is_big in itertools.product(predictors, (False, True)):
                if (dtype in {"u8", "i8"} and predictor) or (is_big and packing != "lzw"):
                    continue
                yield _by_tifffile(
                    dtype, layout, packing=packing, tile=tile, order=order, predictor=predictor,
                    is_big=is_big,
                )  # fmt: skip


def _by_tifffile(dtype, layout, **how):
    opacity = "opacity" in layout
    facts = {"dtype": dtype, "layout": layout, **how}
    says = [*(["luminance taken"] if "RGB" in layout else [])]
    says += ["WhiteIsZero: inverted"] if "white" in layout else []
    says += ["transparency"] if opacity else []
    return Combination(
        "TIFF",
        lambda scene: _written(scene, dtype, layout, how),
        facts,
        shown=_clear if opacity else lambda scene: scene,
        says=tuple(says),
    )


def _clear(scene):
    shown = scene.copy()
    shown[_CLEAR_ROWS] = 0
    return shown


def numbers(scene, dtype):
    """Return the scene from the least to the largest number of a type, in floats from 0 to 1."""
    if np.dtype(dtype).kind == "f":
        return scene.astype(dtype)
    ends = np.iinfo(dtype)
    middle = scene * (float(ends.max) - ends.min) * (1 - 2**-50)
    return (middle + float(ends.min)).clip(ends.min, float(ends.max) * (1 - 2**-50)).astype(dtype)


def _written(scene, dtype, layout, how):
    lo_hi = numbers(np.array([0.0, 1.0]), dtype)
    full = 1.0 if np.dtype(dtype).kind == "f" else np.iinfo(dtype).max
    values = numbers(1 - scene if "white" in layout else scene, dtype)
    opacity = np.full(scene.shape, full, dtype)
    opacity[_CLEAR_ROWS] = 0
    if "multiplied" in layout:
        values[_CLEAR_ROWS] = lo_hi[0]
    samples = {
        "grey and opacity": lambda: np.dstack([values, opacity]),
        "grey and multiplied opacity": lambda: np.dstack([values, opacity]),
        "RGB": lambda: np.dstack([values] * 3),
        "RGB in planes": lambda: np.stack([values] * 3),
        "RGB and opacity": lambda: np.dstack([values, values, values, opacity]),
    }.get(layout, lambda: values)()
    strips = {} if how["tile"] else {"rowsperstrip": 7}
    return _tiff(
        samples, **_LAYOUTS[layout], **strips, compression=how["packing"], tile=how["tile"],
        byteorder=how["order"], predictor=how["predictor"], bigtiff=how["is_big"],
    )  # fmt: skip


def _tiff(values, **how):
    file = io.BytesIO()
    tifffile.imwrite(file, values, metadata=None, **how)
    return file.getvalue()


def _packed_bits():
    for bits, order, is_white, is_mirrored in itertools.product(
        range(1, 17), "<>", (False, True), (False, True)
    ):
        facts = {
            "packed bits": bits, "order": order, "white is zero": is_white,
            "last bit first": is_mirrored,
        }  # fmt: skip
        yield Combination(
            "TIFF", lambda scene, f=facts: _packed(scene, *f.values()), facts,
            shown=lambda scene, bits=bits: levels(scene, 2**bits) / (2**bits - 1),
            says=("WhiteIsZero: inverted",) if is_white else (),
        )  # fmt: skip


def _packed(scene, bits, order, is_white, is_mirrored):
    """Write values bit by bit, each row from a new byte; those of 16 bits in the order of bytes."""
    most = 2**bits - 1
    stored = levels(scene, 2**bits)
    stored = most - stored if is_white else stored
    single = stored[..., None] >> np.arange(bits - 1, -1, -1) & 1
    data = np.packbits(single.reshape(len(stored), -1).astype(np.uint8), axis=1).tobytes()
    if bits == 16:
        data = stored.astype(f"{order}u2").tobytes()
    if is_mirrored:
        each = np.frombuffer(data, np.uint8)
        data = np.packbits(np.unpackbits(each).reshape(-1, 8)[:, ::-1]).tobytes()
    height, width = stored.shape
    tags = {
        266: 1 + is_mirrored,
        256: width,
        257: height,
        258: bits,
        259: 1,
        262: int(not is_white),
        273: 8,
        277: 1,
    }
    return raw_tiff(data, {**tags, 278: height, 279: len(data)}, order)


def raw_tiff(data, tags, order):
    """Write one strip and its directory, all tags LONG (tifffile packs bits of `>` wrongly)."""
    entries = b"".join(struct.pack(order + "HHII", tag, 4, 1, tags[tag]) for tag in sorted(tags))
    directory = struct.pack(order + "H", len(tags)) + entries + bytes(4)
    data += bytes(len(data) % 2)
    head = {"<": b"II*\0", ">": b"MM\0*"}[order]
    return head + struct.pack(order + "I", 8 + len(data)) + data + directory


def _lossy():
    for layout, tile, packing in itertools.product(
        ("grey", "grey, white is zero", "RGB"), (None, (16, 32)), ("jpeg", "jpeg2000")
    ):
        for dtype in ("u1",) if packing == "jpeg" else ("u1", "u2"):
            how = {"packing": packing, "tile": tile, "order": "<", "predictor": False}
            combination = _by_tifffile(dtype, layout, **how, is_big=False)
            yield Combination(
                "TIFF", lambda scene, c=combination: c.write(_smooth(scene)), combination.facts,
                differs=LOSSY if packing == "jpeg" else EXACT, shown=_smooth, says=combination.says,
            )  # fmt: skip


def _smooth(scene):
    """Return the scene without the grid, of which JPEG keeps little."""
    return cv2.medianBlur(scene.astype(np.float32), 3).astype(float)


def _of_pillow():
    """What libtiff writes: faxes, palettes, CMYK, YCbCr, Lab."""
    for packing in ("group3", "group4", "tiff_ccitt", "raw", "packbits", "tiff_lzw"):
        yield Combination("TIFF", lambda scene, p=packing: _pillow(
            Image.fromarray(scene > 0.5), compression=p), {"pillow": "1 bit", "packing": packing},
            shown=lambda scene: (scene > 0.5) * 1.0)  # fmt: skip
    for mode in ("RGB", "CMYK", "YCbCr", "RGBA", "P", "L", "I;16"):
        for packing in ("raw", "tiff_lzw", "tiff_adobe_deflate"):
            if mode == "YCbCr" and packing != "raw":
                continue
            yield Combination("TIFF", lambda scene, m=mode, p=packing: _pillow(
                _image(scene, m), compression=p), {"pillow": mode, "packing": packing},
                differs=(2.0, 6.0))  # fmt: skip
    for photometric, order in itertools.product(("miniswhite", "minisblack"), "<>"):
        for dtype in ("u1", "u2", "i1", "i2", "f4", "f8"):
            yield _by_libtiff(dtype, photometric, order)


def _by_libtiff(dtype, photometric, order):
    def write(scene):
        values = numbers(1 - scene if photometric == "miniswhite" else scene, dtype)
        return imagecodecs.tiff_encode(
            values, photometric=photometric, byteorder=order, compression="deflate"
        )

    says = ("WhiteIsZero: inverted",) if photometric == "miniswhite" else ()
    facts = {"libtiff": dtype, "photometric": photometric, "order": order}
    return Combination("TIFF", write, facts, says=says)


def _image(scene, mode):
    if mode == "I;16":
        return Image.fromarray(levels(scene, 65536).astype(np.uint16))
    return Image.fromarray(levels(scene, 256).astype(np.uint8)).convert(mode)


def _pillow(image, **how):
    file = io.BytesIO()
    image.save(file, "TIFF", **how)
    return file.getvalue()


def _turned():
    for orientation, dtype, layout in itertools.product(
        range(2, 9), ("u1", "u2", "i1", "f4"), ("grey", "RGB", "grey and opacity")
    ):

        def write(scene, orientation=orientation, dtype=dtype, layout=layout):
            grey = numbers(stored_for(orientation, scene), dtype)
            full = 1.0 if dtype == "f4" else np.iinfo(dtype).max
            samples = {
                "grey": grey, "RGB": np.dstack([grey] * 3),
                "grey and opacity": np.dstack([grey, np.full_like(grey, full)]),
            }[layout]  # fmt: skip
            tag = [(274, "H", 1, orientation, True)]
            return _tiff(samples, **_LAYOUTS[layout], extratags=tag, rowsperstrip=9)

        yield Combination(
            "TIFF", write, {"orientation": orientation, "dtype": dtype, "layout": layout},
            says=(f"orientation tag {orientation}: applied",),
        )  # fmt: skip
