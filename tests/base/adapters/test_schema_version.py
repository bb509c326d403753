"""How a database gets the schema of this code, whoever made it and however many open it."""

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Column, MetaData, String, create_engine, inspect, text

from backend.base.adapters import schema_version
from backend.base.adapters.database import open_database, schema
from backend.base.adapters.lock import in_turn
from backend.base.adapters.migrations import HEAD
from backend.base.core.errors import RadsieveError
from scripts._migration import write_revision

ROOT = Path(__file__).parents[3]
PROGRAMS = 3
NEXT = f"{int(HEAD) + 1:04}"
"""The revision that comes after those of the code."""


def url_in(folder):
    return f"sqlite:///{folder / 'radsieve.sqlite3'}"


def stamps(engine):
    with engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()


@pytest.fixture
def made_by_revisions(tmp_path):
    """A database that got everything from the revisions, from the first to the last."""
    engine = create_engine(f"sqlite:///{tmp_path / 'revisions.sqlite3'}")
    with engine.begin() as connection:
        schema_version.run_revisions(connection, schema)
    yield engine
    engine.dispose()


@pytest.fixture
def new(tmp_path):
    engine = open_database(url_in(tmp_path))
    yield engine
    engine.dispose()


def test_the_tables_of_the_code_are_those_that_the_revisions_make(
    made_by_revisions, new, disagreements, layout
):
    assert disagreements(made_by_revisions) == []
    assert disagreements(new) == []
    assert layout(made_by_revisions) == layout(new)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///file:{folder}/radsieve.db?uri=true"])
def test_a_database_in_memory_or_with_options_is_made_too(tmp_path, disagreements, url):
    engine = open_database(url.format(folder=tmp_path))
    assert disagreements(engine) == []
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    engine.dispose()


def test_a_table_of_the_code_that_no_revision_makes_is_noticed(made_by_revisions, disagreements):
    with made_by_revisions.begin() as connection:
        connection.execute(text("ALTER TABLE labels DROP COLUMN evidence"))
    ((what, _, table, column),) = disagreements(made_by_revisions)
    assert (what, table, column.name) == ("add_column", "labels", "evidence")


def test_a_new_database_has_the_newest_stamp(made_by_revisions, new):
    folder = ScriptDirectory(schema_version.MIGRATIONS)
    assert [HEAD] == folder.get_heads() == stamps(new) == stamps(made_by_revisions)


def test_a_database_of_a_later_version_is_refused_in_one_line(new, tmp_path):
    with new.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(RadsieveError, match=r"9999.*later radsieve made.*install") as refusal:
        open_database(url_in(tmp_path))
    assert "\n" not in str(refusal.value)
    assert stamps(new) == ["9999"]


_PROGRAMS = """
import os, sys
from backend.base.adapters.database import open_database
programs = int(sys.argv[2])
starts, start = os.pipe()
for _ in range(programs):
    if not os.fork():
        try:
            os.read(starts, 1)
            open_database(sys.argv[1]).dispose()
            os.write(1, b"True " if "alembic" in sys.modules else b"False ")
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(0)
os.write(start, b"." * programs)
for _ in range(programs):
    os.wait()
"""


def open_at_once(url, programs=PROGRAMS):
    """Open a database in several processes at the same time; return who needed Alembic.

    One program imports what they need and splits: to import it in each takes most of the time.
    """
    command = [sys.executable, "-c", _PROGRAMS, url, str(programs)]
    done = subprocess.run(
        command, cwd=ROOT, text=True, capture_output=True, timeout=300, check=True
    )
    assert done.stderr == ""
    told = done.stdout.split()
    assert len(told) == programs
    return [words == "True" for words in told]


def test_programs_that_open_a_new_workspace_at_once_make_it_once_and_without_alembic(
    tmp_path, disagreements
):
    assert open_at_once(url_in(tmp_path)) == [False] * PROGRAMS
    engine = open_database(url_in(tmp_path))
    assert (stamps(engine), disagreements(engine)) == ([HEAD], [])
    engine.dispose()


def test_programs_that_open_an_earlier_workspace_at_once_upgrade_it_once(earlier, disagreements):
    assert any(open_at_once(str(earlier.url)))
    assert (stamps(earlier), disagreements(earlier)) == ([HEAD], [])
    assert open_at_once(str(earlier.url), programs=1) == [False]


def test_an_upgrade_is_waited_for_however_long_it_takes(earlier, tmp_path):
    with in_turn(tmp_path / "radsieve.sqlite3.lock"):
        opening = threading.Thread(
            target=lambda: open_database(url_in(tmp_path)).dispose(), daemon=True
        )
        opening.start()
        opening.join(0.3)
        assert opening.is_alive()
        assert "alembic_version" not in inspect(earlier).get_table_names()
    opening.join(60)
    assert stamps(earlier) == [HEAD]


@pytest.fixture
def earlier(new):
    """A database with a label and its box, from before there were stamps."""
    statements = (
        "INSERT INTO radiographs VALUES ('a', 0, 9, 9, 'PNG', '[]', '{}', 'p', 'film', "
        "NULL, NULL, NULL, '2026', NULL, NULL, NULL, NULL)",
        "INSERT INTO labels VALUES (7, 'a', 'hip_box', 'found', 0, 'REVIEWER', 'user 1', '2026', "
        "'2026', NULL, NULL, NULL, NULL, NULL)",
        "INSERT INTO boxes VALUES (1, 7, 'left_hip', 0.1, 0.2, 0.3, 0.4)",
        "DROP INDEX ix_radiographs_study_key",
        "ALTER TABLE radiographs DROP COLUMN study_key",
        "ALTER TABLE radiographs DROP COLUMN coloured_share",
        "ALTER TABLE radiographs DROP COLUMN white_is_zero",
        "ALTER TABLE radiographs DROP COLUMN thumbnail_digest",
        "ALTER TABLE labels DROP COLUMN evidence",
        "DROP TABLE ledger",
        "DROP TABLE alembic_version",
    )
    with new.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    return new


def rows(engine, table):
    with engine.connect() as connection:
        return connection.execute(text(f"SELECT * FROM {table}")).mappings().all()


@pytest.fixture
def next_revision(tmp_path, monkeypatch):
    """Return a function that adds a revision with these lines to those of the code."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema_version.MIGRATIONS, folder)
    monkeypatch.setattr(schema_version, "MIGRATIONS", folder)

    def write(*lines):
        body = "\n".join(f"    {line}" for line in lines)
        (folder / "versions" / f"v{NEXT}_next.py").write_text(
            "from alembic import op\nimport sqlalchemy as sa\n"
            f"revision, down_revision = '{NEXT}', '{HEAD}'\n\ndef upgrade():\n{body}\n"
        )
        monkeypatch.setattr(schema_version, "HEAD", NEXT)

    return write


def test_a_revision_that_copies_a_table_keeps_its_rows_and_those_that_refer_to_it(
    earlier, next_revision, tmp_path
):
    next_revision(
        "with op.batch_alter_table('labels') as table:",
        "    table.alter_column('reviewer', nullable=True)",
    )
    boxes = rows(earlier, "boxes")
    open_database(url_in(tmp_path)).dispose()
    assert stamps(earlier) == [NEXT]
    assert [row["id"] for row in rows(earlier, "labels")] == [7]
    assert rows(earlier, "boxes") == boxes
    nullable = {
        column["name"]: column["nullable"] for column in inspect(earlier).get_columns("labels")
    }
    assert nullable["reviewer"]
    with earlier.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("op.execute('INSERT INTO nowhere VALUES (1)')", "no such table: nowhere"),
        ("op.execute('DELETE FROM labels')", "every row of boxes to belong.*nothing was changed"),
    ],
)
def test_an_upgrade_that_fails_changes_nothing(
    earlier, next_revision, tmp_path, fault, words, layout
):
    next_revision("op.add_column('labels', sa.Column('site', sa.String))", fault)
    before = layout(earlier), rows(earlier, "labels"), rows(earlier, "boxes")
    with pytest.raises(RadsieveError, match=words):
        open_database(url_in(tmp_path))
    assert (layout(earlier), rows(earlier, "labels"), rows(earlier, "boxes")) == before
    assert "alembic_version" not in before[0]


def test_a_changed_table_gives_a_revision_that_makes_the_change(
    earlier, next_revision, tmp_path, monkeypatch
):
    changed = MetaData()
    for table in schema.sorted_tables:
        table.to_metadata(changed)
    changed.tables["labels"].append_column(Column("site", String))
    path = Path(write_revision("add the site", changed))
    assert path.name == f"v{NEXT}_add_the_site.py"
    monkeypatch.setattr(schema_version, "HEAD", NEXT)
    open_database(url_in(tmp_path)).dispose()
    (label,) = rows(earlier, "labels")
    assert (label["id"], label["site"]) == (7, None)


@pytest.mark.slow
def test_postgresql_gets_its_schema_once_and_is_upgraded_too(postgres_url, disagreements):
    open_at_once(postgres_url)
    engine = open_database(postgres_url)
    assert (stamps(engine), disagreements(engine)) == ([HEAD], [])
    with engine.begin() as connection:
        for statement in ("DROP TABLE alembic_version", "ALTER TABLE labels DROP COLUMN evidence"):
            connection.execute(text(statement))
    assert any(open_at_once(postgres_url))
    assert (stamps(engine), disagreements(engine)) == ([HEAD], [])
    engine.dispose()
