"""`radsieve serve`: run the ML backend that Label Studio calls."""

import logging
import signal
from typing import NoReturn

import click

from backend.base.adapters.jobs import JobQueue
from backend.base.adapters.ports import refuse_taken_port
from backend.base.adapters.workspace import Workspace, default_workspace
from backend.detectors.adapters.training.network_trainer import keep_to_one_core
from backend.review.adapters.label_studio.inner_addresses import also_listens_on
from backend.service.edge.app import create_app
from backend.service.edge.guarded_app import GuardedApp
from backend.service.edge.web_server import make_server
from scripts._command import Outcome, workspace_command
from tasks import load_detector_tasks

logger = logging.getLogger(__name__)


@click.option("--port", type=click.IntRange(1, 65535), help="Default: the setting backend_port.")
@workspace_command
def COMMAND(workspace: Workspace, port: int | None) -> Outcome:
    """Run the ML backend for Label Studio until SIGTERM or Ctrl-C."""
    host, port = workspace.settings.host, port or workspace.settings.backend_port
    refuse_taken_port(host, port, "the ML backend", "RADSIEVE_BACKEND_PORT")
    server = make_server(_app(workspace), host, port, also_listens_on(host))
    signal.signal(signal.SIGTERM, _stop)
    logger.info("the ML backend listens on http://%s:%d", host, port)
    try:
        server.run()
    finally:
        server.close()
    return Outcome("the ML backend has stopped", {"port": port})


def create_wsgi_app() -> GuardedApp:
    """Return the backend of the default workspace: `gunicorn 'scripts.serve:create_wsgi_app()'`."""
    return _app(Workspace(default_workspace()))


def _app(workspace: Workspace) -> GuardedApp:
    keep_to_one_core()
    tasks = load_detector_tasks()
    return create_app(workspace, tasks, JobQueue(workspace.job_queue, list(tasks)))


def _stop(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(0)
