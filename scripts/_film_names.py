"""Add file names to the ids of films in a text, for the person at the terminal."""

import re
import sys
from pathlib import PurePath

from backend.archive.adapters.catalogue import files_of_films
from backend.archive.core.identity import RADIOGRAPH_ID_LENGTH
from backend.base.adapters.workspace import Workspace

_ID = re.compile(rf"\b[0-9a-f]{{{RADIOGRAPH_ID_LENGTH}}}\b")


def with_file_names(workspace: Workspace, text: str, *, at_terminal: bool | None = None) -> str:
    """Return a text with the name of the file, without folders, after each id of a film.

    A log gets ids alone, and so does a terminal without the setting `paths`, because a name may
    identify the patient.

    Args:
        workspace: the workspace of the films.
        text: a text for a person.
        at_terminal: whether the text goes to a terminal; None: find out.
    """
    if at_terminal is None:
        at_terminal = sys.stdout.isatty() and sys.stderr.isatty()
    ids = _ID.findall(text) if at_terminal and workspace.settings.paths else []
    files = files_of_films(workspace.database, ids) if ids else {}
    return _ID.sub(lambda match: _named(match[0], files.get(match[0], [])), text)


def _named(radiograph_id: str, paths: list[str]) -> str:
    return f"{radiograph_id} ({PurePath(paths[0]).name})" if paths else radiograph_id
