import bz2
import gzip
import lzma

import pytest

from backend.base.adapters import packed_file
from backend.base.adapters.packed_file import DAMAGED, bounded_stream

TEXT = b"id,report\n1,Clear lungs.\n" * 50


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_what_a_file_holds_is_read_whether_it_is_packed_or_not(tmp_path, pack):
    path = tmp_path / "named.anything"
    path.write_bytes(pack(TEXT))
    with bounded_stream(path) as plain:
        assert plain.peek(3)[:3] == TEXT[:3]
        assert plain.read() == TEXT


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_what_holds_too_much_for_its_size_is_read_so_far_and_no_further(
    tmp_path, pack, monkeypatch
):
    monkeypatch.setattr(packed_file, "PLAIN_BYTES", 1000)
    path = tmp_path / "table"
    path.write_bytes(pack(bytes(2_000_000)))
    most = 1000 + packed_file.PLAIN_BYTES_PER_PACKED * path.stat().st_size
    came = 0
    with bounded_stream(path) as plain, pytest.raises(OSError, match="unpack it first"):
        while piece := plain.read1(100):
            came += len(piece)
    assert came <= most


def test_a_file_that_is_not_packed_may_be_of_any_size(tmp_path, monkeypatch):
    monkeypatch.setattr(packed_file, "PLAIN_BYTES", 0)
    monkeypatch.setattr(packed_file, "PLAIN_BYTES_PER_PACKED", 0)
    (tmp_path / "plain").write_bytes(TEXT)
    with bounded_stream(tmp_path / "plain") as plain:
        assert plain.read() == TEXT


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_damaged_one_raises_what_its_readers_catch(tmp_path, pack):
    packed = bytearray(pack(TEXT))
    packed[len(packed) // 2] ^= 0xFF
    (tmp_path / "damaged").write_bytes(packed[:-3])
    with pytest.raises(DAMAGED), bounded_stream(tmp_path / "damaged") as plain:
        plain.read()
