"""Copies of workspaces: what is made once serves many tests."""

import shutil

from backend.base.adapters.workspace import Workspace


def copied(root, target):
    """Copy a workspace; what several processes share is copied before anything opens it."""
    shutil.copytree(root, target)
    return Workspace.open_or_make(target)
