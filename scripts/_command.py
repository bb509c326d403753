"""The common part of all commands: the workspace, `--json`, logging, and errors as one line."""

import functools
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import click
from tqdm import tqdm

from backend.base.adapters.activity import activity
from backend.base.adapters.foreign_errors import as_line
from backend.base.adapters.identity import is_workspace, refuse_unlikely_place
from backend.base.adapters.lock import exclusive_lock
from backend.base.adapters.rights import files_for_others, private_files
from backend.base.adapters.workspace import Workspace, default_workspace
from backend.base.core.errors import RadsieveError
from scripts._logging import set_up_logging
from scripts._progress import ProgressLines
from tasks import detector_task

_ROOT = "radsieve.workspace"
"""Key in a command's context for the folder of its workspace."""
_IS_NEW = "radsieve.workspace_is_new"
"""Key in a command's context: whether the workspace was made now, and nobody was told yet."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a command: sentences for a person, facts for a program."""

    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    exit_code: int = 0
    in_short: str = ""
    """The result in a sentence or two, shown by a command that runs several others; empty: `text`
    is shown."""


def workspace_command(function: Callable[..., Outcome]) -> click.Command:
    """Make a command that gets a `Workspace` first and returns an `Outcome`.

    It fails where there is no workspace; only a `making_command` makes one.
    """

    @functools.wraps(function)
    def in_workspace(folder: Path | None, **arguments: Any) -> Outcome:  # noqa: ANN401
        with private_files():
            workspace = _entered(Workspace(folder or default_workspace()))
            with _rights_of_results(workspace.root):
                return function(workspace, **arguments)

    return _command(in_workspace)


def making_command(
    function: Callable[..., Outcome], *, refuse: Callable[..., None], below: str = ""
) -> click.Command:
    """Make a command like `workspace_command`, which also makes a missing workspace.

    Args:
        function: the body of the command.
        refuse: called where there is no workspace yet, before one is made, with its folder and the
            arguments of the command; raises a `RadsieveError` where nothing can come of them.
        below: path of the workspace below the folder that the user names.
    """

    @functools.wraps(function)
    def in_workspace(folder: Path | None, **arguments: Any) -> Outcome:  # noqa: ANN401
        with private_files():
            named = folder or default_workspace()
            if not is_workspace(named / below):
                refuse_unlikely_place(named)
                refuse((named / below).absolute(), **arguments)
            workspace = _entered(Workspace.open_or_make(named / below))
            try:
                outcome = function(workspace, **arguments)
            except RadsieveError:
                workspace.forget_if_new_and_unused()
                raise
        tell_of_new_workspace()
        return outcome

    return _command(in_workspace)


def _rights_of_results(root: Path) -> AbstractContextManager[None]:
    """Return a context in which results get the user's own rights; the workspace stays private."""
    given = click.get_current_context().params
    # `target` is a folder in one command, and a number in others.
    is_elsewhere = any(isinstance(given.get(name), Path) for name in ("out", "target"))
    return files_for_others(root) if is_elsewhere else nullcontext()


def _entered(workspace: Workspace) -> Workspace:
    meta = click.get_current_context().meta
    meta[_ROOT], meta[_IS_NEW] = workspace.root, workspace.is_new
    return workspace


def tell_of_new_workspace() -> None:
    """Say once that a workspace was made; a command that runs for long calls this at its start."""
    meta = click.get_current_context().meta
    if meta.pop(_IS_NEW, False):
        click.echo(f"a new workspace was made: {meta[_ROOT]}", err=True)


def folder_command(function: Callable[..., Outcome]) -> click.Command:
    """Make a command that gets the folder of a workspace, which may be missing or broken."""

    @functools.wraps(function)
    def at_folder(folder: Path | None, **arguments: Any) -> Outcome:  # noqa: ANN401
        with private_files():
            return function((folder or default_workspace()).absolute(), **arguments)

    return _command(at_folder)


def plain_command(function: Callable[..., Outcome]) -> click.Command:
    """Make a command that needs no workspace; it ignores `--workspace`."""

    @functools.wraps(function)
    def anywhere(folder: Path | None, **arguments: Any) -> Outcome:  # noqa: ANN401
        return function(**arguments)

    return _command(anywhere)


def _command(function: Callable[..., Outcome]) -> click.Command:
    """Make a command that takes the common options, and prints its outcome."""

    @click.option(
        "--workspace",
        "folder",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder that holds everything; default ./radsieve-workspace or RADSIEVE_WORKSPACE.",
    )
    @click.option("--json", "as_json", is_flag=True, help="End with one JSON object on stdout.")
    @click.option("--verbose", is_flag=True, help="Show what libraries log, for debugging.")
    @click.option("--in-short", is_flag=True, hidden=True)
    @functools.wraps(function)
    def run(
        folder: Path | None,
        as_json: bool,
        verbose: bool,
        in_short: bool,
        **arguments: Any,  # noqa: ANN401
    ) -> None:
        set_up_logging(verbose=verbose)
        try:
            _refuse_unknown_tasks(click.get_current_context())
            outcome = function(folder, **arguments)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:  # any error becomes one line for people, an object for programs
            _fail(as_line(error), as_json)
        _tell(outcome, as_json, in_short)
        if outcome.exit_code:
            raise SystemExit(outcome.exit_code)

    return click.command(help=function.__doc__)(run)


def _tell(outcome: Outcome, as_json: bool, in_short: bool) -> None:
    """Print an outcome; in short, the full text goes to standard error, as progress does."""
    if outcome.text:
        click.echo(outcome.text, err=as_json or in_short)
    if as_json:
        click.echo(json.dumps(outcome.facts))
    elif in_short:
        click.echo(outcome.in_short or outcome.text)


def _refuse_unknown_tasks(context: click.Context) -> None:
    """Check every TASK before a workspace is opened or a server is called.

    Raises:
        UnknownTaskError: there is no such detector task.
    """
    for parameter in context.command.params:
        if "TASK" in (parameter.metavar or ""):
            given = context.params.get(parameter.name or "") or ()
            for name in [given] if isinstance(given, str) else given:
                detector_task(name)


def is_step() -> bool:
    """Return whether another command runs this one, so that its full text goes into a log.

    A log holds only ids and counts, because the name of a file may identify the patient.
    """
    return bool(click.get_current_context().params.get("in_short"))


def hold_alone(path: Path, busy: str) -> None:
    """Hold a lock file until the command ends.

    Raises:
        RadsieveError: another process holds it; the message is `busy`.
    """
    click.get_current_context().with_resource(exclusive_lock(path, busy))


def _fail(error: RadsieveError, as_json: bool) -> NoReturn:
    message = " ".join(str(error).split())
    if as_json:
        click.echo(json.dumps({"error": message}))
    raise click.ClickException(message) from error


@contextmanager
def progress_bar(doing: str, unit: str = "film") -> Iterator[Callable[[int, int], None]]:
    """Show progress on standard error, and in the workspace for the start page and `up`.

    The context's value is a function of (done, to do). A terminal gets a moving bar; a file or a
    pipe gets a line a minute and one at the end.

    Args:
        doing: words for the activity, see `base.core.doing`.
        unit: name of one step that is counted.
    """
    context = click.get_current_context(silent=True)
    root = context.meta.get(_ROOT) if context else None
    with (
        activity(root, doing) if root else nullcontext(lambda _done, _to_do: None) as note,
        _shown_progress(doing, unit) as display,
    ):

        def show(done: int, to_do: int) -> None:
            display(done, to_do)
            note(done, to_do)

        yield show


@contextmanager
def _shown_progress(doing: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    if not sys.stderr.isatty():
        with ProgressLines(doing, unit) as lines:
            yield lines.note
        return
    with tqdm(desc=doing, unit=unit, total=0, dynamic_ncols=True) as bar:

        def show(done: int, to_do: int) -> None:
            bar.total = to_do
            bar.update(done - bar.n)

        yield show
