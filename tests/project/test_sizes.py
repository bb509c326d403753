"""Files and functions stay small enough to read in one go."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = [path for room in ("backend", "tasks", "scripts") for path in (ROOT / room).rglob("*.py")]


def test_no_file_passes_400_lines():
    long = {str(path): n for path in MODULES if (n := len(path.read_text().splitlines())) > 400}
    assert not long


def test_no_function_body_passes_30_lines():
    assert not [where for path in MODULES for where in _long_functions(path)]


def _long_functions(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            if lines > 30:
                yield f"{path.name}:{node.lineno} {node.name} has {lines} lines"
