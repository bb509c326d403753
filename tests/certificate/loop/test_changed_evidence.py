"""What somebody changes behind radsieve's back is refused: by the ledger, the audit, the export.

Each fault is a real one: other programs write to the database and to the files.
"""

import hashlib
import hmac
import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner
from shared_fixtures.kept_answers import add_labels
from sqlalchemy import delete, select

from backend.archive.adapters.seal_store import note_sealed
from backend.base.adapters.database import evidence, ledger
from backend.base.adapters.evidence_check import refuse_changed_tables
from backend.base.adapters.recorder import COVERED
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import ChangedEvidenceError, LostPartError, RadsieveError
from backend.base.core.evidence import EvidenceState, rows_digest
from backend.certificate.loop.audit import _EVIDENCE, audit_archive
from backend.detectors.adapters.versions.predictions import PredictionFile
from backend.detectors.adapters.versions.registry import published_version, record_publication
from backend.detectors.loop.evidence import refuse_changed_evidence
from backend.export.loop.export import BiasTerms, export
from backend.labels.adapters.ledger_store import note_override
from backend.labels.core.box import Box, LabelledBox
from backend.labels.core.labels import Label, LabelSource
from benchmarks.review.made_review import film_id, publish_made, review_batches
from benchmarks.review.push_cost import reviewed_archive
from scripts import main
from tasks import load_detector_tasks

FILMS = 200
TABLES = sorted(table.name for table in COVERED)
OTHER = {
    "answers": "called = '{}'",
    "batches": "drawn_from = drawn_from - 1",
    "boxes": "left = 0.25",
    "items": "closed_at = NULL",
    "labels": "label = 'upright'",
    "model_versions": "reviewer_labels = 9",
    "picks": "slice = 'audit'",
    "publications": "model_version = 'made-ffffffffffff'",
    "radiographs": "patient_key = 'patient 1'",
    "sealed_films": "patient_key = 'patient 1'",
    "written_files": "sha256 = 'f'",
}
"""What is made of a row of each table."""


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory):
    workspace = reviewed_archive(tmp_path_factory.mktemp("made") / "workspace", FILMS, 1)
    engine, film = workspace.database, film_id(3)
    note_sealed(engine, [(film, "patient 7"), (film_id(4), "patient 8")])
    drawn = (LabelledBox("left_hip", Box(0.1, 0.2, 0.3, 0.4)),)
    said = Label(film, "hip_box", "found", LabelSource.REVIEWER, "2026", "user 1", boxes=drawn)
    add_labels(engine, [said])
    engine.dispose()
    return workspace.root


@pytest.fixture
def root(reviewed, tmp_path):
    return shutil.copytree(reviewed, tmp_path / "workspace")


@pytest.fixture
def workspace(root):
    opened = Workspace(root)
    yield opened
    opened.database.dispose()


def by_another_program(root, *statements):
    with closing(sqlite3.connect(root / "radsieve.sqlite3")) as database, database:
        done = [database.execute(statement).rowcount for statement in statements]
    return sum(done)


def changed(table):
    but = " WHERE slice != 'audit'" if table == "picks" else ""
    return f"UPDATE {table} SET {OTHER[table]} WHERE rowid = (SELECT min(rowid) FROM {table}{but})"


def removed(table):
    return f"DELETE FROM {table} WHERE rowid = (SELECT max(rowid) FROM {table})"


def added(table):
    """Return a statement that copies a row, with another key."""
    columns = [column.name for column in table.c]
    copied = []
    for column in table.c:
        is_text = str(column.type) == "VARCHAR"
        if column.primary_key or column.unique:
            copied.append(f"{column.name} || 'x'" if is_text else f"{column.name} + 100000")
        else:
            copied.append(column.name)
    row = f"SELECT {', '.join(copied)} FROM {table.name} ORDER BY rowid LIMIT 1"
    return f"INSERT INTO {table.name} ({', '.join(columns)}) {row}"


def refusal(call):
    with pytest.raises(ChangedEvidenceError) as refused:
        call()
    assert "\n" not in str(refused.value)
    return str(refused.value)


def refuse_all(workspace, out):
    """Return what ledger, audit and export say of the evidence; none where one holds."""
    calls = {
        "ledger": lambda: refuse_changed_evidence(workspace),
        "audit": lambda: audit_archive(workspace.database, load_detector_tasks()),
        "export": lambda: export(workspace, load_detector_tasks(), out, with_pictures=False),
    }
    said = {}
    for name, call in calls.items():
        try:
            call()
        except ChangedEvidenceError as error:
            said[name] = str(error)
    return said


@pytest.mark.parametrize("table", sorted(COVERED, key=lambda table: table.name), ids=str)
@pytest.mark.parametrize("fault", ["changed", "removed", "added"])
def test_a_row_that_another_program_changed_is_refused(root, workspace, tmp_path, table, fault):
    statements = {"changed": changed, "removed": removed}
    statement = added(table) if fault == "added" else statements[fault](table.name)
    assert by_another_program(root, statement) == 1
    said = refuse_all(workspace, tmp_path / "out")
    used = {"ledger", "export"} | ({"audit"} if table in _EVIDENCE else set())
    assert said.keys() == used
    for words in said.values():
        assert f"the table {table.name} was changed by something else than radsieve" in words
        assert "expected" in words
        assert "restore the database from a backup" in words
    assert not (tmp_path / "out").exists()


def test_nothing_is_said_of_evidence_that_nobody_touched(workspace, tmp_path):
    bias = BiasTerms(accept="a test")
    refuse_changed_evidence(workspace)
    assert audit_archive(workspace.database, load_detector_tasks()).alone
    export(workspace, load_detector_tasks(), tmp_path / "out", bias=bias, with_pictures=False)
    refuse_changed_evidence(workspace)


@pytest.mark.parametrize("command", ["ledger", "audit", "export"])
def test_the_commands_say_it_in_one_line(root, tmp_path, command):
    by_another_program(root, changed("answers"))
    more = ["--out", str(tmp_path / "out")] if command == "export" else []
    if command == "audit":
        more = ["--out", str(tmp_path / "out" / "certificate.json")]
    result = CliRunner().invoke(main, [command, "--workspace", str(root), *more])
    assert result.exit_code == 1
    (line,) = result.stderr.strip().splitlines()
    assert "the table answers was changed" in line
    assert not (tmp_path / "out").exists()


def test_nine_answers_turned_round_certify_nothing(root):
    made = by_another_program(root, "UPDATE answers SET called = replace(called, 'not ', '')")
    assert made > 2
    result = CliRunner().invoke(main, ["audit", "--workspace", str(root)])
    assert result.exit_code == 1
    assert "answers" in result.stderr


def test_who_has_the_database_alone_cannot_write_digests_that_fit(root, workspace):
    with workspace.database.connect() as connection:
        state = EvidenceState.from_text(connection.execute(select(evidence.c.state)).scalar_one())
    by_another_program(root, changed("answers"))
    with closing(sqlite3.connect(root / "radsieve.sqlite3")) as database, database:
        rows = database.execute("SELECT called FROM answers").fetchall()
        forged = state.changed({"answers": rows_digest("answers", rows, b"a guess")}).as_text()
        proof = hmac.digest(b"a guess", forged.encode(), "sha256").hex()
        database.execute("UPDATE evidence SET state = ?, proof = ?", (forged, proof))
    assert "not written by radsieve" in refusal(lambda: refuse_changed_tables(workspace.database))
    said = refusal(lambda: note_override(workspace.database, "any", {}))
    assert "not written by radsieve" in said


def test_rows_put_back_as_they_were_with_their_digests_are_older_than_the_ledger(root, tmp_path):
    before = tmp_path / "before.sqlite3"
    with closing(sqlite3.connect(root / "radsieve.sqlite3")) as now:
        now.execute("VACUUM INTO ?", (str(before),))
    workspace = Workspace(root)
    publish_made(workspace, load_detector_tasks()["rotation"], seed=2)
    with closing(sqlite3.connect(root / "radsieve.sqlite3")) as database:
        database.execute("PRAGMA foreign_keys=OFF")
        database.execute("ATTACH ? AS old", (str(before),))
        for name in ("evidence", *TABLES):
            database.execute(f"DELETE FROM {name}")
            database.execute(f"INSERT INTO {name} SELECT * FROM old.{name}")
        database.commit()
    assert "older than the ledger" in refusal(lambda: refuse_changed_tables(workspace.database))
    workspace.database.dispose()


def test_digests_that_are_gone_are_missed_and_not_made_again(root, workspace):
    by_another_program(root, changed("labels"), "DELETE FROM evidence")
    assert "digests are gone" in refusal(lambda: refuse_changed_tables(workspace.database))
    assert "digests are gone" in refusal(lambda: note_override(workspace.database, "any", {}))


def test_an_emptied_ledger_is_missed_by_every_command_and_by_one_that_runs(root, workspace):
    with workspace.database.begin() as connection:
        connection.execute(delete(ledger))
    for command in ("ledger", "audit"):
        result = CliRunner().invoke(main, [command, "--workspace", str(root)])
        assert result.exit_code == 1
        assert "the ledger was emptied" in result.stderr
    refusal(lambda: audit_archive(workspace.database, load_detector_tasks()))
    with pytest.raises((LostPartError, ChangedEvidenceError)):
        note_override(workspace.database, "any", {})


def test_the_end_of_the_ledger_cannot_be_cut_off_without_the_tables(root, workspace):
    by_another_program(root, "DELETE FROM ledger WHERE seq > 5")
    said = refusal(lambda: refuse_changed_tables(workspace.database))
    assert "of the ledger to tell what the tables hold, got none" in said


def prediction_file(workspace, name="rotation"):
    version = published_version(workspace.database, name)
    return PredictionFile(workspace.predictions, name, version, workspace.written)


@pytest.mark.parametrize("fault", ["changed", "gone"])
def test_predictions_that_are_not_those_written_are_refused(root, workspace, tmp_path, fault):
    path = prediction_file(workspace).path
    if fault == "gone":
        path.unlink()
    else:  # those of another detector: whole, and of the same films
        shutil.copy(prediction_file(workspace, "mirror").path, path)
    assert refuse_all(workspace, tmp_path / "out").keys() == {"ledger", "export"}
    for command in (["ledger"], ["audit"], ["export", "--out", str(tmp_path / "out")]):
        result = CliRunner().invoke(main, [*command, "--workspace", str(root)])
        assert result.exit_code == 1
        assert "radsieve sweep" in result.stderr.strip().splitlines()[-1]
    assert not (tmp_path / "out").exists()
    assert prediction_file(workspace).known_ids() == set()
    assert path.with_suffix(".damaged").exists() == (fault == "changed")
    refuse_changed_evidence(workspace)


@pytest.mark.parametrize("file", ["card.json", "weights.safetensors"])
def test_a_model_that_is_not_the_one_saved_is_refused(root, workspace, file):
    version = published_version(workspace.database, "rotation")
    path = workspace.models / version / file
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(RadsieveError, match=f"{file} is not what was saved"):
        refuse_changed_evidence(workspace)
    assert CliRunner().invoke(main, ["ledger", "--workspace", str(root)]).exit_code == 1


def test_a_card_exchanged_for_one_of_the_same_short_name_is_refused(workspace):
    version = published_version(workspace.database, "rotation")
    card = workspace.models / version / "card.json"
    facts = {"thresholds": {}, "card_sha256": hashlib.sha256(card.read_bytes() + b"x").hexdigest()}
    record_publication(workspace.database, "rotation", version, reason="again", facts=facts)
    assert "as it was published" in refusal(lambda: refuse_changed_evidence(workspace))


def test_what_the_ledger_tells_of_tables_is_counts_and_digests_alone(workspace):
    with workspace.database.connect() as connection:
        told = select(ledger.c.facts).where(ledger.c.kind == "evidence")
        (*_, facts) = connection.execute(told).scalars()
    assert facts.keys() == {"tables"}
    for rows, digest in facts["tables"].values():
        assert isinstance(rows, int)
        assert len(digest) == 64
    assert len(json.dumps(facts)) < 1500


def test_a_workspace_that_goes_on_is_still_as_it_was_written(workspace):
    review_batches(workspace, load_detector_tasks()["age"], 1, begin=0)
    refuse_changed_evidence(workspace)
