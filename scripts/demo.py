"""`radsieve demo`: the whole loop on phantoms, without a person."""

from functools import partial
from pathlib import Path

import click

from backend.base.adapters.settings import load_settings
from backend.base.adapters.workspace import Workspace
from backend.service.loop.demo import DemoReport, run_demo
from backend.service.loop.stack import refuse_what_cannot_start
from scripts._command import Outcome, making_command
from tasks import load_detector_tasks


def _refuse(root: Path) -> None:
    refuse_what_cannot_start(load_settings(root))


@partial(making_command, refuse=_refuse, below="demo")
def COMMAND(workspace: Workspace) -> Outcome:
    """Do all steps once on phantom films, with a real Label Studio, and export the lists.

    A script that knows the change made to each phantom answers in place of a person. The demo has
    its own workspace, in the folder `demo` of the workspace.
    """
    report = run_demo(workspace, load_detector_tasks(), lambda text: click.echo(text, err=True))
    return Outcome(
        _text(report),
        {
            "items_answered": report.items_answered,
            "versions_trained": dict(report.versions_trained),
            "truly_bad": report.truly_bad,
            "confirmed_bad": report.confirmed_bad,
            "out": str(report.out),
        },
    )


def _text(report: DemoReport) -> str:
    return (
        f"{report.confirmed_bad} of {report.truly_bad} spoilt phantoms were confirmed in "
        f"{report.items_answered} items; the lists and corrected copies are in {report.out}"
    )
