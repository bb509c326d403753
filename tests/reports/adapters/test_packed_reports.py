"""Packed files of reports, which may hold more than they seem to."""

import gzip
import io
import tarfile

import pytest
from shared_fixtures.bombs import tar_with_name
from shared_fixtures.report_reading import read

from backend.base.core.errors import InputFileError


@pytest.mark.parametrize(
    "kind", [tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE]
)
def test_an_archive_that_claims_a_name_without_end_is_refused_before_it_is_read(put, kind):
    path = put(tar_with_name(1 << 30, kind, held=1024), "reports.tgz")
    with pytest.raises(InputFileError, match="a name of 1,073,741,824 bytes in it"):
        read(path)


def test_an_archive_with_long_names_is_read(put):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:xz", format=tarfile.GNU_FORMAT) as archive:
        member = tarfile.TarInfo(f"{'deep/' * 60}7.txt")
        member.size = len(b"Surgical clips.")
        archive.addfile(member, io.BytesIO(b"Surgical clips."))
    assert read(put(packed.getvalue(), "reports.tar.xz")) == ({"7": "Surgical clips."}, [])


def test_a_packed_table_without_end_is_refused_and_the_cure_is_named(put, monkeypatch):
    monkeypatch.setattr("backend.base.adapters.packed_file.PLAIN_BYTES", 100_000)
    path = put(gzip.compress(b"id,report\n" + b'"x,words and words\n' * 30_000))
    with pytest.raises(InputFileError, match="unpack it first"):
        read(path)


def test_a_folder_of_rtf_and_html_files_is_read_by_their_words(put):
    put(r"{\rtf1\ansi No H\'fcft-TEP.}", "r/1.rtf")
    put("<p>No <b>clips</b>.</p>", "r/2.html")
    good, bad = read(put("No nail.", "r/3.txt").parent)
    assert {name: " ".join(text.split()) for name, text in good.items()} == {
        "1": "No Hüft-TEP.",
        "2": "No clips.",
        "3": "No nail.",
    }
    assert bad == []


def test_a_cell_of_rtf_among_others_is_read_and_a_bad_one_listed(put):
    rtf = r"{\rtf1\ansi \b No\b0  pacemaker.\par}"
    bad_one = r"{\rtf1{\*\all of this is hidden text}}"
    good, bad = read(put(f"id,findings,impression\n1,{rtf},Normal.\n2,{bad_one},\n"))
    assert " ".join(good["1"].split()) == "FINDINGS: No pacemaker. IMPRESSION: Normal."
    assert bad == [("line 3", "RTF that cannot be read; save it as text")]
