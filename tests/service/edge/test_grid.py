"""The grid over HTTP, on indexed phantoms: who may ask, what is answered, and nothing personal."""

import shutil

import cv2
import numpy as np
import pytest

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.base.adapters.workspace import Workspace
from backend.labels.adapters.label_store import standing_labels
from backend.review.adapters.sprites import SPRITE_COLUMNS
from backend.service.edge.app import create_app
from backend.service.edge.browse import GRID_PATH
from backend.service.edge.grid_requests import row_text
from tasks import load_detector_tasks

GETS = ("", "/", "/grid.css", "/grid.js", "/setup", "/search?task=rotation", "/films?result=x")
GETS += ("/ids?result=x", f"/sprite?px=128&rows={row_text([0])}", "/film/abc", "/film/abc.jpg")
POSTS = ("/label", "/take-back", "/send", "/cut-off")
LOOK = {"task": "rotation", "label": "turned_90", "reviewer": "R1", "seconds": 60}


def test_every_route_asks_for_the_password(grid):
    routes = {str(rule) for rule in grid.app.url_map.iter_rules() if rule.endpoint != "static"}
    asked = {f"{GRID_PATH}{path.partition('?')[0]}" for path in (*GETS, *POSTS)}
    assert {route.replace("<film>", "abc") for route in routes} == asked
    for path in GETS:
        assert grid.plain.get(f"{GRID_PATH}{path}").status_code == 401, path
    for path in POSTS:
        answer = grid.plain.post(f"{GRID_PATH}{path}", json={}, headers={"X-Radsieve-Token": "x"})
        assert answer.status_code == 401, path


def test_a_post_needs_the_token_of_the_page(grid):
    body = LOOK | {"films": [grid.films("task=rotation")[0]["id"]]}
    for headers in ({"X-Radsieve-Token": ""}, {"X-Radsieve-Token": "f" * 64}):
        assert grid.post("/label", body, **headers).status_code == 403
    assert not standing_labels(grid.workspace.database, "rotation")


def test_a_page_of_another_site_is_refused_though_the_browser_knows_the_password(grid):
    for path in ("", "/setup"):
        answer = grid.get(path, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
    body = LOOK | {"films": [grid.films("task=rotation")[0]["id"]]}
    assert grid.post("/label", body, **{"Sec-Fetch-Site": "same-site"}).status_code == 403


def test_the_page_may_run_its_own_script_and_fetch_from_its_own_server_only(grid):
    policy = grid.get("").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    html = grid.get("").text
    assert "http" not in html.replace("http-equiv", "")
    assert html.count("<script") == 1
    assert " style=" not in html
    assert "http" not in grid.get("/grid.js").text


def test_the_ml_backend_serves_the_grid_as_well(predicted):
    app = create_app(predicted, load_detector_tasks(), schedule=None)
    auth = ("radsieve", predicted.secrets.backend_password)
    assert app.test_client().get(f"{GRID_PATH}/setup", auth=auth).json["films"] == 90
    assert app.test_client().get(f"{GRID_PATH}/setup").status_code == 401


def test_a_search_says_how_many_films_fit_and_its_pages_hold_each_of_them_once(grid):
    found = grid.search("task=rotation&order=improbable")
    assert (found["total"], found["films"], found["predicted"]) == (90, 90, 90)
    assert sum(found["counts"]["label"].values()) == 90
    pages = [
        grid.get(f"/films?result={found['result']}&offset={offset}&count=40").json["films"]
        for offset in (0, 40, 80, 120)
    ]
    assert [len(page) for page in pages] == [40, 40, 10, 0]
    shown = [film for page in pages for film in page]
    assert {film["id"] for film in shown} == {
        film.radiograph_id for film in films(grid.workspace.database)
    }
    numbers = [film["p"] for film in shown]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize(
    ("query", "is_right"),
    [
        ("label=turned_90", lambda film: film["label"] == "← turned to the left"),
        ("low=0.5", lambda film: film["p"] >= 0.5),
        ("low=0.2&high=0.9", lambda film: 0.2 <= film["p"] <= 0.9),
        ("sex=F", lambda film: film["sex"] == "F"),
        ("view=AP", lambda film: film["view"] == "AP"),
        ("youngest=60&oldest=80", lambda film: 60 <= film["age"] <= 80),
        ("sex=M&view=PA&low=0.5", lambda film: (film["sex"], film["view"]) == ("M", "PA")),
    ],
)
def test_a_filter_leaves_films_that_fit_and_no_other_way_round(grid, query, is_right):
    everything, left = grid.films("task=rotation"), grid.films(f"task=rotation&{query}")
    assert all(is_right(film) for film in left)
    assert 0 < len(left) < len(everything)


@pytest.mark.parametrize(
    "query",
    [
        "task=rota",
        "task=rotation&label=sideways",
        "task=rotation&order=random",
        "task=rotation&low=nan",
        "task=rotation&oldest=old",
        "task=rotation&decision=guess",
        "task=rotation&order=similar&like=nobody",
    ],
)
def test_a_search_that_makes_no_sense_is_refused_in_one_sentence(grid, query):
    answer = grid.get(f"/search?{query}")
    assert answer.status_code in {400, 404}
    assert answer.json["error"]


@pytest.mark.parametrize(
    "path", ["/films?result=gone&offset=0&count=3", "/ids?result=gone&offset=0&count=3"]
)
def test_a_search_that_is_not_kept_any_more_is_gone(grid, path):
    assert grid.get(path).status_code == 410


def test_an_order_stays_while_somebody_scrolls_though_labels_come_in(grid):
    found = grid.search("task=rotation&decision=nobody")
    path = f"/films?result={found['result']}&offset=0&count=90"
    before = grid.get(path).json["films"]
    chosen = [film["id"] for film in before[10:13]]
    assert grid.post("/label", LOOK | {"films": chosen}).json["labelled"] == 3
    after = grid.get(path).json["films"]
    assert [film["id"] for film in after] == [film["id"] for film in before]
    assert [film["how"] for film in after[10:13]] == ["by one look"] * 3
    assert grid.search("task=rotation&decision=nobody")["total"] == 87


def test_a_label_is_saved_a_pull_is_asked_for_and_it_is_taken_back(grid):
    chosen = [film["id"] for film in grid.films("task=rotation")[:2]]
    answer = grid.post("/label", LOOK | {"films": chosen})
    assert grid.schedule.pulls == ["rotation"]
    assert len(standing_labels(grid.workspace.database, "rotation")) == 2
    body = {"undo": answer.json["undo"], "reviewer": "R1"}
    assert grid.post("/take-back", body).json == {"taken_back": 2}
    assert not standing_labels(grid.workspace.database, "rotation")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/label", []),
        ("/label", LOOK),
        ("/label", LOOK | {"films": "abc"}),
        ("/label", LOOK | {"films": [1]}),
        ("/label", LOOK | {"films": ["abc"], "seconds": "60"}),
        ("/label", LOOK | {"films": ["abc"], "seconds": -1}),
        ("/label", LOOK | {"films": ["abc"], "reviewer": None}),
        ("/take-back", {"reviewer": "R1", "undo": True}),
        ("/send", {"task": "rotation", "reviewer": "R1"}),
        ("/send", {"task": "projection", "reviewer": "", "films": ["abc"]}),
        ("/cut-off", {"task": "rotation", "label": "", "at": 2}),
        ("/cut-off", {"task": "rotation", "label": "sideways", "at": 0.5}),
    ],
)
def test_a_body_that_makes_no_sense_is_refused_in_one_sentence(grid, path, body):
    answer = grid.post(path, body)
    assert answer.status_code == 400
    assert answer.json["error"]


def test_films_are_sent_to_review_and_the_cut_off_is_kept(grid):
    chosen = [film["id"] for film in grid.films("task=rotation")[:3]]
    body = {"task": "rotation", "reviewer": "R1", "films": chosen}
    assert grid.post("/send", body).json == {"sent": 3, "waiting": 0}
    assert (
        grid.films("task=rotation&reason=chosen", 3)[0]["reason"] == "sent to review from the grid"
    )
    grid.post("/cut-off", {"task": "rotation", "label": "", "at": 0.625})
    assert grid.search("task=rotation")["cut"]["at"] == 0.625
    assert grid.search("task=inversion")["cut"]["at"] == 0.5


def test_both_sides_of_a_cut_off_are_pages_of_one_order(grid):
    found = grid.search("task=rotation")
    path = f"/films?result={found['result']}&side=ascending&offset=0&count=90"
    numbers = [film["p"] for film in grid.get(path).json["films"]]
    below = found["cut"]["below"][500]
    assert 0 < below < 90
    assert max(numbers[:below]) < 0.5 <= min(numbers[below:])


def test_a_sprite_shows_the_thumbnails_in_order_and_is_asked_for_once(grid):
    rows = [5, 0, 17, *range(20, 45)]
    path = f"/sprite?px=128&rows={row_text(rows)}"
    answer = grid.get(path)
    sheet = cv2.imdecode(np.frombuffer(answer.data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert sheet.shape == (256, 128 * SPRITE_COLUMNS)
    thumbnails = ThumbnailStore(grid.workspace.thumbnails).read(rows)
    for place in (0, 2, 27):
        top, left = divmod(place, SPRITE_COLUMNS)
        shown = sheet[top * 128 : (top + 1) * 128, left * 128 : (left + 1) * 128]
        small = cv2.resize(thumbnails[place], (128, 128), interpolation=cv2.INTER_AREA)
        assert np.abs(shown.astype(int) - small).mean() < 4
    assert "private" in answer.headers["Cache-Control"]
    again = grid.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "query",
    [
        "px=128&rows=",
        "px=128&rows=AA",
        "px=99&rows=AAAAAA",
        "px=128&rows=%21%21",
        "px=128&rows=_____w",
        f"px=64&rows={row_text(range(401))}",
    ],
)
def test_a_sprite_that_cannot_be_made_is_refused(grid, query):
    assert grid.get(f"/sprite?{query}").status_code == 400


def test_a_film_is_shown_large_and_by_its_thumbnail_where_its_file_is_gone(grid, tmp_path):
    film = films(grid.workspace.database)[0]
    picture = decoded(grid.get(f"/film/{film.radiograph_id}.jpg"))
    assert picture.shape == (film.height_px, film.width_px)
    moved = tmp_path / "elsewhere"
    shutil.move(film.path, moved)
    try:
        assert decoded(grid.get(f"/film/{film.radiograph_id}.jpg")).shape == (256, 256)
    finally:
        shutil.move(moved, film.path)
    assert grid.get("/film/nobody.jpg").status_code == 404


def decoded(answer):
    return cv2.imdecode(np.frombuffer(answer.data, np.uint8), cv2.IMREAD_GRAYSCALE)


def test_nothing_that_is_answered_names_a_path_or_a_patient(grid):
    archive = films(grid.workspace.database)
    film = archive[0].radiograph_id
    grid.post("/label", LOOK | {"films": [film]})
    result = grid.search("task=rotation")["result"]
    paths = ("", "/setup", "/search?task=rotation", f"/film/{film}?task=rotation")
    paths += (f"/films?result={result}&offset=0&count=90", "/film/nobody", "/search?task=x")
    told = "".join(grid.get(path).text for path in paths)
    for one in archive:
        assert one.patient_key not in told
        assert one.path.rpartition("/")[2] not in told
    assert str(grid.workspace.root) not in told


def test_a_card_tells_what_was_said_of_a_film(grid):
    film = grid.films("task=rotation")[0]["id"]
    grid.post("/label", LOOK | {"films": [film]})
    card = grid.get(f"/film/{film}?task=rotation").json
    assert sum(card["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    assert [note["words"] for note in card["notes"]] == [
        "orientation: ← turned to the left, by grid:R1"
    ]


def test_an_archive_without_films_or_predictions_is_answered_plainly(tmp_path, new_grid):
    grid = new_grid(Workspace.open_or_make(tmp_path / "empty"))
    assert grid.get("/setup").json["films"] == 0
    for name in load_detector_tasks():
        found = grid.search(f"task={name}")
        assert (found["total"], found["predicted"], found["cut"]["known"]) == (0, 0, 0)
