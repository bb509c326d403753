"""The rule about children, on the metadata of a real archive."""

from pathlib import Path

import pandas as pd
import pytest

from backend.archive.adapters.metadata_table import read_metadata
from backend.archive.core.header_words import age_in_years
from backend.base.core.rule import FilmFacts
from tasks.age import TASK

NIH = Path(__file__).parents[3] / "shared" / "data" / "lists" / "nih_chestxray14_metadata.csv.gz"


def label(age_years, **cut_offs):
    wanted = TASK.rule.adjusted("age", cut_offs)
    return TASK.rule.decide(FilmFacts(age_years=age_years), wanted)


def test_a_child_is_under_ten():
    assert [label(age) for age in (0.0, 9.99, 10.0, 62.0)] == [
        "child",
        "child",
        "old_enough",
        "old_enough",
    ]


def test_a_missing_age_is_not_age_zero():
    assert label(None) is None


def test_zero_turns_the_rule_off():
    assert label(0.0, youngest_years=0.0) == "old_enough"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("000Y", None),
        ("000D", "child"),
        ("045M", "child"),
        ("012D", "child"),
        ("010W", "child"),
        ("010Y", "old_enough"),
        ("121M", "old_enough"),
        ("9", "child"),
        ("", None),
        ("411Y", None),
        ("M", None),
    ],
)
def test_ages_are_read_as_dicom_writes_them(written, expected):
    assert label(age_in_years(written)) == expected


@pytest.mark.skipif(not NIH.exists(), reason="the NIH metadata is not beside this repository")
def test_it_finds_the_children_of_the_nih_archive(tmp_path):
    names = {"Image Index": "file", "Patient Age": "age_years"}
    table = pd.read_csv(NIH, dtype=str).rename(columns=names)[list(names.values())]
    table.to_csv(tmp_path / "films.csv", index=False)
    rows = read_metadata(tmp_path / "films.csv").rows
    found = [label(row.age_years) for row in rows]
    assert (len(rows), found.count("child")) == (112_120, 1_538)
