#!/usr/bin/env bash
# Write the SQL files beside this one again: workspaces as earlier commits of this repository made
# them. Each commit's own code indexes, trains, pushes and pulls, with a real Label Studio.
# Needs `make setup`; takes two to six minutes a commit. Times and numbers come out anew.
#
#   db61262  2026-11-23  the first commit that goes all the way round
#   e20a4a9  2026-11-24  boxes, and reports whose labels say how sure they are
#   66a7984  2026-11-24  answers, pictures, draws and the ledger
#   bdc10cc  2026-11-30  sealed films; the last commit without Alembic
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(git -C "$here" rev-parse --show-toplevel)
for commit in ${@:-db61262 e20a4a9 66a7984 bdc10cc}; do
    tree=$(mktemp -d)
    git -C "$root" worktree add --quiet --detach "$tree/radsieve" "$commit"
    cat >"$tree/radsieve/tests/loop/test_write_workspace.py" <<'PYTHON'
import os
import sqlite3
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest

from backend.adapters.batch_store import open_items
from backend.adapters.catalogue import films
from backend.adapters.label_store import add_labels
from backend.adapters.phantom_archive import write_phantom_archive
from backend.adapters.workspace import Workspace
from backend.core.contact_sheet import sheet_result
from backend.core.labels import Label, LabelSource
from backend.core.single_item import single_result
from backend.loop.connect import ensure_projects, remember_label_studio
from backend.loop.pull import pull
from backend.loop.push import push

SETTINGS = "sheet_films = 6\nsealed_share = 0.2\n"


@pytest.fixture(scope="session")
def phantoms(tmp_path_factory):
    folder = tmp_path_factory.mktemp("phantoms")
    write_phantom_archive(folder, films=24, seed=11, size_px=256, turned_share=0.2)
    return folder


def shown(item):
    return getattr(item, "shown_ids", item.radiograph_ids)


def answer(studio, task, item, flagged=()):
    if item.shown_label:
        result = sheet_result(task.name, shown(item), set(flagged))
    else:
        result = single_result(task, {label: float(label == "turned_90") for label in task.labels})
    return studio.client.submit_answer(item.item_id, result, lead_time_s=60.0)


def review(workspace, task, studio):
    waiting = open_items(workspace.database, task.name)
    given = [answer(studio, task, item, shown(item)[:1]) for item in waiting]
    pull(workspace, task, studio.client)
    # One reviewer takes an answer back, and gives another one.
    studio.client.delete_answer(given[0])
    pull(workspace, task, studio.client)
    answer(studio, task, waiting[0])
    pull(workspace, task, studio.client)


def extras(workspace, folder):
    """Add labels of other kinds, where the commit knows them."""
    first = films(workspace.database)[0].radiograph_id
    with suppress(ImportError):
        box = import_module("backend.core.box")
        drawn = (box.LabelledBox("left_hip", box.Box(0.1, 0.2, 0.3, 0.25)),)
        label = Label(first, "hip_box", "found", LabelSource.REVIEWER, "2026-01-01", boxes=drawn)
        add_labels(workspace.database, [label])
    with suppress(ImportError):
        reports = import_module("backend.loop.report_labels")
        row = import_module("backend.adapters.report_label_table").ReportRow
        from tasks import detector_task

        names = sorted(path.name for path in folder.glob("*.png"))[:3]
        rows = [row(f"r{name}", "present", "rod.any", 0.9) for name in names]
        linked = [(name, f"r{name}") for name in names]
        reports.label_by_reports(workspace, detector_task("metal_implant"), rows, linked)


def test_write(workspace, phantoms, tasks, studio):
    (workspace.root / "radsieve.toml").write_text(SETTINGS)
    workspace = Workspace(workspace.root)
    client = remember_label_studio(workspace, studio.url, studio.token)
    for task in tasks.values():
        ensure_projects(workspace, client, task)
    task = tasks["rotation"]
    for _ in range(2):
        push(workspace, task, studio.client, count=9, single=False)
        review(workspace, task, studio)
    extras(workspace, phantoms)
    push(workspace, task, studio.client, count=9, single=False)
    with sqlite3.connect(workspace.root / "radsieve.sqlite3") as database:
        lines = [line.replace(str(phantoms), "/phantoms") for line in database.iterdump()]
    Path(os.environ["SQL"]).write_text("\n".join(lines) + "\n")
PYTHON
    (cd "$tree/radsieve" && SQL="$here/$commit.sql" PYTHONPATH=. \
        "$root/.venv/bin/python" -m pytest -q tests/loop/test_write_workspace.py)
    git -C "$root" worktree remove --force "$tree/radsieve"
done
