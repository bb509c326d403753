"""The start page: where the review stands, and one button into the queue.

It names counts only: no film, file or person.
"""

import time

from flask import Blueprint, Flask, Response

from backend.base.adapters.html_page import html_page, page_file, rendered
from backend.base.adapters.workspace import Workspace
from backend.base.core.words import counted
from backend.service.edge.browse import GRID_PATH
from backend.service.loop.addresses import START_PATH
from backend.service.loop.overview import (
    Overview,
    read_overview,
    what_runs,
    what_to_do,
    what_waits,
)

RENEWED_EVERY_S = 3
_FOLDER = "backend.service.edge"


def add_start_page(app: Flask, workspace: Workspace) -> None:
    """Serve the page at `START_PATH`; the app asks for the password."""
    pages = Blueprint("start", __name__)

    @pages.get(START_PATH)
    def start() -> Response:
        page = start_page(read_overview(workspace), time.time())
        # The browser asks again by itself, so that the page needs no script.
        headers = {"Refresh": str(RENEWED_EVERY_S), "Cache-Control": "no-store"}
        return Response(page, mimetype="text/html", headers=headers)

    app.register_blueprint(pages)


def start_page(overview: Overview, now: float) -> str:
    """Return the whole page.

    Args:
        overview: where the review stands.
        now: seconds since 1970.
    """
    body = rendered(
        f"{_FOLDER}/start_page.html",
        waits=what_waits(overview),
        queue_url=overview.queue_url,
        to_do=what_to_do(overview),
        running=[
            {"words": what_runs(doing, now), "share": doing.share()} for doing in overview.doing
        ],
        films=counted(overview.films, "film"),
        reviewed=counted(overview.reviewed, "film"),
        grid_path=GRID_PATH,
    )
    return html_page(title="radsieve", body=body, style=page_file(f"{_FOLDER}/start_page.css"))
