"""The grid over HTTP: the page, its pictures, and what is done in it.

All routes lie below `/browse` and ask for the password, as the application does that they are
mounted in. A POST needs a token that only our own page knows, because a browser adds the password
to whatever other pages make it send.
"""

import hmac
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Engine
from werkzeug.exceptions import BadRequest, Forbidden, Gone

from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.base.adapters.html_page import page_file, rendered
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import RadsieveError, UnknownRadiographError
from backend.review.adapters.grid_file import keep_grid_cut_off, read_grid_cut_offs
from backend.review.adapters.sprites import SPRITE_SIDES_PX, sprite
from backend.review.core.browse import Places
from backend.review.core.grid_look import MOST_FILMS
from backend.review.loop.browse import ArchiveBrowser, FilmSearch
from backend.review.loop.grid_film import film_card, large_picture
from backend.review.loop.grid_looks import (
    MOST_SENT,
    label_films,
    send_to_review,
    take_back,
)
from backend.service.edge.grid_answers import cut_off_name, film_page, search_facts, setup_facts
from backend.service.edge.grid_requests import (
    MOST_FILMS_AT_ONCE,
    MOST_IDS_AT_ONCE,
    film_list,
    grid_look,
    grid_question,
    share,
    texts,
    thumbnail_rows,
    whole_number,
)

if TYPE_CHECKING:  # it brings torch along
    from backend.service.edge.backend import Scheduler

GRID_PATH = "/browse"
_FOLDER = "backend.service.edge.grid_page"
_MOST_FILMS = 10**8
_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TOKEN_HEADER = "X-Radsieve-Token"


def grid_pages(
    workspace: Workspace, tasks: Mapping[str, DetectorTask], schedule: "Scheduler"
) -> Blueprint:
    """Return the routes of the grid, to be mounted in an application that asks for the password.

    Args:
        workspace: whose archive is shown.
        tasks: the detector tasks, by name.
        schedule: told when labels came in or films are to be pushed.
    """
    pages = Blueprint("grid", __name__, url_prefix=GRID_PATH)
    browser = ArchiveBrowser(workspace, tasks)
    token = _token(workspace.secrets.backend_password)
    _guard(pages, token)
    _add_page_routes(pages, token)
    _add_search_routes(pages, workspace.root, tasks, browser)
    _add_picture_routes(pages, workspace, browser)
    _add_film_route(pages, workspace.database, tasks, browser)
    _add_label_routes(pages, workspace, browser, schedule)
    _add_send_routes(pages, workspace, browser, schedule)
    return pages


def _token(password: str) -> str:
    return hmac.new(password.encode(), b"radsieve grid", "sha256").hexdigest()


def _guard(pages: Blueprint, token: str) -> None:
    @pages.before_request
    def refuse_other_sites() -> None:
        if request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
            raise Forbidden("the grid answers its own page only")
        if request.method == "POST" and not hmac.compare_digest(
            request.headers.get(_TOKEN_HEADER, "").encode(), token.encode()
        ):
            raise Forbidden("expected the token of the grid's page; reload it")

    @pages.after_request
    def harden(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    @pages.errorhandler(RadsieveError)
    def refused(error: RadsieveError) -> tuple[Response, int]:
        status = 404 if isinstance(error, UnknownRadiographError) else 400
        return jsonify(error=" ".join(str(error).split())), status


def _add_page_routes(pages: Blueprint, token: str) -> None:
    @pages.get("")
    @pages.get("/")
    def page() -> Response:
        html = rendered(f"{_FOLDER}/grid.html", token=token, path=GRID_PATH)
        return Response(str(html), mimetype="text/html")

    @pages.get("/grid.css")
    def style() -> Response:
        return _revalidated(Response(page_file(f"{_FOLDER}/grid.css"), mimetype="text/css"))

    @pages.get("/grid.js")
    def script() -> Response:
        return _revalidated(Response(page_file(f"{_FOLDER}/grid.js"), mimetype="text/javascript"))


def _add_search_routes(
    pages: Blueprint,
    root: Path,
    tasks: Mapping[str, DetectorTask],
    browser: ArchiveBrowser,
) -> None:
    @pages.get("/setup")
    def setup() -> Response:
        limits = {"label": MOST_FILMS, "send": MOST_SENT, "ids": MOST_IDS_AT_ONCE}
        return jsonify(setup_facts(tasks, browser.archive()) | {"limits": limits})

    @pages.get("/search")
    def search() -> Response:
        task = browser.task(request.args.get("task", ""))
        found = browser.search(grid_question(request.args, task, browser.archive()))
        kept = read_grid_cut_offs(root)
        return jsonify(search_facts(found, task, kept))

    @pages.get("/films")
    def films() -> Response:
        found = _result(browser)
        offset = whole_number(request.args, "offset", _MOST_FILMS)
        count = whole_number(request.args, "count", MOST_FILMS_AT_ONCE)
        places = _places(found)[offset : offset + count]
        return jsonify(film_page(found, browser.task(found.question.task), places))

    @pages.get("/ids")
    def ids() -> Response:
        found = _result(browser)
        offset = whole_number(request.args, "offset", _MOST_FILMS)
        count = whole_number(request.args, "count", MOST_IDS_AT_ONCE)
        places = _places(found)[offset : offset + count].tolist()
        return jsonify(films=[found.archive.radiograph_ids[place] for place in places])


def _add_picture_routes(pages: Blueprint, workspace: Workspace, browser: ArchiveBrowser) -> None:
    store = ThumbnailStore(workspace.thumbnails)

    @pages.get("/sprite")
    def sprite_of_rows() -> Response:
        side = whole_number(request.args, "px", max(SPRITE_SIDES_PX))
        if side not in SPRITE_SIDES_PX:
            raise BadRequest(f"expected px among {SPRITE_SIDES_PX}, got {side}")
        content = sprite(store, thumbnail_rows(request.args.get("rows", "")), side)
        return _revalidated(Response(content, mimetype="image/jpeg"), max_age_s=3600)

    @pages.get("/film/<film>.jpg")
    def picture(film: str) -> Response:
        content = large_picture(workspace, browser, film)
        return _revalidated(Response(content, mimetype="image/jpeg"), max_age_s=3600)


def _add_film_route(
    pages: Blueprint,
    engine: Engine,
    tasks: Mapping[str, DetectorTask],
    browser: ArchiveBrowser,
) -> None:
    @pages.get("/film/<film>")
    def card(film: str) -> Response:
        name = request.args.get("task", "")
        return jsonify(film_card(engine, tasks, browser, name, film).as_json())


def _add_label_routes(
    pages: Blueprint, workspace: Workspace, browser: ArchiveBrowser, schedule: "Scheduler"
) -> None:
    @pages.post("/label")
    def label() -> Response:
        given = grid_look(_body())
        batch_id = label_films(workspace, browser, given)
        schedule.pull_soon(given.task)
        return jsonify(labelled=len(given.films), undo=batch_id)

    @pages.post("/take-back")
    def take_label_back() -> Response:
        body = _body()
        (reviewer,) = texts(body, "reviewer")
        batch_id = body.get("undo")
        if not isinstance(batch_id, int) or isinstance(batch_id, bool):
            raise BadRequest("expected undo, a number")
        return jsonify(taken_back=take_back(workspace, browser, batch_id, reviewer))


def _add_send_routes(
    pages: Blueprint, workspace: Workspace, browser: ArchiveBrowser, schedule: "Scheduler"
) -> None:
    @pages.post("/send")
    def send() -> Response:
        body = _body()
        task, reviewer = texts(body, "task", "reviewer")
        sent = send_to_review(workspace.database, browser, task, film_list(body), reviewer)
        schedule.pull_soon(task)
        return jsonify(sent=sent.sent, waiting=sent.waiting)

    @pages.post("/cut-off")
    def cut_off() -> Response:
        body = _body()
        name, label = texts(body, "task", "label")
        task = browser.task(name)
        if label and label not in task.labels:
            raise BadRequest(f"expected a label of {name}, got {label!r:.40}")
        keep_grid_cut_off(workspace.root, cut_off_name(name, label), share(body, "at"))
        return jsonify(kept=True)


def _result(browser: ArchiveBrowser) -> FilmSearch:
    found = browser.result(request.args.get("result", ""))
    if found is None:
        raise Gone("this search is not kept any more; search again")
    return found


def _places(found: FilmSearch) -> Places:
    return found.sides.ascending if request.args.get("side") == "ascending" else found.places


def _body() -> dict[str, Any]:
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest("expected a JSON object")
    return body


def _revalidated(response: Response, max_age_s: int = 0) -> Response:
    """Let the browser keep the content, and ask whether it is still the same."""
    response.headers["Cache-Control"] = f"private, max-age={max_age_s}"
    response.add_etag()
    response.make_conditional(request)
    return response
