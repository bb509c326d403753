"""Connect a Label Studio: check it, remember it, and make the projects people review in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine

from backend.base.adapters.files import write_atomically
from backend.base.adapters.settings import Settings
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask, LearntFrom
from backend.base.core.errors import LabelStudioError
from backend.review.adapters.label_studio.check import ServerFinding, Wanted, check_label_studio
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.label_studio.projects import MlBackend
from backend.review.adapters.project_store import ProjectRecord, known_projects, record_project
from backend.review.adapters.screens.sheet_screen import sheet_config_xml
from backend.review.adapters.screens.single_screen import single_config_xml
from backend.review.adapters.screens.tabs import NO, SUPERSEDED, TabKind, review_tabs, reviewer_tab

CONNECTION_FILE = "label-studio.json"

_SHEET_HELP = (
    "All films of a sheet were put into one class. Click each film that does not belong to it, or "
    "click again to take that back; then press Ctrl+Enter. Point at the + in the corner of a film "
    "to see it large. The key x turns the whole sheet round."
)
_OWN_TAB = (
    " You are several: open the tab with your number, and press `Label Tasks As Displayed`, in "
    "the menu beside `Label All Tasks`."
)
_MOST_REVIEWERS = 50
_SINGLE_HELP = "Choose the answer, by mouse or by its number, then press Ctrl+Enter."
_NAME_HELP = (
    "Choose everything that is wrong with the film, by mouse or by its key, then press Ctrl+Enter."
)

_TAB_KINDS = {"sheet": TabKind.LIST, "single": TabKind.GRID}


@dataclass(frozen=True, slots=True)
class TaskProjects:
    """The two Label Studio projects of a detector task."""

    sheet: int
    single: int


@dataclass(frozen=True, slots=True)
class Connection:
    """What connecting found and made."""

    findings: list[ServerFinding]
    projects: Mapping[str, TaskProjects] = field(default_factory=dict)
    """By detector task; empty where a check failed."""

    @property
    def ok(self) -> bool:
        """Whether every check passed."""
        return all(finding.ok for finding in self.findings)


def connect(
    workspace: Workspace, studio: LabelStudio, tasks: Mapping[str, DetectorTask], wanted: Wanted
) -> Connection:
    """Check a Label Studio and, where all is well, make the projects of every detector task."""
    engine, reviewers = workspace.database, workspace.settings.reviewers
    findings = check_label_studio(studio, wanted)
    connection = Connection(findings)
    if not connection.ok:
        return connection
    projects = {
        name: ensure_projects(engine, studio, task, pictures=workspace.review, reviewers=reviewers)
        for name, task in tasks.items()
        if task.learnt_from is not LearntFrom.RULE
    }
    return Connection(findings, projects)


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
    return LabelStudio(url, token)


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
    """Make the task's projects, storage and tabs where they are missing; note their ids.

    Args:
        engine: the database.
        studio: the Label Studio in use.
        task: the detector task.
        pictures: the folder that Label Studio serves the films' pictures from.
        reviewers: how many people review; where they are several, each gets a tab.
    """
    screens = {
        "sheet": ("contact sheets", sheet_config_xml(task), _SHEET_HELP),
        "single": (
            "single films",
            single_config_xml(task),
            _NAME_HELP if task.sums_up else _SINGLE_HELP,
        ),
    }
    several = _OWN_TAB if reviewers > 1 else ""
    ids = {}
    for kind, (title, label_config, instruction) in screens.items():
        ids[kind] = studio.ensure_project(
            f"radsieve: {task.name}, {title}", label_config, instruction=instruction + several
        )
        _serve_pictures(studio, ids[kind], pictures)
        _make_tabs(studio, ids[kind], _TAB_KINDS[kind], reviewers)
        record_project(engine, ProjectRecord(task.name, kind, studio.url, ids[kind]))
    return TaskProjects(**ids)


def connect_backend(engine: Engine, studio: LabelStudio, backend: MlBackend) -> int:
    """Connect the running ML backend to every project; return how many there are.

    Raises:
        LabelStudioError: Label Studio cannot reach the backend, or may not.
    """
    records = known_projects(engine, studio.url)
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
