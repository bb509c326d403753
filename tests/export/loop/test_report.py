"""From a trained and reviewed phantom archive to the report."""

import re
from pathlib import Path

import pytest
from shared_fixtures.workspaces import copied

from backend.archive.adapters.catalogue import films
from backend.base.adapters.settings import Settings
from backend.base.adapters.workspace import Workspace
from backend.detectors.adapters.versions.registry import published_version, register_version
from backend.export.core.report_sentences import (
    at_most_left,
    five_answers,
    unused_tasks,
    used_tasks,
)
from backend.export.loop.export import export
from backend.export.loop.report import archive_report, write_archive_report
from backend.export.loop.report_provenance import NOT_SHOWN, changed_settings
from backend.review.loop.publish import publish, rollback
from benchmarks.review import reviewed_phantoms

AT = "2026-04-01T12:00:00+00:00"


@pytest.fixture(scope="module")
def truth_of(trained, tasks, true_label):
    """Return the true label of every film, by task and radiograph id."""
    return {
        name: reviewed_phantoms.truths(trained, lambda film, task=task: true_label(film, task))
        for name, task in tasks.items()
    }


@pytest.fixture(scope="module")
def reviewed_once(trained, tasks, truth_of, tmp_path_factory):
    """A workspace in which rotation was reviewed by two people who miss nothing."""
    workspace = copied(trained.root, tmp_path_factory.mktemp("reviewed") / "workspace")
    review = reviewed_phantoms.ScriptedReview(
        workspace, tasks["rotation"], truth_of["rotation"], slips=0.0
    )
    for _ in range(2):
        review.review(24)
    return workspace


@pytest.fixture
def reviewed(reviewed_once, tmp_path):
    return copied(reviewed_once.root, tmp_path / "workspace")


def task_of(report, name):
    return next(task for task in report.tasks if task.name == name)


def test_the_report_counts_what_an_export_lists(reviewed, tasks, tmp_path):
    report = archive_report(reviewed, tasks, at=AT)
    written = export(reviewed, tasks, tmp_path)
    rotation = task_of(report, "rotation")
    assert rotation.bad == report.bad_films == written.exclusions
    correctable = report.facts.archive.bad.correctable
    assert correctable - report.refuted_films == written.corrections > 0
    assert sum(one.refuted for one in rotation.found) == written.unproven
    assert report.facts.archive == written.facts.archive


def test_the_films_shown_are_those_found_and_a_correction_makes_them_upright(
    reviewed, tasks, truth_of
):
    rotation = task_of(archive_report(reviewed, tasks, at=AT), "rotation")
    known = truth_of["rotation"]
    for found in rotation.found:
        assert len(found.pictures) == found.films
        for picture in found.pictures:
            (film,) = [one for one in known if one.startswith(picture.short_id)]
            assert known[film] == found.label
            if picture.corrected is not None:
                change = tasks["rotation"].correction(found.label)
                assert (picture.corrected == change.apply(picture.found, white=255)).all()
                assert picture.turned == (found.label != "turned_180")


def test_the_certificate_holds_and_the_answers_tell_of_it(reviewed, tasks, truth_of):
    report = archive_report(reviewed, tasks, at=AT)
    rotation = task_of(report, "rotation")
    bad = sum(label != "upright" for label in truth_of["rotation"].values())
    said = rotation.audited.certificate
    assert bad - said.found <= at_most_left(said)
    clean, removed, sure, _, who = five_answers(report)
    assert f"{rotation.bad} film" in removed.short
    assert clean.short.startswith("Not as it stands" if rotation.bad else "No film")
    seen = report.facts.archive.seen
    assert said.audit_looks <= seen.drawn_looked_at
    assert f"{seen.drawn} films were drawn at random" in sure.short
    assert who.short.startswith("2 people looked at ")


def test_a_question_that_nobody_audited_is_not_measured(reviewed, tasks):
    report = archive_report(reviewed, tasks, at=AT)
    inversion = task_of(report, "inversion")
    assert inversion.audited is None
    assert "nothing was drawn at random yet" in inversion.not_audited
    clean = five_answers(report)[0]
    assert any(line.startswith("black and white: not measured") for line in clean.details)


def test_a_workspace_nobody_worked_on_has_no_answers(indexed, tasks):
    report = archive_report(Workspace.open_or_make(indexed.root), tasks, at=AT)
    assert not used_tasks(report)
    assert unused_tasks(report) == [task.display_name for task in tasks.values()]
    shorts = [answer.short for answer in five_answers(report)]
    assert shorts[0].startswith("Nobody can say")
    assert all("not measured" in one.lower() for one in (shorts[2], shorts[3]))


def test_curves_rest_on_sealed_patients_that_a_reviewer_judged(reviewed, tasks):
    report = archive_report(reviewed, tasks, at=AT)
    found = task_of(report, "rotation").detector.curves
    assert 0 < found.films <= task_of(report, "rotation").looked_at
    assert found.patients <= report.sealed_patients
    assert sum(one.bad.of for one in found.bins) == found.films
    assert task_of(report, "inversion").detector.curves is None


def test_a_rollback_is_told_from_a_publication(reviewed, tasks):
    first = published_version(reviewed.database, "rotation")
    other = published_version(reviewed.database, "inversion")
    assert first == other
    second = _another_version(reviewed, tasks["rotation"])
    rollback(reviewed, tasks["rotation"], first)
    detector = task_of(archive_report(reviewed, tasks, at=AT), "rotation").detector
    assert [one.rolled_back for one in detector.publications] == [False, False, True]
    assert [one.in_use for one in detector.versions] == [True, False]
    assert detector.versions[1].model_version == second


def _another_version(workspace, task):
    """Register and publish the same network under the name that another card gives it."""
    from backend.detectors.adapters.versions.model_folder import (  # noqa: PLC0415
        read_card_values,
        read_weights,
        save_folder,
    )

    first = published_version(workspace.database, task.name)
    card = read_card_values(workspace.models, first)
    weights = read_weights(workspace.models, first, card["weights_sha256"])
    second = save_folder(
        workspace.models, "tiny", card | {"initial_weights": "the same again"}, weights
    )
    judged = {"sealed_views": 80, "sealed_errors": 3}
    register_version(workspace.database, task.name, second, reviewer_labels=24, judgement=judged)
    publish(workspace, task, second, reason="again")
    return second


def test_the_page_holds_no_path_no_patient_no_whole_id_and_no_reviewer(reviewed, tasks, tmp_path):
    page = tmp_path / "report.html"
    write_archive_report(reviewed, tasks, page, at=AT)
    text = re.sub(r'src="data:[^"]*"', "", page.read_text())
    for film in films(reviewed.database):
        assert film.radiograph_id not in text
        assert Path(film.path).name not in text
        assert film.patient_key not in text
    assert str(reviewed.root) not in text
    assert reviewed_phantoms.FIRST not in text
    assert "reviewer 1" in text
    assert not list(tmp_path.glob(".report.html.*"))


def test_the_same_state_and_time_give_the_same_bytes(reviewed, tasks, tmp_path):
    for name in ("one.html", "other.html"):
        write_archive_report(reviewed, tasks, tmp_path / name, at=AT)
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "other.html").read_bytes()
    write_archive_report(reviewed, tasks, tmp_path / "bare.html", at=AT, with_pictures=False)
    assert "<img" in (tmp_path / "one.html").read_text()
    assert "<img" not in (tmp_path / "bare.html").read_text()


def test_provenance_names_the_end_of_the_ledger_and_what_was_predicted(reviewed, tasks):
    made = archive_report(reviewed, tasks, at=AT).provenance
    assert made.at == AT
    assert (made.ledger_fault, len(made.ledger_head)) == ("", 64)
    assert [one.task for one in made.predictions] == list(tasks)
    # Seed 0: nothing was drawn, the films on these items are chosen by what was said of them.
    assert len({batch.seed for batch in made.batches if batch.task == "rotation"} - {0}) == 2
    reviewed.database.dispose()
    with reviewed.database.begin() as connection:
        connection.exec_driver_sql("UPDATE ledger SET at = '1999' WHERE seq = 3")
    fault = archive_report(reviewed, tasks, at=AT).provenance.ledger_fault
    assert fault.startswith("row 3 was changed")


def test_no_setting_that_may_be_secret_is_told(tmp_path):
    token, folder = "0123-secret", tmp_path / "folder"
    found = changed_settings(
        Settings(
            label_studio_token=token,
            label_studio_username="somebody@example.com",
            database_url="postgresql://user:secret@host/archive",
            image_folders=(folder,),
            device="cpu",
            folds=4,
        )
    )
    assert found["device"] == "cpu"
    assert found["folds"] == "4"
    hidden = ("label_studio_token", "label_studio_username", "database_url", "image_folders")
    assert {found[name] for name in hidden} == {NOT_SHOWN}
    assert set(found) - {"paths"} == {"device", "folds", *hidden}
