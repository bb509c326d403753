"""What a file claims is read before it is decoded: a small one gets no gigabytes."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import JPEGLSLossless
from shared_fixtures import bombs

from backend.archive.adapters.pixels import dicom_file, work_room
from backend.archive.adapters.pixels.codestream import Claim, claim_of
from backend.archive.adapters.pixels.dicom_file import all_frames, parse_dicom
from backend.archive.adapters.pixels.film_reader import read_film
from backend.archive.adapters.pixels.work_room import WorkRoom
from backend.archive.core.decoded_film import check_work
from backend.base.core.errors import UnreadableFilmError

HUGE = 17_000
BOMBS = {
    "png": (lambda: bombs.png(9000, 9000, 8, 6, pixels=b""), "huge: 81 megapixels in a file of"),
    "jpeg": (lambda: bombs.jpeg(13_000, 13_000), "huge: 169 megapixels"),
    "jpeg of scans": (lambda: bombs.jpeg(2000, 2000, scans=500), "more than 200 scans"),
    "tiff": (lambda: bombs.tiff(10_000, 10_000, bits=16, data=b""), "huge: 100 megapixels"),
    "tiff tile": (lambda: bombs.tiff_of_one_tile(20_000, b""), "a tile of 400,000,000 pixels"),
    "tiff pages": (lambda: bombs.tiff_of_pages(5000), "more than 1,000 pages"),
    "jpeg 2000": (lambda: bombs.dicom_j2k(HUGE, HUGE), "huge: 289 megapixels in a file of"),
    "jpeg 2000 in a small film": (
        lambda: bombs.dicom_j2k(64, 64, bombs.jpeg2000(HUGE, HUGE)),
        "huge: 289 megapixels",
    ),
    "jpeg 2000 of components": (
        lambda: bombs.dicom_j2k(4000, 4000, components=16_000),
        "huge: 256000 megapixels",
    ),
    "jpeg-ls": (lambda: bombs.dicom_jls(HUGE, HUGE), "huge: 289 megapixels"),
    "jpeg-ls in a small film": (
        lambda: bombs.dicom_jls(64, 64, 65_000),
        "huge: 4225 megapixels",
    ),
    "jpeg without size": (
        lambda: bombs.dicom_j2k(64, 64, b"\xff\xd8\xff\xda" + bytes(20)),
        "do not say their size",
    ),
    "deflated": (lambda: bombs.dicom_deflated(140), "huge: more than 12. MiB packed into"),
    "items": (lambda: bombs.dicom_items(30_000), "more than 20,000 items"),
    "long element": (lambda: bombs.dicom_long_element(200_000), "bytes of WindowCenter"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_that_claims_very_much_is_refused_in_one_line(name):
    make, reason = BOMBS[name]
    content = make()
    assert len(content) < 2_000_000
    with pytest.raises(UnreadableFilmError, match=reason) as caught:
        read_film(content, "film")
    assert "\n" not in str(caught.value)


def test_all_frames_are_weighed_as_they_are_decoded_whatever_the_offset_table_says():
    small, huge = bombs.jpeg_ls(64, 64), bombs.jpeg_ls(65_000, 65_000)
    content = bombs.dicom(64, 64, [small, huge], JPEGLSLossless, 8, NumberOfFrames=1)
    with pytest.raises(UnreadableFilmError, match="huge: 8450 megapixels"):
        all_frames(parse_dicom(content, everything=True), content)


@pytest.mark.parametrize("pixels", [20_000_000, 3 * 20_000_000 / 14 * 10])
@pytest.mark.parametrize("bytes_per_pixel", [4, 8, 12, 16])
def test_a_blank_film_of_20_megapixels_is_never_too_much(pixels, bytes_per_pixel):
    check_work(20_000_000, bytes_per_pixel, 500)
    check_work(pixels, 14, 10_000_000)


def test_what_fits_its_file_is_not_refused():
    # 100 megapixels of 16 bits, stored as they are.
    check_work(100_000_000, 8, 200_000_000)


@pytest.mark.parametrize(
    ("how", "is_plain"),
    [
        ({}, True),
        ({"components": 3}, True),
        ({"tile": (512, 512)}, True),
        ({"precincts": bytes([0xFF] * 6)}, True),
        ({"precincts": bytes([0x77] + [0x88] * 5)}, True),
        ({"tile": (1, 1)}, False),
        ({"block": 0}, False),
        ({"precincts": bytes([0x11] * 6)}, False),
    ],
)
def test_only_a_jpeg_2000_whose_size_says_what_it_takes_is_decoded_here(how, is_plain):
    claim = claim_of(bombs.jpeg2000(3000, 2000, **how))
    assert claim == Claim(3000, 2000, how.get("components", 1), is_plain)


def test_what_is_coded_otherwise_is_decoded_by_a_child_with_the_same_result(monkeypatch):
    content = bombs.dicom_j2k(128, 96, tile=(64, 64))
    here = read_film(content, "film").pixels
    monkeypatch.setattr("backend.archive.adapters.pixels.codestream._PLAIN_TILES", 1)
    asked = []
    in_child = dicom_file._in_child
    monkeypatch.setattr(
        dicom_file, "_in_child", lambda *given: asked.append(given[0]) or in_child(*given)
    )
    np.testing.assert_array_equal(read_film(content, "film").pixels, here)
    assert asked == [dicom_file.FIRST_FRAME]


@given(st.binary(max_size=200), st.sampled_from([b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b""]))
def test_any_bytes_give_a_size_or_none_or_one_clear_line(content, head):
    try:
        claim = claim_of(head + content)
    except UnreadableFilmError as error:
        assert "\n" not in str(error)
    else:
        assert claim is None or claim.values > 0


def test_all_threads_together_take_no_more_room_than_there_is():
    room, lock = WorkRoom(100), threading.Lock()
    taken, most = [0], [0]

    def work(amount):
        with room.taken(amount):
            with lock:
                taken[0] += min(amount, 100)
                most[0] = max(most[0], taken[0])
            time.sleep(0.002)
            with lock:
                taken[0] -= min(amount, 100)

    amounts = np.random.default_rng(0).integers(1, 140, 60)
    threads = [threading.Thread(target=work, args=(int(amount),)) for amount in amounts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert not any(thread.is_alive() for thread in threads)
    assert 60 < most[0] <= 100


class _Watched(WorkRoom):
    """Notes how many work at once."""

    def __init__(self, total_bytes):
        super().__init__(total_bytes)
        self.lock, self.now, self.most = threading.Lock(), 0, 0

    @contextmanager
    def taken(self, wanted_bytes):
        with super().taken(wanted_bytes):
            with self.lock:
                self.now += 1
                self.most = max(self.most, self.now)
            time.sleep(0.01)
            yield
            with self.lock:
                self.now -= 1


@pytest.mark.parametrize("content", [bombs.png(64, 64), bombs.jpeg(64, 64), bombs.tiff(64, 64)])
def test_films_that_come_at_once_are_decoded_when_there_is_room(content, monkeypatch):
    for room_of, at_once in ((1, 1), (1e9, 4)):
        room = _Watched(room_of)
        monkeypatch.setattr(work_room, "ROOM", room)
        with ThreadPoolExecutor(4) as pool:
            films = list(pool.map(read_film, [content] * 8, ["film"] * 8))
        assert len(films) == 8
        assert (room.most == 1) == (at_once == 1)
