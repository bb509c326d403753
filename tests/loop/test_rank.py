from pathlib import Path

import pandas as pd

from backend.adapters.batch_store import Item, plan_items
from backend.adapters.catalogue import films
from backend.adapters.label_store import add_labels
from backend.core.labels import Label, LabelSource
from backend.core.ranking import Slice
from backend.loop.prediction_list import write_ranking
from backend.loop.rank import rank


def test_the_spoilt_phantoms_are_at_the_front(workspace, tasks, true_label):
    paths = {film.radiograph_id: Path(film.path).name for film in films(workspace.database)}
    task = tasks["inversion"]
    spoilt = {film for film, name in paths.items() if true_label(name, task) == "inverted"}
    picks = rank(workspace, task, count=30, seed=1)
    front = {pick.radiograph_id for pick in picks[: len(spoilt)]}
    assert front == spoilt
    assert {pick.slice for pick in picks[: len(spoilt)]} == {Slice.LIKELY}


def test_a_film_that_a_reviewer_judged_is_not_ranked_again(workspace, tasks):
    task = tasks["rotation"]
    first = rank(workspace, task, count=5, seed=1)[0].radiograph_id
    label = Label(first, "rotation", "upright", LabelSource.REVIEWER, "2026-01-01")
    add_labels(workspace.database, [label])
    everything = rank(workspace, task, count=10_000, seed=1)
    assert first not in {pick.radiograph_id for pick in everything}


def test_a_film_that_waits_in_label_studio_is_not_ranked_again(workspace, tasks):
    task = tasks["rotation"]
    waiting = tuple(pick.radiograph_id for pick in rank(workspace, task, count=6, seed=1))
    plan_items(workspace.database, [Item("key", 1, 1, 0, "rotation", "sheet", "upright", waiting)])
    left = {pick.radiograph_id for pick in rank(workspace, task, count=10_000, seed=1)}
    assert not left & set(waiting)


def test_a_rule_label_does_not_count_as_looked_at(workspace, tasks):
    film = films(workspace.database)[0].radiograph_id
    label = Label(film, "rotation", "turned_90", LabelSource.RULE, "2026-01-01")
    add_labels(workspace.database, [label])
    ranked = rank(workspace, tasks["rotation"], count=10_000, seed=1)
    assert film in {pick.radiograph_id for pick in ranked}


def test_the_ranking_is_written_with_the_columns_of_the_contract(workspace, tasks, tmp_path):
    picks = rank(workspace, tasks["rotation"], count=7, seed=3)
    write_ranking(workspace, picks, tmp_path / "ranking.csv")
    frame = pd.read_csv(tmp_path / "ranking.csv")
    assert list(frame.columns) == ["rank", "radiograph_id", "path", "slice", "reason"]
    assert frame["rank"].tolist() == [1, 2, 3, 4, 5, 6, 7]
