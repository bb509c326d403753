"""`radsieve work`: run the worker, which reads answers and retrains."""

from backend.base.adapters.workspace import Workspace
from backend.service.loop.worker import run_worker
from scripts._command import Outcome, workspace_command
from tasks import load_detector_tasks


@workspace_command
def COMMAND(workspace: Workspace) -> Outcome:
    """Read reviewers' answers, and retrain when there are enough, until stopped."""
    run_worker(workspace, load_detector_tasks())
    return Outcome("the worker has stopped")
