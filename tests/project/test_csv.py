"""One piece of code writes CSV, so that no list can hold a cell that a spreadsheet runs."""

import ast
from pathlib import Path

from shared_fixtures.sources import nodes_of

ROOT = Path(__file__).parents[2]
THE_WRITER = "backend/base/adapters/csv_table.py"
WRITES = {"writer", "DictWriter", "to_csv", "write_csv", "savetxt"}


def csv_writers(path):
    """Yield what a file calls, takes or names that writes CSV."""
    for node in nodes_of(path):
        if isinstance(node, ast.Attribute) and node.attr in WRITES:
            if node.attr != "writer" or ast.unparse(node.value) == "csv":
                yield ast.unparse(node)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").endswith("csv"):
            yield from (alias.name for alias in node.names if alias.name in WRITES)


def test_one_file_writes_csv():
    rooms = (ROOT / room for room in ("backend", "scripts", "tasks"))
    files = [path for room in rooms for path in room.rglob("*.py")]
    found = {str(path.relative_to(ROOT)): list(csv_writers(path)) for path in files}

    assert {path: writers for path, writers in found.items() if writers} == {
        THE_WRITER: ["csv.writer"]
    }
