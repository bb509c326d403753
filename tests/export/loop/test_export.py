import shutil
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from shared_fixtures.kept_answers import add_labels

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.catalogue_writer import note_thumbnails
from backend.archive.adapters.thumbnail_store import ThumbnailStore, thumbnail_digest
from backend.base.core.errors import RadsieveError
from backend.base.core.pixel_change import PixelChange
from backend.detectors.adapters.versions.predictions import load_predictions
from backend.detectors.adapters.versions.registry import published_version
from backend.export.loop.export import export
from backend.labels.core.labels import Label, LabelSource


@pytest.fixture
def chosen(workspace, tasks):
    """Three films to be called turned, inverted, and both; the detectors are sure of all three."""
    by_id = {film.radiograph_id: film for film in films(workspace.database)}
    sure = {film: 1.0 for film in by_id}
    for name, task in tasks.items():
        version = published_version(workspace.database, name)
        frame = load_predictions(workspace.predictions, name, version).frame
        for row in frame.to_dict("records"):
            film = row["radiograph_id"]
            sure[film] = min(sure[film], row[f"p_{task.expected_label}"])
    return [by_id[film] for film in sorted(sure, key=sure.__getitem__)[-3:]]


@pytest.fixture
def spoilt(workspace, chosen):
    """Their thumbnails as the answers will say they are."""
    changes = (PixelChange(1), PixelChange(invert=True), PixelChange(2, invert=True))
    store = ThumbnailStore(workspace.thumbnails)
    for film, change in zip(chosen, changes, strict=True):
        (thumbnail,) = store.read([film.thumbnail_row])
        spoilt = change.apply(thumbnail, white=255)
        store.write(film.thumbnail_row, spoilt)
        digest = thumbnail_digest(np.ascontiguousarray(spoilt))
        note_thumbnails(workspace.database, {film.radiograph_id: digest})


@pytest.fixture
def judged(workspace, chosen, spoilt):
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
        "decided",
    ]
    of_both = frame[frame["file"] == Path(chosen[2].path).name]
    assert set(of_both["reason"]) == {"rotation: turned_180", "inversion: inverted"}
    assert set(frame["label_source"]) == {"REVIEWER"}
    assert set(frame["decided"]) == {"confirmed by one look"}
    assert frame["probability"].between(0, 1).all()


def test_corrections_undo_everything_that_is_wrong_with_a_film(judged, tasks, tmp_path, chosen):
    export(judged, tasks, tmp_path)
    frame = pd.read_csv(tmp_path / "corrections.csv", keep_default_na=False).set_index("file")
    rows = {film.path: tuple(frame.loc[Path(film.path).name]) for film in chosen}
    assert list(rows.values()) == [
        (3, False, False, ""),
        (0, True, False, ""),
        (2, True, False, ""),
    ]


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
    assert list(report.failed) == [lost.name]
    assert report.copies == 2


def test_predictions_that_nobody_confirmed_are_listed_only_when_asked(workspace, tasks, tmp_path):
    report = export(workspace, tasks, tmp_path)
    assert report.exclusions == 0
    assert report.unreviewed["inversion"] > 0
    export(workspace, tasks, tmp_path, with_predicted=True)
    frame = pd.read_csv(tmp_path / "exclusions.csv")
    assert len(frame) == sum(report.unreviewed.values())
    assert frame["label_source"].isna().all()
    assert frame["reason"].str.contains("predicted, nobody has decided").all()
    assert set(frame["decided"]) == {"predicted, nobody has decided"}
    suspects = pd.read_csv(tmp_path / "suspects.csv")
    assert set(frame["file"]) <= set(suspects["file"])
    assert suspects["probability"].is_monotonic_decreasing
    assert suspects["rank"].tolist() == list(range(1, len(suspects) + 1))
    assert report.suspects == len(suspects)


def test_an_export_without_findings_writes_tables_with_their_heads(workspace, tasks, tmp_path):
    export(workspace, tasks, tmp_path)
    assert (tmp_path / "corrections.csv").read_text() == ("file,turns_ccw,invert,mirror,mend_tag\n")


def test_a_correction_that_the_detectors_refute_is_listed_and_not_made(
    workspace, chosen, tasks, tmp_path
):
    # The film lies as it should: somebody's slip would turn it on its side.
    slip = Label(
        chosen[0].radiograph_id, "rotation", "turned_90", LabelSource.REVIEWER, "2026-02-03", "user"
    )
    add_labels(workspace.database, [slip])
    report = export(workspace, tasks, tmp_path, apply_to=tmp_path / "copies")
    assert (report.corrections, report.copies, report.unproven) == (0, 0, 1)
    (row,) = pd.read_csv(tmp_path / "unproven.csv").to_dict("records")
    assert row["file"] == Path(chosen[0].path).name
    assert row["reason"].startswith("rotation: turned_270")
