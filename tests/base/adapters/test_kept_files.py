import gzip

from backend.base.adapters.files import keep, kept


def test_what_is_kept_comes_back_byte_for_byte(tmp_path):
    content = bytes(range(256)) * 9
    assert kept(tmp_path / "kept", keep(tmp_path / "kept", content)) == content


def test_the_same_bytes_are_kept_once(tmp_path):
    assert keep(tmp_path, b"report") == keep(tmp_path, b"report")
    assert len(list(tmp_path.iterdir())) == 1


def test_a_copy_that_was_changed_does_not_come_back_and_is_mended_when_kept_again(tmp_path):
    sha256 = keep(tmp_path, b"report")
    (file,) = tmp_path.iterdir()
    for harm in (b"", b"no gzip", file.read_bytes()[:-9], gzip.compress(b"another report")):
        file.write_bytes(harm)
        assert kept(tmp_path, sha256) is None
    keep(tmp_path, b"report")
    assert kept(tmp_path, sha256) == b"report"


def test_what_was_never_kept_does_not_come_back(tmp_path):
    assert kept(tmp_path / "nowhere", "0" * 64) is None
