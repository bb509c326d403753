"""`radsieve review-folder`: review in a file explorer, by moving films between folders."""

from pathlib import Path
from typing import Literal, TypedDict, Unpack

import click

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.doing import Doing
from backend.base.core.errors import NothingPublishedError
from backend.detectors.adapters.versions.registry import published_version
from backend.review.core.folder_review import Counts
from backend.review.loop.folder_review import InReport, OutReport, PutOut, put_out, read_in
from scripts._command import Outcome, progress_bar, workspace_command
from scripts._film_names import with_file_names
from tasks import detector_task, load_detector_tasks


class _Options(TypedDict):
    judged_too: bool
    link: bool
    large: bool
    reviewer: str | None
    accept_unmoved: bool


@click.option(
    "--accept-unmoved",
    is_flag=True,
    help="in: you looked at the films that stayed in their folders, and the predictions are right.",
)
@click.option("--reviewer", metavar="NAME", help="in: a pseudonym, never a real name.")
@click.option("--large", is_flag=True, help="out: pictures of 1024 pixels instead of 412.")
@click.option(
    "--link",
    is_flag=True,
    help="out: link to the films' own files, where these are PNG or JPEG that any viewer shows "
    "unchanged. A link shows the name of the file.",
)
@click.option(
    "--all", "judged_too", is_flag=True, help="out: also films that a reviewer has judged."
)
@click.argument("names", metavar="[TASK]...", nargs=-1)
@click.argument("target", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("direction", type=click.Choice(["out", "in"]))
@workspace_command
def COMMAND(
    workspace: Workspace,
    direction: Literal["out", "in"],
    target: Path,
    names: tuple[str, ...],
    **options: Unpack[_Options],
) -> Outcome:
    """Review in a file explorer: move a film into the folder of its true label.

    `out` puts the films that the published detectors flag into DIR/TASK/LABEL; file names sort the
    most doubtful film first. Without TASK it takes all detectors. DIR must not lie among the films.

    `in` records the folder of each moved film as its label: of all films, or of none. A film that
    stayed in its folder counts as not reviewed, unless --accept-unmoved; so does a deleted film.

    A certificate does not count these labels as looks, because nobody measured how long a film was
    looked at.
    """
    if direction == "out":
        _refuse(
            options["reviewer"] is not None or options["accept_unmoved"],
            "`in` alone takes --reviewer and --accept-unmoved",
        )
        how = PutOut(options["judged_too"], options["link"], options["large"])
        return _out(workspace, target, names, how)
    _refuse(
        options["judged_too"] or options["link"] or options["large"] or bool(names),
        "`out` alone takes TASK, --all, --link and --large",
    )
    report = read_in(
        workspace,
        load_detector_tasks(),
        target,
        reviewer=options["reviewer"],
        accept_unmoved=options["accept_unmoved"],
    )
    return Outcome(_in_text(report), _in_facts(report))


def _refuse(wrong: bool, why: str) -> None:
    if wrong:
        raise click.UsageError(why)


def _out(workspace: Workspace, target: Path, names: tuple[str, ...], how: PutOut) -> Outcome:
    chosen = [detector_task(name) for name in dict.fromkeys(names)] or _published(workspace)
    with progress_bar(Doing.PUT_OUT) as progress:
        report = put_out(workspace, chosen, target, how, progress=progress)
    text = with_file_names(workspace, _out_text(report, target))
    return Outcome(text, _out_facts(report, target))


def _published(workspace: Workspace) -> list[DetectorTask]:
    tasks = [
        task
        for task in load_detector_tasks().values()
        if task.answer is AnswerKind.CHOICE and published_version(workspace.database, task.name)
    ]
    if not tasks:
        raise NothingPublishedError(
            "no detector task has a published model version; train one with `radsieve train TASK`"
        )
    return tasks


def _out_text(report: OutReport, target: Path) -> str:
    counts = ", ".join(f"{count} for {name}" for name, count in report.films.items())
    lines = [f"put {sum(report.films.values())} films into {target}: {counts}"]
    if report.unreadable:
        film, why = next(iter(report.unreadable.items()))
        lines.append(
            f"left out {len(report.unreadable)} flagged films that cannot be shown, such as "
            f"{film}: {why}"
        )
    lines.append(
        "move films into the folder of the label they have, then run "
        f"`radsieve review-folder in {target}`"
    )
    return "\n".join(lines)


def _out_facts(report: OutReport, target: Path) -> dict[str, object]:
    return {
        "round": report.round_id,
        "films": dict(report.films),
        "linked": report.linked,
        "unreadable": len(report.unreadable),
        "out": str(target),
    }


def _in_text(report: InReport) -> str:
    changes = report.changes
    lines = [f"{name}: {_count_text(counts)}" for name, counts in report.counts.items()]
    lines.append(
        f"{changes.added} labels added, {changes.withdrawn} withdrawn, {changes.already} had been "
        "read before"
    )
    return "\n".join(lines)


def _count_text(counts: Counts) -> str:
    return (
        f"{counts.moved} moved, {counts.accepted} accepted unmoved, {counts.unmoved} not "
        f"reviewed, {counts.deleted} deleted (not reviewed)"
    )


def _in_facts(report: InReport) -> dict[str, object]:
    fates = {
        name: {fate: getattr(counts, fate) for fate in Counts.__dataclass_fields__}
        for name, counts in report.counts.items()
    }
    return {
        "round": report.round_id,
        "tasks": fates,
        "added": report.changes.added,
        "withdrawn": report.changes.withdrawn,
        "already": report.changes.already,
    }
