"""`radsieve rank`: write the films to look at next as a table."""

import secrets
from collections import Counter
from pathlib import Path

import click

from backend.base.adapters.workspace import Workspace
from backend.review.loop.prediction_list import write_ranking
from backend.review.loop.rank import rank
from scripts._command import Outcome, workspace_command
from tasks import detector_task


@click.option("--seed", type=int, help="Seed of the audit draw; random by default.")
@click.option(
    "--strategy",
    metavar="NAME",
    help="A strategy of docs/ranking.md; default: setting ranking_strategy.",
)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "-n", "count", type=click.IntRange(min=1), help="Number of films; default: setting batch_films."
)
@click.argument("name", metavar="TASK")
@workspace_command
def COMMAND(  # noqa: PLR0913, PLR0917 - one per option
    workspace: Workspace,
    name: str,
    count: int | None,
    out: Path,
    seed: int | None,
    strategy: str | None,
) -> Outcome:
    """Write the films to look at next, with the reason for each; Label Studio gets nothing."""
    picks = rank(
        workspace,
        detector_task(name),
        count=count or workspace.settings.batch_films,
        seed=secrets.randbits(48) if seed is None else seed,
        strategy=strategy,
    )
    write_ranking(workspace.database, picks, out, paths=workspace.settings.paths)
    slices = Counter(pick.slice.value for pick in picks)
    summary = ", ".join(f"{number} {name}" for name, number in slices.items())
    return Outcome(
        f"wrote {len(picks)} films to {out}: {summary or 'none are left to look at'}",
        {"films": len(picks), "slices": dict(slices), "out": str(out)},
    )
