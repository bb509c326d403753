"""One after the other: drawing films for review, and recording what somebody said of films."""

from contextlib import AbstractContextManager
from pathlib import Path

from backend.base.adapters.lock import in_turn


def review_turn(root: Path) -> AbstractContextManager[None]:
    """Wait until no other process draws films or records looks, and keep the others out.

    A push reads what was looked at and then draws: whoever labels films in between would make that
    draw worthless for the certificate. So who labels films that wait on no item takes the time of
    the labels within the turn, too.

    Args:
        root: the folder of the workspace.
    """
    return in_turn(root / "label-studio.lock")
