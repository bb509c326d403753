"""Every way in which somebody says of films whether they are bad."""

import csv

from backend.archive.adapters.catalogue import films
from backend.labels.adapters.label_store import AnnotationVersion, replace_labels
from backend.labels.adapters.label_table import read_label_table
from backend.labels.core.labels import Label, LabelSource
from backend.reports.adapters.report_label_table import ReportRow
from backend.reports.loop.report_labels import label_by_reports
from backend.review.adapters.folder_labels import replace_round
from backend.review.adapters.label_studio.shapes import parse_data
from backend.review.adapters.screens.contact_sheet import SheetAnswer, labels_from_sheet
from backend.review.adapters.screens.single_item import (
    labels_from_single,
    single_key,
    single_result,
)
from backend.review.core.folder_review import FolderAnswers
from shared_fixtures.kept_answers import replace_annotation

NOW = "2026-01-01T00:00:00+00:00"
BAD = {"projection": "lateral", "metal_implant": "metal"}
"""By task, the label of a bad film."""


def label_of(task, bad):
    return BAD[task.name] if bad else task.expected_label


def plain(task, said, source=LabelSource.REVIEWER):
    return [Label(film, task.name, label_of(task, bad), source, NOW) for film, bad in said.items()]


def by_sheets(workspace, task, said, _folder):
    """Flag on sheets; a third label stays possible, so that films also need an exact class."""
    bad = [film for film, is_bad in said.items() if is_bad]
    sheet = SheetAnswer(task.expected_label, tuple(said), frozenset(bad))
    labels = labels_from_sheet(sheet, task, answered_at=NOW, reviewer="user 1")
    replace_annotation(workspace.database, AnnotationVersion("sheet/1", NOW), labels)
    by_singles(workspace, task, dict.fromkeys(bad, True), _folder)


def by_singles(workspace, task, said, _folder, reviewer="user 1"):
    for film, bad in said.items():
        key = single_key(task.name, film)
        data = {"item_key": key, "detector_task": task.name, "radiograph_id": film}
        sure = {label: float(label == label_of(task, bad)) for label in task.labels}
        result = single_result(task, sure)
        labels = labels_from_single(
            parse_data(data), result, task, answered_at=NOW, reviewer=reviewer
        )
        replace_annotation(workspace.database, AnnotationVersion(f"{key}/{reviewer}", NOW), labels)


def by_second_looks(workspace, task, said, folder):
    """First the opposite on a sheet, then another reviewer puts it right."""
    wrong = {film: not bad for film, bad in said.items()}
    by_singles(workspace, task, wrong, folder, reviewer="user 2")
    by_singles(workspace, task, said, folder)


def by_folders(workspace, task, said, _folder):
    labels = {f"folder/round/{label.radiograph_id}": label for label in plain(task, said)}
    replace_round(workspace.database, "round", FolderAnswers(labels, {}, frozenset(), {}))


def by_reports(workspace, task, said, _folder):
    names = {film.radiograph_id: film.path for film in films(workspace.database)}
    rows = [ReportRow(film, label_of(task, bad), "a rule", 0.9) for film, bad in said.items()]
    label_by_reports(workspace.database, task, rows, [(names[film], film) for film in said])


def by_rules(workspace, task, said, _folder):
    labels = plain(task, said, LabelSource.RULE)
    replace_labels(workspace.database, task.name, LabelSource.RULE, labels)


def by_table(workspace, task, said, folder):
    """The labels of `radsieve train --labels` never enter the database."""
    names = {film.radiograph_id: film.path for film in films(workspace.database)}
    table = folder / "labels.csv"
    with table.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "label"])
        writer.writerows((names[film], label_of(task, bad)) for film, bad in said.items())
    return read_label_table(table, task, workspace.database)


PATHS = [by_sheets, by_singles, by_second_looks, by_folders, by_reports, by_rules, by_table]
