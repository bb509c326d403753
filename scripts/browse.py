"""`radsieve browse`: the whole archive as a grid of films, in a web browser."""

import logging
import signal
import webbrowser
from typing import Any, NoReturn

import click
import requests

from backend.base.adapters.ports import reached, refuse_taken_port
from backend.base.adapters.workspace import Workspace
from scripts._command import Outcome, workspace_command

logger = logging.getLogger(__name__)

_ASKED_S = 2.0
_USER, _PATH = "radsieve", "/browse"
"""User name and path of the grid. They are repeated here because importing the grid takes seconds,
which this command does not need where the grid runs already."""


@click.option(
    "--port", type=click.IntRange(1, 65535), help="Default: one above the setting backend_port."
)
@click.option("--open/--no-open", "opens", default=True, help="Open the page in a web browser.")
@workspace_command
def COMMAND(workspace: Workspace, port: int | None, opens: bool) -> Outcome:
    """Show the archive: filter, sort, find similar films, label them or send them to review.

    Where `radsieve serve` or `radsieve up` runs for this workspace, it serves the page, and this
    command only shows the address. Otherwise this command serves it until SIGTERM or Ctrl-C.
    """
    host, settings = workspace.settings.host, workspace.settings
    own = port or settings.backend_port + 1
    for known in (settings.backend_port, own):
        if _serves_grid(workspace, host, known):
            return Outcome(_welcome(workspace, host, known, opens), {"port": known, "own": False})
    refuse_taken_port(host, own, "the grid", "--port")
    server = _server(workspace, host, own)
    signal.signal(signal.SIGTERM, _stop)
    click.echo(_welcome(workspace, host, own, opens) + "\n  Ctrl-C stops it.", err=True)
    try:
        server.run()
    finally:
        server.close()
    return Outcome("the grid has stopped", {"port": own, "own": True})


def _server(workspace: Workspace, host: str, port: int) -> Any:  # noqa: ANN401 - imported late
    from backend.base.adapters.jobs import JobQueue  # noqa: PLC0415
    from backend.service.edge.browse import grid_pages  # noqa: PLC0415
    from backend.service.edge.guarded_app import guarded_app  # noqa: PLC0415
    from backend.service.edge.web_server import make_server  # noqa: PLC0415
    from tasks import load_detector_tasks  # noqa: PLC0415

    tasks = load_detector_tasks()
    app = guarded_app(__name__, workspace)
    app.register_blueprint(grid_pages(workspace, tasks, JobQueue(workspace.job_queue, list(tasks))))
    return make_server(app, host, port)


def _serves_grid(workspace: Workspace, host: str, port: int) -> bool:
    """Return whether a grid answers at a port and takes the password of this workspace."""
    auth = (_USER, workspace.secrets.backend_password)
    address = f"http://{reached(host)}:{port}{_PATH}/grid.css"
    try:
        return requests.get(address, auth=auth, timeout=_ASKED_S).status_code == 200
    except requests.RequestException:
        return False


def _welcome(workspace: Workspace, host: str, port: int, opens: bool) -> str:
    address = f"http://{reached(host)}:{port}{_PATH}"
    if opens:
        webbrowser.open(address)
    return "\n".join(
        [
            f"  Browse films at   {address}",
            f"  Log in with       {_USER}",
            f"  Password          {workspace.secrets.backend_password}",
        ]
    )


def _stop(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(0)
