"""How often bounds on what is left are wrong, and how low they are: ours and two in common use.

All archives and reviewers are simulated; no film is looked at. First, films drawn at random alone:
ours is asked after every look, the others 50 times. Then campaigns, half of each batch ranked and
half drawn, with kinds of bad films that the detector cannot see until one of the kind is found; all
bounds are asked after every batch.

    python -m benchmarks.certificate.certificate_coverage
    python -m benchmarks.certificate.certificate_coverage --archives 400 --out build/coverage.json
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from backend.base.core.figures import Figure, clopper_pearson
from backend.certificate.core.bound import bad_at_most
from benchmarks.certificate.certificate_trials import (
    FIXED_SIZE_CLEAN,
    Campaigns,
    Drawn,
    Plan,
    draw_find_looks,
    ever_excluded,
    fixed_size_excludes,
    fixed_size_left,
    log_of,
    pooled_excludes,
    rule_of_three_excludes,
    since_last_find,
)

OURS = "radsieve"
FIXED = "exact bound for one look, peeked"
FIXED_ONCE = "the same, looked at once, at the end"
THREE = "rule of three since the last find, peeked"

AUDITS = (
    *[(10_000, 40, 1_000), (10_000, 100, 1_000), (10_000, 100, 5_000), (10_000, 500, 5_000)],
    *[(100_000, 100, 5_000), (100_000, 700, 1_000), (300, 20, 250), (1_000, 5, 900)],
)
"""Films, bad ones, looks; about as many bad ones as the bound, where bounds are tested."""
PEEKS = 50
CAMPAIGNS = (
    Plan(10_000, 10, kinds=10, hidden=0.8),
    Plan(10_000, 100, kinds=10, hidden=0.5),
    Plan(10_000, 100, kinds=40, hidden=0.8),
    Plan(100_000, 100, kinds=10, hidden=0.5),
    Plan(100_000, 1_000, kinds=10, hidden=0.5),
    Plan(100_000, 1_000, kinds=40, hidden=0.8),
)
_MEDIANS_FROM = 400
"""Archives whose k is computed: it takes a bisection each."""

_Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Row:
    """One bound in one design."""

    design: str
    bound: str
    wrong: Figure
    """Share of archives in which it ever was below the truth."""
    median_k: float
    """Bad films left at most, at the end."""
    median_left: float
    """Bad films that were left."""


@click.command()
@click.option("--archives", default=4_000, show_default=True, type=click.IntRange(50))
@click.option("--seed", default=0, show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="JSON.")
def main(archives: int, seed: int, out: Path | None) -> None:
    """Simulate, and print a table."""
    print("| design | bound | ever wrong, 95 % interval | median k | median left |")
    print("|---|---|---|---|---|")
    rows = []
    for row in _rows(archives, seed):
        rows.append(_plain(row))
        print(_line(row), flush=True)
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps({"archives": archives, "seed": seed, "rows": rows}, indent=2))


def _rows(archives: int, seed: int) -> Iterator[Row]:
    streams = iter(np.random.default_rng(seed).spawn(len(AUDITS) + len(CAMPAIGNS)))
    for films, bad, looks in AUDITS:
        yield from _audit_rows((films, bad, looks), archives, next(streams))
    for plan in CAMPAIGNS:
        yield from _campaign_rows(plan, archives, next(streams))


def _audit_rows(
    design: tuple[int, int, int], archives: int, rng: np.random.Generator
) -> Iterator[Row]:
    films, bad, looks = design
    name = f"drawn alone: {films:,} films, {bad:,} bad, {looks:,} looks"
    at = draw_find_looks(films, bad, archives, rng)
    finds = (at <= looks).sum(axis=1)
    latest = np.where(at <= looks, at, 0).max(axis=1)
    left = float(np.median(bad - finds))
    some = [log_of(films, row, looks) for row in at[:_MEDIANS_FROM]]
    # A certificate that is to be withdrawn has said too little; it counts as 0.
    ours = [(bad_at_most(log) or log.found) - log.found for log in some]
    fixed = [fixed_size_left(films, looks, count) for count in finds[:_MEDIANS_FROM].tolist()]
    three = FIXED_SIZE_CLEAN * (films - looks) / np.maximum(looks - latest, 1)
    once = fixed_size_excludes(films, bad, looks, finds)
    peeked, since = _peeked(design, at)
    for bound, wrong, k in (
        (OURS, ever_excluded(films, at, looks), ours),
        (FIXED, peeked, fixed),
        (FIXED_ONCE, once, fixed),
        (THREE, since, three),
    ):
        yield Row(name, bound, _share(wrong), float(np.median(k)), left)


def _peeked(design: tuple[int, int, int], at: NDArray[np.int64]) -> tuple[_Flags, _Flags]:
    """Return where each of the two bounds in common use is ever wrong, asked `PEEKS` times."""
    films, bad, looks = design
    fixed, three = (np.zeros(len(at), np.bool_) for _ in range(2))
    for made in np.linspace(looks / PEEKS, looks, PEEKS).astype(int).tolist():
        finds = (at <= made).sum(axis=1)
        fixed |= fixed_size_excludes(films, bad, made, finds)
        clean = made - np.where(at <= made, at, 0).max(axis=1)
        three |= (bad - finds) * clean > FIXED_SIZE_CLEAN * (films - made)
    return fixed, three


def _campaign_rows(plan: Plan, archives: int, rng: np.random.Generator) -> Iterator[Row]:
    name = (
        f"campaign: {plan.films:,} films, {plan.bad:,} bad of {plan.kinds} kinds, "
        f"{plan.hidden:.0%} of them hidden, {plan.batches} batches of {plan.batch_films}"
    )
    count = min(archives, 1_000)
    campaigns = Campaigns(plan, rng, count)
    fixed, three = (np.zeros(count, np.bool_) for _ in range(2))
    for _ in campaigns.review():
        drawn = Drawn.of(campaigns.looks)
        fixed |= pooled_excludes(drawn, campaigns.unreviewed, campaigns.bad_left)
        three |= rule_of_three_excludes(drawn, campaigns.unreviewed, campaigns.bad_left)
    found = plan.bad - campaigns.bad_left
    k = drawn.left_at_most(found, campaigns.unreviewed)
    ours = drawn.excluded(np.full(count, plan.bad))
    last = FIXED_SIZE_CLEAN * campaigns.unreviewed / np.maximum(since_last_find(drawn), 1)
    left = float(np.median(campaigns.bad_left))
    finds = drawn.hit.sum(axis=0)[:_MEDIANS_FROM].tolist()
    looks, unreviewed = len(drawn.hit), int(campaigns.unreviewed[0])
    pooled = [fixed_size_left(unreviewed + looks, looks, some) for some in finds]
    yield Row(name, OURS, _share(ours), float(np.median(k)), left)
    yield Row(name, FIXED, _share(fixed), float(np.median(pooled)), left)
    yield Row(name, THREE, _share(three), float(np.median(last)), left)


def _share(wrong: _Flags) -> Figure:
    return clopper_pearson(int(wrong.sum()), len(wrong))


def _line(row: Row) -> str:
    wrong = row.wrong
    return (
        f"| {row.design} | {row.bound} | {wrong.value:.3f} ({wrong.low:.3f}-{wrong.high:.3f}) | "
        f"{row.median_k:,.0f} | {row.median_left:,.0f} |"
    )


def _plain(row: Row) -> dict[str, Any]:
    return asdict(row)


if __name__ == "__main__":
    main()
