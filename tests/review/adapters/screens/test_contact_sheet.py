from dataclasses import replace
from html.parser import HTMLParser

import pytest

from backend.base.core.detector_task import DetectorTask, Thresholds
from backend.base.core.errors import LabelStudioError
from backend.base.core.task_kinds import LearntFromAnswers
from backend.labels.core.labels import LabelSource, verdicts
from backend.review.adapters.label_studio.shapes import parse_data, parse_result
from backend.review.adapters.screens.contact_sheet import (
    ContactSheet,
    SheetFilm,
    labels_from_sheet,
    read_sheet_answer,
    sheet_item,
    sheet_radiograph_ids,
    sheet_result,
)

HOSTILE = """"></a></span><script>alert('1')</script><img src=x onerror="alert(1)" & &amp; '
\u202eabc"""
SWAP = {"from_name": "whole", "value": {"choices": ["swap"]}}


@pytest.fixture
def task():
    return DetectorTask(
        name="rotation",
        question="Which way up?",
        labels=("upright", "turned_90", "turned_180"),
        expected_label="upright",
        thresholds=Thresholds(0.7, 0.9),
        kind=LearntFromAnswers(),
    )


@pytest.fixture
def sheet(task):
    films = tuple(
        SheetFilm(f"film{n}", f"/thumb/{n}.jpg", f"/large/{n}.jpg", ticked=n in (1, 3))
        for n in range(5)
    )
    return ContactSheet(task, "upright", films, "m1", 0.25)


@pytest.fixture
def data(sheet):
    return sheet_item(sheet).as_json()["data"]


def ticks(*films):
    return {"from_name": "films", "to_name": "sheet", "value": {"choices": list(films)}}


class Tags(HTMLParser):
    """Every tag with its attributes, and the text, as a browser would see them."""

    def __init__(self, markup):
        super().__init__()
        self.found = []
        self.text = ""
        self.feed(markup)

    def handle_data(self, data):
        self.text += data

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def test_suspects_are_ticked_in_the_order_of_the_sheet(sheet):
    prediction = sheet_item(sheet).as_json()["predictions"][0]
    assert prediction["result"][0]["value"] == {"choices": ["film1", "film3"]}
    assert prediction["result"][0]["from_name"] == "films"
    assert (prediction["model_version"], prediction["score"]) == ("m1", 0.25)


def test_a_sheet_without_suspects_has_an_empty_result():
    assert sheet_result(["film0"], set()) == ()


def test_the_key_stays_when_only_the_model_has_changed(sheet):
    films = tuple(replace(film, ticked=False) for film in sheet.films)
    assert replace(sheet, films=films, model_version="m2", confidence=0.9).key == sheet.key


def test_the_key_changes_with_films_their_order_and_what_is_asked(sheet):
    others = [
        replace(sheet, films=sheet.films[::-1]),
        replace(sheet, films=sheet.films[:-1]),
        replace(sheet, shown_label="turned_90"),
        replace(sheet, task=replace(sheet.task, name="inversion")),
    ]
    assert len({sheet.key, *(other.key for other in others)}) == 5


def test_no_film_has_a_hotkey_that_somebody_might_type(data):
    assert {choice["hotkey"] for choice in data["films"]} == {"f19"}


def test_hostile_names_and_captions_stay_text(sheet):
    hostile = SheetFilm("film0", f"/t/{HOSTILE}", f"/l/{HOSTILE}", caption=HOSTILE)
    markup = sheet_item(replace(sheet, films=(hostile,))).as_json()["data"]["films"][0]["html"]
    found = Tags(markup).found
    assert [tag for tag, _ in found] == ["img", "span", "a", "img"]
    assert not any(name.startswith("on") for _, attributes in found for name in attributes)
    assert found[0][1]["src"] == f"/t/{HOSTILE}"
    assert found[0][1]["alt"] == HOSTILE


@pytest.mark.parametrize("url", ["javascript:alert(1)", " data:text/html,x", "//evil.example/x"])
def test_a_picture_address_that_could_run_code_or_leave_the_house_is_refused(url):
    with pytest.raises(LabelStudioError, match="large_url"):
        SheetFilm("film0", "/t.jpg", url)


def test_hostile_labels_stay_text_in_the_header(sheet):
    plain = sheet_item(sheet).as_json()["data"]["sheet"]
    header = sheet_item(replace(sheet, shown_label=HOSTILE)).as_json()["data"]["sheet"]
    assert Tags(header).found == Tags(plain).found
    assert f"predicted {HOSTILE}:" in Tags(header).text


def test_a_hostile_note_stays_text_in_the_header(sheet):
    found = Tags(sheet_item(replace(sheet, note=HOSTILE)).as_json()["data"]["sheet"])
    assert found.found[0] == ("span", {"class": "note", "title": HOSTILE})
    assert found.text.startswith(HOSTILE)
    assert {tag for tag, _ in found.found} == {"span", "b", "p"}


def test_the_header_says_how_many_films_of_which_class(sheet):
    assert Tags(sheet_item(sheet).as_json()["data"]["sheet"]).text.startswith(
        "5 films predicted upright: click every film that is NOT; Ctrl+Enter = done"
    )
    one = replace(sheet, films=sheet.films[:1])
    assert Tags(sheet_item(one).as_json()["data"]["sheet"]).text.startswith(
        "1 film predicted upright:"
    )


def test_a_note_stands_in_for_the_prediction(sheet):
    flagged = replace(sheet, shown_label="turned_90", note="Somebody flagged these as turned_90")
    assert Tags(sheet_item(flagged).as_json()["data"]["sheet"]).text.startswith(
        "Somebody flagged these as turned_90 5 films: click every film that is NOT turned 90; "
    )


def test_every_film_knows_its_place_so_that_its_large_picture_does_not_cover_it(data):
    corners = [dict(Tags(film["html"]).found)["a"] for film in data["films"]]
    assert [corner["style"] for corner in corners] == [f"--i:{place}" for place in range(5)]


def test_fields_become_columns_of_the_item(sheet):
    fields = {"reviewer": "user 7", "shard": 3, "uncertainty": 0.5}
    data = sheet_item(replace(sheet, fields=fields)).as_json()["data"]
    assert data == sheet_item(sheet).as_json()["data"] | fields


@pytest.mark.parametrize("name", ["films", "sheet", "sheet_key", "detector_task", "shown_label"])
def test_a_field_may_not_replace_what_the_sheet_needs(sheet, name):
    with pytest.raises(ValueError, match=name):
        sheet_item(replace(sheet, fields={"shard": 1, name: "x"}))


def test_fields_and_note_leave_the_key_alone(sheet):
    assert replace(sheet, note="n", fields={"shard": 1}).key == sheet.key


def test_thumbnails_of_the_next_sheet_are_fetched_ahead_and_not_shown(sheet):
    following = replace(sheet, films=(SheetFilm("n", "/thumb/next.jpg", "/large/next.jpg"),))
    tags = Tags(sheet_item(sheet, following).as_json()["data"]["sheet"]).found
    assert ("span", {"style": "display:none"}) in tags
    assert [attributes["src"] for tag, attributes in tags if tag == "img"] == ["/thumb/next.jpg"]


def test_no_ticks_means_that_every_film_belongs(data, task):
    answer = read_sheet_answer(parse_data(data), parse_result([]), task)
    assert answer.flagged == frozenset()
    assert answer.radiograph_ids == ("film0", "film1", "film2", "film3", "film4")


def test_ticked_films_are_flagged(data, task):
    assert read_sheet_answer(
        parse_data(data), parse_result([ticks("film2", "film4")]), task
    ).flagged == {"film2", "film4"}


def test_on_a_swapped_sheet_the_ticked_films_are_the_ones_that_belong(data, task):
    answer = read_sheet_answer(parse_data(data), parse_result([ticks("film2"), SWAP]), task)
    assert answer.flagged == {"film0", "film1", "film3", "film4"}


def test_a_swapped_sheet_without_ticks_flags_every_film(data, task):
    assert read_sheet_answer(parse_data(data), parse_result([SWAP]), task).flagged == set(
        sheet_radiograph_ids(parse_data(data))
    )


@pytest.mark.parametrize(
    "result",
    [
        [{"value": {"choices": ["film1"]}}],
        [{"from_name": "films", "value": {}}],
        [{"from_name": "films", "value": {"choices": None}}],
        ["film1"],
        [ticks("a film of another sheet")],
        [ticks(["film1"])],
    ],
)
def test_a_malformed_answer_is_refused_with_what_to_do(data, task, result):
    with pytest.raises(LabelStudioError, match=r"expected .*(submit it again|push again)"):
        read_sheet_answer(parse_data(data), parse_result(result), task)


@pytest.mark.parametrize(
    "changed",
    [
        {"films": None},
        {"films": [{"html": ""}]},
        {"detector_task": "inversion"},
        {"shown_label": "sideways"},
        {"shown_label": None},
    ],
)
def test_data_of_another_item_is_refused_with_what_to_do(data, task, changed):
    with pytest.raises(LabelStudioError, match=r"expected .* push again"):
        read_sheet_answer(parse_data({**data, **changed}), (), task)


def test_an_error_names_no_film(data, task):
    with pytest.raises(LabelStudioError) as caught:
        read_sheet_answer(parse_data(data), parse_result([ticks("a film of another sheet")]), task)
    assert "another sheet" not in str(caught.value)


def test_films_left_alone_get_the_shown_label_and_flagged_ones_its_denial(data, task):
    answer = read_sheet_answer(parse_data(data), parse_result([ticks("film2")]), task)
    labels = labels_from_sheet(answer, task, answered_at="2026-01-01T00:00:00", reviewer="user 7")
    assert {label.radiograph_id: label.denied for label in labels} == {
        "film0": False,
        "film1": False,
        "film2": True,
        "film3": False,
        "film4": False,
    }
    assert {(each.label, each.source, each.reviewer) for each in labels} == {
        ("upright", LabelSource.REVIEWER, "user 7")
    }


def test_a_flagged_film_of_a_task_with_more_than_two_labels_needs_its_exact_class(data, task):
    answer = read_sheet_answer(parse_data(data), parse_result([ticks("film2")]), task)
    labels = labels_from_sheet(answer, task, answered_at="2026-01-01T00:00:00", reviewer="user 7")
    found = verdicts(labels, task)
    assert [film for film, verdict in found.items() if verdict.needs_exact_class] == ["film2"]
