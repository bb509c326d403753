"""One word has one meaning: no two classes of the backend share a name."""

import ast
from collections import defaultdict
from pathlib import Path

from shared_fixtures.sources import nodes_of, tree_of

BACKEND = Path(__file__).parents[2] / "backend"


def test_no_two_classes_share_a_name():
    places = defaultdict(list)
    for path in sorted(BACKEND.rglob("*.py")):
        for node in nodes_of(path):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path.relative_to(BACKEND)))
    assert not {name: paths for name, paths in places.items() if len(paths) > 1}


def test_a_name_is_imported_from_the_file_that_defines_it():
    files = {_module(path): path for path in BACKEND.rglob("*.py")}
    defined = {module: _defined(tree_of(path)) for module, path in files.items()}
    handed_on = [
        f"{module}: {name.name} from {node.module}"
        for module, path in files.items()
        for node in nodes_of(path)
        if isinstance(node, ast.ImportFrom) and node.module in defined
        for name in node.names
        if name.name not in defined[node.module] and f"{node.module}.{name.name}" not in defined
    ]
    assert not handed_on


def _module(path):
    parts = path.relative_to(BACKEND.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _defined(tree):
    names = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            leaves = [leaf for target in targets for leaf in ast.walk(target)]
            names |= {leaf.id for leaf in leaves if isinstance(leaf, ast.Name)}
            if ast.unparse(targets[0]) == "__all__":
                # A file whose very purpose is to hand a name on says so.
                names |= set(ast.literal_eval(node.value))
        elif isinstance(node, ast.If):
            names |= _defined(node)
    return names
