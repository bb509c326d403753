"""The guard on a real workspace: phantoms with ages, sexes and views."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from shared_fixtures.kept_answers import add_labels
from shared_fixtures.workspaces import copied

from backend.archive.adapters.catalogue import films
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import InputFileError, RadsieveError
from backend.base.core.ledger import EventKind
from backend.export.core.bias_comparison import Comparability
from backend.export.loop.bias import bias_of_known, refuse_bias
from backend.labels.adapters.ledger_store import check_ledger, ledger_rows
from backend.labels.core.labels import Label, LabelSource
from backend.labels.loop.apply_rules import apply_rule
from backend.phantoms.adapters.phantom_archive import write_phantom_archive
from scripts import main
from tasks import load_detector_tasks

FILMS, CHILDREN = 150, 30
TASKS = load_detector_tasks()


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Every fifth film is of a child; no two are of one patient."""
    folder = tmp_path_factory.mktemp("films")
    rng = np.random.default_rng(3)
    written = write_phantom_archive(folder, films=FILMS, seed=3, size_px=64)
    rows = [
        f"{film.path.name},p{number},{rng.integers(2, 5) if number % 5 == 0 else 50},"
        f"{'FM'[number % 2]},{'AP' if number % 3 else 'PA'}"
        for number, film in enumerate(written)
    ]
    header = "file,patient_id,age_years,sex,view_position"
    (folder / "table.csv").write_text("\n".join([header, *rows]))
    return folder


@pytest.fixture(scope="module")
def indexed(archive, tmp_path_factory):
    made = Workspace.open_or_make(tmp_path_factory.mktemp("indexed") / "workspace")
    index(made, [archive], archive / "table.csv")
    return made


@pytest.fixture
def workspace(indexed, tmp_path):
    return copied(indexed.root, tmp_path / "workspace")


@pytest.fixture
def children(workspace):
    return [film for film in films(workspace.database) if film.age_years < 10]


def turned(some, task="rotation", label="turned_90"):
    return [
        Label(film.radiograph_id, task, label, LabelSource.REVIEWER, "2026-01-01") for film in some
    ]


def names(one):
    return [(one.attribute, one.group), *((name.attribute, name.group) for name in one.also)]


def report_of(workspace, **more):
    return bias_of_known(workspace, TASKS, **more)


def test_children_called_turned_stop_an_export_until_somebody_says_why(workspace, children):
    add_labels(workspace.database, turned(children[:10]))
    report = report_of(workspace)
    (one,) = report.blocking
    assert (one.detector_task, one.attribute, one.group) == ("rotation", "age", "0-4")
    assert one.named == "age 0-4 (age group under 18)"
    assert (one.excluded, one.films, one.rest_excluded) == (10, CHILDREN, 0)
    with pytest.raises(RadsieveError, match=r"10 of 30 films .* with age 0-4.*--accept-bias"):
        refuse_bias(workspace.database, report)
    with pytest.raises(RadsieveError, match="--accept-bias"):
        refuse_bias(workspace.database, report, accept="  ")
    with pytest.raises(RadsieveError, match=r"'it is ok' is no reason.*give a sentence"):
        refuse_bias(workspace.database, report, accept="it is ok")
    assert not list(ledger_rows(workspace.database, [EventKind.OVERRIDE]))
    refuse_bias(workspace.database, report, accept="they were all taken in a cot")
    (row,) = ledger_rows(workspace.database, [EventKind.OVERRIDE])
    assert row.facts["reason"] == "they were all taken in a cot"
    assert row.facts["bias"]["groups"][0]["group"] == "0-4"
    assert check_ledger(workspace.database).fault is None


def test_films_turned_in_every_group_stop_nothing(workspace):
    archive = films(workspace.database)
    some = np.random.default_rng(5).permutation(FILMS)[:40]
    add_labels(workspace.database, turned([archive[place] for place in some]))
    report = report_of(workspace)
    assert not report.blocking
    refuse_bias(workspace.database, report)
    assert not list(ledger_rows(workspace.database, [EventKind.OVERRIDE]))


def test_a_rule_against_children_is_policy_and_a_detector_against_them_is_not(workspace, children):
    apply_rule(workspace, TASKS["age"])
    report = report_of(workspace)
    listed = [one for one in report.comparisons if one.detector_task == "age"]
    assert max(one.excluded for one in listed) == CHILDREN
    assert not report.blocking
    add_labels(workspace.database, turned(children[:10], "inversion", "inverted"))
    assert {one.detector_task for one in report_of(workspace).blocking} == {"inversion"}


def test_portable_films_called_turned_are_told_by_their_view(workspace):
    portable = [film for film in films(workspace.database) if film.view_position == "AP"]
    add_labels(workspace.database, turned(portable[:20]))
    assert {one.attribute for one in report_of(workspace).blocking} == {"view"}


def test_views_that_a_detector_is_meant_to_tell_stop_nothing(workspace):
    portable = [film for film in films(workspace.database) if film.view_position == "AP"]
    add_labels(workspace.database, turned(portable[:20], "projection", "lateral"))
    assert not report_of(workspace).blocking


def test_a_table_adds_groups_and_films_it_does_not_name_are_unknown(workspace, tmp_path):
    archive = films(workspace.database)
    add_labels(workspace.database, turned(archive[:12]))
    table = tmp_path / "groups.csv"
    rows = [
        f"{film.path},{'north' if place < 40 else 'south'},{'Mass|Effusion' if place < 30 else ''}"
        for place, film in enumerate(archive[:120])
    ]
    table.write_text("\n".join(["file,site,finding", *rows]))
    report = report_of(workspace, groups=table)
    by_group = {name: one.films for one in report.comparisons for name in names(one)}
    assert by_group["site", "unknown"] == FILMS - 120
    assert by_group["finding", "Mass"] == by_group["finding", "Effusion"] == 30
    assert ("site", "north") in {(one.attribute, one.group) for one in report.blocking}


def test_children_are_compared_though_a_table_has_age_groups_of_its_own(
    workspace, children, tmp_path
):
    add_labels(workspace.database, turned(children[:10]))
    table = tmp_path / "groups.csv"
    rows = [f"{film.path},{place % 2}" for place, film in enumerate(films(workspace.database))]
    table.write_text("\n".join(["file,age group", *rows]))
    report = report_of(workspace, groups=table)
    assert "age group under 18" in report.blocking[0].named
    assert ("age group", "1") in {name for one in report.comparisons for name in names(one)}


def test_a_detector_meant_to_tell_ages_is_meant_to_tell_children_from_adults(archive, tmp_path):
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "radsieve.toml").write_text('bias_meant = { rotation = ["age"] }\n')
    workspace = Workspace.open_or_make(root)
    index(workspace, [archive], archive / "table.csv")
    add_labels(workspace.database, turned(films(workspace.database)[:CHILDREN:5]))
    for one in report_of(workspace).comparisons:
        attributes = {attribute for attribute, _ in names(one)}
        assert (one.finding is Comparability.EXPECTED) is (attributes <= {"age", "age group"})


@pytest.mark.parametrize("text", ["file\nnobody.png\n", "file,site\nnobody.png,north\n"])
def test_a_table_of_no_use_is_refused(workspace, tmp_path, text):
    table = tmp_path / "groups.csv"
    table.write_text(text)
    with pytest.raises(InputFileError, match="got 0 films"):
        report_of(workspace, groups=table)


def test_the_command_says_what_stands_out(workspace, children):
    add_labels(workspace.database, turned(children[:10]))

    def run(*more):
        command = ["bias", *more, "--workspace", str(workspace.root)]
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 0, result.output
        return result.stdout

    assert json.loads(run("--json").splitlines()[-1])["blocks"] == 1
    assert "loses too much: orientation excludes 10 of 30 films" in run()
    assert "fine: orientation excludes" in run("--all")


def test_what_stands_out_takes_five_lines_and_each_cause_is_told_once(workspace, children):
    add_labels(workspace.database, turned(children[:10]))
    add_labels(workspace.database, turned(children[:12], "inversion", "inverted"))
    command = ["bias", "--workspace", str(workspace.root)]
    lines = CliRunner().invoke(main, command).stdout.splitlines()
    (line,) = (line for line in lines if "with age 0-4" in line)
    assert "adjusted p" in line
    assert "any detector" in line and "orientation" in line and "black and white" in line
    assert len(lines) <= 5
    assert len(CliRunner().invoke(main, [*command, "--all"]).stdout.splitlines()) > 5


def test_the_command_names_a_small_group_that_lost_everything(workspace, tmp_path):
    some = films(workspace.database)[:3]
    add_labels(workspace.database, turned(some))
    table = tmp_path / "groups.csv"
    table.write_text("\n".join(["file,site", *(f"{film.path},north" for film in some)]))
    command = ["bias", "--groups", str(table), "--workspace", str(workspace.root)]
    said = CliRunner().invoke(main, command).stdout
    assert "lost all or most, too small to tell: orientation excludes 3 of 3 films" in said
    assert "with site north" in said
    assert "0 lose too much" in said


def test_an_export_stops_before_anything_is_written_and_goes_on_with_a_reason(
    workspace, children, tmp_path
):
    add_labels(workspace.database, turned(children))
    out = tmp_path / "lists"
    command = ["export", "--out", str(out), "--workspace", str(workspace.root)]
    refused = CliRunner().invoke(main, command)
    assert refused.exit_code == 1
    assert "some films lose more than others" in refused.output
    assert "--accept-bias" in refused.output
    assert not out.exists()
    accepted = CliRunner().invoke(main, [*command, "--accept-bias", "films of a children's ward"])
    assert accepted.exit_code == 0, accepted.output
    assert {path.name for path in out.iterdir()} >= {
        "exclusions.csv",
        "certificate.json",
        "report.html",
    }
    kinds = [row.kind for row in ledger_rows(workspace.database)]
    assert kinds.index(EventKind.OVERRIDE) < kinds.index(EventKind.EXPORT)


def test_an_export_says_for_machines_that_nothing_was_certified_yet(workspace, tmp_path):
    command = ["export", "--out", str(tmp_path / "lists"), "--workspace", str(workspace.root)]
    assert CliRunner().invoke(main, [*command, "--no-pictures"]).exit_code == 0
    assert "data:image/jpeg" not in (tmp_path / "lists" / "report.html").read_text()
    said = json.loads((tmp_path / "lists" / "certificate.json").read_text())
    assert said["headline"] is None
    assert "nothing was drawn at random yet" in said["problem"]
