import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shared_fixtures.kept_answers import add_labels, replace_annotation, withdraw_annotation
from shared_fixtures.workspaces import copied
from sqlalchemy import delete, select, update

from backend.archive.adapters.archive_files import FoundFile
from backend.archive.adapters.catalogue import films
from backend.archive.adapters.catalogue_writer import add_file
from backend.archive.loop.index import index
from backend.base.adapters.database import files, ledger, radiographs
from backend.base.core.detector_task import Thresholds
from backend.base.core.ledger import Event, EventKind
from backend.detectors.adapters.versions.model_folder import (
    read_card_values,
    read_weights,
    save_folder,
)
from backend.detectors.adapters.versions.predictions import PredictionFile, load_predictions
from backend.detectors.adapters.versions.registry import (
    published_version,
    record_publication,
    register_version,
)
from backend.export.loop.again import CannotRebuildError, export_again
from backend.export.loop.export import export
from backend.export.loop.lists import REBUILT
from backend.labels.adapters.label_store import AnnotationVersion, replace_labels
from backend.labels.adapters.ledger_store import check_ledger, ledger_row, note, note_override
from backend.labels.core.labels import Label, LabelSource, Slice
from backend.phantoms.adapters.phantom_archive import write_phantom_archive
from backend.review.adapters.batch_store import record_batch
from backend.review.core.item import BatchFacts
from backend.review.core.ranking.pool import Pick
from backend.review.loop.publish import rollback
from backend.service.loop.why import why

KEPT = ("certificate.json", "report.html")
ROW = AnnotationVersion("sheet/1", "2026-02-03T04:05:06")


def answer(film, task, label, when="2026-02-03T04:05:06"):
    return Label(film.radiograph_id, task, label, LabelSource.REVIEWER, when, "user 1")


@pytest.fixture(scope="module")
def exported_once(trained, tasks, tmp_path_factory):
    """A workspace with labels of all kinds, and its first export: (workspace, row, folder)."""
    folder = tmp_path_factory.mktemp("exported")
    workspace = copied(trained.root, folder / "workspace")
    turned, inverted, reported, *_ = films(workspace.database)
    replace_annotation(workspace.database, ROW, [answer(turned, "rotation", "turned_90")])
    add_labels(workspace.database, [answer(inverted, "inversion", "inverted")])
    said = Label(
        reported.radiograph_id, "inversion", "inverted", LabelSource.REPORT, "2026-01-01", rule="r1"
    )
    replace_labels(workspace.database, "inversion", LabelSource.REPORT, [said])
    out = folder / "first"
    report = export(workspace, tasks, out, with_predicted=True)
    return workspace, report.ledger_row, out


@pytest.fixture
def exported(exported_once, tmp_path):
    made, row, out = exported_once
    return copied(made.root, tmp_path / "workspace"), row, out


def contents(folder, names=(*REBUILT, *KEPT)):
    return {name: (folder / name).read_bytes() for name in names}


def other_version(workspace, task):
    """Register a version that says the opposite about every film, and has swept them."""
    used = published_version(workspace.database, task.name)
    card = read_card_values(workspace.models, used)
    weights = read_weights(workspace.models, used, card["weights_sha256"])
    kind = used.partition("-")[0]
    version = save_folder(
        workspace.models, kind, card | {"initial_weights": "those of another version"}, weights
    )
    table = load_predictions(workspace.predictions, task.name, used)
    ids = list(table.frame["radiograph_id"])
    file = PredictionFile(workspace.predictions, task.name, version)
    file.write_part(ids, table.labels, np.ascontiguousarray(table.probabilities(ids)[:, ::-1]))
    file.join()
    register_version(workspace.database, task.name, version, reviewer_labels=9, judgement={})
    return used, version


def test_an_export_is_rebuilt_byte_for_byte_after_everything_has_changed(exported, tasks, tmp_path):
    workspace, row, first = exported
    engine = workspace.database
    used, other = other_version(workspace, tasks["rotation"])
    record_publication(engine, "rotation", other, reason="said to be better")
    withdraw_annotation(engine, "sheet/1")
    replace_labels(engine, "inversion", LabelSource.REPORT, [])
    add_labels(engine, [answer(film, "rotation", "turned_180") for film in films(engine)[5:9]])
    add_labels(engine, [answer(films(engine)[1], "inversion", "normal", "2026-03-01")])
    second = export(workspace, tasks, tmp_path / "second", with_predicted=True)
    rollback(workspace, tasks["rotation"], used)
    note_override(engine, "on purpose", {"groups": []})

    report = export_again(workspace, tasks, row, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(first)
    assert set(report.sha256) == {*REBUILT, *KEPT}
    assert report.not_rebuilt == []
    assert contents(tmp_path / "second") != contents(first)
    export_again(workspace, tasks, second.ledger_row, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(tmp_path / "second")
    assert check_ledger(engine).fault is None


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"other bytes")])
def test_a_report_whose_copy_is_gone_or_changed_is_named_and_the_rest_is_rebuilt(
    harm, exported, tasks, tmp_path
):
    workspace, row, first = exported
    page = hashlib.sha256((first / "report.html").read_bytes()).hexdigest()
    harm(workspace.exports / f"{page}.gz")
    report = export_again(workspace, tasks, row, tmp_path / "again")
    assert report.not_rebuilt == ["report.html"]
    others = [*REBUILT, "certificate.json"]
    assert {path.name for path in (tmp_path / "again").iterdir()} == set(others)
    assert contents(tmp_path / "again", others) == contents(first, others)


def test_an_export_is_rebuilt_with_the_thresholds_of_then(exported, tasks, tmp_path):
    workspace, row, first = exported
    stricter = {
        name: replace(task, thresholds=Thresholds(review_below=0.5, accept_at=1.0))
        for name, task in tasks.items()
    }
    export_again(workspace, stricter, row, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(first)


def test_what_the_detectors_refuted_then_is_not_asked_again(exported, tasks, tmp_path):
    workspace, row, first = exported
    assert len(pd.read_csv(first / "unproven.csv")) > 0
    for weights in workspace.models.rglob("weights.safetensors"):
        weights.unlink()
    export_again(workspace, tasks, row, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(first)


def test_films_that_came_later_do_not_come_into_an_export_that_is_rebuilt(
    exported, tasks, tmp_path
):
    workspace, row, first = exported
    engine = workspace.database
    film = films(engine)[0]
    with engine.begin() as connection:
        known = connection.execute(select(files).where(files.c.path == film.path)).one()
        copy = known._asdict() | {"path": "/later/copy.png", "indexed_at": "2999-01-01"}
        connection.execute(files.insert().values(**copy))
    for name, task in tasks.items():
        version = published_version(engine, name)
        file = PredictionFile(workspace.predictions, name, version)
        answers = np.eye(len(task.labels), dtype=np.float32)[-1:]
        file.write_part(["f" * 20], file.load().labels, answers)
    export_again(workspace, tasks, row, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(first)


@pytest.fixture
def touched(phantoms):
    """A file of the archive with a new time and its old bytes; it gets its old time back."""
    path = sorted(phantoms.glob("*.png"))[3]
    before = path.stat()
    os.utime(path)
    yield path
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_file_that_was_only_touched_is_not_taken_for_one_that_came_later(
    exported, tasks, phantoms, touched, tmp_path
):
    workspace, row, first = exported
    (tmp_path / "new").mkdir()
    write_phantom_archive(tmp_path / "new", films=1, seed=99, size_px=256)
    done = index(workspace, [phantoms, tmp_path / "new"])
    assert (done.indexed, done.gone) == (1, 0)
    export_again(workspace, tasks, row, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(first)


def test_a_path_that_holds_another_film_now_is_taken_for_a_file_that_came_later(exported):
    workspace, row, _ = exported
    engine = workspace.database
    one, other = films(engine)[:2]
    add_file(engine, FoundFile(one.path, 1, 2), other.radiograph_id)
    with engine.connect() as connection:
        when = select(files.c.indexed_at).where(files.c.path == one.path)
        assert connection.execute(when).scalar() > ledger_row(engine, row).facts["read_at"]


def test_a_prediction_file_that_is_gone_is_named(exported, tasks, tmp_path):
    workspace, row, _ = exported
    used = published_version(workspace.database, "rotation")
    PredictionFile(workspace.predictions, "rotation", used).path.unlink()
    with pytest.raises(CannotRebuildError, match=f"gone.*predictions/rotation/{used}.parquet"):
        export_again(workspace, tasks, row, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_predictions_that_are_other_ones_are_named(exported, tasks, tmp_path):
    workspace, row, _ = exported
    used = published_version(workspace.database, "rotation")
    path = PredictionFile(workspace.predictions, "rotation", used).path
    frame = pd.read_parquet(path)
    frame.loc[3, "p_upright"] += np.float32(0.125)
    frame.to_parquet(path)
    with pytest.raises(CannotRebuildError, match=f"predictions of {used} for rotation are other"):
        export_again(workspace, tasks, row, tmp_path / "again")


def test_two_looks_of_then_still_count_when_the_export_is_rebuilt(
    workspace, tasks, tmp_path, monkeypatch
):
    film = films(workspace.database)[0]
    add_labels(workspace.database, [answer(film, "rotation", "turned_90")])
    settled = {"rotation": [film.radiograph_id]}
    monkeypatch.setattr("backend.export.loop.reading.films_settled_bad", lambda *_: settled)
    row = export(workspace, tasks, tmp_path / "first").ledger_row
    monkeypatch.undo()
    assert b"confirmed by two looks" in (tmp_path / "first" / "exclusions.csv").read_bytes()
    export_again(workspace, tasks, row, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(tmp_path / "first")


def test_films_that_moved_are_named(exported, tasks, tmp_path):
    workspace, row, _ = exported
    film = films(workspace.database)[0]
    with workspace.database.begin() as connection:
        gone = delete(files).where(files.c.radiograph_id == film.radiograph_id)
        connection.execute(gone)
    with pytest.raises(CannotRebuildError, match=f"film {film.radiograph_id} has no file any more"):
        export_again(workspace, tasks, row, tmp_path / "again")


def test_a_film_that_is_read_in_another_way_now_is_noticed(exported, tasks, tmp_path):
    workspace, row, _ = exported
    with workspace.database.begin() as connection:
        connection.execute(update(radiographs).values(width_px=17))
    with pytest.raises(CannotRebuildError, match="not those of that export"):
        export_again(workspace, tasks, row, tmp_path / "again")


def test_a_detector_task_that_has_changed_is_named(exported, tasks, tmp_path):
    workspace, row, _ = exported
    changed = tasks | {"rotation": replace(tasks["rotation"], review_only=True)}
    with pytest.raises(CannotRebuildError, match="rotation has changed since"):
        export_again(workspace, changed, row, tmp_path / "again")
    only = {"inversion": tasks["inversion"]}
    with pytest.raises(CannotRebuildError, match="rotation is gone"):
        export_again(workspace, only, row, tmp_path / "again")


def test_a_row_that_tells_of_no_export_is_refused_and_the_exports_are_named(
    exported, tasks, tmp_path
):
    workspace, row, _ = exported
    for other in (1, 10_000):
        with pytest.raises(CannotRebuildError, match=rf"tells of an export \({row}\), got {other}"):
            export_again(workspace, tasks, other, tmp_path / "again")


@pytest.mark.parametrize("lacking", ["settings", "listed", "made", "tasks"])
def test_a_row_of_an_early_version_is_refused_in_one_clear_line(exported, tasks, tmp_path, lacking):
    workspace, row, _ = exported
    facts = dict(ledger_row(workspace.database, row).facts)
    del facts[lacking]
    early = note(workspace.database, Event(EventKind.EXPORT, facts))
    with pytest.raises(CannotRebuildError, match=f"row {early} does not say what '{lacking}' was"):
        export_again(workspace, tasks, early, tmp_path / "again")


def test_nothing_is_rebuilt_from_a_ledger_that_was_tampered_with(exported, tasks, tmp_path):
    workspace, row, _ = exported
    with workspace.database.begin() as connection:
        connection.execute(update(ledger).where(ledger.c.seq == 2).values(radiograph_id="x"))
    with pytest.raises(CannotRebuildError, match="row 2 was changed"):
        export_again(workspace, tasks, row, tmp_path / "again")


def test_the_row_of_an_export_names_no_path_and_no_patient(exported, tasks):
    workspace, row, out = exported
    text = json.dumps(ledger_row(workspace.database, row).facts)
    assert str(out) not in text
    for film in films(workspace.database):
        assert film.path not in text
        assert Path(film.path).name not in text
        assert film.patient_key not in text


def test_two_exports_of_the_same_labels_have_the_same_bytes(exported, tasks, tmp_path):
    workspace, _, first = exported
    export(workspace, tasks, tmp_path / "second", with_predicted=True)
    assert contents(tmp_path / "second", REBUILT) == contents(first, REBUILT)


def test_the_history_of_a_film_tells_who_did_what_when_and_why(exported, tasks, tmp_path):
    workspace, row, _ = exported
    engine, film = workspace.database, films(workspace.database)[0]
    pick = Pick(film.radiograph_id, Slice.AUDIT, "1 of 90 films")
    record_batch(engine, BatchFacts("rotation", "net", 7), [pick])
    withdraw_annotation(engine, "sheet/1")
    note_override(engine, "children are left out on purpose", {"groups": ["0-17"]})
    facts = why(workspace, tasks, film.radiograph_id).as_json()
    assert set(facts) > {"files", "shown", "tasks", "sealed", "history"}
    texts = [told["text"] for told in facts["history"]]
    wanted = (
        "came into use (first); review below",
        "labelled turned_90, REVIEWER by user 1 (sheet/1)",
        "export: listed in exclusions.csv",
        "picked for batch 1 (audit): 1 of 90 films",
        "label turned_90 (REVIEWER) withdrawn: the answer was deleted",
        "a blocked export was allowed: children are left out on purpose",
    )
    where = [next(n for n, text in enumerate(texts) if one in text) for one in wanted]
    assert where == sorted(where)
    published = facts["history"][where[0]]["facts"]
    assert set(published["says"]) == set(tasks[facts["history"][where[0]]["detector_task"]].labels)
    assert len(published["predictions_sha256"]) == len(published["card_sha256"]) == 64
    rows = [told["row"] for told in facts["history"]]
    assert row in rows
    assert rows == sorted(rows)
    json.dumps(facts)


def test_a_film_that_nobody_spoke_of_has_only_what_all_films_have(exported, tasks):
    workspace, _, _ = exported
    lists = [pd.read_csv(exported[2] / name) for name in ("exclusions.csv", "suspects.csv")]
    listed = {path for frame in lists for path in frame["file"]}
    others = films(workspace.database)[4:]
    film = next(film for film in others if Path(film.path).name not in listed)
    kinds = {told["kind"] for told in why(workspace, tasks, film.radiograph_id).history}
    assert kinds == {"published"}


def test_a_version_whose_predictions_are_gone_stays_in_the_history(exported, tasks):
    workspace, _, _ = exported
    used = published_version(workspace.database, "rotation")
    PredictionFile(workspace.predictions, "rotation", used).path.unlink()
    history = why(workspace, tasks, films(workspace.database)[0].radiograph_id).history
    texts = {told["detector_task"]: told["text"] for told in history if told["kind"] == "published"}
    assert texts["rotation"].endswith("; its predictions are gone")
    assert "; it says" in texts["inversion"]
