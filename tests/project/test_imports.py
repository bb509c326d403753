"""Every name that a file takes from our own packages is defined where it is taken from.

Benchmarks are run by hand, and no type checker reads them: without this, one that imports what was
renamed or removed fails only for the person who needs its figures.
"""

import ast
import tomllib
from functools import cache
from pathlib import Path

from shared_fixtures.sources import nodes_of

ROOT = Path(__file__).parents[2]
PACKAGES = ("backend", "benchmarks", "scripts", "tasks", "tests")


@cache
def defined_in(module):
    """Return the names that a module defines or imports; of a package, its modules as well."""
    path = ROOT.joinpath(*module.split("."))
    if path.is_dir():
        modules = {child.stem for child in path.iterdir()}
        return modules | names_in(path / "__init__.py")
    return names_in(path.with_suffix(".py"))


def names_in(path):
    names = set()
    for node in nodes_of(path) if path.exists() else ():
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return names


def own_imports(path):
    """Yield (module, name) of what a file imports from our packages."""
    for node in nodes_of(path):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES:
            yield from ((node.module, alias.name) for alias in node.names)


def test_every_name_that_is_imported_is_defined_there():
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert len(files) > 400
    missing = [
        f"{path.relative_to(ROOT)}: {module} has no {name}"
        for path in files
        for module, name in own_imports(path)
        if name not in defined_in(module)
    ]
    assert missing == []


def all_imported(path):
    """Yield the dotted name of every module, or name of a module, that a file imports."""
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_type_checker_reads_every_module_that_we_import():
    overrides = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["overrides"]
    (skipped,) = [one["module"] for one in overrides if one.get("follow_imports") == "skip"]
    within = tuple(f"{name.removesuffix('.*')}." for name in skipped)
    assert len(within) > 20
    checked = [
        path for name in ("backend", "scripts", "tasks") for path in (ROOT / name).rglob("*.py")
    ]
    assert not {
        f"{path.relative_to(ROOT)}: {name}"
        for path in checked
        for name in all_imported(path)
        if f"{name}.".startswith(within)
    }
