"""Our own files as trees, read once for all tests that look at them."""

import ast
from functools import cache


@cache
def tree_of(path):
    """Return the tree of a Python file; nobody changes it."""
    return ast.parse(path.read_text())


@cache
def nodes_of(path):
    """Return all nodes of a Python file's tree, in the order of `ast.walk`."""
    return tuple(ast.walk(tree_of(path)))
