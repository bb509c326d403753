"""JPEGs of every coding and depth that the installed libraries write, and JPEG-LS."""

import io
import itertools

import cv2
import imagecodecs
import numpy as np
from archive.reference.scene import EXACT, LOSSY, Combination, levels, stored_for
from PIL import Image


def plan():
    yield from _of_pillow()
    yield from _deep()
    yield from _lossless()
    yield from _turned()


def smooth(scene):
    """Return the scene without the grid, of which JPEG keeps little."""
    return cv2.medianBlur(scene.astype(np.float32), 3).astype(float)


def _of_pillow():
    for mode, quality, progressive, subsampling in itertools.product(
        ("L", "RGB", "CMYK"), (75, 90, 98), (False, True), (0, 1, 2)
    ):
        if mode != "RGB" and subsampling:
            continue
        how = {"quality": quality, "progressive": progressive, "subsampling": subsampling}
        yield Combination(
            "JPEG", lambda scene, m=mode, h=how: _pillow(scene, m, **h), {"mode": mode, **how},
            differs=LOSSY, shown=smooth,
            says=() if mode == "L" else ("luminance taken",),
        )  # fmt: skip
    for restart, quality in itertools.product((0, 1, 4), (80, 95)):
        how = {"quality": quality, "restart_marker_blocks": restart, "optimize": True}
        yield Combination(
            "JPEG", lambda scene, h=how: _pillow(scene, "L", **h), how, differs=LOSSY, shown=smooth
        )


def _pillow(scene, mode, **how):
    image = Image.fromarray(levels(smooth(scene), 256).astype(np.uint8)).convert(mode)
    file = io.BytesIO()
    image.save(file, "JPEG", **how)
    return file.getvalue()


def _deep():
    for bits, is_colour, level in itertools.product((8, 12), (False, True), (85, 95, 99)):

        def write(scene, bits=bits, is_colour=is_colour, level=level):
            grey = levels(smooth(scene), 2**bits).astype("u1" if bits == 8 else "u2")
            values = np.dstack([grey] * 3) if is_colour else grey
            return imagecodecs.jpeg8_encode(values, level=level, bitspersample=bits)

        yield Combination(
            "JPEG", write, {"turbo bits": bits, "colour": is_colour, "level": level},
            differs=LOSSY, shown=smooth, says=(*(["12 bits"] if bits == 12 else []),),
        )  # fmt: skip


def _lossless():
    for bits, predictor, is_colour in itertools.product(range(2, 17), range(1, 8), (False, True)):

        def by_turbo(scene, bits=bits, predictor=predictor, is_colour=is_colour):
            grey = levels(scene, 2**bits).astype("u1" if bits <= 8 else "u2")
            values = np.dstack([grey] * 3) if is_colour else grey
            return imagecodecs.jpeg8_encode(
                values, lossless=True, predictor=predictor, bitspersample=bits
            )

        yield _quantised(by_turbo, {"turbo": bits, "predictor": predictor, "rgb": is_colour}, bits)
    for bits in range(8, 17):

        def by_lj92(scene, bits=bits):
            grey = levels(scene, 2**bits).astype("u1" if bits <= 8 else "u2")
            return imagecodecs.ljpeg_encode(grey, bitspersample=bits)

        yield _quantised(by_lj92, {"lj92": bits}, bits)
    for bits, level, is_colour in itertools.product((8, 16), (0, 1, 2), (False, True)):

        def by_charls(scene, bits=bits, level=level, is_colour=is_colour):
            grey = levels(scene, 2**bits).astype("u1" if bits == 8 else "u2")
            values = np.dstack([grey] * 3) if is_colour else grey
            return imagecodecs.jpegls_encode(values, level=level)

        yield _quantised(
            by_charls, {"JPEG-LS": bits, "level": level, "rgb": is_colour}, bits, level
        )


def _quantised(write, facts, bits, level=0):
    return Combination(
        "JPEG", write, facts,
        differs=(EXACT[0] + level, EXACT[1] + level),
        shown=lambda scene: levels(scene, 2**bits) / (2**bits - 1),
    )  # fmt: skip


def _turned():
    for orientation, mode in itertools.product(range(2, 9), ("L", "RGB")):

        def write(scene, orientation=orientation, mode=mode):
            exif = Image.Exif()
            exif[274] = orientation
            return _pillow(stored_for(orientation, smooth(scene)), mode, quality=95, exif=exif)

        yield Combination(
            "JPEG", write, {"orientation": orientation, "mode": mode}, differs=LOSSY, shown=smooth,
            says=(f"orientation tag {orientation}: applied",),
        )  # fmt: skip
