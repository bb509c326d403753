"""Projects in Label Studio: their screen, pictures, tabs and connection to our ML backend."""

import base64
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backend.base.core.errors import LabelStudioError
from backend.review.adapters.label_studio.json_fields import JsonObject
from backend.review.adapters.label_studio.project_shapes import (
    Project,
    Tab,
    parse_project,
    parse_projects,
    parse_tabs,
    tab_rule,
)
from backend.review.adapters.label_studio.session import (
    LabelStudioSession,
    RefusedError,
    gone_is_fine,
)
from backend.review.adapters.screens.tabs import ReviewTab, TabKind

Tabs = Mapping[str, Tab]
"""Tabs that are in Label Studio, by title."""

# Everything that changes what is answered; the rest would only wake the backend for nothing.
_WEBHOOK_ACTIONS = (
    "ANNOTATION_CREATED",
    "ANNOTATIONS_CREATED",
    "ANNOTATION_UPDATED",
    "ANNOTATIONS_DELETED",
    "TASKS_DELETED",
)
# 'Label All Tasks' follows neither filter nor order of its tab but this ('Label Tasks As Displayed'
# follows the tab): lowest score of the version in use first, never what another user has open.
_SAMPLING = "Uncertainty sampling"
HINT_USER_PREFIX = "hint-"
_LONGEST_TITLE = 50
# Fitted to the card's width, a film would be cut off at its side: this shows all of it.
_GRID = {"gridWidth": 5, "gridFitImagesToWidth": False}


@dataclass(frozen=True, slots=True)
class MlBackend:
    """Our ML backend, as Label Studio reaches it."""

    url: str
    title: str
    user: str
    password: str

    @property
    def webhook_url(self) -> str:
        """Where Label Studio sends its hints."""
        return f"{self.url.rstrip('/')}/webhook"

    def is_former_hint(self, headers: Mapping[str, object] | None) -> bool:
        """Whether a webhook gives the backend's own password, as earlier versions made it."""
        pair = f"{self.user}:{self.password}".encode()
        former = f"Basic {base64.b64encode(pair).decode()}"
        return (headers or {}).get("Authorization") == former

    def hint_authorization(self, project_id: int) -> str:
        """Return the header of a project's webhook, which everybody in Label Studio can read."""
        pair = f"{hint_user(project_id)}:{hint_secret(self.password, project_id)}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"


def hint_user(project_id: int) -> str:
    """Return the name under which a project's webhook calls."""
    return f"{HINT_USER_PREFIX}{project_id}"


def hint_secret(password: str, project_id: int) -> str:
    """Return the password of a project's webhook; the backend's does not follow from it.

    It is another one for each project, and after each change of the backend's password.
    """
    text = f"webhook of project {project_id}".encode()
    return hmac.new(password.encode(), text, "sha256").hexdigest()


class ProjectSetup(LabelStudioSession):
    """The part of the connection that sets projects up for review; each method may be repeated."""

    def ensure_project(
        self, title: str, label_config: str, *, instruction: str = "", description: str = ""
    ) -> int:
        """Return the id of the project of exactly this title, made or brought up to date.

        Args:
            title: of the project.
            label_config: the screen, XML.
            instruction: what a reviewer reads before the first item.
            description: what stands below the title in the list of projects.

        Raises:
            LabelStudioError: also when answers given so far do not fit the new label config.
        """
        wanted = {
            "label_config": label_config,
            "expert_instruction": instruction,
            "description": description,
        }
        project = self._project(title)
        if project is None:
            return int(self._sdk.projects.create(title=title, sampling=_SAMPLING, **wanted).id)
        changed = {key: value for key, value in wanted.items() if getattr(project, key) != value}
        if changed:
            self._update_project(project, changed)
        return project.number

    def has_project(self, project_id: int) -> bool:
        """Whether there is a project of this number, by whatever title."""
        return self.project_title(project_id) is not None

    def project_by_title(self, title: str) -> int | None:
        """Return the number of the project of exactly this title; None where there is none."""
        project = self._project(title)
        return None if project is None else project.number

    def project_title(self, project_id: int) -> str | None:
        """Return the title of a project; None where there is no project of this number."""
        with gone_is_fine():
            return parse_project(self._json("GET", f"api/projects/{project_id}/")).title
        return None

    def pin_project(self, project_id: int) -> None:
        """Show a project before those that are not pinned, and those pinned earlier."""
        now = datetime.now(UTC).isoformat()
        self._json("PATCH", f"api/projects/{project_id}/", json={"pinned_at": now})

    def rename_project(self, project_id: int, title: str, *, unpin: bool = False) -> None:
        """Give a project another title; what it holds stays as it is."""
        unpinned = {"pinned_at": None} if unpin else {}
        changed = {"title": title[:_LONGEST_TITLE], **unpinned}
        self._json("PATCH", f"api/projects/{project_id}/", json=changed)

    def delete_project(self, project_id: int) -> None:
        """Delete a project with all it holds; gone already is fine."""
        with gone_is_fine():
            self._sdk.projects.delete(project_id)

    def ensure_local_storage(self, project_id: int, folder: Path) -> int:
        """Let a project show files below `folder`, a path as Label Studio's machine sees it.

        Raises:
            LabelStudioError: also when the folder is not below Label Studio's document root.
        """
        path = str(folder)
        for storage in self._sdk.import_storage.local.list(project=project_id):
            if storage.path == path:
                return int(storage.id)
        made = self._sdk.import_storage.local.create(
            project=project_id, path=path, title="radsieve review pictures", use_blob_urls=True
        )
        return int(made.id)

    def tabs(self, project_id: int) -> Tabs:
        """Return the tabs that a project has, by title."""
        tabs = parse_tabs(self._json("GET", "api/dm/views/", params={"project": project_id}))
        # Of two tabs of one title the first counts, as it does for who looks at them.
        return {tab.title: tab for tab in reversed(tabs)}

    def ensure_tabs(
        self, project_id: int, tabs: Sequence[ReviewTab], *, there: Tabs | None = None
    ) -> list[int]:
        """Return the ids of the tabs of these titles, made where they are missing, in this order.

        One that is there stays as it is: people may have arranged it to their liking. Only where
        its filter and order are still those that an earlier version of radsieve gave it, these two
        are brought up to date. A tab that somebody renamed is theirs, and a new one is made.

        Args:
            project_id: of the project.
            tabs: those there shall be.
            there: those there are (`tabs`); None: ask Label Studio.
        """
        there = self.tabs(project_id) if there is None else there
        return [self._ensure_tab(project_id, tab, there.get(tab.title)) for tab in tabs]

    def has_former_tab(
        self, project_id: int, tabs: Iterable[ReviewTab], *, there: Tabs | None = None
    ) -> bool:
        """Whether `ensure_tabs` would bring one up to date; the arguments are the same."""
        there = self.tabs(project_id) if there is None else there
        return any(_is_former(there[tab.title], tab) for tab in tabs if tab.title in there)

    def remove_tabs(
        self, project_id: int, tabs: Iterable[ReviewTab], *, there: Tabs | None = None
    ) -> None:
        """Delete the tabs of these titles whose filter and order are still as we made them.

        The arguments are those of `ensure_tabs`.
        """
        there = self.tabs(project_id) if there is None else there
        for tab in tabs:
            known = there.get(tab.title)
            if known is not None and known.rule == tab_rule(_tab_data(tab)):
                self._json("DELETE", f"api/dm/views/{known.number}/")

    def ensure_ml_backend(self, project_id: int, backend: MlBackend) -> int:
        """Connect our backend, which must be running; return the connection's id.

        Label Studio would set an empty model version of the project to the backend's title, and
        with that call us live at every click; it is set back.

        Raises:
            LabelStudioError: also when Label Studio cannot reach the backend, or may not.
        """
        facts = {
            "url": backend.url,
            "title": backend.title,
            "auth_method": "BASIC_AUTH",
            "basic_auth_user": backend.user,
            "basic_auth_pass": backend.password,
        }
        try:
            connection = self._save_ml_backend(project_id, facts)
        except RefusedError as error:
            raise LabelStudioError(
                f"Label Studio at {self.url} cannot use the ML backend at {backend.url}: "
                f"{error.detail}; start it with `radsieve serve`, and give an address that Label "
                f"Studio's machine can reach in RADSIEVE_BACKEND_URL{error.cure}"
            ) from error
        if self.model_version(project_id) == backend.title:
            self._json("PATCH", f"api/projects/{project_id}/", json={"model_version": ""})
        return int(connection.id)

    def ensure_webhook_auth(self, project_id: int, backend: MlBackend) -> int:
        """Make the project's webhook to the backend carry credentials of its own; return its id.

        Label Studio makes the webhook itself, but sends it without credentials.
        """
        facts = {
            "url": backend.webhook_url,
            "headers": {"Authorization": backend.hint_authorization(project_id)},
            "send_payload": True,
            "send_for_all_actions": False,
            "actions": list(_WEBHOOK_ACTIONS),
            "is_active": True,
        }
        known = [
            row
            for row in self._sdk.webhooks.list(project=str(project_id))
            if row.project == project_id
            and (row.url == backend.webhook_url or backend.is_former_hint(row.headers))
        ]
        for more in known[1:]:
            self._sdk.webhooks.delete(more.id)
        if known:
            return int(self._sdk.webhooks.update(known[0].id, **facts).id)
        return int(self._sdk.webhooks.create(project=project_id, **facts).id)

    def model_version(self, project_id: int) -> str:
        """Return the model version the project orders and pre-annotates by; empty for none."""
        return parse_project(self._json("GET", f"api/projects/{project_id}/")).model_version

    def set_model_version(self, project_id: int, version: str) -> None:
        """Order and pre-annotate by exactly this version; it must have predictions already.

        Raises:
            LabelStudioError: also when the project has no prediction of this version.
        """
        self._json("PATCH", f"api/projects/{project_id}/", json={"model_version": version})

    def _ensure_tab(self, project_id: int, tab: ReviewTab, known: Tab | None) -> int:
        wanted = _tab_data(tab)
        if known is None:
            return int(self._sdk.views.create(project=project_id, data=wanted).id)
        if _is_former(known, tab):
            changed = {key: wanted[key] for key in _RULE}
            body = {"project": project_id, "data": {**known.data, **changed}}
            self._json("PATCH", f"api/dm/views/{known.number}/", json=body)
        return known.number

    def _save_ml_backend(self, project_id: int, facts: Mapping[str, str]) -> Any:  # noqa: ANN401
        for row in self._sdk.ml.list(project=project_id):
            # Under our title at another address: as an earlier version connected it.
            if row.url == facts["url"] or row.title == facts["title"]:
                return self._sdk.ml.update(row.id, project=project_id, **facts)
        return self._sdk.ml.create(project=project_id, **facts)

    def _project(self, title: str) -> Project | None:
        # Label Studio finds titles that contain this one; more than a page of those is absurd.
        parameters = {"title": title, "page_size": 1000}
        projects = parse_projects(self._json("GET", "api/projects/", params=parameters))
        return next((project for project in projects if project.title == title), None)

    def _update_project(self, project: Project, changed: Mapping[str, str]) -> None:
        try:
            self._sdk.projects.update(project.number, **changed)
        except RefusedError as error:
            raise LabelStudioError(
                f"the screen of project {project.title!r} cannot change under the answers it "
                f"holds: {error.detail}; rename that project in Label Studio, then try again to "
                "get a new one"
            ) from error


_RULE = ("filters", "ordering", "columnsDisplayType")
"""What decides which items a tab shows in which order; the rest is how it looks."""


def _tab_data(tab: ReviewTab) -> JsonObject:
    return {
        "title": tab.title,
        "type": tab.kind.value,
        "target": "tasks",
        "ordering": [tab.order_by],
        # Both keys, or the grid shows a runtime error instead of items.
        "hiddenColumns": {
            "explore": list(tab.hidden_columns),
            "labeling": list(tab.hidden_columns),
        },
        "columnsDisplayType": {
            **{f"tasks:data.{field}": "Number" for field in tab.number_fields},
            **{f"tasks:data.{field}": "Image" for field in tab.picture_fields},
        },
        "filters": {"conjunction": "and", "items": _tab_filters(tab)},
        **(_GRID if tab.kind is TabKind.GRID else {}),
    }


def _tab_filters(tab: ReviewTab) -> list[JsonObject]:
    operator = "greater" if tab.answered else "equal"
    filters = [_filter("total_annotations", operator, "Number", 0)]
    for operator, fields in (
        ("equal", tab.data_equals),
        ("not_equal", tab.data_differs),
        ("contains", tab.data_contains),
    ):
        filters += [
            _filter(f"data.{field}", operator, "String", str(value))
            for field, value in fields.items()
        ]
    return filters


def _filter(column: str, operator: str, kind: str, value: object) -> JsonObject:
    name = f"filter:tasks:{column}"
    return {"filter": name, "operator": operator, "type": kind, "value": value}


def _is_former(known: Tab, tab: ReviewTab) -> bool:
    return known.rule in [tab_rule(_tab_data(former)) for former in tab.replaces]
