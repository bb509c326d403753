"""`radsieve gate`: judge films that arrive one by one."""

import json

import click

from backend.archive.adapters.archive_files import FoundFile, expand, find_files, read_content
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import InputFileError, UnreadableFilmError
from backend.detectors.adapters.training.network_trainer import keep_to_one_core
from backend.detectors.core.gate_verdict import GateAnswer, GateDecision
from backend.detectors.loop.gate import Gate, unreadable
from scripts._command import Outcome, workspace_command
from tasks import load_detector_tasks


@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@workspace_command
def COMMAND(workspace: Workspace, paths: tuple[str, ...]) -> Outcome:
    """Judge films by every detector in use; print one line of JSON per film as soon as possible.

    A line has path, verdict (accept, correct, exclude or review), reasons, and with `correct` the
    correction: mirror first, then turn, then invert. The verdict is `correct` only where the
    corrected film passes every detector. No file is written.
    """
    keep_to_one_core()
    gate = Gate(workspace, load_detector_tasks())
    counts = dict.fromkeys((verdict.value for verdict in GateDecision), 0)
    for file in find_files(_roots(paths), set()):
        answer = _judge(gate, file)
        click.echo(json.dumps({"path": file.path, **answer.as_json()}))
        counts[answer.verdict.value] += 1
    # Standard output holds only the lines of films, and with --json also the counts.
    click.echo(", ".join(f"{count} {name}" for name, count in counts.items()), err=True)
    return Outcome("", counts)


def _judge(gate: Gate, file: FoundFile) -> GateAnswer:
    try:
        return gate.judge(read_content(file), file.path)
    except UnreadableFilmError as error:
        return unreadable(error)


def _roots(paths: tuple[str, ...]) -> list[str]:
    files = []
    for path in paths:
        expanded = expand([path])
        if not expanded:
            raise InputFileError(f"no file or folder matches {path!r}; correct the path")
        files += expanded
    return files
