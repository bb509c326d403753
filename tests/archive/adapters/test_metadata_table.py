import gzip
from pathlib import Path

import pytest

from backend.archive.adapters.metadata_table import looks_like_metadata, read_metadata
from backend.archive.core.metadata import MetadataRow
from backend.base.core.errors import InputFileError

CASES = Path(__file__).parents[4] / "shared" / "cases"
REAL = Path(__file__).parents[4] / "shared" / "data" / "radiographs" / "nih_chest.csv"


@pytest.fixture
def table(tmp_path):
    def write(content, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_known_columns_are_taken_and_others_ignored(table):
    path = table("file,patient_id,age_years,sex,view_position,finding\na.png,7,45,F,pa,Mass\n")
    assert read_metadata(path).rows == (MetadataRow("a.png", "7", 45.0, "F", "PA"),)


@pytest.mark.parametrize("column", ["study_id", "StudyID", "StudyInstanceUID"])
def test_a_study_is_taken_unless_it_names_none(table, column):
    path = table(f"file,{column}\na.png,s7\nb.png,unknown\nc.png,\n")
    assert [row.study_id for row in read_metadata(path).rows] == ["s7", None, None]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_may_be_apart_by_comma_semicolon_or_tab(table, delimiter):
    path = table(f"file{delimiter}sex\r\na.png{delimiter}M\r\n")
    assert read_metadata(path).rows == (MetadataRow("a.png", sex="M"),)


def test_a_packed_table_and_one_from_a_spreadsheet_are_read(table):
    text = "\ufefffile,sex\nä.png,M\n".encode()
    for path in (table(text), table(gzip.compress(text), "table.csv.gz")):
        assert read_metadata(path).rows == (MetadataRow("ä.png", sex="M"),)


def test_ages_are_numbers_or_dicom_and_the_rest_is_counted(table):
    path = table("file,age_years\na,45\nb,045Y\nc,006M\nd,\ne,411\nf,adult\n")
    read = read_metadata(path)
    assert [row.age_years for row in read.rows] == [45.0, 45.0, 0.5, None, None, None]
    assert read.unreadable_ages == 2


def test_decimals_may_stand_after_a_comma(table):
    for text in ('file,age_years\na,"55,5"\n', "file;age_years\na;55,5\n"):
        assert read_metadata(table(text)).rows[0].age_years == 55.5


@pytest.mark.parametrize(
    ("column", "value", "row"),
    [
        ("PatientID", "7", MetadataRow("a", patient_id="7")),
        ("patientid", "7", MetadataRow("a", patient_id="7")),
        ("Patient ID", "7", MetadataRow("a", patient_id="7")),
        ("patient-id", "7", MetadataRow("a", patient_id="7")),
        ("PatientAge", "045Y", MetadataRow("a", age_years=45.0)),
        ("age", "45", MetadataRow("a", age_years=45.0)),
        ("PatientSex", "f", MetadataRow("a", sex="F")),
        ("ViewPosition", "pa", MetadataRow("a", view_position="PA")),
    ],
)
def test_names_of_columns_may_be_written_as_others_write_them(table, column, value, row):
    assert read_metadata(table(f"File;{column}\na;{value}\n")).rows == (row,)


@pytest.mark.parametrize(
    "header",
    [
        "Nom du fichier;ID patient;Sexe;Âge",
        "Nome do arquivo;ID do paciente;Sexo;Idade",
        "Nombre del archivo;ID del paciente;Sexo;Edad",
        "Nome del file;ID del paziente;Sesso;Età",
        "Bestandsnaam;Patiëntnummer;Geslacht;Leeftijd",
        "Name der Datei;Patienten-Nr.;Geschlecht;Alter",
        "File name;Patient number;Gender;Age (years)",
    ],
)
def test_names_of_columns_are_understood_with_small_words_in_them(table, header):
    row = MetadataRow("a.png", "7", 45.0, "F")
    assert read_metadata(table(f"{header}\na.png;7;F;45\n")).rows == (row,)


def test_the_exact_name_of_a_column_counts_before_one_that_is_like_it(table):
    for header in ("file,Patient ID,patient_id\na,1,2\n", "file,patient_id,Patient ID\na,2,1\n"):
        assert read_metadata(table(header)).rows[0].patient_id == "2"


def test_a_row_knows_its_line_in_the_table(table):
    read = read_metadata(table('file,age_years\na,45\n\n,3\n"b",old\nc,\n'))
    assert [(row.file, row.line) for row in read.rows] == [("a", 2), ("b", 5), ("c", 6)]
    assert [row.line for row in read.rows_with_unreadable_age] == [5]


def test_patient_zero_is_a_patient(table):
    assert read_metadata(table("file,patient_id\na,0\n")).rows[0].patient_id == "0"


def test_short_long_and_empty_rows_do_no_harm(table):
    path = table("file,sex\na.png\nb.png,F,surplus\n\n,M\n")
    rows = read_metadata(path).rows
    assert rows == (MetadataRow("a.png"), MetadataRow("b.png", sex="F"))


def test_windows_paths_are_understood(table):
    assert read_metadata(table("file,sex\nstudy\\a.png,F\n")).rows[0].file == "study/a.png"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("picture,sex\na,F\n", "expected a column 'file' .* got picture, sex; name"),
        ("", "expected a column 'file' .* got nothing"),
        ("file,finding\na,b\n", "expected any of patient_id, .* got file, finding; rename"),
        (b"\xff\xfe\x00file", "is no text; save"),
        (b"file,sex\n\x00\x00\x01\x02", "is no text; save"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..", "an older workbook or one with a password"),
        (b"PK\x03\x04broken", "as an Excel workbook: .* save its table as CSV"),
        ("Doe.png,Jane,45\n", "got none that is known; name"),
        (b"\x1f\x8bbroken", "cannot read the metadata"),
    ],
)
def test_a_table_of_another_form_is_refused_in_one_clear_line(table, content, message):
    with pytest.raises(InputFileError, match=message) as caught:
        read_metadata(table(content))
    assert "\n" not in str(caught.value)


def test_a_missing_table_is_refused(tmp_path):
    with pytest.raises(InputFileError, match="No such file"):
        read_metadata(tmp_path / "none.csv")


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\r\nfile;sex\r\nä b.png;M\r\n",
        "\n\n,,\nfile,sex\n\nä b.png,M\n",
        "sep=\t\nfile\tsex\nä b.png\tM\n",
        '"file";"sex";"note, with, many, commas, in, it"\n"ä b.png";"M";"x, y"\n',
        "File|Patient_Sex\nä b.png|male\n",
        "Datei;Geschlecht\nä b.png;männlich\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_csv_may_be_of_any_common_form(table, text, encoding):
    path = table(text.encode(encoding))
    assert read_metadata(path).rows == (MetadataRow("ä b.png", sex="M"),)
    assert looks_like_metadata(path)


def test_lines_count_from_the_top_of_the_file(table):
    read = read_metadata(table("sep=;\n\nfile;sex;age\na.png;Mixed;old\n\nb.png;F;5\n"))
    assert [row.line for row in read.rows] == [4, 6]
    assert [row.line for row in read.rows_with_unreadable_age] == [4]
    assert [row.line for row in read.rows_with_unreadable_sex] == [4]


def test_what_is_said_to_be_missing_is_no_unreadable_cell(table):
    read = read_metadata(table("file,sex,age\na.png,fehlt,unknown\nb.png,Masked,n/a\n"))
    assert [(row.sex, row.age_years) for row in read.rows] == [(None, None)] * 2
    assert read.rows_with_unreadable_age == read.rows_with_unreadable_sex == ()


def test_the_column_tells_what_m_means(table):
    read = read_metadata(table("file,sexo\na.png,H\nb.png,M\nc.png,Mujer\n"))
    assert [row.sex for row in read.rows] == ["M", None, "F"]
    read = read_metadata(table("file,sexo\na.png,H\nb.png,M\n"))
    assert [row.sex for row in read.rows] == ["M", "F"]


@pytest.mark.skipif(not CASES.exists(), reason="the cases are not here")
def test_the_cases_are_read():
    tables = sorted((CASES / "metadata_tables").glob("*.csv"))
    assert [len(read_metadata(path).rows) for path in tables] == [1] * 5
    rows = read_metadata(CASES / "sex_and_patient_words" / "meta.csv").rows
    assert [(row.patient_id, row.sex, row.age_years) for row in rows] == [
        ("7", None, None),
        ("7", None, 40.0),
        (None, None, 41.0),
        (None, "F", 42.0),
    ]


@pytest.mark.skipif(not REAL.exists(), reason="the real table is not here")
def test_the_real_table_is_read():
    read = read_metadata(REAL)
    assert len(read.rows) == 330
    assert len({row.patient_id for row in read.rows}) == 220
    assert read.unreadable_ages == 0


def test_more_lines_than_an_archive_has_films_are_refused_with_what_to_do(table, monkeypatch):
    monkeypatch.setattr("backend.archive.adapters.text_table.MOST_LINES", 100)
    head = "file,patient_id\n"
    assert len(read_metadata(table(head + "a.png,7\n" * 100)).rows) == 100
    for line in ("a.png,7\n", ",\n", "\n"):
        with pytest.raises(
            InputFileError, match=r"expected at most 100 lines in .*split the table"
        ):
            read_metadata(table(head + line * 101))


def test_a_packed_table_that_holds_too_much_is_refused(table, monkeypatch):
    monkeypatch.setattr("backend.base.adapters.packed_file.PLAIN_BYTES", 1000)
    content = gzip.compress(b"file,patient_id\n" + b"a.png,7\n" * 100_000)
    with pytest.raises(InputFileError, match="unpack it first"):
        read_metadata(table(content, "table.csv.gz"))
