"""What is wrong with a workspace and where it runs, and what to do about it."""

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TypeVar

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from sqlalchemy import Engine

from backend.base.adapters.identity import refuse_no_workspace
from backend.base.adapters.ports import reached, refuse_taken_port
from backend.base.adapters.rights import close_to_others, open_to_others
from backend.base.adapters.settings import Settings, load_settings
from backend.base.adapters.started_programs import left_over, stack_of, started_by
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import PortTakenError, RadsieveError
from backend.review.adapters.label_studio.check import Wanted, check_label_studio
from backend.review.adapters.label_studio.server import answers_health
from backend.review.loop.studio.connect import open_label_studio
from backend.service.loop.leftovers import end_leftovers, named_programs
from backend.service.loop.stack import ml_backend

Value = TypeVar("Value")

LEAST_FREE_BYTES = 2**30
"""Less room is wrong: pictures of a batch, a model version and Label Studio's database need some
hundred megabytes."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found."""

    check: str
    ok: bool
    what: str
    fix: str = ""
    """What to do; empty where all is well."""
    mend: Callable[[], str] | None = None
    """Puts it right, and returns what was done; None where a person has to."""


def examine(root: Path, check_ledger: Callable[[Workspace], object]) -> Iterator[Finding]:
    """Yield what each check finds; where one makes later ones pointless, they are left out.

    Args:
        root: the folder of the workspace.
        check_ledger: raises a `RadsieveError` where evidence is not as it was written down.

    Raises:
        NoWorkspaceError: there is none.
    """
    refuse_no_workspace(root)
    yield _versions()
    yield _room(root)
    yield _rights(root)
    yield _programs(root)
    known = "every setting is known and possible"
    finding, settings = _tried("settings", lambda: load_settings(root), known)
    yield finding
    belong = "database, secrets, thumbnails and ledger belong together"
    finding, workspace = _tried("identity", lambda: Workspace(root), belong)
    yield finding
    if settings and workspace:
        yield from _evidence(workspace, check_ledger)
        yield from _servers(settings)
        yield from _label_studio(workspace, settings)


def mended(finding: Finding) -> Finding:
    """Put right what a check found, where that can be done without a person."""
    if finding.ok or finding.mend is None:
        return finding
    return replace(finding, ok=True, what=finding.mend(), fix="", mend=None)


def _tried(check: str, attempt: Callable[[], Value], all_well: str) -> tuple[Finding, Value | None]:
    try:
        value = attempt()
    except RadsieveError as error:
        return _of_error(check, error), None
    return Finding(check, True, all_well), value


def _of_error(check: str, error: RadsieveError) -> Finding:
    """Take apart what errors say: what was expected and came, and after that what to do."""
    what, _, fix = " ".join(str(error).split()).partition("; ")
    return Finding(check, False, what, fix)


def _versions() -> Finding:
    ours = metadata.metadata("radsieve")
    python = ".".join(map(str, sys.version_info[:3]))
    wrong = [] if SpecifierSet(ours["Requires-Python"] or "").contains(python) else ["python"]
    for line in metadata.requires("radsieve") or ():
        wanted = Requirement(line)
        if (wanted.marker is None or wanted.marker.evaluate({"extra": ""})) and _lacks(wanted):
            wrong.append(str(wanted))
    what = f"radsieve {ours['Version']} on Python {python}"
    if wrong:
        fix = "install radsieve anew, with what `requirements.lock` names"
        return Finding("versions", False, f"{what} does not fit {', '.join(wrong)}", fix)
    return Finding("versions", True, what)


def _lacks(wanted: Requirement) -> bool:
    try:
        return not wanted.specifier.contains(metadata.version(wanted.name), prereleases=True)
    except metadata.PackageNotFoundError:
        return True


def _room(root: Path) -> Finding:
    free = shutil.disk_usage(root).free
    what = f"{free / 2**30:,.1f} GiB are free where the workspace lies"
    if free < LEAST_FREE_BYTES:
        fix = f"free some room: at least {LEAST_FREE_BYTES / 2**30:.0f} GiB"
        return Finding("disk", False, what, fix)
    return Finding("disk", True, what)


def _rights(root: Path) -> Finding:
    found = open_to_others(root)
    if not found:
        return Finding("rights", True, "nobody but you can read the workspace")

    def close() -> str:
        return f"took the rights of others from {close_to_others(root):,} files and folders"

    first = found[0].relative_to(root.parent)
    what = f"others than you have rights to {len(found):,} files or folders, such as {first}"
    return Finding("rights", False, what, "run `radsieve doctor --mend`", close)


def _programs(root: Path) -> Finding:
    left, runs = left_over(root), stack_of(root)
    if left:
        what = f"{named_programs(left)} still run, and what started them was killed"
        fix = "run `radsieve doctor --mend`, or `radsieve up`, which ends them as well"
        return Finding("programs", False, what, fix, lambda: end_leftovers(root))
    if runs:
        others = named_programs(started_by(root, runs))
        return Finding("programs", True, f"{named_programs([runs])} runs {others}")
    return Finding("programs", True, "no `radsieve up` runs here, and none has left anything over")


def _evidence(
    workspace: Workspace, check_ledger: Callable[[Workspace], object]
) -> Iterator[Finding]:
    yield _tried("database", lambda: _check_pages(workspace.database), "no page is damaged")[0]
    holds = "no row was changed, and what it tells of is as it says"
    yield _tried("ledger", lambda: check_ledger(workspace), holds)[0]


def _check_pages(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if said != "ok":
            raise RadsieveError(
                f"the database is damaged: {said}; restore the workspace from a backup"
            )


def _servers(settings: Settings) -> Iterator[Finding]:
    backend = (settings.backend_port, "the ML backend", "RADSIEVE_BACKEND_PORT")
    studio = (settings.label_studio_port, "Label Studio", "RADSIEVE_LABEL_STUDIO_PORT")
    for port, who, setting in (backend, studio):
        where = f"port {port}"
        if answers_health(f"http://{reached(settings.host)}:{port}"):
            yield Finding("ports", True, f"{who} answers at {where}")
            continue
        try:
            refuse_taken_port(settings.host, port, who, setting)
        except PortTakenError as error:
            yield _of_error("ports", error)
        else:
            yield Finding("ports", True, f"{where} is free for {who}")


def _label_studio(workspace: Workspace, settings: Settings) -> Iterator[Finding]:
    name = "label studio"
    try:
        studio = open_label_studio(workspace.root, settings)
    except RadsieveError as error:
        yield _of_error(name, error)
        return
    if studio is None:
        runs = stack_of(workspace.root)
        how = f"`{runs.name}` runs and connects its own" if runs else "`radsieve up` starts one"
        yield Finding(name, True, f"none is connected yet: {how}")
    elif not answers_health(studio.url):
        yield Finding(name, True, f"does not run at {studio.url}: token and flags were not checked")
    else:
        wanted = Wanted(ml_backend(settings, workspace.secrets).url, workspace.review)
        for found in check_label_studio(studio, wanted):
            yield Finding(name, found.ok, found.what, " ".join(found.fix.split()))
