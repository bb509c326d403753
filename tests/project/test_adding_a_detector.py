"""What docs/adding-a-detector.md says is done here: its file is added, and nothing else."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import tasks
from backend.phantoms.core.chest import chest_phantom
from scripts import main

ROOT = Path(__file__).parents[2]
FILMS = 48


@pytest.fixture(scope="module")
def task_file():
    page = (ROOT / "docs" / "adding-a-detector.md").read_text()
    sources = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    (source,) = (each for each in sources if "TASK = " in each)
    return source


@pytest.fixture
def added(task_file, tmp_path, monkeypatch):
    """The task of the page, as if its file lay in `tasks/`."""
    folder = tmp_path / "tasks"
    folder.mkdir()
    (folder / "obscured.py").write_text(task_file)
    monkeypatch.setattr(tasks, "__path__", [*tasks.__path__, str(folder)])
    yield
    sys.modules.pop("tasks.obscured", None)


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Phantoms; across every fourth lies a lead (drawn: a bright line with a bend)."""
    folder = tmp_path_factory.mktemp("films")
    for number in range(FILMS):
        rng = np.random.default_rng([17, number])
        film = (chest_phantom(rng, 256) * 255).astype(np.uint8)
        if number % 4 == 0:
            points = rng.integers(20, 236, (4, 2)).astype(np.int32)
            cv2.polylines(film, [points.reshape(-1, 1, 2)], False, 255, 5)
        cv2.imwrite(
            str(folder / f"{'obscured' if number % 4 == 0 else 'clear'}-{number}.png"), film
        )
    return folder


@pytest.fixture
def run(tmp_path):
    def call(*arguments):
        command = [*map(str, arguments), "--workspace", str(tmp_path / "workspace"), "--json"]
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout.splitlines()[-1])

    return call


def test_the_contract_of_all_tasks_covers_the_new_file_without_an_edit(task_file, tmp_path):
    for name in ("backend", "tasks", "scripts", "tests/tasks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "tasks" / "obscured.py").write_text(task_file)
    command = [sys.executable, "-m", "pytest", "-q", "tests/tasks", "-k", "obscured"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= 6


@pytest.mark.trains
@pytest.mark.usefixtures("added")
def test_the_new_detector_goes_from_a_table_of_labels_to_predictions(films, run, tmp_path):
    table, out = tmp_path / "labels.csv", tmp_path / "predictions.csv"
    names = [path.name for path in sorted(films.iterdir())]
    rows = [f"{name},{name.partition('-')[0]}" for name in names]
    table.write_text("\n".join(["file,label", *rows]))
    run("index", films)
    assert run("train", "obscured", "--labels", table)["published"]
    run("predictions", "obscured", "--out", out)
    said = pd.read_csv(out)
    truth = said["path"].map(lambda path: Path(path).name.partition("-")[0])
    assert (said["predicted"] == truth).mean() > 0.85
    picks = run("rank", "obscured", "-n", 10, "--out", tmp_path / "batch.csv")
    assert picks
    assert "obscured" in run("status")["tasks"]
