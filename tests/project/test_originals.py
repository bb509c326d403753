"""Nothing opens an original but one piece of code, which checks that it is what was indexed."""

import ast
from functools import cache
from pathlib import Path

from shared_fixtures.sources import nodes_of

ROOT = Path(__file__).parents[2]
OPENERS = {
    "open", "read_bytes", "read_text", "imread", "fromfile", "memmap", "read_csv", "read_parquet",
    "copyfile", "copy2", "copytree", "symlink_to", "hardlink_to",
}  # fmt: skip
DECODERS = {"Image.open", "pydicom.dcmread"}
"""They open a path or bytes; ours give them bytes."""

THE_ONE_WAY = "archive/adapters/archive_files.py"
OPENS_NO_ORIGINAL = {
    "archive/adapters/excel_table.py": "tables of metadata",
    "archive/adapters/measure_store.py": "measures",
    "archive/adapters/thumbnail_store.py": "thumbnails",
    "base/adapters/activity.py": "the state of the worker",
    "base/adapters/backup.py": "the files of a workspace",
    "base/adapters/bounded_child.py": "its own size",
    "base/adapters/child_process.py": "logs",
    "base/adapters/files.py": "what an export wrote",
    "base/adapters/html_page.py": "parts of pages",
    "base/adapters/packed_file.py": "tables and archives of reports",
    "base/adapters/identity.py": "the parts of a workspace",
    "base/adapters/secrets_file.py": "secrets",
    "base/adapters/started_programs.py": "which programs were started",
    "base/adapters/written_files.py": "predictions and cards, to compare them with their digests",
    "detectors/adapters/backbone.py": "weights",
    "detectors/adapters/feature_store.py": "features",
    "detectors/adapters/kept_features.py": "features",
    "detectors/adapters/versions/model_folder.py": "models",
    "detectors/adapters/versions/predictions.py": "predictions",
    "detectors/loop/training/film_descriptions.py": "what was learnt of places",
    "export/loop/report_reading.py": "predictions",
    "labels/adapters/label_table.py": "tables of labels and groups",
    "labels/adapters/ledger_store.py": "a head of the ledger that was kept elsewhere",
    "phantoms/adapters/phantom_archive.py": "how phantoms were made",
    "reports/adapters/lexicon_file.py": "lexicons",
    "reports/adapters/report_files.py": "reports",
    "review/adapters/film_folder.py": "a folder of films put out, checked by their digests",
    "review/adapters/grid_file.py": "parts of the grid",
    "review/adapters/label_studio/check.py": "pictures that we made",
    "review/adapters/unseen_image.py": "images that no index knows",
    "review/loop/studio/connect.py": "the token of Label Studio",
    "review/loop/studio/sheet_pictures.py": "review pictures",
}
"""Modules that open other files, and which; a new one that opens no film gets a line here."""


def test_nothing_but_the_one_way_opens_a_file_that_may_be_an_original():
    unknown = {
        f"{module}:{line}: {name}"
        for module, line, name in all_openings()
        if module not in {THE_ONE_WAY, *OPENS_NO_ORIGINAL}
    }
    assert not unknown, (
        f"{sorted(unknown)}: read a film of the index by `archive_files.read_indexed`, which "
        "checks its bytes; a module that opens something else is named in OPENS_NO_ORIGINAL"
    )


def test_the_list_of_what_opens_other_files_names_none_too_many():
    opening = {module for module, _, _ in all_openings()}
    assert opening >= OPENS_NO_ORIGINAL.keys()
    assert THE_ONE_WAY in opening


def test_what_decodes_films_gets_their_bytes_and_no_path():
    takes = [
        (module, ast.unparse(call.args[0]))
        for module, call, name in all_calls()
        if name in DECODERS
    ]
    assert len(takes) > 5
    assert [(module, given) for module, given in takes if not given.startswith("BytesIO(")] == []


def all_openings():
    for module, call, name in all_calls():
        if name.rpartition(".")[2] in OPENERS and name not in DECODERS:
            yield module, call.lineno, name


@cache
def all_calls():
    """Return module, call and the dotted name of what is called, of every call."""
    return tuple(_all_calls())


def _all_calls():
    for path in (ROOT / "backend").rglob("*.py"):
        module = str(path.relative_to(ROOT / "backend"))
        for node in nodes_of(path):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
                yield module, node, ast.unparse(node.func)
