"""A kind of detector is one file: what the page on adding a detector shows is done here."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.base.core.detector_task import DetectorTask, LearntFrom, TaskKind, Thresholds
from backend.base.core.errors import TaskDefinitionError, UnknownModelVersionError
from backend.detectors.adapters.versions.predictions import load_predictions
from backend.detectors.adapters.versions.registry import versions
from backend.detectors.loop import kinds
from backend.detectors.loop.kinds import kind_names, kind_of, kind_of_version
from backend.detectors.loop.load import load_detector
from backend.detectors.loop.sweep import sweep_versions
from backend.detectors.loop.train import train
from backend.labels.core.labels import Label, LabelSource
from backend.service.loop.status import status
from tasks import load_detector_tasks

PAGE = Path(__file__).parents[4] / "docs" / "adding-a-detector.md"
SHIPPED = ["answer_head", "box", "joint_sum", "made_head", "pair", "rule"]


def a_task(kind="mean_grey"):
    return DetectorTask(
        name="darkness",
        question="Is the film too dark?",
        labels=("light", "dark"),
        expected_label="light",
        thresholds=Thresholds(0.7, 0.98),
        kind=TaskKind(name=kind, learnt_from=LearntFrom.ANSWERS),
    )


@pytest.fixture
def added(tmp_path, monkeypatch):
    """The kind of the page, as if its file lay in `kinds/`."""
    sources = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    (source,) = (each for each in sources if "KIND = " in each)
    folder = tmp_path / "kinds"
    folder.mkdir()
    (folder / "mean_grey.py").write_text(source)
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(folder)])
    yield
    sys.modules.pop("backend.detectors.loop.kinds.mean_grey", None)


@pytest.fixture
def answers(workspace):
    """Every film is called by its mean grey: the darker half is dark."""
    indexed = films(workspace.database)
    store = ThumbnailStore(workspace.thumbnails)
    grey = store.read([film.thumbnail_row for film in indexed]).mean(axis=(1, 2))
    dark = grey < np.median(grey)
    return [
        Label(film.radiograph_id, "darkness", label, LabelSource.REVIEWER, "2026-01-01")
        for film, label in zip(indexed, np.where(dark, "dark", "light").tolist(), strict=True)
    ]


def test_every_kind_names_itself_and_no_two_store_versions_under_the_same_name():
    assert kind_names() == SHIPPED
    every = [kinds._kind(name) for name in kind_names()]
    stored = [letters for kind in every for letters in kind.stored_as]
    assert sorted(stored) == ["box", "head", "pair", "place", "rule", "tiny"]


def test_every_task_is_of_a_kind_that_has_a_file():
    assert {kind_of(task).name for task in load_detector_tasks().values()} == set(SHIPPED)


def test_a_kind_without_a_file_is_refused():
    with pytest.raises(TaskDefinitionError, match=r"no kind of detector 'mean_grey'.*made_head"):
        kind_of(a_task())
    with pytest.raises(UnknownModelVersionError, match="grey-0123456789ab"):
        kind_of_version("grey-0123456789ab")


@pytest.mark.usefixtures("added")
def test_a_new_kind_is_one_file_that_trains_predicts_and_is_listed(workspace, answers):
    task = a_task()
    assert "mean_grey" in kind_names()
    result = train(workspace, task, extra_labels=answers)
    assert result.model_version.startswith("grey-")
    assert result.judgement.publish
    assert train(workspace, task, extra_labels=answers).reused
    detector = load_detector(workspace.models, result.model_version, "cpu")
    assert detector.heads == {"darkness": ("light", "dark")}
    sweep_versions(workspace.database, workspace.detector_files, {"darkness": result.model_version})
    said = load_predictions(workspace.predictions, "darkness", result.model_version).frame
    truth = {answer.radiograph_id: answer.label for answer in answers}
    rows = zip(said.radiograph_id, said.predicted, strict=True)
    right = [truth[film] == label for film, label in rows]
    assert np.mean(right) > 0.95
    assert [each.model_version for each in versions(workspace.database, "darkness")] == [
        result.model_version
    ]
    assert status(workspace, {"darkness": task}).tasks["darkness"].versions == 1
    assert next(kind_of(task).explain(task, result)).startswith("darkness: grey-")
