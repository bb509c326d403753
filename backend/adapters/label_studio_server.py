"""Label Studio as a child process: started with no outbound traffic, stopped without a trace."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServerPlan:
    """Where a Label Studio runs and who may enter."""

    data_dir: Path
    """Its database and secrets; made where it is missing."""
    document_root: Path
    """Files below its subfolders can be shown; the root itself cannot be a storage."""
    username: str
    password: str
    token: str
    """Legacy token of that user, 40 hex digits."""
    log_path: Path
    host: str = "127.0.0.1"
    port: int = 8080
    extra_env: Mapping[str, str] | None = None


def start_label_studio(
    plan: ServerPlan, *, on_wait: Callable[[float], None] = lambda _seconds: None
) -> "RunningServer":
    """Start the server and wait until it answers; the first start takes about half a minute.

    Args:
        plan: where and how.
        on_wait: called about once a second with the seconds waited so far.

    Raises:
        PortTakenError: the port is used by another program.
        LabelStudioError: it is not installed, or it ended or hung before it answered.
    """
    raise NotImplementedError


class RunningServer:
    """A started Label Studio; a context manager that stops it."""

    url: str
    pid: int

    def stop(self) -> None:
        """End the server and everything it started; a second call does nothing."""
        raise NotImplementedError
