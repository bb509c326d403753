import json

import pytest
from click.testing import CliRunner

from backend.base.adapters.workspace import Workspace
from backend.phantoms.adapters.phantom_archive import write_phantom_archive
from scripts import main

pytestmark = pytest.mark.trains


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """An indexed phantom archive that is trained on for as short a time as can be."""
    folder, workspace = tmp_path_factory.mktemp("films"), tmp_path_factory.mktemp("workspace")
    written = write_phantom_archive(folder, films=40, seed=3, size_px=96)
    (workspace / "radsieve.toml").write_text("epochs = 1\nfolds = 2\nsealed_share = 0.4\n")
    arguments = ["index", str(folder), "--metadata", str(folder / "metadata.csv")]
    result = CliRunner().invoke(main, [*arguments, "--workspace", str(workspace)])
    assert result.exit_code == 0
    return workspace, written


@pytest.fixture(scope="module")
def run(archive):
    def run(*arguments):
        return CliRunner().invoke(
            main, ["train", *map(str, arguments), "--workspace", str(archive[0])]
        )

    return run


@pytest.fixture(scope="module")
def facts(run):
    result = run("rotation", "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.splitlines()[-1])


def test_a_program_gets_version_verdict_and_metrics(facts):
    assert facts["model_version"].startswith("tiny-")
    assert facts["published"] is True
    assert facts["reason"].startswith("the first version")
    assert set(facts["metrics"]["binary"]) >= {"accuracy", "precision", "recall", "auc", "auprc"}
    assert facts["metrics"]["training"]["films"] > 0


def test_a_person_reads_what_was_trained_how_good_it_is_and_what_became_of_it(facts, run):
    text = run("inversion").output
    assert f"{facts['model_version']} was trained together with rotation, which" in text
    again = run("inversion", "--in-short")
    assert f"{facts['model_version']} had been trained on these very films and labels" in (
        again.stderr
    )
    (sentence,) = again.stdout.splitlines()
    assert "learnt from" in sentence
    assert "tiny-" not in sentence and "interval)" in sentence
    for words in ("of them confirmed", "sealed set", "accuracy", "Clopper-Pearson", "baseline"):
        assert words in text
    assert "published: the first version" in text


def test_a_table_of_labels_is_learnt_from(facts, run, archive, tmp_path):
    table = tmp_path / "labels.csv"
    rows = [f"{film.path.name},upright" for film in archive[1]]
    table.write_text("\n".join(["file,label", *rows]))
    result = run("rotation", "--labels", table, "--json")
    told = json.loads(result.stdout.splitlines()[-1])
    assert told["model_version"] != facts["model_version"]
    assert told["metrics"]["training"]["confirmed_films"] > 0


def test_a_bad_row_is_one_clear_line(run, tmp_path):
    table = tmp_path / "labels.csv"
    table.write_text("file,label\nphantom_0001.png,sideways\n")
    result = run("rotation", "--labels", table)
    assert result.exit_code == 1
    assert "line 2: expected one of upright, turned_90" in result.output
    assert "Traceback" not in result.output


def test_an_unknown_task_names_those_there_are(run):
    result = run("rotatoin")
    assert result.exit_code == 1
    assert "no detector task 'rotatoin'" in result.output


def test_an_empty_workspace_says_what_to_do(tmp_path):
    Workspace.open_or_make(tmp_path / "new").database.dispose()
    result = CliRunner().invoke(main, ["train", "rotation", "--workspace", str(tmp_path / "new")])
    assert result.exit_code == 1
    assert "add films with `radsieve index`" in result.output
