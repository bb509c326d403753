import pytest

from backend.review.adapters.label_studio.requests import (
    BadPayloadError,
    asked_item,
    predict_request,
    project_number,
)
from backend.review.adapters.screens.contact_sheet import ContactSheet, SheetFilm, sheet_item
from backend.review.adapters.screens.sheet_screen import sheet_config_xml
from backend.review.adapters.screens.single_item import SingleFilm, single_item
from backend.review.adapters.screens.single_screen import box_config_xml, single_config_xml
from backend.service.edge.payloads import (
    FilmQuestion,
    SheetQuestion,
    read_control,
    read_question,
    task_of,
)
from tasks import load_detector_tasks

TASKS = load_detector_tasks()

every_task = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)


@pytest.mark.parametrize("screen", [sheet_config_xml, single_config_xml])
def test_our_own_screens_leave_the_detector_task_to_each_item(screen):
    assert read_control(screen(), TASKS).task is None


def test_the_item_names_its_detector_task():
    def data(task):
        return asked_item({"data": {"detector_task": task}}).data

    assert task_of(data("rotation"), TASKS) == TASKS["rotation"]
    assert task_of(data("no such task"), TASKS) is None
    assert task_of(data(7), TASKS) is None
    assert task_of(None, TASKS) is None


@pytest.mark.parametrize("name", ["hip_box"])
def test_the_control_of_a_screen_of_one_task_names_it(name):
    assert read_control(box_config_xml(TASKS[name]), TASKS).task == TASKS[name]


def test_control_of_somebody_elses_screen_tells_where_the_image_is():
    screen = (
        '<View><Image name="pic" value="$scan"/><Choices name="mood" toName="pic"/>'
        '<Choices name="rotation" toName="pic"><Choice value="upright"/></Choices></View>'
    )
    control = read_control(screen, TASKS)
    assert (control.task.name, control.to_name, control.data_key) == ("rotation", "pic", "scan")


@pytest.mark.parametrize(
    "screen",
    [
        "",
        "not xml",
        "<View>",
        "<View/>",
        '<View><Choices name="mood" toName="pic"/></View>',
        '<View><Image name="rotation" value="$x"/></View>',
        "\ud800",
        None,
        7,
        ["<View/>"],
    ],
)
def test_screen_that_asks_no_detector_tasks_question_is_refused(screen):
    with pytest.raises(BadPayloadError):
        read_control(screen, TASKS)


@every_task
def test_question_of_a_sheet_item_is_its_films_and_shown_label(task):
    films = tuple(SheetFilm(name, f"/t/{name}", f"/l/{name}") for name in ("a", "b"))
    sheet = ContactSheet(task, task.labels[0], films, "v1", 0.5)
    control = read_control(sheet_config_xml(), TASKS)
    assert read_question(asked_item(sheet_item(sheet).as_json()), control, task) == SheetQuestion(
        task.labels[0], ("a", "b")
    )


@every_task
def test_question_of_a_single_item_is_its_film(task):
    equal = dict.fromkeys(task.labels, 1 / len(task.labels))
    item = single_item(task, SingleFilm("a", "/data/a.jpg", equal, "v1", 0.5))
    control = read_control(single_config_xml(), TASKS)
    assert read_question(asked_item(item.as_json()), control, task) == FilmQuestion(
        "a", "/data/a.jpg"
    )


@pytest.mark.parametrize(
    "item",
    [
        None,
        3,
        [],
        {},
        {"data": None},
        {"data": {}},
        {"data": {"films": [], "shown_label": "no such label"}},
        {"data": {"films": "abc", "shown_label": "upright"}},
        {"data": {"films": [{"html": "x"}], "shown_label": "upright"}},
        {"data": {"films": [{"value": 3}], "shown_label": "upright"}},
        {"data": {"films": [None], "shown_label": "upright"}},
        {"data": {"films": [], "shown_label": ["upright"]}},
    ],
)
def test_item_that_is_no_sheet_is_refused(item):
    control = read_control(sheet_config_xml(), TASKS)
    with pytest.raises(BadPayloadError):
        read_question(asked_item(item), control, TASKS["rotation"])


@pytest.mark.parametrize("items", [None, {}, "tasks", 5])
def test_prediction_request_without_a_list_of_items_is_refused(items):
    with pytest.raises(BadPayloadError):
        predict_request({"tasks": items})


@pytest.mark.parametrize("project", [None, {}, [], "", "x.1", -1, {"id": "9" * 30}, True, "\uff11"])
def test_project_without_a_number_has_none(project):
    assert project_number(project) is None


@pytest.mark.parametrize("form", [str, int, "{}.1795374902".format, lambda digits: {"id": digits}])
def test_a_number_of_more_digits_than_every_database_keeps_is_none(form):
    # 2 ** 63 has 19 digits.
    assert project_number(form("9" * 18)) == 10**18 - 1
    assert project_number(form("9" * 19)) is None
