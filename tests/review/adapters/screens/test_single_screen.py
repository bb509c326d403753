from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from backend.base.core.detector_task import DetectorTask, Thresholds
from backend.base.core.errors import LabelStudioError
from backend.base.core.joint_question import with_others, with_parts
from backend.base.core.task_kinds import DrawnBoxes, LearntFromAnswers, SumOfTasks
from backend.review.adapters.screens.single_item import SingleFilm, single_item
from backend.review.adapters.screens.single_screen import StudyFilm, single_config_xml

HOSTILE = """"></a></div></blockquote><script>alert('1')</script><img src=x onerror="x" & &amp; '
\u202eabc"""
SURE = {"frontal": 0.3, "lateral": 0.694, "other": 0.006}


def a_task(labels=("frontal", "lateral", "other"), kind=None, name="projection"):
    return DetectorTask(
        name=name,
        question="From where?",
        labels=labels,
        expected_label=labels[0],
        thresholds=Thresholds(0.7, 0.9),
        kind=kind or LearntFromAnswers(),
    )


class Page(HTMLParser):
    """Every tag with its attributes, and the text of each table row, as a browser sees them."""

    def __init__(self, markup):
        super().__init__()
        self.tags, self.rows, self.text = [], [], ""
        self.feed(markup)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag == "tr":
            self.rows.append("")

    def handle_data(self, data):
        self.text += data
        if self.rows:
            self.rows[-1] += " " + data


def about(task=None, probabilities=None, **shown):
    task = task or a_task()
    film = SingleFilm("a1", "/a1.jpg", probabilities or SURE, "m1", 0.7, **shown)
    return Page(single_item(task, film).as_json()["data"]["about"])


def choices(task=None, probabilities=None, **shown):
    """Return what can be chosen: by name, the words, and the key."""
    film = SingleFilm("a1", "/a1.jpg", probabilities or SURE, "m1", 0.7, **shown)
    rows = single_item(task or a_task(), film).data["choices"]
    return {row["value"]: Page(row["html"]).text.strip() for row in rows}


def test_suspects_come_first_each_with_its_probability_then_the_rest_of_the_task_and_fine():
    assert list(choices().items()) == [
        ("projection: lateral", "lateral 69 %"),
        ("projection: other", "other <1 %"),
        ("fine", "fine: frontal 30 %"),
        ("something else", "something else"),
    ]


def test_other_problems_can_be_named_too_behind_a_choice_that_unfolds_them():
    turned = a_task(("upright", "left"), name="turned")
    joint = a_task(("ok", "bad"), name="any", kind=SumOfTasks())
    task = with_others(a_task(), [turned, joint, a_task()])
    assert list(choices(task)) == [
        *("projection: lateral", "projection: other", "fine", "something else"),
        *("more", "turned: left"),
    ]


def test_what_the_detectors_suspect_of_a_film_that_somebody_flagged_is_chosen_beforehand():
    parts = [a_task(), a_task(("upright", "left", "right"), name="turned")]
    joint = with_parts(a_task(("fine", "problem"), name="any", kind=SumOfTasks()), parts)
    suspected = {"turned: left": 0.9, "projection: lateral": 0.6, "turned: right": 0.07}
    film = SingleFilm(
        "a1", "/a1.jpg", {"fine": 0.1, "problem": 0.9}, "m1", 0.9, suspected=suspected
    )
    item = single_item(joint, film)
    names = [choice["value"] for choice in item.data["choices"]]
    assert names == [*suspected, "fine", "something else", "more", "projection: other"]
    assert item.prediction.result[0].choices == ("turned: left", "projection: lateral")


def test_of_two_suspects_of_one_task_only_the_likelier_is_chosen_beforehand():
    joint = with_parts(a_task(("fine", "problem"), name="any", kind=SumOfTasks()), [a_task()])
    film = SingleFilm(
        "a1",
        "/a1.jpg",
        {"fine": 0.1, "problem": 0.9},
        "m1",
        0.9,
        suspected={"projection: other": 0.5, "projection: lateral": 0.6},
    )
    assert single_item(joint, film).prediction.result[0].choices == ("projection: lateral",)


def test_where_nothing_is_suspected_everything_is_in_sight_and_nothing_is_chosen():
    joint = with_parts(a_task(("fine", "problem"), name="any", kind=SumOfTasks()), [a_task()])
    film = SingleFilm("a1", "/a1.jpg", {"fine": 0.9, "problem": 0.1}, "m1", 0.9)
    item = single_item(joint, film)
    names = [choice["value"] for choice in item.data["choices"]]
    assert names == ["fine", "something else", "projection: lateral", "projection: other"]
    assert item.prediction.result == ()


def test_boxes_have_their_probabilities_in_words_and_as_bars():
    page = about(a_task(kind=DrawnBoxes()))
    assert [row.split() for row in page.rows] == [
        ["frontal", "30", "%"],
        ["lateral", "69", "%"],
        ["other", "<1", "%"],
    ]
    bars = [attributes["style"] for tag, attributes in page.tags if "style" in attributes]
    assert bars == ["--p:30.0%", "--p:69.4%", "--p:0.6%"]


def test_without_a_prediction_the_screen_says_so():
    page = about(probabilities=dict.fromkeys(SURE, 0.0))
    assert not page.rows
    assert page.text == "There is no prediction for this film yet."


def test_reason_and_report_are_shown_only_where_there_are_any():
    assert about(reason="uncertain: 0.69", report_sentence="Lateral film.").text == (
        "Why you see it: uncertain: 0.69Its report says:Lateral film."
    )
    assert not about().text


def test_the_other_films_of_the_study_stand_beside_it():
    films = tuple(StudyFilm(f"/t{n}.jpg", f"/l{n}.jpg", f"view {n}") for n in range(2))
    page = about(study_films=films)
    found = [attributes["src"] for tag, attributes in page.tags if tag == "img"]
    assert found == ["/t0.jpg", "/l0.jpg", "/t1.jpg", "/l1.jpg"]
    assert [attributes["href"] for tag, attributes in page.tags if tag == "a"] == [
        "/l0.jpg",
        "/l1.jpg",
    ]
    assert "study" not in str(about().tags)


def test_of_a_long_study_the_rest_is_counted():
    page = about(study_films=(StudyFilm("/t.jpg", "/l.jpg"),) * 11)
    assert len([tag for tag, _ in page.tags if tag == "a"]) == 8
    assert page.text.endswith("and 3 more")


def test_hostile_texts_stay_text():
    labels = ("fine", HOSTILE)
    films = (StudyFilm(f"/t{HOSTILE}", f"/l{HOSTILE}", HOSTILE),)
    sure = {"fine": 0.1, HOSTILE: 0.9}
    harmless = about(
        a_task(("fine", "bad")),
        {"fine": 0.1, "bad": 0.9},
        reason="r",
        report_sentence="s",
        study_films=(StudyFilm("/t", "/l", "c"),),
    )
    page = about(a_task(labels), sure, reason=HOSTILE, report_sentence=HOSTILE, study_films=films)
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in harmless.tags]
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert page.text.count(HOSTILE) == 3
    (named, *_) = choices(a_task(labels), sure).values()
    assert named == f"{HOSTILE} 90 %"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example/x", "data:text/html,x"])
def test_a_study_film_from_anywhere_else_is_refused(url):
    with pytest.raises(LabelStudioError, match="large_url"):
        StudyFilm("/t.jpg", url)


def test_style_uses_no_sign_that_label_studio_escapes():
    style = ET.fromstring(single_config_xml()).find("Style").text
    assert not set(style) & set("<>&")
    assert style.count("{") == style.count("}")
