"""Reports in every form a hospital may have them. All reports here are invented."""

import csv
import gzip
import io
import json
import tarfile
import tracemalloc
from pathlib import Path

import pytest
from shared_fixtures.report_reading import read

from backend.base.core.errors import InputFileError
from backend.reports.adapters.report_reader import columns_read, read_reports
from backend.reports.adapters.text_source import LONGEST_LINE
from backend.reports.core.mining.finding import LONGEST_ID, MOST_CHARACTERS

OPENI = Path(__file__).parents[4] / "shared" / "data" / "reports"
SECRET = "Mrs Invented has surgical clips"


def openi(findings, impression="", label='Label="FINDINGS"', before=""):
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{before}<eCitation><Abstract>'
        f'<AbstractText Label="COMPARISON"/><AbstractText {label}>{findings}</AbstractText>'
        f'<AbstractText Label="IMPRESSION">{impression}</AbstractText></Abstract>'
        "<MeSH><major>Implanted Medical Device</major><major>normal</major></MeSH>"
        '<parentImage id="CXR7_IM-1"><caption>Chest</caption></parentImage></eCitation>'
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_may_be_parted_by_comma_semicolon_tab_or_bar(put, delimiter):
    path = put(f"report_id{delimiter}report\n7{delimiter}Surgical clips.\n")
    assert read(path) == ({"7": "Surgical clips."}, [])


def test_columns_of_parts_become_headings_in_their_order(put):
    path = put(
        "uid,MeSH,indication,findings,impression\n1,normal,Pain,Clips.,Normal.\n2,,,Clear.,\n"
    )
    assert read(path)[0] == {
        "1": "INDICATION: Pain\nFINDINGS: Clips.\nIMPRESSION: Normal.",
        "2": "FINDINGS: Clear.",
    }
    (first, _) = read_reports(path)
    assert first.fields == {"MeSH": "normal"}


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("Accession Number,Report Text", ("Accession Number", ("Report Text",))),
        ("id,study_id,text", ("study_id", ("text",))),
        ("subject_id,note_id,text", ("note_id", ("text",))),
        ("UID,findings_text,Impression", ("UID", ("findings_text", "Impression"))),
        ("ImageID,Informe", ("ImageID", ("Informe",))),
        ("id,Befundtext", ("id", ("Befundtext",))),
        (
            "StudyInstanceUID,Indicación,Hallazgos",
            ("StudyInstanceUID", ("Indicación", "Hallazgos")),
        ),
    ],
)
def test_telling_names_of_columns_are_understood(put, header, chosen):
    columns = columns_read(put(f"{header}\n"))
    assert (columns.report_id, columns.texts) == chosen


def test_columns_of_sections_are_read_after_the_report_each_under_its_heading(put):
    columns = columns_read(put("id,Clinical History,Reason for exam,reportText\n"))
    assert columns.texts == ("reportText", "Clinical History", "Reason for exam")
    assert columns.headings == ("", "CLINICAL HISTORY", "REASON FOR EXAM")


def test_named_columns_are_used_whatever_they_are_called(put):
    path = put("key,a,b,text\n1,Old pain.,Clips.,other\n")
    good, _ = read(path, id_column="KEY", text_columns=("b", "a"))
    assert good == {"1": "B: Clips.\nA: Old pain."}
    assert read(path, id_column="key", text_columns=("b",))[0] == {"1": "Clips."}


def test_a_part_that_the_whole_report_has_already_is_not_said_twice(put):
    path = put(
        "id,report,impression\n1,Heart normal. No pneumonia.,No pneumonia.\n2,Clear.,A nail.\n"
    )
    assert read(path)[0] == {
        "1": "Heart normal. No pneumonia.",
        "2": "Clear.\nIMPRESSION: A nail.",
    }


def test_what_is_said_in_the_indication_and_again_in_the_findings_is_kept_twice(put):
    good, _ = read(put("id,indication,findings\n1,pacemaker,pacemaker\n"))
    assert good == {"1": "INDICATION: pacemaker\nFINDINGS: pacemaker"}


@pytest.mark.parametrize("name", ["r.csv", "r.jsonl"])
def test_a_table_that_cannot_be_guessed_is_one_line_with_its_columns(put, name):
    table = "pat,grade\n7,2\n" if name == "r.csv" else '{"pat": 7, "grade": 2}\n'
    path = put(table, name)
    for run in (columns_read, lambda one: list(read_reports(one))):
        with pytest.raises(
            InputFileError, match="id of a report: it has pat, grade; name"
        ) as caught:
            run(path)
        assert "\n" not in str(caught.value)
    with pytest.raises(InputFileError, match="no column 'nr': it has pat, grade"):
        list(read_reports(path, id_column="nr"))
    with pytest.raises(InputFileError, match="the text of a report: it has pat, grade"):
        list(read_reports(path, id_column="pat"))


def test_a_table_without_names_of_columns_does_not_show_its_first_report(put):
    path = put(f'1,"{SECRET}, and a rod."\n2,Clear.\n')
    with pytest.raises(InputFileError, match="does not look like names of columns") as caught:
        list(read_reports(path))
    assert "clips" not in str(caught.value)


def test_bad_rows_are_listed_by_line_and_stop_nothing(put):
    path = put(
        "id,report\n"  # line 1
        '1,"Two lines:\nClips."\n'
        "2,\n"
        "\n"
        ",Clear.\n"
        f"3,{SECRET},and more\n"
        f"{SECRET}\n"
        f"{'9' * (LONGEST_ID + 1)},Clear.\n"
        f"4,{'x ' * MOST_CHARACTERS}\n"
        "5,Clear.\n"
        f'6,"{SECRET}\n7,Clear.\n'
    )
    good, bad = read(path)
    assert good == {"1": "Two lines:\nClips.", "5": "Clear."}
    assert bad == [
        ("line 4", "no text"),
        ("line 6", "no id"),
        ("line 7", "more cells than columns"),
        ("line 8", "fewer cells than columns"),
        ("line 9", "an id of more than 200 characters"),
        ("line 10", "a text of more than 100,000 characters"),
        ("line 12", "a quote that is never closed; what follows it was not read"),
    ]


def test_a_cell_larger_than_python_allows_by_default_is_read(put):
    path = put(f"id,picture,report\n1,{'A' * 200_000},Clips.\n2,,Clear.\n")
    assert read(path) == ({"1": "Clips.", "2": "Clear."}, [])


def test_a_line_beyond_all_measure_is_passed_over(put):
    path = put(f"id,report\n1,Clear.\n2,{'x' * LONGEST_LINE}\n3,Clips.\n")
    good, bad = read(path)
    assert list(good) == ["1", "3"]
    assert bad == [("line 3", "a line of more than 10,000,000 characters")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
@pytest.mark.parametrize("name", ["r.csv", "r.csv.gz", "r.txt"])
def test_encodings_are_told_apart(put, encoding, name):
    text = "Hüftprothese rechts, Größe é"
    table = (text if name == "r.txt" else f"id,bericht\n1,{text!r}\n").replace("'", '"')
    content = table.encode(encoding)
    path = put(gzip.compress(content) if name.endswith("gz") else content, name)
    (found,) = read(path)[0].values()
    assert found == text


def test_utf_16_of_the_other_byte_order_is_read(put):
    path = put(b"\xfe\xff" + "id,text\n1,Überall\n".encode("utf-16-be"))
    assert read(path)[0] == {"1": "Überall"}


def test_one_byte_of_latin_spoils_no_other_letter(put):
    path = put("id,text\n1,Hüfte\n".encode() + "2,Hüfte\n".encode("latin-1"))
    assert read(path)[0] == {"1": "Hüfte", "2": "Hüfte"}


def test_zero_bytes_and_halves_of_characters_are_taken_out(put):
    lines = json.dumps({"id": "1\ud800", "text": "a\0clip \ud83d\ude00 \udc00"})
    good, _ = read(put(lines, "r.jsonl"))
    assert good == {"1\ufffd": "a clip \U0001f600 \ufffd"}
    "".join(good).encode()


def test_json_lines_are_read_and_bad_ones_listed(put):
    path = put(
        '{"id": 7, "text": "Clips.", "age": 3}\n'
        "\n"
        '{"id": "8", "text": ["Clear.", "No rod."]}\n'
        f'{{"id": 9, "text": "{SECRET}"\n'
        '["10", "Clear."]\n'
        '{"nr": 11, "words": "Clear."}\n'
        '{"id": null, "text": "Clear."}\n'
        '{"id": true, "text": "Clear."}\n'
        '{"id": 12, "text": {"a": 1}}\n' + "[" * 100_000 + "\n"
        '{"id": 13, "text": "Clear."}',
        "r.jsonl",
    )
    good, bad = read(path)
    assert good == {"7": "Clips.", "8": "Clear.\nNo rod.", "13": "Clear."}
    assert [where for where, _ in bad] == [f"line {n}" for n in (4, 5, 6, 7, 8, 9, 10)]
    assert SECRET not in str(bad)


def test_the_xml_of_openi_is_read_by_label_with_its_tags(put):
    put(openi("Clips &amp; wires.", "Normal."), "x/7.xml")
    (report,) = read_reports(put("", "x/notes.md").parent)
    assert (report.report_id, report.text) == (
        "7",
        "FINDINGS: Clips & wires.\nIMPRESSION: Normal.",
    )
    assert report.fields == {
        "mesh": "Implanted Medical Device|normal",
        "films": "CXR7_IM-1",
        "captions": "Chest",
    }


@pytest.mark.parametrize(
    "document_type",
    [
        '<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;&l;"><!ENTITY n "&m;&m;&m;">]>',
        '<!DOCTYPE a [<!ENTITY l SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_declares_entities_is_refused(put, document_type, encoding):
    text = openi("&l;", before=document_type).replace("utf-8", encoding)
    path = put(text.encode(encoding), "bomb.xml")
    assert read(path) == ({}, [("bomb.xml", "it declares a document type, which is refused")])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (openi(SECRET)[:-20], "no XML that can be read"),
        ("<a><b>1</b></a>", "no AbstractText in it, so no report of OpenI"),
        ('<?xml version="1.0" encoding="nonsense"?><a/>', "no XML that can be read"),
        (b"\x00\x01", "no XML that can be read"),
        (openi(""), "no text"),
        (" " * 4_000_001, "more than 4,000,000 bytes"),
    ],
)
def test_bad_xml_is_listed_by_its_name(put, content, reason):
    good = put(openi("Clips."), "x/2.xml")
    put(content, "x/1.xml")
    assert read(good.parent) == ({"2": "FINDINGS: Clips."}, [("1.xml", reason)])


@pytest.mark.parametrize(
    ("name", "mode"), [("r.tgz", "w:gz"), ("r.tar", "w"), ("r.tar.xz", "w:xz")]
)
def test_an_archive_is_read_without_unpacking_it(put, tmp_path, name, mode):
    path = put("", name)
    with tarfile.open(path, mode) as archive:
        for inner, content in (
            ("a/1.xml", openi("Clips.")),
            ("a/._1.xml", "\x00\x05"),
            ("../../2.txt", "A rod."),
            ("a/readme.md", "no report"),
            ("a/3.xml", "<"),
        ):
            one = tarfile.TarInfo(inner)
            one.size = len(content)
            archive.addfile(one, io.BytesIO(content.encode()))
        link = tarfile.TarInfo("a/4.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert read(path) == (
        {"1": "FINDINGS: Clips.", "2": "A rod."},
        [("a/3.xml", "no XML that can be read")],
    )
    assert sorted(one.name for one in tmp_path.iterdir()) == [name]


def test_a_folder_of_texts_is_read_at_any_depth(put):
    put("Clips.", "x/7.txt")
    put("A rod.\r\nClear.", "x/deep/8.TXT")
    put("hidden", "x/.9.txt")
    assert read(put("", "x/a.csv").parent) == ({"7": "Clips.", "8": "A rod.\r\nClear."}, [])


def test_one_text_file_is_one_report(put):
    assert read(put("Clips, no rod.", "7.txt")) == ({"7": "Clips, no rod."}, [])


@pytest.mark.parametrize("name", ["r.csv", "r.jsonl"])
def test_a_text_given_twice_is_used_once_and_two_texts_under_one_id_not_at_all(put, name):
    rows = [
        ("1", "Clips."),
        ("2", "Rod."),
        ("1", "Clips."),
        ("2", "Clear."),
        ("3", ""),
        ("1", "Clips."),
    ]
    if name == "r.csv":
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([("id", "text"), *rows])
        path, first = put(text.getvalue(), name), 2
    else:
        lines = [json.dumps({"id": key, "text": value}) for key, value in rows]
        path, first = put("\n".join(lines), name), 1
    good, bad = read(path)
    assert good == {"1": "Clips."}
    clash, repeat = (
        "an id that another report has too; neither is used",
        "the same id and text as above",
    )
    assert bad == [
        (f"line {first + 1}", clash),
        (f"line {first + 2}", repeat),
        (f"line {first + 3}", clash),
        (f"line {first + 4}", "no text"),
        (f"line {first + 5}", repeat),
    ]


def test_two_files_of_one_name_are_not_used(put):
    put("Clips.", "x/a/report.txt")
    put("Clear.", "x/b/report.txt")
    good, bad = read(put("Rod.", "x/c.txt").parent)
    assert good == {"c": "Rod."}
    assert [where for where, _ in bad] == ["a/report.txt", "b/report.txt"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("r.xlsx", b"PK\x03\x04stuff", "is a packed file .* save it as CSV"),
        ("r.csv", b"%PDF-1.7", "is a PDF; save it"),
        ("r.csv", "id,text\n1,a\n".encode("utf-16-le"), "UTF-16 without its mark"),
        (
            "r.csv.gz",
            gzip.compress(b"id,text\n" + b"1,a clip\n" * 9000, mtime=0)[:-9],
            "cannot read",
        ),
        ("r.tgz", gzip.compress(b"no archive", mtime=0), "cannot read .* pack it again"),
        ("r.csv", b"", "it has no columns"),
        ("r.jsonl", b"", "it has no columns"),
        ("folder/r.pdf", b"", "no report in .*folder; expected files that end in .xml or .txt"),
    ],
)
def test_what_is_no_file_of_reports_is_refused_in_one_line(put, name, content, message):
    path = put(content, name)
    with pytest.raises(InputFileError, match=message) as caught:
        list(read_reports(path.parent if "/" in name else path))
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_columns_of_what_is_no_table_are_refused(put, tmp_path):
    with pytest.raises(InputFileError, match="no file or folder"):
        list(read_reports(tmp_path / "none.csv"))
    with pytest.raises(InputFileError, match="is no table, so it has no columns"):
        list(read_reports(put("a", "7.txt"), id_column="id"))


def test_memory_does_not_grow_with_the_number_of_reports(put):
    def peak(reports):
        path = put("id,text\n" + "".join(f"{n},Clips {n}. {'x' * 400}\n" for n in range(reports)))
        tracemalloc.start()
        assert sum(1 for _ in read_reports(path)) == reports
        peak_bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak_bytes

    peak(10)
    assert peak(4000) < peak(400) + 300_000


@pytest.mark.skipif(not OPENI.exists(), reason="the OpenI reports are not here")
def test_every_report_of_the_gold_list_is_read_from_openi():
    with (OPENI / "gold_dev.csv").open(newline="") as file:
        wanted = {row["uid"] for row in csv.DictReader(file)}
    good, bad = read(OPENI / "NLMCXR_reports.tgz")
    assert wanted <= set(good)
    assert len(good) + len(bad) == 3955
    assert {reason for _, reason in bad} == {"no text"}
