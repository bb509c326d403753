"""`radsieve rules` and `radsieve export` on an archive with children and a blank film."""

import csv
import json

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from backend.phantoms.adapters.phantom_archive import write_phantom_archive
from scripts import main


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "films"
    folder.mkdir()
    made = write_phantom_archive(
        folder, films=8, seed=4, size_px=512, turned_share=0, inverted_share=0
    )
    cv2.imwrite(str(folder / "blank.png"), np.full((340, 340), 40, np.uint8))
    with (tmp_path / "ages.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "age_years"])
        rows.writerows([film.path.name, 5 if film is made[0] else 50] for film in made)

    def call(*arguments):
        result = CliRunner().invoke(main, [*arguments, "--workspace", str(tmp_path / "workspace")])
        assert result.exit_code == 0, result.output
        return result

    call("index", str(folder), "--metadata", str(tmp_path / "ages.csv"))
    return call


def rows_of(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def test_a_policy_excludes_and_a_suspicion_waits_for_a_person(run, tmp_path):
    facts = json.loads(run("rules", "--json").stdout.splitlines()[-1])
    assert (facts["age"]["films"]["child"], facts["age"]["model_version"]) == (1, None)
    assert facts["quality"]["films"]["blank"] == 1
    assert facts["quality"]["checks"]["blank"]["suspects"] == 1
    text = run("rules", "quality").output
    assert "none is excluded until somebody has looked" in text
    assert facts["quality"]["model_version"] in text

    lists = tmp_path / "lists"
    arguments = ("--out", str(lists), "--accept-bias", "the youngest are left out on purpose")
    made = run("export", *arguments)
    assert "suspects.csv: 1 row, one for each file and question, the worst first." in made.output
    assert "--predicted" not in made.output
    (child,) = rows_of(lists / "exclusions.csv")
    assert (child["reason"], child["decided"]) == ("age: child", "policy")
    suspects = rows_of(lists / "suspects.csv")
    assert suspects[0]["file"].endswith("blank.png")
    assert suspects[0]["suspicion"] == "quality: blank (a rule: structure below 0.1, the default)"
    run("export", "--out", str(tmp_path / "sure"), *arguments[2:], "--predicted")
    assert (tmp_path / "sure" / "exclusions.csv").read_bytes() == (
        lists / "exclusions.csv"
    ).read_bytes()
