import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from backend.archive.adapters.catalogue import films
from backend.archive.core.identity import is_sealed
from backend.base.adapters.workspace import Workspace
from backend.phantoms.adapters.phantom_archive import write_phantom_archive
from scripts import main

pytestmark = pytest.mark.trains

FILMS = 40


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """An indexed archive of phantoms with nothing wrong, and its films."""
    folder, workspace = tmp_path_factory.mktemp("films"), tmp_path_factory.mktemp("workspace")
    # With the usual share none of the 19 patients would be sealed in one workspace of seventy.
    (workspace / "radsieve.toml").write_text("sealed_share = 0.35\n")
    written = write_phantom_archive(
        folder, films=FILMS, seed=3, size_px=96, turned_share=0.0, inverted_share=0.0
    )
    arguments = ["index", str(folder), "--metadata", str(folder / "metadata.csv")]
    result = CliRunner().invoke(main, [*arguments, "--workspace", str(workspace)])
    assert result.exit_code == 0
    return workspace, written


@pytest.fixture(scope="module")
def free(archive):
    """The names of films whose patients are not sealed: who is depends on the workspace's key."""
    workspace = Workspace.open_or_make(archive[0])
    key, share = workspace.secrets.archive_key, workspace.settings.sealed_share
    return {
        Path(film.path).name
        for film in films(workspace.database)
        if not is_sealed(film.patient_key, key, share)
    }


@pytest.fixture(scope="module")
def run(archive):
    def run(*arguments):
        return CliRunner().invoke(
            main, ["probe", *map(str, arguments), "--workspace", str(archive[0])]
        )

    return run


@pytest.fixture(scope="module")
def mirror(run):
    result = run("mirror", "--json")
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def facts(mirror):
    return json.loads(mirror.stdout.splitlines()[-1])


def test_a_program_gets_both_answers_with_what_they_rest_on(facts, free):
    assert facts["task"] == "mirror"
    assert (facts["target"], facts["prevalence"]) == (0.999, 0.001)
    assert facts["answer"] in {"go", "no-go", "unclear"}
    assert facts["enough"] in {"yes", "no", "unclear"}
    assert facts["reason"] and facts["enough_reason"]
    assert (facts["films"], facts["doubted_films"]) == (len(free), [])
    for name in ("auc", "auprc", "precision", "recall", "precision_at_prevalence"):
        assert set(facts["figures"][name]) == {"value", "low", "high", "interval"}
    load = facts["review_per_100000"]
    assert 0 <= load["low"] <= load["value"] <= load["high"] <= 100_000
    needed = facts["labels_needed"]
    assert set(needed["needed"]) == {"value", "low", "high"}
    assert needed["what"] == "films (labels are made, none is needed)"
    assert 0 < needed["there_are"] < FILMS


def test_the_files_lie_in_the_workspace_and_say_the_same(facts, archive):
    folder = archive[0] / "probes" / "mirror"
    assert facts["probe_json"] == str(folder / "probe.json")
    assert facts["probe_png"] == str(folder / "probe.png")
    written = json.loads((folder / "probe.json").read_text())
    assert {name: written[name] for name in facts if name in written} == {
        name: value for name, value in facts.items() if not name.startswith("probe_")
    }
    assert list(written["ways"]) == ["film against its changed self", "16x16 pixels"]
    assert (folder / "probe.png").read_bytes().startswith(b"\x89PNG")


def test_a_person_reads_two_questions_and_two_answers(mirror, facts, free):
    lines = mirror.stderr.splitlines()
    assert f"mirror: {len(free)} films of {facts['patients']} patients" in mirror.stderr
    assert f"is it embarrassingly learnable? {facts['answer']}: {facts['reason']}" in lines
    assert f"is there enough data? {facts['enough_reason']}" in lines
    for words in ("AUC", "AUPRC", "precision where half are bad", "precision at 0.10% bad"):
        assert mirror.stderr.count(f"    {words} ") == 2  # ours, and the baseline's
    assert "to review of 100,000 films" in mirror.stderr
    assert "Clopper-Pearson" in mirror.stderr


def test_another_prevalence_and_folder(run, facts, tmp_path):
    out = tmp_path / "here" / "mirror"
    told = run("mirror", "--prevalence", "0.5", "--out", out, "--json")
    half = json.loads(told.stdout.splitlines()[-1])
    assert half["review_per_100000"]["value"] > facts["review_per_100000"]["value"]
    assert half["figures"]["auc"] == facts["figures"]["auc"]
    assert half["probe_png"] == str(out / "probe.png")
    assert sorted(path.name for path in out.iterdir()) == ["probe.json", "probe.png"]


def test_a_table_of_labels_is_learnt_from(run, archive, free, tmp_path):
    table = tmp_path / "labels.csv"
    names = [film.path.name for film in archive[1]]
    rows = [f"{name},{('frontal', 'lateral')[place % 2]}" for place, name in enumerate(names)]
    table.write_text("\n".join(["file,label", *rows]))
    result = run("projection", "--labels", table, "--json")
    told = json.loads(result.stdout.splitlines()[-1])
    frontal = len(free & set(names[::2]))
    counts = {"frontal": frontal, "lateral": len(free) - frontal, "other": 0}
    assert told["films_by_label"] == counts
    assert told["labels_needed"]["what"] == "labelled films"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("age",), "age is decided by a rule: nothing is learnt, so there is nothing to probe"),
        (("mirorr",), "no detector task 'mirorr'; there are: age"),
        (("projection",), "expected 5 films of two or more patients for at least two labels"),
        (("hip_box",), "expected 6 boxes of each label of hip_box"),
        (("mirror", "--labels", "none.csv"), "cannot read the labels none.csv"),
    ],
)
def test_what_goes_wrong_is_one_clear_line_and_exit_1(run, arguments, message):
    result = run(*arguments)
    assert result.exit_code == 1
    (line,) = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    assert message in line
    assert "Traceback" not in result.output


def test_with_json_an_error_is_the_last_line_of_standard_output(run):
    assert "decided by a rule" in json.loads(run("age", "--json").stdout.splitlines()[-1])["error"]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("mirror", "--target", "1"),
        ("mirror", "--target", "0"),
        ("mirror", "--prevalence", "2"),
    ],
)
def test_wrong_usage_is_exit_2(run, arguments):
    assert run(*arguments).exit_code == 2
