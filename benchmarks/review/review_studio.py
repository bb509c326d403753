"""A Label Studio of its own for a benchmark, on a free port, gone with its folder."""

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.base.adapters.workspace import Workspace
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.label_studio.server import ServerPlan, start_label_studio


@dataclass(frozen=True, slots=True)
class OwnStudio:
    """A running Label Studio and how to enter it."""

    client: LabelStudio
    plan: ServerPlan


@contextmanager
def own_label_studio(workspace: Workspace, folder: Path) -> Iterator[OwnStudio]:
    """Run a Label Studio that may show the workspace's review pictures, and stop it at the end.

    Args:
        workspace: whose pictures are shown.
        folder: for the database and the log; an empty one costs half a minute at the start.
    """
    plan = ServerPlan(
        data_dir=folder,
        document_root=workspace.review.parent,
        username="reviewer@example.com",
        password=secrets.token_hex(16),
        token=secrets.token_hex(20),
        log_path=folder.parent / "label-studio.log",
        port=free_port(),
    )
    with start_label_studio(plan) as server:
        yield OwnStudio(LabelStudio(server.url, plan.token), plan)


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
