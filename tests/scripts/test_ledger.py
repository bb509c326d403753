import json

import pytest
from click.testing import CliRunner
from shared_fixtures.kept_answers import add_labels
from sqlalchemy import delete, update

from backend.base.adapters.database import labels, ledger
from backend.base.adapters.workspace import Workspace
from backend.labels.core.labels import Label, LabelSource
from benchmarks.speed.ledger_cost import add_films
from scripts import main


@pytest.fixture
def run(tmp_path):
    Workspace.open_or_make(tmp_path / "workspace").database.dispose()

    def call(*arguments):
        whole = [arguments[0], "--workspace", str(tmp_path / "workspace"), *arguments[1:]]
        return CliRunner().invoke(main, whole)

    return call


@pytest.fixture
def engine(tmp_path):
    engine = Workspace.open_or_make(tmp_path / "workspace").database
    add_films(engine, ["f" * 20])
    said = Label("f" * 20, "rotation", "turned_90", LabelSource.REVIEWER, "2026-01-01", "user 1")
    add_labels(engine, [said])
    yield engine
    engine.dispose()


def test_the_ledger_of_nothing_holds(run):
    result = run("ledger", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"rows": 0, "digest": "0" * 64, "exports": []}


def test_the_command_counts_rows_and_names_exports(run, engine, tmp_path):
    row = json.loads(run("export", "--out", str(tmp_path), "--json").stdout.splitlines()[-1])
    result = run("ledger", "--json")
    facts = json.loads(result.stdout)
    assert facts["rows"] == 4
    assert facts["exports"] == [row["ledger_row"]] == [4]
    assert len(facts["digest"]) == 64
    assert "the ledger holds: 4 rows" in result.stderr


def test_a_copy_shows_that_nothing_was_cut_off(run, engine, tmp_path):
    kept = tmp_path / "kept.jsonl"
    assert run("ledger", "--out", str(kept)).exit_code == 0
    assert json.loads(kept.read_text().splitlines()[1])["facts"]["label"] == "turned_90"
    run("export", "--out", str(tmp_path))
    assert "it begins with" in run("ledger", "--check", str(kept)).output
    with engine.begin() as connection:
        connection.execute(delete(ledger).where(ledger.c.seq > 1))
    result = run("ledger", "--check", str(kept))
    assert result.exit_code == 1
    assert "row 2 is missing" in result.output


def test_a_row_that_was_tampered_with_is_one_clear_line(run, engine):
    with engine.begin() as connection:
        connection.execute(update(ledger).where(ledger.c.seq == 2).values(facts={}))
    result = run("ledger")
    assert result.exit_code == 1
    assert "tampered with: row 2 was changed" in result.output


def test_a_label_that_was_tampered_with_is_one_clear_line(run, engine):
    with engine.begin() as connection:
        connection.execute(update(labels).values(label="upright"))
    result = run("ledger")
    assert result.exit_code == 1
    assert "1 labels in the database differ from the ledger's" in result.output


def test_an_export_is_rebuilt_from_its_row(run, engine, tmp_path):
    run("export", "--out", str(tmp_path / "first"))
    result = run("export", "--again", "4", "--out", str(tmp_path / "again"), "--json")
    facts = json.loads(result.stdout.splitlines()[-1])
    assert facts["identical"]
    for name in facts["sha256"]:
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "first" / name).read_bytes()


def test_rebuilding_takes_no_other_arguments(run, tmp_path):
    result = run("export", "--again", "3", "--predicted", "--out", str(tmp_path))
    assert result.exit_code == 2
    assert "takes its arguments from the ledger" in result.output


def test_a_row_that_is_no_export_is_refused(run, engine, tmp_path):
    result = run("export", "--again", "2", "--out", str(tmp_path))
    assert result.exit_code == 1
    assert "tells of an export (none yet), got 2" in result.output
