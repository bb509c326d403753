"""Connect a Label Studio: check it, remember it, and make the projects people review in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine

from backend.base.adapters.files import write_atomically
from backend.base.adapters.settings import Settings
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask, LearntFrom
from backend.base.core.errors import LabelStudioError
from backend.review.adapters.label_studio.check import ServerFinding, Wanted, check_label_studio
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.label_studio.projects import MlBackend
from backend.review.adapters.project_store import (
    ARCHIVED,
    ProjectRecord,
    known_projects,
    record_project,
)
from backend.review.adapters.screens.sheet_screen import sheet_config_xml
from backend.review.adapters.screens.single_screen import box_config_xml, single_config_xml
from backend.review.adapters.screens.tabs import NO, SUPERSEDED, TabKind, review_tabs, reviewer_tab

CONNECTION_FILE = "label-studio.json"

SHEETS_TITLE, SINGLES_TITLE = "radsieve: 1 Sheets", "radsieve: 2 Single films"
_SHEET_HELP = (
    "Each sheet shows many films and says what they should be. Click every film that is not, or "
    "that has anything else wrong with it; then press Ctrl+Enter. Point at the + in the corner of "
    "a film to see it large. Fine means that the film is as it should be; disease does not matter."
)
_SINGLE_HELP = (
    "One film at a time, large. What the detectors suspect stands first, and what they are rather "
    "sure of is chosen already: correct it by mouse or by the keys shown (f: the film is fine), "
    "then press Ctrl+Enter."
)
# Label Studio's list of projects shows three short lines of it.
_SHEETS_BEGIN = (
    f"Begin here: press Label All Tasks. When no sheet is left, go on in `{SINGLES_TITLE}`."
)
_SINGLES_BEGIN = f"Go on here when no sheet is left in `{SHEETS_TITLE}`: press Label All Tasks."
_BOX_HELP = "Correct the boxes or draw them anew, then press Ctrl+Enter."
_OWN_TAB = (
    " You are several: open the tab with your number, and press `Label Tasks As Displayed`, in "
    "the menu beside `Label All Tasks`."
)
_MOST_REVIEWERS = 50
_ALL_TASKS = ""
"""Stands for the detector task of the projects that all tasks share, on record."""

_TAB_KINDS = {"sheet": TabKind.LIST, "single": TabKind.GRID}


@dataclass(frozen=True, slots=True)
class TaskProjects:
    """The Label Studio projects that items of a detector task go to.

    All tasks that are answered by choices share two. A box task has one of its own, for both.
    """

    sheet: int
    single: int

    @property
    def both(self) -> tuple[int, ...]:
        """The numbers, each once."""
        return tuple(dict.fromkeys((self.sheet, self.single)))


@dataclass(frozen=True, slots=True)
class Connection:
    """What connecting found and made."""

    findings: list[ServerFinding]
    projects: Mapping[str, TaskProjects] = field(default_factory=dict)
    """By detector task; empty where a check failed. A box task has none before its first push."""

    @property
    def ok(self) -> bool:
        """Whether every check passed."""
        return all(finding.ok for finding in self.findings)


def connect(
    workspace: Workspace, studio: LabelStudio, tasks: Mapping[str, DetectorTask], wanted: Wanted
) -> Connection:
    """Check a Label Studio and, where all is well, make the projects that all tasks share."""
    findings = check_label_studio(studio, wanted)
    connection = Connection(findings)
    if not connection.ok:
        return connection
    shared = ensure_shared_projects(
        workspace.database,
        studio,
        pictures=workspace.review,
        reviewers=workspace.settings.reviewers,
    )
    chosen = [name for name, task in tasks.items() if _shares_projects(task)]
    return Connection(findings, dict.fromkeys(chosen, shared))


def remember_label_studio(root: Path, url: str, token: str) -> LabelStudio:
    """Keep address and token in the workspace, readable by its owner only; return the connection.

    Args:
        root: the folder of the workspace.
        url: the address of Label Studio.
        token: its access token.

    Raises:
        LabelStudioError: the address is not one, or the token has expired.
    """
    studio = LabelStudio(url, token)
    content = json.dumps({"url": studio.url, "token": token}, indent=1).encode()
    write_atomically(root / CONNECTION_FILE, content, mode=0o600)
    return studio


def connected_url(root: Path, settings: Settings) -> str:
    """Return the address of the Label Studio in use; empty where none was connected.

    Args:
        root: the folder of the workspace.
        settings: of the workspace.
    """
    return settings.label_studio_url.rstrip("/") or _kept(root).get("url", "")


def open_label_studio(root: Path, settings: Settings) -> LabelStudio | None:
    """Return the Label Studio in use, or None where none was connected.

    The settings `label_studio_url` and `label_studio_token` come first, then what `connect` kept.

    Args:
        root: the folder of the workspace.
        settings: of the workspace.

    Raises:
        LabelStudioError: an address is known, but no token for it.
    """
    kept = _kept(root)
    url = connected_url(root, settings)
    if not url:
        return None
    token = settings.label_studio_token or (kept.get("token") if url == kept.get("url") else "")
    if not token:
        raise LabelStudioError(
            f"no token is known for the Label Studio at {url}; set RADSIEVE_LABEL_STUDIO_TOKEN, or "
            f"run `radsieve connect {url}`"
        )
    return LabelStudio(url, token, timeout_s=settings.label_studio_timeout_s)


def require_label_studio(root: Path, settings: Settings) -> LabelStudio:
    """Return the Label Studio in use; the arguments are those of `open_label_studio`.

    Raises:
        LabelStudioError: none was connected.
    """
    studio = open_label_studio(root, settings)
    if studio is None:
        raise LabelStudioError(
            "no Label Studio is connected; start one with `radsieve up`, or use one that runs with "
            "`radsieve connect URL`"
        )
    return studio


def ensure_projects(
    engine: Engine, studio: LabelStudio, task: DetectorTask, *, pictures: Path, reviewers: int
) -> TaskProjects:
    """Return the projects that a task's items go to, made where they are missing.

    Args:
        engine: the database.
        studio: the Label Studio in use.
        task: the detector task.
        pictures: the folder that Label Studio serves the films' pictures from.
        reviewers: how many people review; where they are several, each gets a tab.
    """
    if task.answer is AnswerKind.BOX:
        project = _box_project(studio, task, reviewers)
        _serve_pictures(studio, project, pictures)
        _make_tabs(studio, project, TabKind.GRID, reviewers)
        record_project(engine, ProjectRecord(task.name, "single", studio.url, project))
        return TaskProjects(project, project)
    return ensure_shared_projects(engine, studio, pictures=pictures, reviewers=reviewers)


def ensure_shared_projects(
    engine: Engine, studio: LabelStudio, *, pictures: Path, reviewers: int
) -> TaskProjects:
    """Make the two projects that all tasks share, with pictures and tabs; note their ids.

    The arguments are those of `ensure_projects`.
    """
    screens = {
        # The last one made or pinned stands first in Label Studio's list.
        "single": (SINGLES_TITLE, single_config_xml(), _SINGLES_BEGIN, _SINGLE_HELP),
        "sheet": (SHEETS_TITLE, sheet_config_xml(), _SHEETS_BEGIN, _SHEET_HELP),
    }
    known = {
        row.kind: row.project_id
        for row in known_projects(engine, studio.url)
        if row.detector_task == _ALL_TASKS
    }
    ids = {}
    for kind, (title, label_config, description, instruction) in screens.items():
        ids[kind] = studio.ensure_project(
            title,
            label_config,
            instruction=instruction + _several(reviewers),
            description=description,
        )
        _serve_pictures(studio, ids[kind], pictures)
        _make_tabs(studio, ids[kind], _TAB_KINDS[kind], reviewers)
        if known.get(kind) != ids[kind]:
            studio.pin_project(ids[kind])
            record_project(engine, ProjectRecord(_ALL_TASKS, kind, studio.url, ids[kind]))
    return TaskProjects(**ids)


def _box_project(studio: LabelStudio, task: DetectorTask, reviewers: int) -> int:
    title = f"radsieve: {task.display_name}"
    former = studio.project_by_title(former_title(task.name, "single"))
    if former is not None:
        studio.rename_project(former, title)
    return studio.ensure_project(
        title,
        box_config_xml(task),
        instruction=_BOX_HELP + _several(reviewers),
        description=f"{task.question} Press Label All Tasks.",
    )


def _several(reviewers: int) -> str:
    return _OWN_TAB if reviewers > 1 else ""


def former_title(name: str, kind: str) -> str:
    """Return the title that earlier versions of radsieve gave a project of one detector task."""
    return f"radsieve: {name}, {'contact sheets' if kind == 'sheet' else 'single films'}"


def is_former(record: ProjectRecord, task: DetectorTask) -> bool:
    """Whether an earlier version of radsieve made a project that a task no longer sends items to.

    Of a box task the project of single films is still in use.
    """
    own = record.detector_task == task.name
    return own and (task.answer is not AnswerKind.BOX or record.kind != "single")


def _shares_projects(task: DetectorTask) -> bool:
    return task.answer is AnswerKind.CHOICE and task.learnt_from is not LearntFrom.RULE


def connect_backend(engine: Engine, studio: LabelStudio, backend: MlBackend) -> int:
    """Connect the running ML backend to every project; return how many there are.

    Raises:
        LabelStudioError: Label Studio cannot reach the backend, or may not.
    """
    records = [
        record
        for record in known_projects(engine, studio.url)
        if not record.kind.startswith(ARCHIVED)
    ]
    for record in records:
        studio.ensure_ml_backend(record.project_id, backend)
        studio.ensure_webhook_auth(record.project_id, backend)
    return len(records)


def _serve_pictures(studio: LabelStudio, project_id: int, pictures: Path) -> None:
    # Label Studio only accepts a storage folder that exists.
    pictures.mkdir(parents=True, exist_ok=True)
    studio.ensure_local_storage(project_id, pictures)


def _make_tabs(studio: LabelStudio, project_id: int, kind: TabKind, reviewers: int) -> None:
    tabs, there = review_tabs(kind, reviewers), studio.tabs(project_id)
    if studio.has_former_tab(project_id, tabs, there=there):
        # Items of an earlier version lack the field that the new filter asks for.
        studio.complete_data(project_id, {SUPERSEDED: NO})
    studio.ensure_tabs(project_id, tabs, there=there)
    # One reviewer needs no tab of their own, and people who have left need none either.
    first_gone = reviewers + 1 if reviewers > 1 else 1
    gone = (reviewer_tab(kind, number) for number in range(first_gone, _MOST_REVIEWERS + 1))
    studio.remove_tabs(project_id, gone, there=there)


def _kept(root: Path) -> dict[str, str]:
    path = root / CONNECTION_FILE
    if not path.exists():
        return {}
    try:
        kept = json.loads(path.read_text())
        return {"url": str(kept["url"]), "token": str(kept["token"])}
    except (ValueError, KeyError, TypeError) as error:
        raise LabelStudioError(
            f"{path} is not what `radsieve connect` wrote; delete it and connect again"
        ) from error
