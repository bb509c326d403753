import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.base.adapters.csv_table import csv_bytes, open_csv
from backend.base.core.spreadsheet_cell import plain_cell
from backend.export.core.rows import Exclusion
from backend.export.loop.lists import ExportLists

RUN_BY_A_SPREADSHEET = ("=", "+", "-", "@", "\t", "\r")
FORMULAS = [f"{sign}HYPERLINK(1)" for sign in RUN_BY_A_SPREADSHEET]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_list_of_an_export_holds_a_cell_that_a_spreadsheet_runs(formula):
    row = Exclusion(formula, formula, 0.5, formula, formula, formula, formula, formula, formula)
    lists = ExportLists([row], [], [], [], [], {}, {})

    written = read(lists.as_files({})["exclusions.csv"])[1]

    assert [cell for cell in written if cell.startswith(RUN_BY_A_SPREADSHEET)] == []
    assert written[0] == f"'{formula}"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
@example(["=1", "'=1", "''@", "-17", "+1,5", "'tis", "a\nb", "\r=1"])
def test_every_text_comes_back_as_it_was(cells):
    if cells:
        written = read(csv_bytes(["column"] * len(cells), [cells]))[1]
        assert [plain_cell(cell) for cell in written] == cells


def test_numbers_stay_numbers_and_what_is_missing_is_empty():
    rows = [[-0.25, 3, True, None, float("nan"), "-17"]]

    assert csv_bytes(list("abcdef"), rows) == b"a,b,c,d,e,f\n-0.25,3,True,,,-17\n"


def test_rows_are_written_one_by_one_as_all_at_once(tmp_path):
    with open_csv(tmp_path / "t.csv", ["id"]) as write_row:
        write_row(["@x"])

    assert (tmp_path / "t.csv").read_bytes() == csv_bytes(["id"], [["@x"]])


def read(content):
    return list(csv.reader(io.StringIO(content.decode(), newline="")))
