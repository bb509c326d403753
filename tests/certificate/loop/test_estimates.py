"""Estimates in a workspace: batches are made and answered as a campaign does, without a server."""

import pytest
from shared_fixtures.kept_answers import add_labels

from backend.archive.adapters.catalogue import films
from backend.certificate.loop.estimates import estimates_over_time, read_drawn_films
from backend.detectors.adapters.versions.model_folder import (
    films_learnt_from,
    read_card_values,
    read_weights,
    save_folder,
)
from backend.detectors.adapters.versions.registry import (
    COLD_START,
    published_version,
    register_version,
)
from backend.export.loop.report_detector import CurveFilms, detector_section
from backend.export.loop.report_reading import read_detectors
from backend.labels.core.labels import Label, LabelSource, Slice
from backend.review.adapters.batch_store import record_batch
from backend.review.core.item import BatchFacts
from backend.review.loop.publish import publish
from backend.review.loop.rank import rank_batch


@pytest.fixture
def campaign(workspace, tasks, true_label):
    """Return a function that makes a batch and answers it truly, but for `unanswered` films."""
    task = tasks["rotation"]
    names = {film.radiograph_id: film.path.rsplit("/", 1)[-1] for film in films(workspace.database)}

    def truth(pick):
        return true_label(names[pick.radiograph_id], task)

    def other(pick):
        return "turned_90" if truth(pick) == "upright" else "upright"

    def batch(count, *, seed, version=None, unanswered=0, wrongly=()):
        chosen = rank_batch(workspace, task, count=count, seed=seed)
        facts = BatchFacts(
            task.name,
            version or published_version(workspace.database, task.name),
            seed,
            films=len(names),
            drawn_from=chosen.drawn_from,
        )
        record_batch(workspace.database, facts, chosen.picks)
        answered = chosen.picks[: len(chosen.picks) - unanswered]
        labels = [
            Label(
                pick.radiograph_id,
                task.name,
                other(pick) if pick.radiograph_id in wrongly else truth(pick),
                LabelSource.REVIEWER,
                "2026-01-01",
            )
            for pick in answered
        ]
        add_labels(workspace.database, labels)
        return chosen

    batch.bad = sum(true_label(name, task) != "upright" for name in names.values())
    batch.films = len(names)
    return batch


@pytest.fixture
def learnt(workspace):
    """The films that the version in use learnt from."""
    version = published_version(workspace.database, "rotation")
    return films_learnt_from(workspace.models, version)


@pytest.fixture
def publish_again(workspace, tasks):
    """Return a function that publishes the version in use as one that learnt from these films."""

    def made(learnt_from):
        first = published_version(workspace.database, "rotation")
        card = read_card_values(workspace.models, first)
        weights = read_weights(workspace.models, first, card["weights_sha256"])
        version = save_folder(workspace.models, "tiny", card, weights, learnt_from)
        register_version(workspace.database, "rotation", version, reviewer_labels=0, judgement={})
        publish(workspace, tasks["rotation"], version, reason="again")

    return made


def estimates(workspace, task):
    drawn = read_drawn_films(workspace.database, [task])[task.name]
    return estimates_over_time(task, drawn, workspace.detector_files)


def test_before_anything_is_drawn_there_is_no_estimate(workspace, tasks):
    assert estimates(workspace, tasks["rotation"]) == []


def test_each_batch_adds_to_what_is_known_until_all_is(workspace, tasks, campaign, learnt):
    for seed in range(3):
        campaign(campaign.films // 3, seed=seed)
    found = estimates(workspace, tasks["rotation"])
    assert len(found) == 3
    width = [one.prevalence.high - one.prevalence.low for one in found]
    assert width == sorted(width, reverse=True)
    for one in found:
        assert one.prevalence.low <= campaign.bad / campaign.films <= one.prevalence.high
        assert one.detector.films == campaign.films - len(learnt)
        assert one.left_out == 0
    assert found[-1].prevalence.value == pytest.approx(campaign.bad / campaign.films)
    assert width[-1] == 0
    assert found[-1].detector.looked == campaign.films - len(learnt)


def stated(workspace, task):
    """Return what the report says of the archive, from the films drawn at random."""
    in_use = published_version(workspace.database, task.name)
    engine, files = workspace.database, workspace.detector_files
    reading = read_detectors(engine, files, [task], {task.name: in_use})[task.name]
    return detector_section(reading, task, CurveFilms({}, None, {}, frozenset())).estimates


def test_a_film_that_the_version_learnt_from_is_in_no_estimate_of_it(
    workspace, tasks, campaign, learnt
):
    assert 20 < len(learnt) < campaign.films
    campaign(campaign.films, seed=1, wrongly=learnt)
    (one,) = estimates(workspace, tasks["rotation"])
    assert one.learnt_from_known
    assert one.detector.films == one.detector.looked == campaign.films - len(learnt)
    assert one.prevalence.value > 0.5
    assert one.detector.prevalence.value < 0.3


def test_the_report_says_of_which_films_an_estimate_is(workspace, tasks, campaign, learnt):
    campaign(40, seed=1)
    version = published_version(workspace.database, "rotation")
    _, precision, recall, area = stated(workspace, tasks["rotation"])
    assert precision.on == recall.on == area.on
    assert precision.on.startswith(
        f"{campaign.films - len(learnt)} films that {version} did not learn from and nobody had "
        "looked at when it chose its first batch"
    )


def test_a_version_without_a_list_is_judged_as_before_and_the_report_says_so(
    workspace, tasks, campaign, publish_again
):
    publish_again(None)
    campaign(campaign.films, seed=1)
    (one,) = estimates(workspace, tasks["rotation"])
    assert one.detector.films == campaign.films
    assert not one.learnt_from_known
    last = stated(workspace, tasks["rotation"])[-1]
    assert "some of which it may have learnt from" in last.on


def test_a_version_that_learnt_from_every_film_has_no_estimate(
    workspace, tasks, campaign, publish_again
):
    publish_again([film.radiograph_id for film in films(workspace.database)])
    campaign(40, seed=1)
    prevalence, *rest = stated(workspace, tasks["rotation"])
    assert prevalence.figure.value is not None
    assert [one.figure.value for one in rest] == [None, None, None]
    assert {one.on.split(" that")[0] for one in rest} == {"0 films"}


def test_a_version_is_judged_only_on_films_nobody_had_looked_at_before_it(
    workspace, tasks, campaign, learnt, caplog
):
    first = campaign(30, seed=1, version=COLD_START)
    second = campaign(30, seed=2)
    cold, trained = estimates(workspace, tasks["rotation"])
    assert caplog.text == ""
    assert cold.detector is None
    before, since = ({pick.radiograph_id for pick in one.picks} for one in (first, second))
    assert trained.detector.films == campaign.films - len(before | learnt)
    assert trained.detector.looked == len(since - learnt)
    assert trained.prevalence.value is not None


def test_drawn_films_are_counted_as_drawn_and_those_without_an_answer_are_left_out(
    workspace, tasks, campaign, publish_again
):
    planned = rank_batch(workspace, tasks["rotation"], count=40, seed=3).picks
    learnt_from = {pick.radiograph_id for pick in planned[::2]}  # of those drawn at random, too
    publish_again(learnt_from)
    chosen = campaign(40, seed=3, unanswered=4)
    (one,) = estimates(workspace, tasks["rotation"])
    looked = [pick for pick in chosen.picks[:36] if pick.radiograph_id not in learnt_from]
    drawn = sum(pick.slice is Slice.AUDIT for pick in looked)
    assert one.left_out == 4
    assert 0 < drawn < len(looked) < 36
    assert (one.detector.drawn, one.detector.looked) == (drawn, len(looked))
    assert one.as_json()["detector"]["recall"]["interval"]
