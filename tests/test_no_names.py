"""Who the patients are stays on the machine, in one table: no list, page, log or error says it."""

import base64
import csv
import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner
from shared_fixtures.hidden_names import HIDDEN, found_in, named_files, write_named_films
from shared_fixtures.kept_answers import add_labels

from backend.archive.adapters.catalogue import films
from backend.base.adapters.workspace import Workspace
from backend.labels.core.labels import Label, LabelSource
from scripts import main


class NamedArchive:
    """A workspace of films that are full of names, and all that commands said of it."""

    def __init__(self, folder, make_dicom):
        self.folder, self.root, self.out = folder / "films", folder / "workspace", folder / "out"
        self.table = write_named_films(self.folder, make_dicom)
        self.said = {}

    def run(self, *arguments):
        words = [str(one) for one in arguments]
        result = CliRunner().invoke(main, [*words, "--workspace", str(self.root)])
        self.said[" ".join(words[:3])] = result.output
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    @property
    def workspace(self):
        return Workspace(self.root)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    from shared_fixtures.dicom import _make_dicom  # noqa: PLC0415 - a fixture of one test

    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("RADSIEVE_PATHS", "false")
        made = NamedArchive(tmp_path_factory.mktemp("named"), _make_dicom)
        made.run("index", made.folder, "--metadata", made.table, "--json")
        known = films(made.workspace.database)
        answers = [
            Label(film.radiograph_id, "rotation", label, LabelSource.REVIEWER, "2026-01-02", "user")
            for film, label in zip(known[:6], ["turned_90", "turned_180"] * 3, strict=True)
        ]
        add_labels(made.workspace.database, answers)
        made.run("index", made.folder)
        made.run("rules", "quality", "--report", made.out / "rules.html")
        made.run("rules", "quality")
        made.run("export", "--out", made.out / "one", "--apply", made.out / "copies", "--json")
        made.run("export", "--out", made.out / "two")
        made.run("why", known[0].radiograph_id, "--json")
        made.run("why", "no film of " + HIDDEN[1])
        made.run("gate", made.folder)
        for name in ("status", "audit", "ledger", "bias"):
            made.run(name)
        yield made


@pytest.mark.parametrize("form", ["utf-8", "utf-16-le", "base64", "hex", "small letters"])
def test_the_search_finds_a_name_in_every_form(form):
    text = f"xy{HIDDEN[0]}."
    written = {
        "base64": base64.b64encode(text.encode()),
        "hex": text.encode().hex().encode(),
        "small letters": text.lower().encode(),
    }
    assert found_in(b"." + written.get(form, text.encode(form if "utf" in form else "utf-8")))


def test_films_are_read_and_some_are_not(archive):
    facts = json.loads(archive.said[f"index {archive.folder} --metadata"].splitlines()[-1])
    assert facts["films"] >= 40 and facts["unreadable"] >= 3
    assert facts["metadata_films"] >= 40 and facts["metadata_rows_without_film"] >= 3


def test_nothing_in_the_workspace_but_the_table_of_files_says_who_a_patient_is(archive):
    assert named_files(archive.root) == {}
    with sqlite3.connect(archive.root / "radsieve.sqlite3") as database:
        (path,) = database.execute("SELECT path FROM files LIMIT 1").fetchone()
    assert found_in(path.encode())


def test_no_list_page_or_name_of_a_copy_says_it(archive):
    found = named_files(archive.out)
    # A corrected copy is a DICOM file for those who have the original: its header is the same.
    copies = {name for name in found if name.startswith("copies/")}
    assert {name: texts for name, texts in found.items() if name not in copies} == {}
    assert not any(found_in(name.encode()) for name in copies)


def test_no_command_says_it_but_what_it_was_called_with(archive):
    said = {call: found_in(output.encode()) for call, output in archive.said.items()}
    # The gate answers for the paths that it is given.
    said.pop(next(call for call in said if call.startswith("gate")))
    assert {call: texts for call, texts in said.items() if texts} == {}


def test_two_exports_write_the_same_lists(archive):
    names = [path.name for path in (archive.out / "one").glob("*.csv")]
    assert len(names) == 5
    for name in names:
        one, two = ((archive.out / run / name).read_bytes() for run in ("one", "two"))
        assert one == two


def test_a_list_leads_to_the_files_on_the_machine_that_has_them(archive):
    listed = archive.out / "one" / "exclusions.csv"
    with listed.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    result = archive.run("paths", listed, "--json")
    paths = json.loads(result.stdout.splitlines()[-1])["paths"]
    assert set(paths) == {row["file"] for row in rows}
    assert all(Path(path).is_relative_to(archive.folder) for path in paths.values())
    archive.said.pop(next(call for call in archive.said if call.startswith("paths")))
