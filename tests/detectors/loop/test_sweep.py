import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from backend.archive.adapters.catalogue import films
from backend.archive.loop.index import index
from backend.base.core.errors import ChangedEvidenceError, NothingPublishedError
from backend.detectors.adapters.versions.predictions import load_predictions
from backend.detectors.adapters.versions.registry import published_version, require_published
from backend.detectors.loop import sweep as sweep_module
from backend.detectors.loop.evidence import refuse_changed_evidence
from backend.detectors.loop.sweep import sweep
from backend.review.loop.prediction_list import write_predictions


def table(workspace, task):
    version = require_published(workspace.database, task)
    frame = load_predictions(workspace.predictions, task.name, version).frame
    return frame.sort_values("radiograph_id", ignore_index=True)


def forget_predictions(workspace):
    for path in sorted(workspace.predictions.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def test_every_film_of_the_archive_gets_one_prediction(workspace, tasks):
    frame = table(workspace, tasks["rotation"])
    ids = {film.radiograph_id for film in films(workspace.database)}
    assert set(frame["radiograph_id"]) == ids
    assert len(frame) == len(ids)


def test_probabilities_of_a_film_add_up_to_one(workspace, tasks):
    frame = table(workspace, tasks["rotation"])
    total = frame[[f"p_{label}" for label in tasks["rotation"].labels]].sum(axis=1)
    assert total.to_numpy() == pytest.approx(1.0, abs=1e-5)


def test_a_second_sweep_has_nothing_to_do(workspace, tasks):
    report = sweep(workspace, list(tasks.values()))
    assert report.predicted == 0


def test_a_sweep_reads_no_damaged_thumbnail_until_the_index_has_made_it_anew(
    workspace, tasks, phantoms
):
    before = table(workspace, tasks["inversion"])
    forget_predictions(workspace)
    with workspace.thumbnails.open("r+b") as file:
        file.seek(3 * 256 * 256)
        file.write(bytes(256 * 256))
    with pytest.raises(ChangedEvidenceError, match="1 of 90 films"):
        sweep(workspace, list(tasks.values()))
    with pytest.raises(ChangedEvidenceError, match="radsieve"):
        refuse_changed_evidence(workspace)
    index(workspace, [phantoms])
    sweep(workspace, list(tasks.values()))
    pd.testing.assert_frame_equal(table(workspace, tasks["inversion"]), before)
    refuse_changed_evidence(workspace)


def test_predictions_that_another_program_wrote_are_set_aside_and_made_anew(workspace, tasks):
    before = table(workspace, tasks["inversion"])
    version = require_published(workspace.database, tasks["inversion"])
    path = workspace.predictions / "inversion" / f"{version}.parquet"
    before.assign(uncertainty=0.0).to_parquet(path)
    with pytest.raises(ChangedEvidenceError, match="radsieve sweep"):
        refuse_changed_evidence(workspace)
    assert sweep(workspace, list(tasks.values())).predicted == len(before)
    pd.testing.assert_frame_equal(table(workspace, tasks["inversion"]), before)
    refuse_changed_evidence(workspace)


def test_an_interrupted_sweep_ends_with_the_same_predictions(workspace, tasks, monkeypatch):
    before = table(workspace, tasks["inversion"])
    forget_predictions(workspace)
    monkeypatch.setattr(sweep_module, "PART_FILMS", 20)

    class InterruptedError_(Exception):
        pass

    def interrupt_after_two(done, _to_do):
        if done >= 40:
            raise InterruptedError_

    with pytest.raises(InterruptedError_):
        sweep(workspace, [tasks["inversion"]], progress=interrupt_after_two)
    report = sweep(workspace, [tasks["inversion"]])
    assert report.already == 40
    pd.testing.assert_frame_equal(table(workspace, tasks["inversion"]), before, rtol=1e-5)


def test_of_sweeps_at_once_one_predicts_and_the_others_find_its_predictions(
    workspace, tasks, monkeypatch
):
    before = table(workspace, tasks["inversion"])
    forget_predictions(workspace)
    monkeypatch.setattr(sweep_module, "PART_FILMS", 9)
    with ThreadPoolExecutor(3) as programs:
        begun = [programs.submit(sweep, workspace, [tasks["inversion"]]) for _ in range(3)]
        predicted = [each.result().predicted for each in begun]
    assert sorted(predicted) == [0, 0, len(before)]
    pd.testing.assert_frame_equal(table(workspace, tasks["inversion"]), before, rtol=1e-5)


@pytest.mark.slow
def test_a_sweep_killed_at_any_moment_goes_on_where_it_was(workspace, tasks):
    before = table(workspace, tasks["rotation"])
    forget_predictions(workspace)
    command = [sys.executable, str(Path(sys.prefix) / "bin" / "radsieve"), "sweep"]
    for pause in (3.0, 4.0, 5.0):
        process = subprocess.Popen(
            [*command, "--workspace", str(workspace.root)], stderr=subprocess.DEVNULL
        )
        time.sleep(pause)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    sweep(workspace, list(tasks.values()))
    pd.testing.assert_frame_equal(table(workspace, tasks["rotation"]), before, rtol=1e-5)


def test_the_list_of_predictions_has_the_columns_of_the_contract(workspace, tasks, tmp_path):
    count, version = write_predictions(
        workspace.database, workspace.predictions, tasks["inversion"], tmp_path / "p.csv"
    )
    frame = pd.read_csv(tmp_path / "p.csv")
    assert list(frame.columns) == [
        "radiograph_id",
        "path",
        "p_normal",
        "p_inverted",
        "predicted",
        "uncertainty",
        "model_version",
    ]
    assert len(frame) == count == len(films(workspace.database))
    assert set(frame["model_version"]) == {version}


def test_most_phantoms_are_predicted_as_they_were_made(workspace, tasks, true_label, tmp_path):
    for name, task in tasks.items():
        write_predictions(
            workspace.database, workspace.predictions, task, tmp_path / f"{name}.csv", paths=True
        )
        frame = pd.read_csv(tmp_path / f"{name}.csv")
        truth = [true_label(Path(path).name, task) for path in frame["path"]]
        assert (frame["predicted"] == truth).mean() > 0.95


def test_sweeping_before_training_says_which_command_is_missing(indexed, tasks):
    assert published_version(indexed.database, "rotation") is None
    with pytest.raises(NothingPublishedError, match="radsieve train rotation"):
        sweep(indexed, [tasks["rotation"]])
