"""The reference page, made from the code: detector tasks, settings, commands.

`make docs` writes it; a test fails when it is out of date.
"""

from pathlib import Path

import click

from backend.base.adapters.settings import Settings
from backend.base.core.detector_task import LearntFrom
from scripts import main
from tasks import load_detector_tasks

_TEACHERS = {
    LearntFrom.MADE_FILMS: "made from the films",
    LearntFrom.ANSWERS: "from people, reports or a table",
    LearntFrom.RULE: "a rule, from the metadata",
    LearntFrom.OTHERS: "from the other detectors and people",
}
REFERENCE = Path("docs") / "reference.md"


def reference_markdown() -> str:
    """Return the whole page."""
    parts = [
        "# Reference",
        "Made from the code by `make docs`; change the code, not this page.",
        "## Detector tasks",
        task_table(),
        "## Settings",
        "In `radsieve.toml` in the workspace, or as environment variables (which win).",
        settings_table(),
        "## Commands",
        *_command_sections(),
    ]
    return "\n\n".join(parts) + "\n"


def task_table() -> str:
    """Return one row per file in `tasks/`."""
    rows = [
        f"| `{task.name}` | {task.question} | {', '.join(f'`{label}`' for label in task.labels)} | "
        f"{_TEACHERS[task.learnt_from]} |"
        for task in load_detector_tasks().values()
    ]
    head = "| task | question | labels (the first is expected) | labels come |"
    return "\n".join([head, "|---|---|---|---|", *rows])


def settings_table() -> str:
    """Return one row per setting."""
    rows = [
        f"| `{name}` | `RADSIEVE_{name.upper()}` | "
        f"{f'`{field.default}`' if field.default != '' else 'empty'} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| setting | variable | default | meaning |", "|---|---|---|---|", *rows])


def _command_sections() -> list[str]:
    context = click.Context(
        main,
        info_name="radsieve",
        terminal_width=80,
        max_content_width=80,
        **main.context_settings,
    )
    sections = []
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        if command:
            inner = click.Context(command, parent=context, info_name=name)
            help_text = command.get_help(inner)
            sections.append(f"### radsieve {name}\n\n```text\n{help_text}\n```")
    return sections


if __name__ == "__main__":
    REFERENCE.write_text(reference_markdown())
