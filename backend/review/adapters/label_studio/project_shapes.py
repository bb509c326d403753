"""Projects and their tabs in Label Studio's JSON, as types; recorded from Label Studio 1.23.2."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.review.adapters.label_studio.json_fields import (
    JsonObject,
    as_object,
    list_in,
    number_in,
    text_in,
    text_or_none,
)


@dataclass(frozen=True, slots=True)
class Project:
    """A project as it is in Label Studio."""

    number: int
    title: str
    label_config: str
    """The labelling screen, XML."""
    expert_instruction: str
    """What a reviewer reads before the first item."""
    description: str
    """What stands below the title in the list of projects."""
    model_version: str
    """The version by which items are ordered and pre-annotated; empty for none."""


def parse_project(raw: object) -> Project:
    """Return a project.

    Raises:
        LabelStudioError: a field that each project has is missing, or has another form.
    """
    project = as_object(raw, "a project")
    return Project(
        number=number_in(project, "id"),
        title=text_in(project, "title"),
        label_config=text_in(project, "label_config"),
        expert_instruction=text_or_none(project.get("expert_instruction")) or "",
        description=text_or_none(project.get("description")) or "",
        model_version=text_or_none(project.get("model_version")) or "",
    )


def parse_projects(raw: object) -> list[Project]:
    """Return the projects of a page.

    Raises:
        LabelStudioError: it is no page of projects.
    """
    return [parse_project(one) for one in list_in(as_object(raw, "a page of projects"), "results")]


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of a project's Data Manager, as it is in Label Studio."""

    number: int
    data: JsonObject
    """Everything that makes up the tab; it is sent back whole when a part of it changes."""

    @property
    def title(self) -> str:
        """What people read on the tab."""
        return text_or_none(self.data.get("title")) or ""

    @property
    def rule(self) -> tuple[object, ...]:
        """Filter and order of the tab, without what Label Studio adds to them."""
        return tab_rule(self.data)


def parse_tabs(raw: object) -> list[Tab]:
    """Return the tabs of a project.

    Raises:
        LabelStudioError: it is no list of tabs.
    """
    tabs = [as_object(one, "a tab") for one in list_in({"tabs": raw}, "tabs")]
    return [Tab(number_in(one, "id"), as_object(one.get("data"), "a tab's data")) for one in tabs]


def tab_rule(data: JsonObject) -> tuple[object, ...]:
    """Return filter and order from a tab's data; the same rule shows the same items."""
    filters = data.get("filters")
    filters = filters if isinstance(filters, Mapping) else {}
    ordering = data.get("ordering")
    items = [as_object(item, "a filter") for item in list_in(filters, "items")]
    rows = [
        tuple(str(item.get(key)) for key in ("filter", "operator", "type", "value"))
        for item in items
    ]
    return filters.get("conjunction"), sorted(rows), ordering or []
