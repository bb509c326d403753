import shutil
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from backend.adapters.catalogue import films
from backend.adapters.label_store import add_labels
from backend.core.errors import RadsieveError
from backend.core.labels import Label, LabelSource
from backend.loop.export import export


@pytest.fixture
def chosen(workspace):
    """Three films: one to be called turned, one inverted, one both."""
    return films(workspace.database)[:3]


@pytest.fixture
def judged(workspace, chosen):
    turned, inverted, both = (film.radiograph_id for film in chosen)
    answers = [
        (turned, "rotation", "turned_90"),
        (inverted, "inversion", "inverted"),
        (both, "rotation", "turned_180"),
        (both, "inversion", "inverted"),
    ]
    add_labels(
        workspace.database,
        [
            Label(film, task, text, LabelSource.REVIEWER, "2026-02-03T04:05:06", "user 1")
            for film, task, text in answers
        ],
    )
    return workspace


def test_every_confirmed_film_is_excluded_once_per_reason(judged, tasks, tmp_path, chosen):
    report = export(judged, tasks, tmp_path)
    frame = pd.read_csv(tmp_path / "exclusions.csv")
    assert report.exclusions == len(frame) == 4
    assert list(frame.columns) == [
        "file",
        "reason",
        "probability",
        "detector_task",
        "model_version",
        "label_source",
        "reviewer",
        "time",
    ]
    of_both = frame[frame["file"] == chosen[2].path]
    assert set(of_both["reason"]) == {"rotation: turned_180", "inversion: inverted"}
    assert set(frame["label_source"]) == {"REVIEWER"}
    assert frame["probability"].between(0, 1).all()


def test_corrections_undo_everything_that_is_wrong_with_a_film(judged, tasks, tmp_path, chosen):
    export(judged, tasks, tmp_path)
    frame = pd.read_csv(tmp_path / "corrections.csv").set_index("file")
    rows = {film.path: tuple(frame.loc[film.path]) for film in chosen}
    assert list(rows.values()) == [(3, False, False), (0, True, False), (2, True, False)]


def test_corrected_copies_are_put_right_and_originals_stay(judged, tasks, tmp_path, chosen):
    before = {film.path: Path(film.path).read_bytes() for film in chosen}
    report = export(judged, tasks, tmp_path, apply_to=tmp_path / "copies")
    assert report.copies == 3
    turned, inverted, both = (cv2.imread(film.path, cv2.IMREAD_GRAYSCALE) for film in chosen)
    copies = [
        cv2.imread(str(tmp_path / "copies" / Path(film.path).name), cv2.IMREAD_GRAYSCALE)
        for film in chosen
    ]
    np.testing.assert_array_equal(copies[0], np.rot90(turned, 3))
    np.testing.assert_array_equal(copies[1], 255 - inverted)
    np.testing.assert_array_equal(copies[2], 255 - np.rot90(both, 2))
    assert {path: Path(path).read_bytes() for path in before} == before


def test_copies_into_the_folder_of_the_originals_are_refused(judged, tasks, tmp_path, chosen):
    originals = Path(chosen[0].path).parent
    with pytest.raises(RadsieveError, match="where originals lie"):
        export(judged, tasks, tmp_path, apply_to=originals)
    assert not (tmp_path / "exclusions.csv").exists()


def test_a_film_that_cannot_be_corrected_is_named_and_the_others_are_done(
    judged, tasks, tmp_path, chosen
):
    lost = Path(chosen[0].path)
    kept = tmp_path / "kept.png"
    shutil.move(lost, kept)
    try:
        report = export(judged, tasks, tmp_path, apply_to=tmp_path / "copies")
    finally:
        shutil.move(kept, lost)
    assert list(report.failed) == [str(lost)]
    assert report.copies == 2


def test_predictions_that_nobody_confirmed_are_listed_only_when_asked(workspace, tasks, tmp_path):
    report = export(workspace, tasks, tmp_path)
    assert report.exclusions == 0
    assert report.unreviewed["inversion"] > 0
    export(workspace, tasks, tmp_path, with_predicted=True)
    frame = pd.read_csv(tmp_path / "exclusions.csv")
    assert len(frame) == sum(report.unreviewed.values())
    assert frame["label_source"].isna().all()
    assert frame["reason"].str.contains("predicted, nobody has looked").all()


def test_an_export_without_findings_writes_tables_with_their_heads(workspace, tasks, tmp_path):
    export(workspace, tasks, tmp_path)
    assert (tmp_path / "corrections.csv").read_text() == "file,turns_ccw,invert,mirror\n"
