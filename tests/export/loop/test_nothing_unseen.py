"""Whatever is said of the films, none is excluded that nobody looked at, and no suspect is lost."""

import csv
import io

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.base.core.detector_task import AnswerKind
from backend.detectors.adapters.versions.predictions import PredictionTable, prediction_frame
from backend.export.adapters.archive_state import ArchiveState
from backend.export.loop.lists import Known, export_lists
from backend.labels.core.labels import GIVEN_BY_RULES, Label, LabelSource, verdicts
from tasks import load_detector_tasks

TASKS = {
    name: task
    for name, task in load_detector_tasks().items()
    if name in {"rotation", "quality", "age", "any_problem", "body_region"}
}
CHOICES = [task for task in TASKS.values() if task.answer is AnswerKind.CHOICE]
FILES = {f"film{number}": [f"/archive/{number}.png"] for number in range(6)}
FILES["film0"].append("/archive/second copy of 0.png")
ARCHIVE = ArchiveState(FILES, {}, dict.fromkeys(FILES, (100, 100)))
POLICIES = {("age", "child"), ("quality", "exact_duplicate")}
MOMENTS = [f"2026-01-0{day}" for day in range(1, 8)]


@st.composite
def one_label(draw):
    task, source = draw(st.sampled_from(CHOICES)), draw(st.sampled_from(list(LabelSource)))
    by_rule = source in GIVEN_BY_RULES
    return Label(
        draw(st.sampled_from(sorted(FILES))),
        task.name,
        draw(st.sampled_from(task.labels)),
        source,
        draw(st.sampled_from(MOMENTS)),
        "" if by_rule else "user 1",
        denied=source is LabelSource.REVIEWER and draw(st.booleans()),
        confidence=draw(st.sampled_from([0.2, 0.9, 1.0])),
        rule="r" if by_rule else "",
    )


@st.composite
def one_table(draw, task):
    films = draw(st.lists(st.sampled_from(sorted(FILES)), unique=True, min_size=1))
    likely = [draw(st.sampled_from(task.labels)) for _ in films]
    sure = [draw(st.sampled_from([0.4, 0.6, 0.999])) for _ in films]
    rest = len(task.labels) - 1
    rows = [
        [p if label == best else (1 - p) / rest for label in task.labels]
        for best, p in zip(likely, sure, strict=True)
    ]
    frame = prediction_frame(films, task.labels, np.array(rows, np.float32))
    return PredictionTable(task.name, f"{task.name}-1", task.labels, frame)


@st.composite
def what_is_known(draw):
    given_labels = draw(st.lists(one_label(), max_size=25))
    predicted = [task for task in CHOICES if not task.sums_up and draw(st.booleans())]
    return Known(
        tasks=TASKS,
        archive=ARCHIVE,
        labels={
            name: [label for label in given_labels if label.detector_task == name] for name in TASKS
        },
        tables={task.name: draw(one_table(task)) for task in predicted},
        settled_bad={
            task.name: draw(st.lists(st.sampled_from(sorted(FILES)), unique=True))
            for task in CHOICES
        },
        with_predicted=draw(st.booleans()),
    )


def lists_of(known):
    files = export_lists(known, lambda wanted: {}).as_files(known.names)
    return {
        name: list(csv.DictReader(io.StringIO(content.decode()))) for name, content in files.items()
    }


def film_of(row):
    return next(film for film, paths in FILES.items() if row["file"] in paths)


def looked(known, row):
    task, film = TASKS[row["detector_task"]], film_of(row)
    by_reviewer = [
        label
        for label in known.labels[task.name]
        if label.source is LabelSource.REVIEWER and label.radiograph_id == film
    ]
    return verdicts(by_reviewer, task).get(film)


@settings(max_examples=100, deadline=None)
@given(what_is_known())
def test_no_film_is_excluded_without_a_reviewer_or_a_policy(known):
    for row in lists_of(known)["exclusions.csv"]:
        task, film, verdict = row["detector_task"], film_of(row), looked(known, row)
        if row["decided"] == "predicted, nobody has decided":
            assert known.with_predicted
            assert TASKS[task].rule is None
            assert verdict is None
        elif row["decided"] == "policy":
            rules = {
                (task, label.label)
                for label in known.labels[task]
                if label.radiograph_id == film and label.source is LabelSource.RULE
            }
            assert rules & POLICIES or row["reason"].startswith("quality: the same bytes as")
        else:
            twice = film in known.settled_bad[task]
            assert row["decided"] == f"confirmed by {'two looks' if twice else 'one look'}"
            assert verdict is not None
            assert verdict.is_bad(TASKS[task])


def suspected(known, task, film):
    """Return whether anything but a person or a policy says that something is wrong."""
    for label in known.labels[task.name]:
        of_rule = label.source is LabelSource.RULE and task.rule is not None
        if label.radiograph_id == film and of_rule and label.label != task.expected_label:
            return True
    verdict = verdicts(known.labels[task.name], task).get(film)
    if verdict is not None and verdict.is_bad(task):
        return True
    table = known.tables.get(task.name)
    if table is None or film not in table.radiograph_ids:
        return False
    (row,) = table.probabilities([film])
    return 1 - float(row[task.labels.index(task.expected_label)]) >= 0.5


def is_excluded_for_any_problem(known, task, film):
    joint = TASKS["any_problem"]
    if task.name not in {part.name for part in joint.parts}:
        return False
    verdict = looked(known, {"detector_task": joint.name, "file": FILES[film][0]})
    named = any(
        decided(known, part, film) == (True, False) or _called_bad(known, part, film)
        for part in CHOICES
        if not part.sums_up
    )
    return verdict is not None and verdict.is_bad(joint) and not named


def _called_bad(known, task, film):
    verdict = looked(known, {"detector_task": task.name, "file": FILES[film][0]})
    return verdict is not None and verdict.is_bad(task)


def decided(known, task, film):
    policy = any(
        label.source is LabelSource.RULE and (task.name, label.label) in POLICIES
        for label in known.labels[task.name]
        if label.radiograph_id == film
    )
    looks = [
        label
        for label in known.labels[task.name]
        if label.source is LabelSource.REVIEWER and label.radiograph_id == film
    ]
    return policy, bool(looks)


@settings(max_examples=100, deadline=None)
@given(what_is_known())
def test_every_suspected_film_that_nobody_looked_at_is_listed_once_for_each_task(known):
    rows = lists_of(known)["suspects.csv"]
    listed = [(row["detector_task"], row["file"]) for row in rows]
    assert len(listed) == len(set(listed))
    assert [int(row["rank"]) for row in rows] == list(range(1, len(rows) + 1))
    for task in CHOICES:
        for film, paths in FILES.items():
            policy, seen = decided(known, task, film)
            seen = seen or is_excluded_for_any_problem(known, task, film)
            there = {(task.name, path) in listed for path in paths}
            if seen or policy:
                assert there == {False}
            else:
                assert there == {suspected(known, task, film)}


@settings(max_examples=60, deadline=None)
@given(what_is_known())
def test_a_policy_takes_out_every_film_that_no_reviewer_spoke_of(known):
    excluded = {(row["detector_task"], row["file"]) for row in lists_of(known)["exclusions.csv"]}
    for task in CHOICES:
        for film, paths in FILES.items():
            policy, seen = decided(known, task, film)
            if policy and not seen:
                assert {(task.name, path) for path in paths} <= excluded


def test_a_policy_is_no_suspect_even_where_a_detector_suspects_the_film():
    child = Label("film1", "age", "child", LabelSource.RULE, "2026-01-01", rule="rule age")
    thin = Label("film2", "quality", "washed_out", LabelSource.RULE, "2026-01-01", rule="r")
    known = Known(TASKS, ARCHIVE, {"age": [child], "quality": [thin]}, {}, {}, False)
    lists = lists_of(known)
    ruled = [row for row in lists["exclusions.csv"] if "the same bytes" not in row["reason"]]
    assert [(row["file"], row["decided"]) for row in ruled] == [("/archive/1.png", "policy")]
    (suspect,) = lists["suspects.csv"]
    assert suspect == {
        "file": "/archive/2.png",
        "detector_task": "quality",
        "suspicion": "quality: washed_out (a rule)",
        "probability": "",
        "model_version": "",
        "rank": "1",
    }
