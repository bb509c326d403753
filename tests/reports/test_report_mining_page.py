"""What docs/report-mining.md says is done here, on its invented reports."""

import csv
import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from backend.base.adapters.workspace import Workspace
from backend.reports.adapters.lexicon_file import languages
from backend.reports.core.mining.finding import Status
from backend.reports.core.mining.mine import label_of
from scripts import main

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "report-mining.md").read_text()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


COMMANDS = [line for block in blocks("bash") for line in block.splitlines()]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with every file that the page names."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RADSIEVE_WORKSPACE", str(tmp_path / "workspace"))
    Workspace.open_or_make(tmp_path / "workspace")
    reports = (DOCS / "invented-reports.csv").read_text()
    (terms_csv,), (terms_toml,) = blocks("csv"), blocks("toml")
    for name, content in {
        "reports.csv": f'{reports}X1,Knee,Pain.,"Metal in situ, unchanged.",None.\n',
        "reports-overrides.csv": "id,label,note\nR003,absent,checked\n",
        "befunde.csv": "id,befund\n1,Hüft-TEP rechts in regelrechter Lage.\n",
        "terms.csv": terms_csv,
        "terms.toml": terms_toml,
        "labels.csv": "id,label,category,status,span,rule,confidence\nR001,present,clip,,,a,.9\n",
        "films.csv": "file,report_id\na.png,R001\n",
    }.items():
        (tmp_path / name).write_text(content)
    return tmp_path


def run(command):
    result = CliRunner().invoke(main, [*shlex.split(command)[1:], "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.splitlines()[-1])


def label_and_rule(report_id):
    with Path("labels.csv").open(newline="") as file:
        (row,) = [row for row in csv.DictReader(file) if row["id"] == report_id]
    return row["label"], row["rule"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_page_runs(folder, command):
    language = re.search(r"--language (\w+)", command)
    if language and language[1] not in languages():
        pytest.skip(f"there is no lexicon for {language[1]} yet")
    facts = run(command)
    if "--language" in command:
        assert facts["labels"]["present"] == 1
    elif " seed-reports " in command:
        assert facts["reports"] == 31


@pytest.mark.parametrize("terms", ["terms.csv", "terms.toml"])
def test_terms_of_the_page_find_what_the_rules_did_not(folder, terms):
    run("radsieve seed-reports reports.csv --out labels.csv")
    assert label_and_rule("X1")[1] != "my.shorthand"
    run(f"radsieve seed-reports reports.csv --out labels.csv --terms {terms}")
    assert label_and_rule("X1") == ("present", "my.shorthand")


def test_the_page_says_which_status_becomes_which_label():
    said = dict(re.findall(r"^\| `(\w+)` \|.*\| `(\w+)` \|$", PAGE, flags=re.MULTILINE))
    assert said == {status.value: label_of(status).value for status in Status}


def test_the_page_names_the_keys_of_the_page_to_check():
    script = (DOCS.parent / "backend/reports/adapters/report_page.js").read_text()
    keys = re.search(r"const KEYS = \{(.*?)\n\};", script, flags=re.DOTALL)[1]
    named = set(re.findall(r'^  "?([a-z/])"?: \[', keys, flags=re.MULTILINE))
    table = PAGE.split("| key | does |")[1].split("\n\n")[0]
    assert named | {"1", "2", "3"} == set(re.findall(r"`(.)`", table))
