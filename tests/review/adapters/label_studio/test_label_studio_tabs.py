"""Tabs of the Data Manager in a real Label Studio: what they show, and what of them stays."""

from dataclasses import replace

import pytest
import requests

from backend.review.adapters.screens.contact_sheet import (
    ContactSheet,
    SheetFilm,
    sheet_item,
    sheet_result,
)
from backend.review.adapters.screens.tabs import (
    BATCH,
    FLAGGED,
    REVIEWER,
    SLICES,
    SUPERSEDED,
    ReviewTab,
    TabKind,
    review_tabs,
    reviewer_tab,
)
from tasks import detector_task

pytestmark = pytest.mark.studio

TASK = detector_task("rotation")
TABS = {tab.title: tab for tab in review_tabs(TabKind.LIST, reviewers=2)}
PLAIN = {SLICES: "likely", REVIEWER: "1", SUPERSEDED: "no", FLAGGED: "no", BATCH: 1}
MADE_BEFORE = ReviewTab("Review")


@pytest.fixture
def call(studio):
    """Return a function that asks Label Studio's API, for what the loop itself never does."""

    def send(method, path, *, query=None, **body):
        response = requests.request(
            method,
            f"{studio.url}/api/{path}",
            params=query,
            json=body or None,
            headers={"Authorization": f"Token {studio.token}"},
            timeout=30,
        )
        response.raise_for_status()
        return response.json() if response.content else None

    return send


@pytest.fixture
def queue(studio, project, call):
    """Return a function that gives the keys of a tab's items, in its order."""

    def keys(tab):
        (view,) = studio.client.ensure_tabs(project, [tab])
        found = call("GET", "tasks/", query={"project": project, "view": view})["tasks"]
        return [item["data"]["item_key"] for item in found]

    return keys


@pytest.fixture
def views(project, call):
    """Return a function that gives the tabs' data by title, in order."""
    return lambda: {
        view["data"]["title"]: view["data"]
        for view in call("GET", "dm/views/", query={"project": project})
    }


def add(studio, project, items):
    """Import items by key, each with (fields, confidence); return their ids by key."""
    contents = []
    for key, (fields, confidence) in items.items():
        films = (SheetFilm(f"film-{key}", "/t.jpg", "/l.jpg"),)
        content = sheet_item(ContactSheet(TASK, "upright", films, "m1", confidence))
        contents.append(content.with_data({"item_key": key, **fields}))
    return dict(zip(items, studio.client.import_items(project, contents), strict=True))


def test_each_tab_shows_its_items_lowest_confidence_first(studio, project, queue):
    add(
        studio,
        project,
        {
            "sure": (PLAIN, 0.9),
            "flagged": (PLAIN | {FLAGGED: "yes"}, 0.5),
            "unsure": (PLAIN | {SLICES: "likely uncertain", REVIEWER: "2"}, 0.2),
            "audit": (PLAIN | {SLICES: "audit", REVIEWER: "2"}, 0.8),
            "report": (PLAIN | {SLICES: "report_audit uncertain", REVIEWER: ""}, 0.1),
            "conflict": (PLAIN | {SLICES: "conflict"}, 0.4),
            "old": (PLAIN | {FLAGGED: "yes", SLICES: "audit", SUPERSEDED: "yes"}, 0.0),
        },
    )
    waiting = ["report", "unsure", "conflict", "flagged", "audit", "sure"]
    assert queue(TABS["Review"]) == waiting
    assert queue(TABS["Flagged"]) == ["flagged"]
    assert queue(TABS["Uncertain"]) == ["report", "unsure"]
    assert queue(TABS["Audit"]) == ["report", "audit"]
    assert queue(TABS["Conflicts"]) == ["conflict"]
    assert queue(TABS["Reviewer 1"]) == ["conflict", "flagged", "sure"]
    assert queue(TABS["Reviewer 2"]) == ["unsure", "audit"]
    assert queue(TABS["Done"]) == []


def test_the_order_follows_the_model_version_in_use(studio, project, queue, call):
    ids = add(studio, project, {"a": (PLAIN, 0.1), "b": (PLAIN, 0.2)})
    assert queue(TABS["Review"]) == ["a", "b"]
    for key, score in (("a", 0.8), ("b", 0.3)):
        call("POST", "predictions/", task=ids[key], model_version="m2", score=score, result=[])
    assert queue(TABS["Review"]) == ["a", "b"]
    studio.client.set_model_version(project, "m2")
    assert queue(TABS["Review"]) == ["b", "a"]


def test_what_is_answered_is_done_newest_first_even_if_superseded(studio, project, queue):
    items = {"a": (PLAIN, 0.1), "b": (PLAIN | {SUPERSEDED: "yes"}, 0.2), "c": (PLAIN, 0.3)}
    ids = add(studio, project, items)
    for key in ("b", "a"):
        result = sheet_result([f"film-{key}"], {f"film-{key}"})
        studio.client.submit_answer(ids[key], result, lead_time_s=3.0)
    assert queue(TABS["Done"]) == ["a", "b"]
    assert queue(TABS["Review"]) == ["c"]


def test_an_item_superseded_later_leaves_the_tabs(studio, project, queue):
    ids = add(studio, project, {"a": (PLAIN, 0.1), "b": (PLAIN, 0.2)})
    studio.client.patch_data(ids["a"], {SUPERSEDED: "yes"})
    assert queue(TABS["Review"]) == queue(TABS["Reviewer 1"]) == ["b"]


def test_tabs_are_made_once_in_order(studio, project, views):
    first = studio.client.ensure_tabs(project, list(TABS.values()))
    assert studio.client.ensure_tabs(project, list(TABS.values())) == first
    assert list(views()) == list(TABS)


def test_a_tab_of_an_earlier_version_gets_the_new_filter_and_keeps_its_looks(
    studio, project, call, views
):
    (old,) = studio.client.ensure_tabs(project, [MADE_BEFORE])
    arranged = views()["Review"] | {"type": "grid", "gridWidth": 7}
    arranged["hiddenColumns"] = {"explore": ["tasks:id"], "labeling": ["tasks:id"]}
    call("PATCH", f"dm/views/{old}/", project=project, data=arranged)
    assert studio.client.ensure_tabs(project, [TABS["Review"]]) == [old]
    now = views()["Review"]
    assert [one["filter"] for one in now["filters"]["items"]] == [
        "filter:tasks:total_annotations",
        f"filter:tasks:data.{SUPERSEDED}",
    ]
    assert (now["type"], now["gridWidth"]) == ("grid", 7)
    assert now["hiddenColumns"] == arranged["hiddenColumns"]


def test_items_of_an_earlier_version_are_shown_once_they_have_the_field(studio, project, queue):
    ids = add(studio, project, {"before": ({}, 0.1), "done": ({}, 0.2), "new": (PLAIN, 0.3)})
    studio.client.submit_answer(ids["done"], [], lead_time_s=3.0)
    assert queue(TABS["Review"]) == ["new"]
    studio.client.complete_data(project, {SUPERSEDED: "no"})
    assert queue(TABS["Review"]) == ["before", "new"]


def test_only_a_tab_of_an_earlier_version_is_former(studio, project):
    tabs = list(TABS.values())
    assert not studio.client.has_former_tab(project, tabs)
    studio.client.ensure_tabs(project, [MADE_BEFORE])
    assert studio.client.has_former_tab(project, tabs)
    studio.client.ensure_tabs(project, tabs)
    assert not studio.client.has_former_tab(project, tabs)


@pytest.mark.parametrize(
    "change",
    [
        {"ordering": ["-tasks:id"]},
        {"filters": {"conjunction": "and", "items": []}},
    ],
)
def test_a_filter_or_order_that_somebody_changed_stays(studio, project, call, views, change):
    (view,) = studio.client.ensure_tabs(project, [MADE_BEFORE])
    call("PATCH", f"dm/views/{view}/", project=project, data=views()["Review"] | change)
    arranged = views()["Review"]
    assert studio.client.ensure_tabs(project, [TABS["Review"]]) == [view]
    assert views()["Review"] == arranged


def test_tabs_of_reviewers_who_left_go_unless_somebody_changed_them(studio, project, call, views):
    gone = [reviewer_tab(TabKind.LIST, number) for number in (1, 2, 3)]
    ids = studio.client.ensure_tabs(project, [TABS["Review"], *gone])
    theirs = views()["Reviewer 2"] | {"ordering": ["tasks:id"]}
    call("PATCH", f"dm/views/{ids[2]}/", project=project, data=theirs)
    studio.client.remove_tabs(project, gone)
    assert list(views()) == ["Review", "Reviewer 2"]
    studio.client.remove_tabs(project, gone)


def test_a_renamed_tab_is_left_alone_and_made_anew(studio, project, call, views):
    (view,) = studio.client.ensure_tabs(project, [TABS["Audit"]])
    call("PATCH", f"dm/views/{view}/", project=project, data=views()["Audit"] | {"title": "Mine"})
    assert studio.client.ensure_tabs(project, [TABS["Audit"]]) != [view]
    assert list(views()) == ["Mine", "Audit"]


def test_numbers_are_ordered_as_numbers(studio, project, queue):
    add(studio, project, {f"k{number}": (PLAIN | {BATCH: number}, 0.5) for number in (9, 100, 12)})
    tab = replace(TABS["Review"], title="By batch", order_by=f"-tasks:data.{BATCH}")
    assert queue(tab) == ["k100", "k12", "k9"]
