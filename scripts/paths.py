"""`radsieve paths`: print the paths of the films of a list on this machine."""

from collections.abc import Iterator
from pathlib import Path

import click

from backend.archive.adapters.catalogue import unreadable_files
from backend.archive.adapters.film_names import paths_by_name
from backend.archive.core.unreadable import whole_sentence
from backend.base.adapters.workspace import Workspace
from backend.labels.adapters.label_table import table_rows
from scripts._command import Outcome, workspace_command


@click.option("--unreadable", is_flag=True, help="Name the files that could not be read, and why.")
@click.argument("lists", metavar="LIST.csv|ID...", nargs=-1)
@workspace_command
def COMMAND(workspace: Workspace, lists: tuple[str, ...], *, unreadable: bool) -> Outcome:
    r"""Print the paths of the files in a list, or of films given by their ids; one a line.

    A list names a film by its id, because a path may identify the patient. Use this command only
    on the machine that holds the archive. It reads the column `file` of a list, or
    `radiograph_id`: radsieve paths exclusions.csv | xargs -d '\n' ls
    """
    if unreadable:
        problems = {
            file.path: whole_sentence(file.problem) for file in unreadable_files(workspace.database)
        }
        return Outcome("\n".join(map("\t".join, problems.items())), {"unreadable": problems})
    names = list(dict.fromkeys(name for given in lists for name in _names(given)))
    if not names:
        raise click.UsageError("give a list such as exclusions.csv, or ids of films")
    paths = paths_by_name(workspace.database, names)
    return Outcome("\n".join(paths.values()), {"paths": paths})


def _names(given: str) -> Iterator[str]:
    if not given.endswith(".csv"):
        yield given
        return
    for _, row in table_rows(Path(given), ()):
        yield (row.get("file") or row.get("radiograph_id") or "").strip()
