"""`radsieve connect`: use a Label Studio that already runs."""

from functools import partial
from pathlib import Path

import click

from backend.base.adapters.settings import Settings, load_settings
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import LabelStudioError
from backend.review.adapters.label_studio.check import ServerFinding, Wanted
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.label_studio.server import answers_health
from backend.review.loop.studio.connect import (
    Connection,
    connect,
    connect_backend,
    remember_label_studio,
)
from backend.service.loop.stack import ml_backend
from scripts._command import Outcome, making_command
from tasks import load_detector_tasks


def _refuse(root: Path, url: str, token: str | None) -> None:
    studio = LabelStudio(url, _known_token(token, load_settings(root)))
    studio.version()
    studio.check_token()


@click.option(
    "--token",
    help="Personal or legacy access token; better given in RADSIEVE_LABEL_STUDIO_TOKEN.",
)
@click.argument("url")
@partial(making_command, refuse=_refuse)
def COMMAND(workspace: Workspace, url: str, token: str | None) -> Outcome:
    """Check a Label Studio that already runs at URL, and make the projects for the review."""
    token = _known_token(token, workspace.settings)
    studio = LabelStudio(url, token)
    backend = ml_backend(workspace.settings, workspace.secrets)
    connection = connect(
        workspace, studio, load_detector_tasks(), Wanted(backend.url, workspace.review)
    )
    connected = False
    if connection.ok:
        remember_label_studio(workspace.root, url, token)
        connected = answers_health(backend.url)
        if connected:
            connect_backend(workspace.database, studio, backend)
    return _outcome(studio.url, connection, connected)


def _known_token(given: str | None, settings: Settings) -> str:
    token = given or settings.label_studio_token
    if not token:
        raise LabelStudioError(
            "a token is needed: make a personal access token in Label Studio under Account & "
            "Settings, and set RADSIEVE_LABEL_STUDIO_TOKEN to it"
        )
    return token


def _outcome(url: str, connection: Connection, backend_connected: bool) -> Outcome:
    lines = [_line(finding) for finding in connection.findings]
    if connection.ok:
        lines.append(f"Everything is ready to review at {url}/projects/: begin with `1 Sheets`")
        if not backend_connected:
            lines.append(
                "The ML backend does not run: answers are read every minute by `radsieve work`. "
                "Start `radsieve serve` and connect again to have them read at once."
            )
    facts = {
        "url": url,
        "ok": connection.ok,
        "backend_connected": backend_connected,
        "findings": [
            {"ok": finding.ok, "what": finding.what, "fix": finding.fix}
            for finding in connection.findings
        ],
        "projects": {
            name: {"sheet": projects.sheet, "single": projects.single}
            for name, projects in connection.projects.items()
        },
    }
    return Outcome("\n".join(lines), facts, exit_code=0 if connection.ok else 1)


def _line(finding: ServerFinding) -> str:
    if finding.ok and not finding.fix:
        return f"ok    {finding.what}"
    fix = finding.fix.replace("\n", "\n        ")
    return f"{'WARNS' if finding.ok else 'FAILS'} {finding.what}\n      {fix}"
