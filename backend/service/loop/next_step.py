"""Where a workspace stands in the loop, and which command comes next; nothing is changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import count_films
from backend.base.adapters.identity import is_workspace
from backend.base.adapters.workspace import Workspace
from backend.base.core.ledger import EventKind
from backend.detectors.adapters.versions.registry import published_version
from backend.labels.adapters.ledger_store import row_count
from backend.review.adapters.answer_store import answer_count
from backend.review.adapters.batch_store import waiting_items


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

    @property
    def next_step(self) -> str:
        """The command that comes next, and why, as a sentence."""
        if not self.films:
            return (
                "`radsieve up /my/films` does everything until you can review; without films of "
                "yours, `radsieve up` shows it on phantoms"
            )
        if not self.detectors_in_use:
            return "`radsieve up` trains the detectors and opens the review"
        if self.items_waiting or not self.items_answered:
            return "`radsieve up` opens the review"
        if not self.exports:
            return (
                "`radsieve audit` says how many bad films may be left, `radsieve export --out "
                "lists` writes the lists, and `radsieve up` reviews more films"
            )
        return "`radsieve up` reviews more films, `radsieve export --out lists` writes new lists"


def loop_stage(root: Path, tasks: Sequence[str]) -> LoopStage:
    """Read how far a workspace has come; where there is none, none is made.

    Args:
        root: folder of the workspace.
        tasks: names of the detector tasks.
    """
    return stage_of(Workspace(root).database, tasks) if is_workspace(root) else LoopStage()


def stage_of(engine: Engine, tasks: Sequence[str]) -> LoopStage:
    """Return how far the workspace of a database has come; see `loop_stage`."""
    return LoopStage(
        films=count_films(engine),
        detectors_in_use=tuple(name for name in tasks if published_version(engine, name)),
        items_waiting=sum(one.items for one in waiting_items(engine)),
        items_answered=answer_count(engine),
        exports=row_count(engine, EventKind.EXPORT),
    )
