import shutil
from dataclasses import replace

import pytest
from shared_fixtures.kept_answers import add_labels
from shared_fixtures.workspaces import copied

from backend.archive.adapters.catalogue import films
from backend.archive.core.identity import is_sealed
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import LearntFrom, TaskKind
from backend.base.core.errors import TaskDefinitionError
from backend.detectors.adapters.versions.model_folder import read_card
from backend.detectors.adapters.versions.registry import published_version, versions
from backend.detectors.loop.train import train
from backend.labels.core.labels import Label, LabelSource


@pytest.fixture(scope="module")
def family(tasks):
    return list(tasks.values())


@pytest.fixture(scope="module")
def once_more(trained, tasks, family, tmp_path_factory):
    """The trained workspace after another training that took seconds and learnt little.

    With it come what the training gave, what its progress was, and the version in use before it.
    """
    root = tmp_path_factory.mktemp("once more") / "workspace"
    shutil.copytree(trained.root, root)
    (root / "radsieve.toml").write_text("epochs = 1\nfolds = 2\n")
    workspace, seen = Workspace.open_or_make(root), []
    before = published_version(workspace.database, "rotation")
    result = train(
        workspace,
        tasks["rotation"],
        family,
        progress=lambda done, to_do: seen.append((done, to_do)),
    )
    return workspace, result, seen, before


@pytest.fixture
def quick(once_more, tmp_path):
    """A copy of that workspace, to train in once more."""
    return copied(once_more[0].root, tmp_path / "workspace")


def answer(film, task, label):
    return Label(film, task.name, label, LabelSource.REVIEWER, "2026-01-01T00:00:00+00:00", "ann")


def films_by_role(workspace):
    key, share = workspace.secrets.archive_key, workspace.settings.sealed_share
    found = {True: [], False: []}
    for film in films(workspace.database):
        found[is_sealed(film.patient_key, key, share)].append(film.radiograph_id)
    return found[False], found[True]


def test_spoilt_phantoms_are_found_as_suspects(trained, tasks, true_label):
    version = published_version(trained.database, "rotation")
    suspects = read_card(trained.models, version).training.suspects
    training, _ = films_by_role(trained)
    names = {film.radiograph_id: film.path.rsplit("/", 1)[-1] for film in films(trained.database)}
    for task in tasks.values():
        spoilt = {film for film in training if true_label(names[film], task) != task.expected_label}
        assert spoilt
        assert spoilt <= set(suspects[task.name])
        assert len(suspects[task.name]) <= len(spoilt) + 3


def test_both_detectors_share_one_training(trained, tasks):
    (rotation,), (inversion,) = (versions(trained.database, name) for name in tasks)
    assert rotation.model_version == inversion.model_version
    assert rotation.judgement["sealed_views"] != inversion.judgement["sealed_views"]


def test_a_published_detector_is_good_and_its_card_says_how_good(trained):
    card = read_card(trained.models, published_version(trained.database, "rotation"))
    figures = card.figures["rotation"]
    assert figures["binary"]["accuracy"]["value"] > 0.9
    assert figures["binary"]["accuracy"]["low"] < figures["binary"]["accuracy"]["value"]
    assert figures["baseline"]["views"] == figures["views"]
    assert figures["in_archive"]["prevalence_source"] == "assumed"
    assert card.training.out_of_fold["rotation"]["temperature"] > 0
    assert card.training.films > 50


def test_the_same_films_and_labels_are_not_trained_on_twice(once_more, quick, tasks, family):
    _, first, _, _ = once_more
    again = train(quick, tasks["inversion"], family)
    assert not first.reused
    assert again.reused
    assert again.model_version == first.model_version


def test_training_does_not_publish(once_more):
    workspace, result, _, before = once_more
    assert published_version(workspace.database, "rotation") == before != result.model_version
    assert versions(workspace.database, "rotation")[-1].model_version == result.model_version


def test_a_worse_version_is_not_fit_to_publish_and_the_reason_is_registered(once_more):
    workspace, result, _, _ = once_more
    assert not result.judgement.publish
    assert "the version in use" in result.judgement.reason
    registered = versions(workspace.database, "rotation")[-1].judgement
    assert registered["reason"] == result.judgement.reason


@pytest.mark.slow
def test_the_same_material_gives_the_same_version(once_more, quick, tasks, family):
    first = once_more[1].model_version
    folder = quick.models / first
    folder.rename(quick.root / "moved away")
    second = train(quick, tasks["rotation"], family)
    assert not second.reused
    assert second.model_version == first


def test_answers_make_another_version_and_those_about_sealed_films_only_judge_it(
    once_more, quick, tasks, family
):
    _, before, _, _ = once_more
    training, sealed = films_by_role(quick)
    rotation = tasks["rotation"]
    add_labels(
        quick.database,
        [answer(training[0], rotation, "upright"), answer(sealed[0], rotation, "upright")],
    )
    told = [answer(sealed[1], rotation, "turned_90")]
    after = train(quick, rotation, family, extra_labels=told)
    assert after.model_version != before.model_version
    # What a table says is not counted among what reviewers answered here.
    assert versions(quick.database, "rotation")[-1].reviewer_labels == 2
    assert after.metrics["training"]["confirmed_films"] == 1
    assert after.judgement.confirmed_bad == 1


def test_progress_reaches_its_end(once_more):
    _, _, seen, _ = once_more
    assert seen[-1][0] == seen[-1][1]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_task_whose_labels_cannot_be_made_is_refused(quick, tasks, family):
    given = replace(
        tasks["rotation"], kind=TaskKind(name="made_head", learnt_from=LearntFrom.ANSWERS)
    )
    with pytest.raises(TaskDefinitionError, match="whose labels can be made"):
        train(quick, given, family)
