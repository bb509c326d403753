"""Workspaces that earlier commits of this repository really made open, with every row they had."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import JSON, MetaData, create_engine, insert, select

from backend.archive.adapters.catalogue import films
from backend.base.adapters.database import open_database
from backend.base.adapters.migrations import HEAD
from backend.base.adapters.secrets_file import write_new_secrets
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import LostPartError
from backend.labels.adapters.label_store import standing_labels
from backend.labels.adapters.ledger_store import check_ledger, labels_that_differ, recorded
from scripts import main

FOLDER = Path(__file__).with_name("earlier_workspaces")
COMMITS = sorted(path.stem for path in FOLDER.glob("*.sql"))
WITH_LEDGER = {"66a7984", "bdc10cc"}


def load(commit, path):
    with closing(sqlite3.connect(path)) as database:
        database.executescript((FOLDER / f"{commit}.sql").read_text())


def contents(path):
    """Return by table its columns and its rows, as they lie in the file."""
    with closing(sqlite3.connect(path)) as database:
        names = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        return {name: _table(database, name) for (name,) in database.execute(names).fetchall()}


def _table(database, name):
    result = database.execute(f"SELECT * FROM {name} ORDER BY rowid")
    columns = [column[0] for column in result.description]
    return [dict(zip(columns, row, strict=True)) for row in result]


@pytest.fixture(params=COMMITS)
def commit(request):
    return request.param


@pytest.fixture
def root(commit, tmp_path):
    (tmp_path / "workspace").mkdir()
    load(commit, tmp_path / "workspace" / "radsieve.sqlite3")
    with (tmp_path / "workspace" / "thumbnails.u8").open("wb") as file:
        file.truncate(24 * 256 * 256)
    write_new_secrets(tmp_path / "workspace" / "secrets.json")
    return tmp_path / "workspace"


@pytest.fixture
def workspace(root):
    opened = Workspace(root)
    yield opened
    opened.database.dispose()


def test_workspaces_of_four_commits_are_kept_with_what_people_decided():
    assert len(COMMITS) == 4
    for name in COMMITS:
        text = (FOLDER / f"{name}.sql").read_text()
        kept = ["batches", "picks", "items", "labels", "publications"]
        kept += ["answers", "ledger"] if name in WITH_LEDGER else []
        assert all(text.count(f'INSERT INTO "{table}"') >= 2 for table in kept)
        assert "alembic_version" not in text


def test_every_row_of_every_table_is_as_it_was(root):
    file = root / "radsieve.sqlite3"
    before = contents(file)
    Workspace(root).database.dispose()
    after = contents(file)
    assert {row["part"] for row in after.pop("identity")} >= {"workspace", "secrets", "thumbnails"}
    assert after.pop("alembic_version") == [{"version_num": HEAD}]
    assert {name for name in after if name not in before and after[name]} == set()
    for name, rows in before.items():
        assert len(after[name]) == len(rows)
        for was, is_now in zip(rows, after[name], strict=True):
            added = is_now.keys() - was.keys()
            assert {**was, **dict.fromkeys(added)} == is_now


def test_the_schema_is_that_of_a_new_workspace(workspace, tmp_path, disagreements, layout):
    new = Workspace.open_or_make(tmp_path / "new")
    assert layout(workspace.database) == layout(new.database)
    assert disagreements(workspace.database) == []
    new.database.dispose()


def test_labels_and_ledger_hold_for_the_code_of_today(root, commit):
    before = contents(root / "radsieve.sqlite3")
    workspace = Workspace(root)
    standing = [row for row in before["labels"] if row["withdrawn_at"] is None]
    assert len(standing) < len(before["labels"])
    by_people = sum(row["source"] == "REVIEWER" for row in standing)
    assert by_people >= 20
    tasks = {row["detector_task"] for row in standing}
    labels = [label for task in tasks for label in standing_labels(workspace.database, task)]
    assert len(labels) == len(standing)
    assert len(films(workspace.database)) == len(before["radiographs"])
    check = check_ledger(workspace.database)
    assert (check.fault, check.head.seq) == (None, len(before.get("ledger", ())))
    if commit not in WITH_LEDGER:
        # The ledger of an earlier workspace begins with the labels that stand.
        with recorded(workspace.database):
            pass
    assert labels_that_differ(workspace.database) == []
    assert check_ledger(workspace.database).fault is None


def test_a_command_says_in_one_line_that_it_upgraded(root, caplog):
    caplog.set_level("INFO")
    CliRunner().invoke(main, ["ledger", "--workspace", str(root)])
    ours = [one.message for one in caplog.records if one.name.startswith("backend")]
    assert ours == [f"the database was brought to schema version {HEAD}"]


def test_the_commands_read_it(workspace):
    for command in ("ledger", "status"):
        result = CliRunner().invoke(main, [command, "--json", "--workspace", str(workspace.root)])
        assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["films"] == 24


@pytest.mark.parametrize(
    ("part", "came"),
    [("secrets.json", "there is none"), ("thumbnails.u8", "of 24 films in .*, got 0")],
)
def test_one_whose_parts_do_not_belong_together_gets_no_identity(root, part, came):
    (root / part).unlink()
    with pytest.raises(LostPartError, match=came):
        Workspace(root)
    assert contents(root / "radsieve.sqlite3").get("identity") == []


@pytest.mark.slow
def test_rows_in_postgresql_are_as_they_were(postgres_url, tmp_path, disagreements):
    commit = COMMITS[0]
    load(commit, tmp_path / "old.sqlite3")
    source, target = (
        create_engine(f"sqlite:///{tmp_path / 'old.sqlite3'}"),
        create_engine(postgres_url),
    )
    tables = MetaData()
    tables.reflect(source)
    for table in tables.tables.values():
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type = JSON(none_as_null=True)
    tables.create_all(target)

    def rows(engine):
        with engine.connect() as connection:
            return {
                table.name: sorted(connection.execute(select(table)).all(), key=str)
                for table in tables.sorted_tables
            }

    before = rows(source)
    with target.begin() as connection:
        for table in tables.sorted_tables:
            if before[table.name]:
                connection.execute(insert(table), [row._asdict() for row in before[table.name]])
    open_database(postgres_url).dispose()
    assert rows(target) == before
    assert disagreements(target) == []
    source.dispose()
    target.dispose()
