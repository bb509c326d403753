"""Files and functions stay small enough to read in one go."""

import ast
import warnings
from pathlib import Path

import pytest
from shared_fixtures.sources import nodes_of

ROOT = Path(__file__).parents[2]
MODULES = [path for room in ("backend", "tasks", "scripts") for path in (ROOT / room).rglob("*.py")]


LINES_TO_WARN_OF, MOST_LINES = 400, 600


@pytest.mark.filterwarnings("default:.* lines; split it:UserWarning")
def test_no_file_passes_600_lines_and_those_beyond_400_are_named():
    lines = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in MODULES}
    for path, count in lines.items():
        if count > LINES_TO_WARN_OF:
            warnings.warn(
                f"{path} has {count} lines; split it where it has two parts", stacklevel=1
            )
    assert not {str(path): count for path, count in lines.items() if count > MOST_LINES}


def test_no_function_body_passes_30_lines():
    assert not [where for path in MODULES for where in _long_functions(path)]


def _long_functions(path):
    for node in nodes_of(path):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            if lines > 30:
                yield f"{path.name}:{node.lineno} {node.name} has {lines} lines"


def test_the_tests_hold_no_doctest_since_none_would_be_run():
    prompt = ">" * 3 + " "
    tests = (ROOT / "tests").rglob("*.py")
    assert not [path.name for path in tests if prompt in path.read_text()]
