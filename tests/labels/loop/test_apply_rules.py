"""Rules over a catalogue of phantoms."""

import pytest
from shared_fixtures.kept_answers import add_labels
from sqlalchemy import update

from backend.archive.adapters.catalogue import films
from backend.base.adapters.database import radiographs
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import InputFileError, TaskDefinitionError
from backend.export.loop.export import export
from backend.labels.adapters.label_store import label_history, standing_labels
from backend.labels.core.labels import Label, LabelSource, verdicts
from backend.labels.loop.apply_rules import apply_rule
from tasks import detector_task


@pytest.fixture
def age():
    return detector_task("age")


@pytest.fixture
def ages(workspace):
    """Films by a chosen age."""
    some = [film.radiograph_id for film in films(workspace.database)]
    with workspace.database.begin() as connection:
        connection.execute(update(radiographs).values(age_years=50.0))
        for film, years in zip(some[:4], (0.5, 9.0, 12.0, None), strict=True):
            chosen = radiographs.c.radiograph_id == film
            connection.execute(update(radiographs).where(chosen).values(age_years=years))
    return dict(zip(("baby", "child", "twelve", "unknown"), some[:4], strict=True))


def with_cut_off(workspace, text):
    (workspace.root / "radsieve.toml").write_text(text)
    return Workspace(workspace.root)


def labelled(workspace):
    return {
        label.radiograph_id: label.label for label in standing_labels(workspace.database, "age")
    }


def test_the_young_are_labelled_and_the_others_are_not(workspace, age, ages):
    report = apply_rule(workspace, age)
    assert labelled(workspace) == {ages["baby"]: "child", ages["child"]: "child"}
    assert (report.counts["child"], report.unknown) == (2, 1)


def test_asking_again_changes_nothing(workspace, age, ages):
    apply_rule(workspace, age)
    again = apply_rule(workspace, age).changes
    assert (again.added, again.withdrawn) == (0, 0)
    assert len(label_history(workspace.database, "age", ages["baby"])) == 1


def test_a_changed_cut_off_adds_and_withdraws_but_removes_no_row(workspace, age, ages):
    apply_rule(workspace, age)
    older = with_cut_off(workspace, "[cut_offs.age]\nyoungest_years = 16\n")
    assert apply_rule(older, age).changes.added == 1
    off = with_cut_off(workspace, "[cut_offs.age]\nyoungest_years = 0\n")
    assert apply_rule(off, age).changes.withdrawn == 3
    assert labelled(workspace) == {}
    assert len(label_history(workspace.database, "age", ages["baby"])) == 1


def test_a_reviewer_outweighs_the_rule(workspace, age, ages):
    apply_rule(workspace, age)
    said = Label(ages["child"], "age", "old_enough", LabelSource.REVIEWER, "2026-01-01", "r")
    add_labels(workspace.database, [said])
    apply_rule(workspace, age)
    found = verdicts(standing_labels(workspace.database, "age"), age)
    assert not found[ages["child"]].is_bad(age)
    assert found[ages["baby"]].is_bad(age)


def test_the_exclusion_list_names_the_rule(workspace, age, ages, tmp_path):
    apply_rule(workspace, age)
    export(workspace, {"age": age}, tmp_path / "out")
    rows = (tmp_path / "out" / "exclusions.csv").read_text().splitlines()[1:]
    assert len(rows) == 2
    assert all("age: child" in row and "RULE" in row for row in rows)


def test_a_misspelt_cut_off_is_told(workspace, age):
    wrong = with_cut_off(workspace, "[cut_offs.age]\nyoungest = 16\n")
    with pytest.raises(InputFileError, match=r"cut_offs\.age\.youngest.*youngest_years"):
        apply_rule(wrong, age)


def test_a_learnt_task_has_no_rule_to_apply(workspace):
    with pytest.raises(TaskDefinitionError, match="radsieve train rotation"):
        apply_rule(workspace, detector_task("rotation"))
