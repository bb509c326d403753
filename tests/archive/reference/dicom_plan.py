"""DICOM files of every depth, sign, polarity, display chain and transfer syntax."""

import itertools

import cv2
import numpy as np
from archive.reference import dicom_writers as writers
from archive.reference.scene import EXACT, LOSSY, Combination
from pydicom import uid

DEPTHS = ((8, 8), (16, 8), (16, 10), (16, 12), (16, 14), (16, 15), (16, 16), (32, 16), (32, 20))
"""Bits allocated and stored."""
CHAINS = tuple(writers.CHAINS)
PLAIN = {
    "implicit": uid.ImplicitVRLittleEndian,
    "explicit": uid.ExplicitVRLittleEndian,
    "big endian": uid.ExplicitVRBigEndian,
    "deflated": uid.DeflatedExplicitVRLittleEndian,
    "RLE": uid.RLELossless,
}
PACKED = {
    "JPEG baseline": (uid.JPEGBaseline8Bit, (8,), LOSSY),
    "JPEG extended": (uid.JPEGExtended12Bit, (8, 12), LOSSY),
    "JPEG lossless": (uid.JPEGLossless, (8, 10, 12, 14, 16), EXACT),
    "JPEG lossless SV1": (uid.JPEGLosslessSV1, (8, 10, 12, 14, 16), EXACT),
    "JPEG-LS": (uid.JPEGLSLossless, (8, 16), EXACT),
    "JPEG-LS near": (uid.JPEGLSNearLossless, (8, 16), (2.0, 4.0)),
    "JPEG 2000 lossless": (uid.JPEG2000Lossless, (8, 10, 12, 14, 16), EXACT),
    "JPEG 2000": (uid.JPEG2000, (8, 12, 16), (2.0, 12.0)),
    "HTJ2K lossless": (uid.HTJ2KLossless, (8, 12, 16), EXACT),
    "HTJ2K lossless RPCL": (uid.HTJ2KLosslessRPCL, (8, 12, 16), EXACT),
    # Of 16 bits OpenJPH lets overshoot wrap: white turns black. OpenJPEG does not.
    "HTJ2K": (uid.HTJ2K, (8, 12, 16), (2.0, 12.0)),
}
SIGNED_IN = {"JPEG 2000 lossless", "HTJ2K lossless", "HTJ2K lossless RPCL"}
"""Of the packed ones; JPEG and JPEG-LS know no sign, so it is in the header alone."""


def plan():
    yield from _uncompressed_chains()
    yield from _plain_syntaxes()
    yield from _packed()
    yield from _colour()
    yield from _frames()


def _uncompressed_chains():
    for depth, signed, mono1, chain, padded in itertools.product(
        DEPTHS, (False, True), (False, True), CHAINS, (False, True)
    ):
        # The tag has 16 bits; and where all values are shown as they are, padding takes one.
        if not padded or (depth[1] <= 16 and (signed or depth[1] > 8 or chain != "none")):
            yield _grey(depth, "explicit", signed=signed, mono1=mono1, chain=chain, padded=padded)


def _plain_syntaxes():
    for depth, signed, mono1, chain, syntax in itertools.product(
        DEPTHS, (False, True), (False, True), ("none", "window", "VOI table", "rescale"), PLAIN
    ):
        if syntax != "explicit" and not (syntax == "RLE" and depth[0] == 32):
            yield _grey(depth, syntax, signed=signed, mono1=mono1, chain=chain)


def _grey(depth, syntax, *, signed, mono1, chain, padded=False):
    facts = {
        "bits": depth, "syntax": syntax, "signed": signed, "mono1": mono1, "chain": chain,
        "padded": padded,
    }  # fmt: skip
    says = []
    # Where a shape says how it is to be shown, it decides.
    if mono1 and chain not in writers.SHAPES:
        says.append("MONOCHROME1: inverted")
    if padded:
        says.append("padding: shown black")
    return Combination(
        "DICOM",
        lambda scene: writers.grey(scene, facts, PLAIN[syntax]),
        facts,
        differs=(1.5, 4.0) if chain == "sigmoid window" else EXACT,
        shown=lambda scene: writers.shown_of(scene, chain, padded=padded),
        says=tuple(says),
    )


def _packed():
    for syntax, (code, depths, differs) in PACKED.items():
        for bits, signed, mono1, chain in itertools.product(
            depths, (False, True), (False, True), ("none", "window", "VOI table", "rescale")
        ):
            if signed and syntax not in SIGNED_IN:
                continue
            if differs is not EXACT and chain == "VOI table":
                continue  # it is steep near black, so that small differences grow
            facts = {
                "bits": (8 if bits == 8 else 16, bits), "syntax": syntax, "signed": signed,
                "mono1": mono1, "chain": chain, "padded": False,
            }  # fmt: skip
            yield Combination(
                "DICOM",
                lambda scene, f=facts, c=code: writers.packed_grey(_for(scene, c), f, c),
                facts,
                differs=differs,
                shown=lambda scene, c=code: _for(scene, c),
            )


def _for(scene, code):
    """Return the scene, without the grid where the syntax keeps little of it."""
    lossy = {uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit, uid.JPEG2000, uid.HTJ2K}
    if code not in lossy:
        return scene
    return cv2.medianBlur(scene.astype(np.float32), 3).astype(float)


def _colour():
    for kind, planar, bits, syntax in itertools.product(
        ("RGB", "YBR_FULL", "PALETTE COLOR"), (0, 1), (8, 16), PLAIN
    ):
        if (kind == "YBR_FULL" and bits == 16) or (kind == "PALETTE COLOR" and planar):
            continue
        if syntax == "RLE" and not planar and kind != "PALETTE COLOR":
            continue
        facts = {"kind": kind, "planar": planar, "bits": bits, "syntax": syntax}
        yield Combination(
            "DICOM",
            lambda scene, f=facts, c=PLAIN[syntax]: writers.colour(scene, f, c),
            facts,
            differs=(1.0, 3.0),
            says=("luminance taken",),
        )


def _frames():
    """Several frames: the first is the film."""
    for syntax, frames in itertools.product(PLAIN, (2, 3)):
        facts = {
            "bits": (16, 12), "syntax": syntax, "signed": False, "mono1": False, "chain": "window",
            "padded": False, "frames": frames,
        }  # fmt: skip
        yield Combination(
            "DICOM", lambda scene, f=facts, c=PLAIN[syntax]: writers.grey(scene, f, c), facts,
            says=(f"frame 1 of {frames} used",),
        )  # fmt: skip
