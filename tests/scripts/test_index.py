import json

import imagecodecs
import numpy as np
import pytest
from click.testing import CliRunner

from backend.archive.core.identity import radiograph_id
from backend.archive.core.patients import PatientSource
from backend.base.adapters.workspace import Workspace
from scripts import main
from scripts._patient_lines import how_patients_are_told, patient_rule


@pytest.fixture
def archive(tmp_path):
    folder = tmp_path / "archive"
    folder.mkdir()
    for number in range(3):
        pixels = np.random.default_rng(number).integers(0, 256, (40, 30), dtype=np.uint8)
        (folder / f"{number}.png").write_bytes(imagecodecs.png_encode(pixels))
    for number in range(12):
        (folder / f"broken{number:02}.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return folder


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("RADSIEVE_PATHS", "false")

    def run(*arguments):
        workspace = str(tmp_path / "workspace")
        return CliRunner().invoke(main, ["index", *map(str, arguments), "--workspace", workspace])

    return run


def test_a_program_gets_the_counts_on_the_last_line(run, archive):
    result = run(archive, "--json")
    facts = json.loads(result.stdout.splitlines()[-1])
    assert result.exit_code == 0
    assert {name: facts[name] for name in ("indexed", "already", "unreadable")} == {
        "indexed": 3,
        "already": 0,
        "unreadable": 12,
    }
    assert facts["patient_source"] == {"film": 3}


def test_a_person_gets_a_summary_and_the_first_unreadable_files(run, archive):
    result = run(archive)
    assert result.exit_code == 0
    assert "3 films indexed" in result.stdout
    assert (
        "\n  12 files: expected a whole PNG, got a damaged one: it ends before its last pixel; copy"
        in result.stdout
    )
    assert "broken" not in result.stdout and str(archive) not in result.stdout


def test_with_paths_a_person_gets_the_names_of_unreadable_files(run, archive, monkeypatch):
    monkeypatch.setenv("RADSIEVE_PATHS", "true")
    result = run(archive)
    assert "\n  broken00.png: expected a whole PNG, got a damaged one" in result.stdout
    assert str(archive) not in result.stdout
    assert "broken09" in result.stdout and "broken10" not in result.stdout
    assert "and 2 more" in result.stdout


@pytest.fixture
def beside(archive):
    """Files that are no images, beside the films."""
    for name in ("a.json", "b.json", "README"):
        (archive / name).write_text("{}")
    (archive / "patients.csv").write_text("file,patient_id\n0.png,7\n")
    (archive / "prices.csv").write_text("what,price\n")


def test_files_that_are_no_images_are_counted_and_not_listed_as_unreadable(run, archive, beside):
    said = run(archive).stdout
    assert "5 files are no images (2 json, 2 csv and 1 without ending)\n" in said
    assert "README" not in said and "a.json" not in said
    assert (
        "\n  12 files: expected a whole PNG, got a damaged one: it ends before its last pixel; copy"
        in said
    )


def test_a_table_beside_the_films_is_noticed_unless_one_is_given(run, archive, beside, monkeypatch):
    assert "\nA table beside the films looks like metadata: `radsieve" in run(archive).stdout
    monkeypatch.setenv("RADSIEVE_PATHS", "true")
    assert "patients.csv looks like a table of metadata: `radsieve index" in run(archive).stdout
    said = run(archive, "--metadata", archive / "patients.csv").stdout
    assert "looks like" not in said


def test_what_goes_into_a_log_names_no_file(run, archive, beside):
    result = run(archive, "--in-short")
    assert "broken" not in result.output and "patients.csv" not in result.output
    (sentences,) = result.stdout.splitlines()
    assert sentences.startswith("3 films of 3 patients are indexed, 3 of them now. Nothing tells")
    assert " 5 files are no images (" in sentences
    assert "12 images cannot be read and are left out" in sentences
    assert "looks like metadata" in sentences


def test_a_table_is_taken_into_account(run, archive):
    (archive / "table.csv").write_text("file,patient_id,age_years\n0.png,7,x\n")
    result = run(archive, "--metadata", archive / "table.csv", "--json")
    facts = json.loads(result.stdout.splitlines()[-1])
    assert facts["patient_source"] == {"film": 2, "metadata": 1}
    assert facts["metadata_unreadable_ages"] == 1


def test_rows_without_a_film_and_ages_that_are_none_are_named_with_how_to_mend_them(run, archive):
    rows = [f"study/missing{number}.png,7,45" for number in range(7)]
    table = archive / "table.csv"
    table.write_text("\n".join(["file,PatientID,age", "0.png,7,adult", *rows]))
    said = run(archive, "--metadata", table)
    assert "no age read in line 2\n" in said.stdout
    assert "write years, such as 55 or 55.5 or 55,5" in said.stdout
    (line,) = (line for line in said.stdout.splitlines() if "no film for" in line)
    assert "line 3, line 4" in line
    assert "study" not in line and "missing" not in line
    assert line.endswith("line 7 and 2 more")
    assert "with its ending such as .png" in said.stdout
    assert "missing" not in said.stderr
    facts = json.loads(run(archive, "--metadata", table, "--json").stdout.splitlines()[-1])
    assert facts["metadata_lines_without_film"] == [3, 4, 5, 6, 7]
    assert facts["metadata_lines_with_unreadable_age"] == [2]


def test_a_table_without_a_fault_gives_one_line(run, archive):
    (archive / "table.csv").write_text("file;Patient ID;age\n0.png;7;55,5\n")
    said = run(archive, "--metadata", archive / "table.csv").stdout
    assert (
        "metadata found for 1 films; 0 rows name no indexed file, 0 ages could not be read" in said
    )
    assert "no film for" not in said and "no age read" not in said


def test_what_a_table_contradicts_is_told_by_the_ids_of_films(run, archive):
    table = archive / "table.csv"
    table.write_text(
        "file,patient_id,sex,age\n0.png,p4711,M,40\n0.png,p4711,F,40\n1.png,p4711,F,72\n"
        "2.png,q,w or m,3\n"
    )
    said = run(archive, "--metadata", table).stdout
    (line,) = (line for line in said.splitlines() if "two things" in line)
    assert line.startswith("the table says two things about 2 films (1 sex and 2 age): ")
    assert "4711" not in said and "w or m" not in said
    assert "no sex read in line 5" in said
    facts = json.loads(run(archive, "--metadata", table, "--json").stdout.splitlines()[-1])
    assert facts["metadata_contradictions"] == {"sex": 1, "age": 2}
    assert facts["metadata_lines_with_unreadable_sex"] == [5]


def test_a_header_and_a_table_that_disagree_are_told(run, archive, make_dicom):
    pixels = np.random.default_rng(9).integers(0, 4096, (40, 30), dtype=np.uint16)
    content = make_dicom(pixels, BitsStored=12, PatientSex="F", PatientAge="040Y")
    (archive / "a.dcm").write_bytes(content)
    table = archive / "table.csv"
    table.write_text("file,patient_id,sex,age\na.dcm,q4711,M,60\n")
    said = run(archive, "--metadata", table).stdout
    (line,) = (line for line in said.splitlines() if "says something else" in line)
    assert "about 1 film (1 patient, 1 sex and 1 age): " in line
    assert "4711" not in said
    assert "says something else" not in run(archive, "--metadata", table).stdout


def test_a_renamed_film_is_told_as_moved(run, archive):
    run(archive)
    (archive / "0.png").rename(archive / "zero.png")
    assert "1 files moved, 0 files gone" in run(archive).stdout


@pytest.mark.parametrize("overwrite", ["another film", "no film"])
def test_a_film_that_is_overwritten_in_its_place_is_told_with_what_becomes_of_its_labels(
    run, archive, overwrite
):
    run(archive)
    old = radiograph_id((archive / "0.png").read_bytes())
    kept = (archive / "0.png").read_bytes()
    pixels = np.random.default_rng(9).integers(0, 256, (44, 30), dtype=np.uint8)
    new = imagecodecs.png_encode(pixels) if overwrite == "another film" else kept[:200]
    (archive / "0.png").write_bytes(new)
    result = run(archive, "--json")
    said, facts = result.stderr, json.loads(result.stdout.splitlines()[-1])
    assert f"1 film changed in place: the files that held {old} hold something else now" in said
    assert ("1 file of them cannot be read any more" in said) == (overwrite == "no film")
    assert "labels and answers stay with the old film" in said
    assert facts["changed"] == {old: radiograph_id(new) if overwrite == "another film" else None}
    assert "changed in place" not in run(archive).output
    (archive / "back.png").write_bytes(kept)
    again = json.loads(run(archive, "--json").stdout.splitlines()[-1])
    assert (again["indexed"], again["changed"]) == (0, {})


def test_a_film_that_has_another_file_has_not_changed(run, archive):
    (archive / "copy.png").write_bytes((archive / "0.png").read_bytes())
    run(archive)
    (archive / "copy.png").write_bytes((archive / "1.png").read_bytes())
    assert "changed in place" not in run(archive).output


def test_a_person_is_told_what_tells_the_patients_and_how_to_change_it(run, archive):
    (archive / "study").mkdir()
    (archive / "0.png").rename(archive / "study" / "0.png")
    (archive / "table.csv").write_text("file,patient_id\n1.png,7\n")
    told = [line for line in run(archive).stdout.splitlines() if "patient of" in line]
    assert told[0] == (
        "The folder tells the patient of 1 film and nothing tells the patient of 2 films."
    )
    assert "Films in one folder of at most 20 files count as one patient" in told[1]
    assert "run `radsieve index PATH --metadata TABLE`" in told[1]
    said = run(archive, "--metadata", archive / "table.csv", "--in-short").stdout
    assert "The table of metadata tells the patient of 1 film, the folder tells" in said


def test_where_a_table_tells_all_patients_nothing_is_to_be_changed():
    told = how_patients_are_told({"metadata": 1000})
    assert told == ["The table of metadata tells the patient of 1,000 films."]
    assert how_patients_are_told({}) == []


@pytest.mark.parametrize("source", PatientSource)
def test_whatever_tells_a_patient_is_said_in_words(source):
    first, *advice = how_patients_are_told({source.value: 3})
    rule = patient_rule(source)
    assert first == f"{rule[0].upper()}{rule[1:]} tells the patient of 3 films."
    assert bool(advice) == (source not in {PatientSource.METADATA, PatientSource.DICOM})


def test_one_patient_with_all_films_is_doubted(run, tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / "archive").mkdir()
    for number in range(60):
        pixels = rng.integers(0, 256, (20, 20), dtype=np.uint8)
        (tmp_path / "archive" / f"{number}.png").write_bytes(imagecodecs.png_encode(pixels))
    rows = "".join(f"{number}.png,7\n" for number in range(60))
    (tmp_path / "table.csv").write_text(f"file,patient_id\n{rows}")
    result = run(tmp_path / "archive", "--metadata", tmp_path / "table.csv")
    assert "one patient has 60 of 60 films" in result.stdout


def test_where_nothing_is_a_film_it_is_said(run, archive, tmp_path):
    Workspace.open_or_make(tmp_path / "workspace").database.dispose()
    (tmp_path / "note.txt").write_text("no film")
    assert (
        "nothing there is a film; give files or folders of PNG" in run(tmp_path / "note.txt").stdout
    )
    assert "nothing there is a film" not in run(archive).stdout


def test_a_path_that_matches_nothing_fails_with_one_line(run, archive):
    result = run(archive / "none")
    assert result.exit_code == 1
    assert "no file or folder matches" in result.stderr.splitlines()[-1]
    assert not result.stdout


def test_a_table_without_file_names_fails_with_one_line(run, archive):
    (archive / "table.csv").write_text("name,sex\n0.png,F\n")
    result = run(archive, "--metadata", archive / "table.csv")
    assert result.exit_code == 1
    assert "expected a column 'file'" in result.stderr.splitlines()[-1]


def test_no_path_is_wrong_usage(run):
    assert run().exit_code == 2
