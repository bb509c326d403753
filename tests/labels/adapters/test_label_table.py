import cv2
import numpy as np
import pytest

from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import InputFileError
from backend.labels.adapters.label_table import read_label_table
from backend.labels.core.labels import LabelSource
from tasks import detector_task

ROTATION = detector_task("rotation")


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Films a/1.png and b/1.png, which differ, and b/2.png."""
    folder = tmp_path_factory.mktemp("films")
    rng = np.random.default_rng(0)
    for name in ("a/1.png", "b/1.png", "b/2.png"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(path), rng.integers(0, 256, (40, 40), dtype=np.uint8))
    workspace = Workspace.open_or_make(tmp_path_factory.mktemp("workspace"))
    index(workspace, [folder], None)
    return workspace, folder


@pytest.fixture
def read(archive, tmp_path):
    def read(text, encoding="utf-8"):
        path = tmp_path / "labels.csv"
        path.write_bytes(text.encode(encoding))
        return read_label_table(path, ROTATION, archive[0].database)

    return read


def test_films_are_named_by_path_or_by_a_name_that_only_one_has(read, archive):
    by_name, by_path = read(f"file,label\n2.png,turned_90\n{archive[1]}/a/1.png,upright\n")
    assert (by_name.label, by_path.label) == ("turned_90", "upright")
    assert by_name.radiograph_id != by_path.radiograph_id
    assert by_name.detector_task == "rotation"
    assert by_name.source is LabelSource.REVIEWER
    assert not by_name.denied


def test_other_columns_and_a_byte_order_mark_do_no_harm(read):
    (label,) = read("﻿note,label,file\nodd,turned_180,2.png\n")
    assert label.label == "turned_180"


def test_rows_may_come_from_reports_and_be_unsure(read):
    table = "file,label,source,confidence\n2.png,upright,report,0.8\n2.png,turned_90,,\n"
    mined, plain = read(table)
    assert (mined.source, mined.confidence) == (LabelSource.REPORT, 0.8)
    assert (plain.source, plain.confidence) == (LabelSource.REVIEWER, 1.0)


def test_a_table_without_rows_gives_no_labels(read):
    assert read("file,label\n") == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("file,label\n2.png,upright\n2.png,sideways\n", r"line 3: .*upright.*got label 'sideways'"),
        ("file,label\nnone.png,upright\n", r"line 2: no film of this name"),
        ("file,label\n1.png,upright\n", r"line 2: the name fits 2 films"),
        ("file,label\n2.png\n", r"line 2: .*got label ''"),
        ("file,label,source\n2.png,upright,rumour\n", "line 2: .*reviewer or report, got 'rumour'"),
        ("file,label,confidence\n2.png,upright,1.5\n", "line 2: .*from 0 to 1, got '1.5'"),
        ("file,label,confidence\n2.png,upright,high\n", "line 2: .*from 0 to 1, got 'high'"),
        ("name,label\n2.png,upright\n", "expected the columns file,label"),
        ("", "got nothing"),
    ],
)
def test_the_first_bad_row_is_named(read, text, complaint):
    with pytest.raises(InputFileError, match=complaint):
        read(text)


def test_a_missing_or_foreign_file_is_an_input_error(read, archive, tmp_path):
    with pytest.raises(InputFileError, match="cannot read the labels"):
        read_label_table(tmp_path / "nothing.csv", ROTATION, archive[0].database)
    with pytest.raises(InputFileError, match="cannot read the labels"):
        read("file,label\n2.png,übermäßig\n", encoding="utf-16")
