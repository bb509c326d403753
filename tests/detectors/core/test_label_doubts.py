"""Planted slips are found; cleanlab finds the same films."""

import numpy as np
import pytest
from cleanlab.filter import find_label_issues

from backend.detectors.core.calibration import softmax
from backend.detectors.core.label_doubts import (
    Doubt,
    confident_labels,
    doubted,
    label_doubts_of,
    still_in_doubt,
)

LABELS = ("frontal", "lateral", "other")


def films(seed, count=600, slips=0.03, shares=(0.9, 0.1, 0.0), sharpness=4.0):
    """Return given labels, probabilities of a head that knows the truth, and where slips are."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(3, size=count, p=shares)
    logits = rng.normal(size=(count, 3)) + sharpness * np.eye(3)[truth]
    slipped = rng.random(count) < slips
    given = np.where(slipped, (truth + 1) % 2, truth)
    return given.astype(np.int64), softmax(logits), slipped


def test_most_slips_are_found_and_few_right_labels_doubted():
    found = slipped = wrong = 0
    for seed in range(20):
        given, said, slips = films(seed, sharpness=6.0)
        places = doubted(given, said)
        found, slipped = found + slips[places].sum(), slipped + slips.sum()
        wrong += (~slips[places]).sum()
    assert found / slipped > 0.75
    assert wrong / (20 * 600) < 0.01


def test_the_least_probable_label_comes_first():
    given, said, _ = films(1)
    own = said[np.arange(len(given)), given]
    places = doubted(given, said)
    assert len(places) > 3
    assert (np.diff(own[places]) >= 0).all()


def test_heads_that_know_nothing_cast_little_doubt():
    rng = np.random.default_rng(3)
    given = rng.choice(2, size=1000, p=[0.95, 0.05]).astype(np.int64)
    said = np.tile([0.95, 0.05], (1000, 1)) + rng.normal(scale=1e-3, size=(1000, 1)) * [1, -1]
    assert len(doubted(given, said)) < 40


def test_a_label_that_nobody_gave_is_never_suggested():
    given, said, _ = films(4)
    assert 2 not in set(confident_labels(given, said)[doubted(given, said)].tolist())


@pytest.mark.parametrize("seed", range(8))
def test_cleanlab_doubts_the_same_films(seed):
    given, said, _ = films(seed, shares=(0.7, 0.2, 0.1), sharpness=2.5)
    theirs = find_label_issues(
        given,
        said,
        filter_by="confident_learning",
        return_indices_ranked_by="self_confidence",
        n_jobs=1,
    )
    assert len(theirs) > 3
    assert doubted(given, said).tolist() == theirs.tolist()


def test_only_labels_that_stand_and_were_seen_once_are_asked_again():
    kept = {
        "a": ["frontal", "lateral", 0.1],
        "b": ["frontal", "lateral", 0.01],
        "c": ["frontal", "lateral", 0.02],
        "d": ["lateral", "frontal", 0.3],
    }
    standing = {"a": "frontal", "b": "lateral", "c": "frontal", "d": "lateral"}
    found = still_in_doubt(kept, standing, {"a", "b", "d"}, most=5)
    assert [one.radiograph_id for one in found] == ["a", "d"]
    assert [one.radiograph_id for one in still_in_doubt(kept, standing, {"a", "d"}, most=1)] == [
        "a"
    ]
    assert "called frontal, but heads" in found[0].reason


def test_a_doubt_is_kept_as_plain_values():
    given, said, _ = films(5)
    names = [f"film{place}" for place in range(len(given))]
    first = label_doubts_of(names, given, said, LABELS)[0]
    again = Doubt(first.radiograph_id, *first.as_json())
    assert (again.label, again.suggested) == (first.label, first.suggested)
    assert again.probability == pytest.approx(first.probability, abs=1e-4)
