"""A file that holds another film than was indexed, or none, is in no list, copy and picture."""

import json
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import imagecodecs
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from shared_fixtures.kept_answers import add_labels
from shared_fixtures.spoilt_files import (
    cut_short,
    make_a_folder,
    overwrite,
    overwrite_unseen,
    remove,
)

from backend.archive.adapters.catalogue import files_by_film
from backend.archive.core.identity import radiograph_id
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.export.loop.again import export_again
from backend.export.loop.export import export
from backend.export.loop.lists import REBUILT
from backend.labels.core.box import Box, LabelledBox
from backend.labels.core.labels import Label, LabelSource
from scripts import main
from tasks import load_detector_tasks

TASKS = load_detector_tasks()
WHEN = "2026-02-03T04:05:06"


def film(seed):
    return imagecodecs.png_encode(
        np.random.default_rng(seed).integers(0, 256, (60, 40), dtype=np.uint8)
    )


@dataclass
class Archive:
    """Three films called turned; the first has a box as well."""

    workspace: Workspace
    folder: Path

    @property
    def changed(self):
        return self.folder / "a.png"

    def export(self, out, **how):
        return export(self.workspace, TASKS, out, **how)

    def call(self, *arguments):
        workspace = ("--workspace", str(self.workspace.root))
        return CliRunner().invoke(main, [*arguments, *workspace])


@pytest.fixture
def archive(tmp_path):
    folder = tmp_path / "archive"
    folder.mkdir()
    for seed, name in enumerate(["a.png", "b.png", "c.png"]):
        (folder / name).write_bytes(film(seed))
    workspace = Workspace.open_or_make(tmp_path / "workspace")
    index(workspace, [folder])
    for id_ in files_by_film(workspace.database):
        add_labels(workspace.database, [answer(id_, "rotation", "turned_90")])
    name = TASKS["hip_box"].labels[0]
    boxed = replace(
        answer(radiograph_id(film(0)), "hip_box", name),
        boxes=(LabelledBox(name, Box(0.25, 0.25, 0.5, 0.5)),),
    )
    add_labels(workspace.database, [boxed])
    return Archive(workspace, folder)


def answer(id_, task, label):
    return Label(id_, task, label, LabelSource.REVIEWER, WHEN, "user 1")


def link_to_the_next_film(path, other):
    path.unlink()
    path.symlink_to(path.with_name("b.png"))


FAULTS = [overwrite, cut_short, remove, make_a_folder, link_to_the_next_film]


@pytest.mark.parametrize("fault", [None, *FAULTS, overwrite_unseen])
def test_copies_and_lists_are_of_what_was_indexed_and_the_others_are_made(archive, tmp_path, fault):
    if fault:
        fault(archive.changed, film(7))
    report = archive.export(tmp_path / "out", apply_to=tmp_path / "copies")
    names = ["b.png", "c.png"] if fault else ["a.png", "b.png", "c.png"]
    assert report.copies == len(names) and report.crops == (0 if fault else 1)
    for seed, name in zip((1, 2) if fault else (0, 1, 2), names, strict=True):
        copy = imagecodecs.png_decode((tmp_path / "copies" / name).read_bytes())
        np.testing.assert_array_equal(copy, np.rot90(imagecodecs.png_decode(film(seed)), 3))
    for kind in REBUILT:
        files = set(pd.read_csv(tmp_path / "out" / kind)["file"])
        assert files <= set(names), kind
    changed = {"a.png"} if fault else set()
    assert report.changed.keys() == report.failed.keys() == changed
    if fault:
        (why,) = report.changed.values()
        assert "\n" not in why and "`radsieve index`" in why and str(archive.folder) not in why


@pytest.mark.parametrize("fault", FAULTS)
def test_lists_alone_leave_out_what_has_changed(archive, tmp_path, fault):
    fault(archive.changed, film(7))
    report = archive.export(tmp_path)
    assert set(pd.read_csv(tmp_path / "exclusions.csv")["file"]) == {"b.png", "c.png"}
    assert list(report.changed) == ["a.png"]
    assert not report.failed
    page = (tmp_path / "report.html").read_text()
    assert "1 file of these films is gone or no longer what was indexed" in page
    assert page.count('<img class="found"') <= 2
    assert radiograph_id(film(0))[:8] not in page


def test_a_file_that_was_only_touched_is_still_listed(archive, tmp_path):
    os.utime(archive.changed, ns=(1, 1))
    assert not archive.export(tmp_path).changed
    assert len(pd.read_csv(tmp_path / "exclusions.csv")) == 3


def test_a_second_copy_is_excluded_only_while_the_first_is_there(archive, tmp_path):
    shutil.copyfile(archive.changed, archive.folder / "z.png")
    index(archive.workspace, [archive.folder])
    archive.export(tmp_path)
    assert "exact_duplicate" not in TASKS or "the same bytes as" in read(tmp_path)
    overwrite(archive.changed, film(7))
    report = archive.export(tmp_path)
    assert list(report.changed) == ["a.png"]
    assert "the same bytes as" not in read(tmp_path)
    assert "\nz.png," in read(tmp_path)
    assert radiograph_id(film(0))[:8] in (tmp_path / "report.html").read_text()


def read(out):
    return (out / "exclusions.csv").read_text()


def test_an_export_that_left_a_file_out_is_rebuilt_without_it(archive, tmp_path):
    kept = archive.changed.read_bytes()
    overwrite(archive.changed, film(7))
    report = archive.export(tmp_path / "first")
    archive.changed.write_bytes(kept)
    export_again(archive.workspace, TASKS, report.ledger_row, tmp_path / "again")
    for name in REBUILT:
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "first" / name).read_bytes()


def test_the_command_says_it_in_one_line_and_fails_where_a_copy_was_wanted(archive, tmp_path):
    overwrite(archive.changed, film(7))
    lists = archive.call("export", "--out", str(tmp_path / "lists"))
    assert lists.exit_code == 0
    assert len([line for line in lists.output.splitlines() if "a.png" in line]) == 1
    copies = archive.call(
        "export", "--out", str(tmp_path / "lists"), "--apply", str(tmp_path / "copies"), "--json"
    )
    assert copies.exit_code == 1
    said = json.loads(copies.output.splitlines()[-1])
    assert list(said["changed"]) == list(said["failed"]) == ["a.png"]
    (line,) = set(said["failed"].values())
    old, new = radiograph_id(film(0)), radiograph_id(film(7))
    assert f"expected the film {old}, got another, {new}" in line
    assert "run `radsieve index` again" in line
    assert sorted(path.name for path in (tmp_path / "copies").iterdir()) == ["b.png", "c.png"]


def test_after_the_next_index_nothing_is_changed_any_more(archive, tmp_path):
    overwrite(archive.changed, film(7))
    index(archive.workspace, [archive.folder])
    report = archive.export(tmp_path, apply_to=tmp_path / "copies")
    assert not report.changed and not report.failed
    assert report.copies == 2
