"""PNGs of every depth, colour type, interlacing and filter, with opacity and palettes."""

import itertools
import struct
import zlib

import numpy as np
from archive.reference.scene import EXACT, Combination, levels, stored_for
from shared_fixtures.bombs import png_chunk

GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
_DEPTHS = {
    GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16),
    RGB_ALPHA: (8, 16),
}  # fmt: skip
_CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGB_ALPHA: 4}
_PASSES = [
    (0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)
]  # fmt: skip
_MORE = {
    "none": b"",
    "gamma": png_chunk(b"gAMA", struct.pack(">I", 100_000)),
    "significant bits": png_chunk(b"sBIT", b"\x04"),
    "resolution": png_chunk(b"pHYs", struct.pack(">IIB", 5000, 2500, 1)),
    "text": png_chunk(b"zTXt", b"a\0\0" + zlib.compress(b"words")),
}


def plan():
    for kind, depths in _DEPTHS.items():
        for bits, interlaced, filtering in itertools.product(depths, (False, True), range(5)):
            yield _combination(kind, bits, interlaced=interlaced, filtering=filtering)
    for kind, bits in ((GREY, 8), (GREY, 16), (RGB, 8), (RGB, 16), (GREY_ALPHA, 16)):
        for orientation in range(2, 9):
            yield _combination(kind, bits, orientation=orientation)
    for kind, bits, more in itertools.product((GREY,), (8, 16), sorted(_MORE.keys() - {"none"})):
        yield _combination(kind, bits, more=more)
    for kind, bits in ((GREY, 2), (GREY, 4), (GREY, 8), (GREY, 16), (PALETTE, 8), (RGB, 16)):
        yield _combination(kind, bits, is_clear=True)
    for kind, bits in ((GREY_ALPHA, 8), (GREY_ALPHA, 16), (RGB_ALPHA, 8), (RGB_ALPHA, 16)):
        yield _combination(kind, bits, is_clear=True)


def _combination(
    kind, bits, *, interlaced=False, filtering=0, orientation=1, more="none", is_clear=False
):
    facts = {
        "colour": kind, "bits": bits, "interlaced": interlaced, "filter": filtering,
        "orientation": orientation, "chunk": more, "clear": is_clear,
    }  # fmt: skip
    said = (("luminance taken",) if kind in {RGB, RGB_ALPHA, PALETTE} else ()) + (
        ("orientation tag",) if orientation > 1 else ()
    )
    return Combination(
        "PNG",
        lambda scene: _written(scene, facts),
        facts,
        shown=lambda scene: _shown(scene, bits, is_clear),
        differs=EXACT,
        says=said + (("transparency",) if is_clear else ()),
    )


def _shown(scene, bits, is_clear):
    """Pixels of the lightest level are clear where some are."""
    stored = levels(scene, 2**bits)
    return (
        np.where(stored == 2**bits - 1, 0.0, scene_at(stored, bits))
        if is_clear
        else (scene_at(stored, bits))
    )


def scene_at(stored, bits):
    return stored / (2**bits - 1)


def _written(scene, facts):
    kind, bits = facts["colour"], facts["bits"]
    stored = stored_for(facts["orientation"], levels(scene, 2**bits))
    pixels = _samples(stored, kind, bits, facts["clear"])
    chunks = _MORE[facts["chunk"]] + _table_chunks(kind, bits, facts["clear"])
    if facts["orientation"] > 1:
        entry = struct.pack("<HHIHH", 274, 3, 1, facts["orientation"], 0)
        chunks += png_chunk(b"eXIf", b"II*\0\x08\0\0\0\1\0" + entry + bytes(4))
    passes = _PASSES if facts["interlaced"] else [(0, 0, 1, 1)]
    rows = b"".join(
        _filtered(pixels[top::down, left::across], bits, facts["filter"])
        for top, left, down, across in passes
    )
    head = struct.pack(
        ">IIBBBBB", stored.shape[1], stored.shape[0], bits, kind, 0, 0, facts["interlaced"]
    )
    parts = [png_chunk(b"IHDR", head), chunks, png_chunk(b"IDAT", zlib.compress(rows))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + png_chunk(b"IEND", b"")


def _samples(stored, kind, bits, is_clear):
    """Return the samples, shape (height, width, channels)."""
    if kind == PALETTE:
        return (2**bits - 1 - stored)[..., None]  # the palette runs from white to black
    colours = [stored] * (3 if kind in {RGB, RGB_ALPHA} else 1)
    if kind in {GREY_ALPHA, RGB_ALPHA}:
        most = 2**bits - 1
        colours.append(
            np.where(stored == most, 0, most) if is_clear else np.full_like(stored, most)
        )
    return np.stack(colours, -1)


def _table_chunks(kind, bits, is_clear):
    chunks, most = b"", 2**bits - 1
    if kind == PALETTE:
        greys = np.rint(np.arange(most, -1, -1) * 255 / most).astype(np.uint8)
        chunks += png_chunk(b"PLTE", np.repeat(greys[:, None], 3, 1).tobytes())
    if is_clear and kind in {GREY, RGB, PALETTE}:
        clear = {
            GREY: struct.pack(">H", most),
            RGB: struct.pack(">HHH", *[most] * 3),
            PALETTE: b"\0",
        }
        chunks += png_chunk(b"tRNS", clear[kind])
    return chunks


def _filtered(pixels, bits, filtering):
    """Pack samples into bytes, each row with this filter (PNG 9.2)."""
    if not pixels.size:
        return b""
    rows = _packed(pixels, bits).astype(np.int64)
    step = max(1, pixels.shape[2] * bits // 8)
    left, up, corner = (np.zeros_like(rows) for _ in range(3))
    left[:, step:], up[1:] = rows[:, :-step], rows[:-1]
    corner[1:, step:] = rows[:-1, :-step]
    guesses = [np.zeros_like(rows), left, up, (left + up) // 2, _paeth(left, up, corner)]
    packed = (rows - guesses[filtering]) % 256
    marks = np.full((len(rows), 1), filtering)
    return np.hstack([marks, packed]).astype(np.uint8).tobytes()


def _paeth(left, up, corner):
    guess = left + up - corner
    far = [np.abs(guess - one) for one in (left, up, corner)]
    nearest_of_two = np.where(far[1] <= far[2], up, corner)
    return np.where((far[0] <= far[1]) & (far[0] <= far[2]), left, nearest_of_two)


def _packed(pixels, bits):
    flat = pixels.reshape(len(pixels), -1)
    if bits == 16:
        return np.stack([flat >> 8, flat & 255], -1).reshape(len(flat), -1)
    if bits == 8:
        return flat
    places = np.arange(bits - 1, -1, -1)
    single = (flat[..., None] >> places & 1).reshape(len(flat), -1)
    return np.packbits(single.astype(np.uint8), axis=1)
