"""Where a workspace stands in the loop, and which command comes next; nothing is changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.archive.adapters.catalogue import count_films
from backend.base.adapters.identity import is_workspace
from backend.base.adapters.started_programs import WORKER, stack_of, started_by
from backend.base.adapters.workspace import Workspace
from backend.base.core.ledger import EventKind
from backend.detectors.adapters.versions.registry import published_version
from backend.labels.adapters.ledger_store import row_count
from backend.review.adapters.answer_store import answer_count
from backend.review.adapters.batch_store import waiting_items
from backend.service.loop.addresses import start_url


@dataclass(frozen=True, slots=True)
class LoopStage:
    """How far a workspace has come round the loop."""

    films: int = 0
    detectors_in_use: Sequence[str] = ()
    """Detector tasks with a published version."""
    items_waiting: int = 0
    """Items that wait for a reviewer."""
    items_answered: int = 0
    exports: int = 0
    begin_at: str = ""
    """Address of the start page; empty where `radsieve up` does not run here."""
    is_open: bool = False
    """Whether what `radsieve up` prepares is done, and films can be reviewed there."""

    @property
    def next_step(self) -> str:
        """The command that comes next, and why, as a sentence."""
        if self.begin_at:
            return self._next_beside_up()
        if not self.films:
            return (
                "`radsieve up /my/films` does everything until you can review; without films of "
                "yours, `radsieve up` shows it on phantoms"
            )
        if not self.detectors_in_use:
            return "`radsieve up` trains the detectors and opens the review"
        if self.items_waiting or not self.items_answered:
            return "`radsieve up` trains what is not trained yet, and opens the review"
        if not self.exports:
            return (
                "`radsieve audit` says how many bad films may be left, `radsieve export --out "
                "lists` writes the lists, and `radsieve up` reviews more films"
            )
        return "`radsieve up` reviews more films, `radsieve export --out lists` writes new lists"

    def _next_beside_up(self) -> str:
        if not self.is_open:
            return (
                f"wait: `radsieve up` runs and prepares the review; see how far at {self.begin_at}"
            )
        if self.items_waiting or not self.items_answered:
            return f"review at {self.begin_at}: `radsieve up` runs"
        lists = "new lists" if self.exports else "the lists"
        return (
            "`radsieve audit` says how many bad films may be left, `radsieve export --out lists` "
            f"writes {lists}; `radsieve up` runs, and more films come at {self.begin_at}"
        )


def loop_stage(root: Path, tasks: Sequence[str]) -> LoopStage:
    """Read how far a workspace has come; where there is none, none is made.

    Args:
        root: folder of the workspace.
        tasks: names of the detector tasks.
    """
    return stage_of(Workspace(root), tasks) if is_workspace(root) else LoopStage()


def stage_of(workspace: Workspace, tasks: Sequence[str]) -> LoopStage:
    """Return how far an open workspace has come; see `loop_stage`."""
    engine, runs = workspace.database, stack_of(workspace.root)
    beside = started_by(workspace.root, runs) if runs else []
    return LoopStage(
        films=count_films(engine),
        detectors_in_use=tuple(name for name in tasks if published_version(engine, name)),
        items_waiting=sum(one.items for one in waiting_items(engine)),
        items_answered=answer_count(engine),
        exports=row_count(engine, EventKind.EXPORT),
        begin_at=start_url(workspace.settings) if runs else "",
        is_open=any(program.name == WORKER for program in beside),
    )
