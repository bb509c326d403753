"""Estimates in a workspace: batches are made and answered as a campaign does, without a server."""

import pytest

from backend.adapters.batch_store import BatchFacts, record_batch
from backend.adapters.catalogue import films
from backend.adapters.label_store import add_labels
from backend.adapters.registry import COLD_START, published_version
from backend.core.labels import Label, LabelSource
from backend.core.ranking import Slice
from backend.loop.estimates import estimates_over_time
from backend.loop.rank import rank_batch


@pytest.fixture
def campaign(workspace, tasks, true_label):
    """Return a function that makes a batch and answers it truly, but for `unanswered` films."""
    task = tasks["rotation"]
    names = {film.radiograph_id: film.path.rsplit("/", 1)[-1] for film in films(workspace.database)}

    def batch(count, *, seed, version=None, unanswered=0):
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
                true_label(names[pick.radiograph_id], task),
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


def test_before_anything_is_drawn_there_is_no_estimate(workspace, tasks):
    assert estimates_over_time(workspace, tasks["rotation"]) == []


def test_each_batch_adds_to_what_is_known_until_all_is(workspace, tasks, campaign):
    for seed in range(3):
        campaign(campaign.films // 3, seed=seed)
    found = estimates_over_time(workspace, tasks["rotation"])
    assert len(found) == 3
    width = [one.prevalence.high - one.prevalence.low for one in found]
    assert width == sorted(width, reverse=True)
    for one in found:
        assert one.prevalence.low <= campaign.bad / campaign.films <= one.prevalence.high
        assert one.detector.films == campaign.films
        assert one.left_out == 0
    assert found[-1].prevalence.value == pytest.approx(campaign.bad / campaign.films)
    assert width[-1] == 0
    assert found[-1].detector.looked == campaign.films


def test_a_version_is_judged_only_on_films_nobody_had_looked_at_before_it(
    workspace, tasks, campaign
):
    first = campaign(30, seed=1, version=COLD_START)
    campaign(30, seed=2)
    cold, trained = estimates_over_time(workspace, tasks["rotation"])
    assert cold.detector is None
    assert trained.detector.films == campaign.films - len(first.picks)
    assert trained.detector.looked == 30
    assert trained.prevalence.value is not None


def test_drawn_films_are_counted_as_drawn_and_those_without_an_answer_are_left_out(
    workspace, tasks, campaign
):
    chosen = campaign(40, seed=3, unanswered=4)
    (one,) = estimates_over_time(workspace, tasks["rotation"])
    drawn = sum(pick.slice is Slice.AUDIT for pick in chosen.picks)
    assert one.left_out == 4
    assert (one.detector.drawn, one.detector.looked) == (drawn - 4, 36)
    assert one.as_json()["detector"]["recall"]["interval"]
