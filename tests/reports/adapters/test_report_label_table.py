import pytest

from backend.base.core.errors import InputFileError
from backend.reports.adapters.report_label_table import (
    ReportRow,
    read_report_labels,
    reports_by_table,
)

HEAD = "id,label,category,status,span,rule,confidence\n"


@pytest.fixture
def table(tmp_path):
    def write(content):
        path = tmp_path / "labels.csv"
        path.write_text(content)
        return path

    return write


def test_rows_are_read_as_seed_reports_writes_them_with_the_sentence(table):
    rows = read_report_labels(
        table(HEAD + "7,present,clip,present,Clips.,clip.surgical,0.93\n8,abstain,,implied,,,\n")
    )
    assert rows == [
        ReportRow("7", "present", "clip.surgical", 0.93, "Clips."),
        ReportRow("8", "abstain", "", 1.0, ""),
    ]


def test_a_table_without_sentences_is_read_and_a_sentence_is_never_printed(table):
    (row,) = read_report_labels(table("id,label,rule,confidence\n7,present,clip,0.9\n"))
    assert row.span == ""
    (row,) = read_report_labels(table(HEAD + "7,present,clip,present,'=Clips.,clip,0.9\n"))
    assert row.span == "=Clips."
    assert "Clips" not in repr(row)


def test_an_id_that_a_spreadsheet_would_run_is_the_report_s_own_again(table):
    (row,) = read_report_labels(table(HEAD + "'=7,absent,,,,,0.9\n"))
    assert row.report_id == "=7"


@pytest.mark.parametrize("cell", ["often", "1.2", "-0.1", "nan"])
def test_a_confidence_that_is_no_share_is_named_with_its_line(table, cell):
    with pytest.raises(InputFileError, match=r"line 2: expected a confidence from 0 to 1"):
        read_report_labels(table(HEAD + f"7,present,clip,present,x,clip,{cell}\n"))


def test_another_table_is_refused_with_the_columns_it_should_have(table):
    with pytest.raises(InputFileError, match="expected the columns id,label,rule,confidence"):
        read_report_labels(table("file,label\na.png,metal\n"))


def test_the_column_of_the_report_may_have_any_name(table):
    path = table("file,study_id\na.png,7\nb.png,7\n,8\nc.png,\n")
    assert list(reports_by_table(path, "study_id")) == [("a.png", "7"), ("b.png", "7")]
