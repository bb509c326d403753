import io
import zipfile

import pytest
from openpyxl import Workbook

from backend.archive.adapters import excel_table
from backend.archive.adapters.metadata_table import looks_like_metadata, read_metadata
from backend.archive.core.metadata import MetadataRow
from backend.base.core.errors import InputFileError


@pytest.fixture
def book(tmp_path):
    def write(*sheets):
        workbook = Workbook()
        workbook.remove(workbook.active)
        for rows in sheets:
            sheet = workbook.create_sheet()
            for row in rows:
                sheet.append(row)
        path = tmp_path / "table.xlsx"
        workbook.save(path)
        return path

    return write


def test_a_workbook_is_read_as_a_table(book):
    rows = [[], ["File", "PatientID", "age", "sex"], ["a.png", 7.0, 55.5, "weiblich"], []]
    path = book([*rows, ["é\nb.png", "007", None, "H"]])
    read = read_metadata(path)
    assert read.rows == (
        MetadataRow("a.png", "7", 55.5, "F"),
        MetadataRow("é b.png", "7", None, "M"),
    )
    assert [row.line for row in read.rows] == [3, 5]
    assert looks_like_metadata(path)


def test_the_sheet_that_names_our_columns_counts(book):
    path = book([["made by", "somebody"]], [["file", "sex"], ["a.png", "M"]])
    assert read_metadata(path).rows == (MetadataRow("a.png", sex="M"),)


def test_a_workbook_without_such_a_sheet_is_refused_with_its_names(book):
    path = book([["picture", "sex"], ["a.png", "M"]])
    with pytest.raises(InputFileError, match=r"expected a column 'file' .* got picture, sex"):
        read_metadata(path)
    assert not looks_like_metadata(path)


def test_a_workbook_that_unpacks_to_too_much_is_refused(book, monkeypatch):
    monkeypatch.setattr(excel_table, "_SECONDS", 1)
    path = book([["file", "sex"], ["a.png", "M"]])
    sheet = "xl/worksheets/sheet1.xml"
    content = path.read_bytes()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in set(old.namelist()) - {sheet}:
            new.writestr(name, old.read(name))
        begin, end = old.read(sheet).split(b"</sheetData>")
        with new.open(sheet, "w") as part:
            part.write(begin)
            for _ in range(300):
                part.write(b"<row><c><v>1</v></c></row>" * 2_000)
            part.write(b"</sheetData>" + end)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(InputFileError, match="more than 600 MB or 1 s"):
        read_metadata(path)


def test_a_workbook_of_too_many_bytes_is_not_opened(book, monkeypatch):
    monkeypatch.setattr(excel_table, "_MOST_BYTES", 1000)
    with pytest.raises(InputFileError, match="save its table as CSV"):
        read_metadata(book([["file", "sex"]]))
