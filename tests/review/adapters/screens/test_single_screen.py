from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from backend.base.core.detector_task import DetectorTask, Thresholds
from backend.base.core.errors import LabelStudioError
from backend.base.core.joint_question import single_choices
from backend.base.core.task_kinds import DrawnBoxes, LearntFromAnswers, SumOfTasks
from backend.review.adapters.screens.single_item import SingleFilm, single_item
from backend.review.adapters.screens.single_screen import StudyFilm, single_config_xml
from tasks import load_detector_tasks

HOSTILE = """"></a></div></blockquote><script>alert('1')</script><img src=x onerror="x" & &amp; '
\u202eabc"""
SURE = {"frontal": 0.3, "lateral": 0.694, "other": 0.006}


def a_task(labels=("frontal", "lateral", "other"), kind=None):
    return DetectorTask(
        name="projection",
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


def test_every_label_has_its_probability_in_words_and_as_a_bar():
    page = about()
    assert [row.split() for row in page.rows] == [
        ["frontal", "30", "%"],
        ["lateral", "69", "%"],
        ["other", "<1", "%"],
    ]
    bars = [attributes["style"] for tag, attributes in page.tags if "style" in attributes]
    assert bars == ["--p:30.0%", "--p:69.4%", "--p:0.6%"]


def test_the_label_chosen_beforehand_stands_out():
    rows = [attributes for tag, attributes in about().tags if tag == "tr"]
    assert [row.get("class") for row in rows] == [None, "best", None]


def test_of_many_labels_the_likeliest_six_are_named_and_the_rest_counted():
    labels = tuple(f"label{n}" for n in range(12))
    sure = {label: 0.01 * (n % 7) for n, label in enumerate(labels)} | {"label11": 0.6}
    rows = about(a_task(labels), sure).rows
    assert [row.split()[0] for row in rows[:6]] == [
        "label3",
        "label4",
        "label5",
        "label6",
        "label10",
        "label11",
    ]
    assert rows[6].split() == ["6", "others", "6", "%"]


def test_what_the_detectors_suspect_stands_below_what_they_say_together():
    joint = a_task(("fine", "problem"), kind=SumOfTasks())
    suspected = {"view: lateral": 0.9, "turned: left": 0.1}
    rows = about(joint, {"fine": 0.1, "problem": 0.9}, suspected=suspected).rows
    assert [row.rsplit(maxsplit=2)[0].strip() for row in rows] == ["fine", "problem", *suspected]


def test_without_a_prediction_the_screen_says_so():
    page = about(probabilities=dict.fromkeys(SURE, 0.0))
    assert not page.rows
    assert page.text == "There is no prediction for this film yet."


def test_boxes_have_probabilities_of_their_own_and_none_stands_out():
    page = about(a_task(kind=DrawnBoxes()))
    assert page.text.startswith("How probable each box is right")
    assert "best" not in str(page.tags)


def test_reason_and_report_are_shown_only_where_there_are_any():
    assert about(reason="uncertain: 0.69", report_sentence="Lateral film.").text.endswith(
        "Why you see it: uncertain: 0.69Its report says:Lateral film."
    )
    assert about().text.endswith("%")


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
    assert page.text.count(HOSTILE) == 4


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example/x", "data:text/html,x"])
def test_a_study_film_from_anywhere_else_is_refused(url):
    with pytest.raises(LabelStudioError, match="large_url"):
        StudyFilm("/t.jpg", url)


@pytest.mark.parametrize("name", sorted(load_detector_tasks()))
def test_every_answer_of_every_task_has_a_key_of_its_own(name):
    task = load_detector_tasks()[name]
    screen = ET.fromstring(single_config_xml(task))
    keys = [option.get("hotkey") for tag in ("Choice", "Label") for option in screen.iter(tag)]
    assert all(keys)
    assert len(set(keys)) == len(keys) == len(single_choices(task))
    # Label Studio's own keys for pan, move and brush.
    assert not set(keys) & set("hvb")


def test_style_uses_no_sign_that_label_studio_escapes():
    style = ET.fromstring(single_config_xml(a_task())).find("Style").text
    assert not set(style) & set("<>&")
    assert style.count("{") == style.count("}")
