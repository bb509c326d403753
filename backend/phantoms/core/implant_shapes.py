"""The shapes of metal implants as a frontal film shows them, from random numbers.

Millimetres; x = 0 is the body's midline, y = 0 the film's upper edge. Each function returns the
pieces of one patient's implant. Sizes are those of common implants; places and their ranges were
set by eye on real films.
"""

from collections.abc import Sequence

import numpy as np
from scipy import interpolate

from backend.phantoms.core.metal_pieces import COBALT_CHROME, PLATINUM, STEEL, TITANIUM, Bar, Points

Rng = np.random.Generator


def line(*points: Sequence[float]) -> Points:
    """Return a path through points.

    >>> line((0, 1), (2, 3)).shape
    (2, 2)
    """
    return np.array(points, dtype=np.float64)


def curve(*points: Sequence[float], count: int = 48) -> Points:
    """Return a smooth path through three or more points."""
    corners = np.array(points, dtype=np.float64)
    steps = np.linalg.norm(np.diff(corners, axis=0), axis=1)
    way = np.concatenate([[0.0], np.cumsum(steps)]) / steps.sum()
    smooth = interpolate.PchipInterpolator(way, corners)
    return np.asarray(smooth(np.linspace(0, 1, count)), dtype=np.float64)


def towards(degrees_down: float) -> Points:
    """Return a step of 1 mm; 0 degrees goes to the viewer's right, 90 down."""
    angle = np.radians(degrees_down)
    return np.array([np.cos(angle), np.sin(angle)])


def a_side(rng: Rng) -> int:
    """Return -1 (the viewer's left) or 1."""
    return int(rng.choice([-1, 1]))


def spinal_rods(rng: Rng) -> list[Bar]:
    """Two rods beside the spine and a pair of screws per vertebra, some left out."""
    top, bottom = rng.uniform(40, 170), rng.uniform(260, 420)
    apart, bend = rng.uniform(15, 22), rng.normal(0, 8)
    metal = float(rng.choice([TITANIUM, COBALT_CHROME]))
    width, pitch = rng.uniform(4.75, 6.0), rng.uniform(24, 32)
    pieces = []
    for side in (-1, 1):
        x = side * apart + rng.normal(0, 1.5)
        path = curve((x, top), (x + bend, (top + bottom) / 2), (x, bottom))
        pieces.append(Bar(path, width, per_mm=metal))
        for y in np.arange(top + 8, bottom - 4, pitch):
            if rng.random() < 0.8:
                x = float(np.interp(y, path[:, 1], path[:, 0]))
                pieces += _pedicle_screw(line((x, float(y))), side, rng)
    return pieces


def _pedicle_screw(head: Points, side: int, rng: Rng) -> list[Bar]:
    """A screw seen nearly from its end, and the tulip that holds the rod."""
    inwards = towards(90 + side * rng.uniform(50, 80)) * rng.uniform(8, 24)
    shank = np.concatenate([head, head + inwards])
    # The screw runs away from the viewer: the beam's way through it is longer than it is wide.
    screw = Bar(shank, rng.uniform(5.0, 6.5), 4.0, per_mm=1.8 * TITANIUM, thread_mm=2.7)
    tulip = np.concatenate([head - towards(0) * 2.5, head + towards(0) * 2.5])
    return [screw, Bar(tulip, rng.uniform(9, 11), flat_mm=rng.uniform(6, 9), per_mm=TITANIUM)]


def sternal_wires(rng: Rng) -> list[Bar]:
    """Loops of steel wire one below the other, each with a twist; some crossed to an eight."""
    first, pitch = rng.uniform(85, 130), rng.uniform(18, 30)
    width, off, wide = rng.uniform(0.55, 1.0), rng.normal(0, 5), rng.uniform(12, 28)
    pieces = []
    for number in range(int(rng.integers(4, 8))):
        middle = line((off + rng.normal(0, 2), first + number * pitch + rng.normal(0, 3)))[0]
        loop = middle + _loop(wide * rng.uniform(0.8, 1.2), rng)
        pieces.append(Bar(loop, width, per_mm=STEEL))
        knot = loop[int(rng.integers(len(loop)))]
        twist = curve(*(knot + rng.normal(0, 2.2, (3, 2))), count=6)
        pieces.append(Bar(twist, 1.6 * width, per_mm=STEEL))
    return pieces + (_graft_rings(off, first, rng) if rng.random() < 0.2 else [])


def _loop(wide: float, rng: Rng) -> Points:
    """Return an uneven loop, or an eight lying on its side."""
    around = np.linspace(0, 2 * np.pi, 25)
    crossed = 2 if rng.random() < 0.35 else 1
    y = rng.uniform(3, 9) / 2 * np.sin(crossed * around + rng.normal(0, 0.4))
    x = wide / 2 * np.cos(around) + rng.uniform(0, 2) * np.cos(3 * around)
    turn = np.radians(rng.normal(0, 14))
    rows = [x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)]
    return np.stack(rows, axis=1)


def _graft_rings(off: float, first: float, rng: Rng) -> list[Bar]:
    """Rings that mark where bypasses leave the aorta."""
    around = np.linspace(0, 2 * np.pi, 25)
    ring = rng.uniform(3.5, 5.5) * np.stack([np.cos(around), np.sin(around)], axis=1)
    at = line((off - rng.uniform(8, 22), first + rng.uniform(35, 60)))[0]
    return [
        Bar(ring + at + [rng.normal(0, 2), 14 * number], 0.8, per_mm=STEEL)
        for number in range(int(rng.integers(2, 4)))
    ]


def chest_clips(rng: Rng) -> list[Bar]:
    """Clips at a hilum, in an armpit, along the heart, or below the liver."""
    side = a_side(rng)
    where, spread = [
        ((side * 38, 190), (12, 18)),
        ((side * 150, 165), (14, 30)),
        ((42, 215), (10, 45)),
        ((-45, 375), (12, 14)),
    ][int(rng.integers(4))]
    return _clips(where, spread, rng)


def belly_clips(rng: Rng) -> list[Bar]:
    """Clips of a gall bladder that was removed, or beside the spine."""
    where, spread = [((-55, 95), (12, 14)), ((a_side(rng) * 35, 240), (14, 45))][
        int(rng.integers(2))
    ]
    return _clips(where, spread, rng)


def pelvic_clips(rng: Rng) -> list[Bar]:
    """Clips on the walls of the pelvis."""
    return _clips((a_side(rng) * 50, 150), (14, 25), rng)


def _clips(where: tuple[float, float], spread: tuple[float, float], rng: Rng) -> list[Bar]:
    pieces = []
    for _ in range(int(rng.integers(3, 13))):
        middle = np.array(where) + rng.normal(0, 1, 2) * spread
        length, width = rng.uniform(4.5, 9), rng.uniform(1.2, 2.0)
        # A clip points anywhere; seen from its end it is a short dot, and denser.
        shown = max(np.sqrt(1 - rng.random() ** 2), width / length)
        half = towards(rng.uniform(0, 360)) * (length * shown - width) / 2
        path = np.stack([middle - half, middle + half])
        pieces.append(Bar(path, width, per_mm=TITANIUM / shown))
    return pieces


def pacemaker(rng: Rng) -> list[Bar]:
    """A pacemaker below a collar bone and one to three leads into the heart."""
    side = 1 if rng.random() < 0.85 else -1
    can = np.array([side * rng.uniform(88, 115), rng.uniform(85, 120)])
    pieces = _can(can, side, rng)
    shocks = rng.random() < 0.35
    ends = [(rng.uniform(25, 50), rng.uniform(255, 285)), (-rng.uniform(18, 32), 205.0)]
    ends.append((rng.uniform(60, 85), rng.uniform(215, 240)))
    for number in range(int(rng.integers(1, 4))):
        path = _lead_path(can, side, ends[number], rng)
        pieces += _lead(path, shocks=shocks and number == 0)
    return pieces


def _can(middle: Points, side: int, rng: Rng) -> list[Bar]:
    """A flat case: a battery in one half, circuits in the other, a lighter header on top."""
    along = towards(rng.normal(0, 18)) * rng.uniform(3, 6)
    across = np.array([-along[1], along[0]]) / np.linalg.norm(along)
    wide = rng.uniform(38, 46)
    case = Bar(np.stack([middle - along, middle + along]), wide, flat_mm=4.5)
    low = middle + across * 0.22 * wide
    battery = Bar(np.stack([low - 1.6 * along, low + 1.6 * along]), 0.42 * wide, flat_mm=5.0)
    parts = [
        Bar(line(spot, spot + towards(rng.uniform(0, 360)) * 4), rng.uniform(3, 7), flat_mm=1.2)
        for spot in middle - across * 6 + rng.normal(0, 5, (4, 2))
    ]
    top = middle - across * 0.5 * wide
    header = Bar(np.stack([top - along, top + along * 1.5]), 12.0, flat_mm=0.8)
    pin = Bar(np.stack([top - side * along, top + side * along]), 3.2, per_mm=STEEL)
    return [case, battery, header, pin, *parts]


def _lead_path(can: Points, side: int, end: tuple[float, float], rng: Rng) -> Points:
    """From the case in a bow to the vein, down the upper hollow vein, into the heart."""
    shake = rng.normal(0, 4, (4, 2))
    by_the_way = [
        (can[0] + side * rng.uniform(5, 25), can[1] - rng.uniform(20, 34)),
        (side * 62, 72),
        (side * 12 - 8, 100),
        (-24, 150),
    ]
    points = [tuple(can - [0, 22]), *(np.array(by_the_way) + shake).tolist()]
    low = (0.4 * end[0] - 14, 0.75 * end[1] + 0.25 * 160)
    return curve(*points, low, end, count=72)


def _lead(path: Points, *, shocks: bool) -> list[Bar]:
    pieces = [
        Bar(path, 1.3, per_mm=0.7 * STEEL),
        Bar(path[-2:], 2.2, per_mm=PLATINUM),
        Bar(path[-7:-5], 2.2, per_mm=PLATINUM),
    ]
    if shocks:
        pieces.append(Bar(path[-22:-8], 2.8, per_mm=STEEL))
    return pieces


def collar_bone_plate(rng: Rng) -> list[Bar]:
    """A bent plate along a collar bone, its screws seen from the side and the end."""
    side = a_side(rng)
    inner, outer = rng.uniform(45, 70), rng.uniform(110, 150)
    high = rng.uniform(48, 78)
    points = [(inner, high + 8), ((inner + outer) / 2, high - 4), (outer, high - rng.uniform(0, 9))]
    path = curve(*((side * x, y) for x, y in points))
    metal = float(rng.choice([TITANIUM, STEEL]))
    pieces = [Bar(path, rng.uniform(7, 11), flat_mm=rng.uniform(2.5, 4.0), per_mm=metal)]
    lean = rng.uniform(-40, 40)
    for place in np.linspace(2, len(path) - 3, int(rng.integers(6, 9))).astype(int):
        pieces += _plate_screw(path[place], lean + rng.normal(0, 4), metal, rng)
    return pieces


def _plate_screw(at: Points, lean: float, metal: float, rng: Rng) -> list[Bar]:
    hole = Bar(np.stack([at, at]), 4.6, flat_mm=-2.0, per_mm=metal)
    if rng.random() < 0.15:
        return [hole]
    end = at + towards(90 + lean) * rng.uniform(6, 16)
    return [Bar(np.stack([at, end]), 3.5, per_mm=1.3 * metal, thread_mm=1.3)]


def neck_or_shoulder_screws(rng: Rng) -> list[Bar]:
    """A small plate with screws on the neck's vertebrae, or screws in a shoulder."""
    if rng.random() < 0.5:
        return _neck_plate(rng)
    side, count = a_side(rng), int(rng.integers(2, 4))
    first = np.array([side * rng.uniform(150, 170), rng.uniform(70, 105)])
    lean = 90 + side * rng.uniform(40, 100)
    return _parallel_screws(first, lean, count, (4.5, rng.uniform(30, 45)))


def _neck_plate(rng: Rng) -> list[Bar]:
    top, high, x = rng.uniform(8, 20), rng.uniform(22, 38), rng.normal(0, 3)
    middle = line((x, top + 0.4 * high), (x, top + 0.6 * high))
    window = Bar(middle, 5.0, flat_mm=-1.8)
    pieces = [Bar(line((x, top), (x, top + high)), 15.0, flat_mm=2.0), window]
    for y in np.linspace(top, top + high, int(rng.integers(2, 4))):
        for side in (-1, 1):
            at = x + side * 4.5
            pieces.append(Bar(line((at, y), (at + side, y + rng.normal(0, 1))), 4.5, flat_mm=9.0))
    return pieces


def _parallel_screws(
    first: Points, lean: float, count: int, size_mm: tuple[float, float]
) -> list[Bar]:
    """Screws side by side, each with a head where it begins."""
    width, length = size_mm
    beside, along = towards(lean + 90) * 2.2 * width, towards(lean)
    pieces = []
    for number in range(count):
        head = first + number * beside
        pieces.append(Bar(np.stack([head, head + along * 2]), 1.5 * width, per_mm=TITANIUM))
        path = np.stack([head, head + along * length])
        pieces.append(Bar(path, width, per_mm=TITANIUM, thread_mm=2.6))
    return pieces


def shoulder_stem(rng: Rng) -> list[Bar]:
    """Half a ball on a stem in the upper arm."""
    side = a_side(rng)
    head = np.array([side * rng.uniform(148, 168), rng.uniform(68, 105)])
    inwards = towards(90 + side * rng.uniform(95, 130))
    ball = Bar(np.stack([head, head]), 46.0, per_mm=COBALT_CHROME, facing=tuple(inwards))
    neck = head - inwards * rng.uniform(8, 14)
    lean = 90 - side * rng.uniform(2, 25)
    stem = np.stack([neck, neck + towards(lean) * rng.uniform(100, 150)])
    metal = float(rng.choice([TITANIUM, COBALT_CHROME]))
    collar = Bar(np.stack([head, neck]), rng.uniform(20, 28), 18.0, per_mm=metal)
    return [ball, collar, Bar(stem, rng.uniform(17, 22), rng.uniform(8, 11), per_mm=metal)]


def hip_stem(rng: Rng) -> list[Bar]:
    """An artificial hip in the middle of a film of the pelvis."""
    return _hip(np.array([a_side(rng) * rng.uniform(82, 98), rng.uniform(165, 195)]), rng)


def hip_stem_low(rng: Rng) -> list[Bar]:
    """An artificial hip at the lower edge of a film of the abdomen, part of it outside; or two."""
    sides = (-1, 1) if rng.random() < 0.25 else (a_side(rng),)
    y = rng.uniform(370, 405)
    return [
        piece
        for side in sides
        for piece in _hip(np.array([side * rng.uniform(88, 108), y + rng.normal(0, 4)]), rng)
    ]


def _hip(ball: Points, rng: Rng) -> list[Bar]:
    """Cup, ball, neck and stem; x tells on which side of the body."""
    outwards = 1 if ball[0] > 0 else -1
    up = towards(-90 - outwards * rng.uniform(40, 50))
    metal = float(rng.choice([TITANIUM, COBALT_CHROME]))
    neck = ball + towards(90 - outwards * rng.uniform(38, 52)) * rng.uniform(30, 42)
    lean = 90 + outwards * rng.uniform(0, 8)
    tip = neck + towards(lean) * rng.uniform(110, 160)
    pieces = [
        Bar(np.stack([ball, ball]), rng.uniform(28, 36), per_mm=COBALT_CHROME),
        Bar(np.stack([ball, neck]), rng.uniform(12, 15), 20.0, per_mm=metal),
        Bar(np.stack([neck, tip]), rng.uniform(22, 28), rng.uniform(9, 12), per_mm=metal),
    ]
    if rng.random() < 0.75:
        cup = rng.uniform(48, 58)
        pieces.append(Bar(np.stack([ball, ball]), cup, flat_mm=6.0, facing=tuple(up)))
    else:
        pieces.append(Bar(np.stack([ball, ball]), rng.uniform(44, 52), per_mm=COBALT_CHROME))
    return pieces


def hip_screws(rng: Rng) -> list[Bar]:
    """Two or three screws through the neck of a thigh bone."""
    return _neck_screws(np.array([a_side(rng) * rng.uniform(118, 135), 210.0]), rng)


def hip_screws_low(rng: Rng) -> list[Bar]:
    """The same at the lower edge of a film of the abdomen."""
    return _neck_screws(np.array([a_side(rng) * rng.uniform(118, 135), 410.0]), rng)


def _neck_screws(first: Points, rng: Rng) -> list[Bar]:
    lean = -90 - (45 if first[0] > 0 else -45) + rng.normal(0, 5)
    return _parallel_screws(first, lean, int(rng.integers(2, 4)), (6.5, rng.uniform(60, 85)))
