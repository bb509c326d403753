"""Programs that a killed `radsieve up` left running, which hold its ports or the processor.

They are ended without asking: they are known by number and moment of their start to be those of
this workspace, nobody can review with them, and Ctrl-C would have ended them the same way.
"""

from collections.abc import Sequence
from pathlib import Path

from backend.base.adapters.started_programs import (
    StartedProgram,
    end_programs,
    forget_ended,
    left_over,
)
from backend.base.core.words import listed


def named_programs(programs: Sequence[StartedProgram]) -> str:
    """Return programs with their process numbers, as a list in a sentence."""
    return listed([f"{program.name} (process {program.pid})" for program in programs])


def end_leftovers(root: Path) -> str:
    """End what was left running in a workspace, and return a sentence on it; empty for nothing.

    Args:
        root: the folder of the workspace.
    """
    left = left_over(root)
    end_programs(left)
    forget_ended(root)
    stay = left_over(root) if left else []
    ended = [program for program in left if program not in stay]
    return "; ".join(sentence for sentence in (_ended(ended), _stay(stay)) if sentence)


def _ended(ended: Sequence[StartedProgram]) -> str:
    if not ended:
        return ""
    ran, are = ("programs", "were") if len(ended) > 1 else ("a program", "was")
    return (
        f"ended {ran} that an earlier `radsieve` had started here and that {are} left running when "
        f"it was killed: {named_programs(ended)}"
    )


def _stay(stay: Sequence[StartedProgram]) -> str:
    if not stay:
        return ""
    return f"cannot end what another user started here, so end it yourself: {named_programs(stay)}"
