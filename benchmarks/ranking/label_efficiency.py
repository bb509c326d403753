"""How many films have to be looked at until the bad ones are found, by how films are chosen.

An archive of 4,000 films in which one film in so many is bad, strange but good films that compete
as outliers, an oracle for a reviewer, a linear head on frozen features, every arm in one run on the
same draws. Intervals: 95 %, bootstrap over seeds. Films in the plot: none.

    python -m benchmarks.ranking.label_efficiency RADIOGRAPHS --out build/labels
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch

from benchmarks.detectors.card import FIGURES
from benchmarks.ranking.label_archive import Archive, load_archive
from benchmarks.ranking.label_arms import arms
from benchmarks.ranking.label_campaign import (
    CERTIFIED_AT,
    FILMS,
    JUDGED_AT,
    QUESTIONS,
    Oracle,
    Outcome,
    draw_world,
    run,
)
from benchmarks.ranking.label_plot import plot_svg

RATES = (50, 500, 2000)
SHARES = (0.9, 0.99, 1.0)
EARLY = (50, 100)
_ROUNDS = 2000

Runs = dict[str, list[dict[str, Any]]]
"""By arm, what came of each seed."""


@click.command()
@click.argument("radiographs", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--seeds", default=20, type=click.IntRange(min=1))
@click.option("--rate", "rates", type=int, multiple=True, default=RATES, help="One bad film in N.")
@click.option("--arm", "only", multiple=True, help="By name; may be repeated; default: all.")
@click.option("--slips", default=0.0, help="Share of bad films that the reviewer calls good.")
@click.option("--false-alarms", default=0.0, help="Share of good films called bad.")
@click.option("--figures/--no-figures", default=False, help="Write docs/figures.")
def main(  # noqa: PLR0913, PLR0917 - one for each option
    radiographs: Path,
    out: Path,
    seeds: int,
    rates: tuple[int, ...],
    only: tuple[str, ...],
    slips: float,
    false_alarms: float,
    figures: bool,
) -> None:
    """Print one table per question and rate; RADIOGRAPHS holds nih_chest/ and the other folders.

    What is in OUT already is not run again: a run that was stopped goes on with the next seed.
    """
    torch.set_num_threads(1)
    archive = load_archive(radiographs.resolve(), out)
    makers = {name: make for name, make in arms().items() if not only or name in only}
    oracle = Oracle(slips, false_alarms)
    kept = out / f"runs-slips-{slips}-{false_alarms}.json"
    found = _kept_runs(kept, [f"{q}, 1 in {n}" for q in QUESTIONS for n in rates], list(makers))
    for seed in range(_seeds_of(found), seeds):
        _add_seed(archive, makers, oracle, seed, found)
        kept.write_text(json.dumps(found))
        print(f"seed {seed + 1} of {seeds}", flush=True)
    seeds = _seeds_of(found)
    tables = {name: _summary(runs) for name, runs in found.items()}
    for name, rows in tables.items():
        print("\n".join(_table(name, rows)))
    facts = {"films": FILMS, "seeds": seeds, "slips": slips, "false_alarms": false_alarms}
    careful = not (slips or false_alarms)
    path = (FIGURES if figures else out) / f"label_efficiency{'' if careful else '_slips'}.json"
    text = json.dumps({**facts, "interval": "bootstrap over seeds", "tables": tables}, indent=1)
    path.write_text(text + "\n")
    if careful:
        path.with_suffix(".svg").write_text(plot_svg(found))


def _kept_runs(path: Path, names: Sequence[str], wanted: Sequence[str]) -> dict[str, Runs]:
    """Return what an earlier call kept, where it asked the same of the same arms; else nothing."""
    if path.exists():
        kept: dict[str, Runs] = json.loads(path.read_text())
        if list(kept) == list(names) and all(list(runs) == list(wanted) for runs in kept.values()):
            return kept
    return {name: {} for name in names}


def _seeds_of(found: Mapping[str, Runs]) -> int:
    return min((len(some) for runs in found.values() for some in runs.values()), default=0)


def _add_seed(
    archive: Archive,
    makers: Mapping[str, Callable[[], Any]],
    oracle: Oracle,
    seed: int,
    found: dict[str, Runs],
) -> None:
    """Run every arm on the same archive, for every question and rate."""
    for name, runs in found.items():
        question, rate = name.rsplit(", 1 in ", 1)
        world = draw_world(archive, question, int(rate), np.random.default_rng([seed, int(rate)]))
        for arm, make in makers.items():
            outcome = run(world, make(), oracle, np.random.default_rng([seed, int(rate), 1]))
            runs.setdefault(arm, []).append(_plain(outcome))


def _plain(outcome: Outcome) -> dict[str, Any]:
    return {
        "found_after": outcome.found_after.tolist(),
        "auprc": {str(labels): value for labels, value in outcome.auprc.items()},
        "at_most": outcome.at_most,
        "bad": len(outcome.found_after),
        "left": len(outcome.found_after) - outcome.found_within(CERTIFIED_AT),
        **{f"until {share:.0%}": outcome.looks_until(share) for share in SHARES},
        **{f"in {looks}": outcome.found_within(looks) for looks in EARLY},
    }


def _summary(runs: Runs) -> dict[str, dict[str, Any]]:
    return {arm: _arm_summary(of_seeds) for arm, of_seeds in runs.items()}


def _arm_summary(of_seeds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    medians = {key: [one[key] for one in of_seeds] for key in (f"until {s:.0%}" for s in SHARES)}
    means = {key: [one[key] for one in of_seeds] for key in (f"in {looks}" for looks in EARLY)}
    judged = {f"auprc at {n}": [one["auprc"][str(n)] for one in of_seeds] for n in JUDGED_AT}
    found: dict[str, Any] = {"bad": of_seeds[0]["bad"]}
    found |= {key: _interval(values, np.median) for key, values in medians.items()}
    found |= {key: _interval(values, np.mean) for key, values in (means | judged).items()}
    said = [one for one in of_seeds if one["at_most"] is not None]
    if said:
        found["at most"] = _interval([one["at_most"] for one in said], np.median)
        found["certificates wrong"] = sum(one["left"] > one["at_most"] for one in said)
    return found


def _interval(values: Sequence[float], of: Callable[..., Any]) -> list[float]:
    """Return the figure and its 95 % limits, by bootstrap over seeds."""
    rng, known = np.random.default_rng(0), np.asarray(values, dtype=np.float64)
    again = of(known[rng.integers(len(known), size=(_ROUNDS, len(known)))], axis=1)
    return [round(float(one), 4) for one in (of(known), *np.quantile(again, (0.025, 0.975)))]


def _table(name: str, rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    columns = [
        *(f"in {looks}" for looks in EARLY),
        *(f"until {share:.0%}" for share in SHARES),
        "auprc at 100",
        "at most",
    ]
    bad = next(iter(rows.values()))["bad"]
    lines = [f"\n{name} ({bad} bad of {FILMS})", "", f"| arm | {' | '.join(columns)} |"]
    lines.append("|---" * (len(columns) + 1) + "|")
    for arm, row in rows.items():
        lines.append(f"| {arm} | {' | '.join(_cell(row.get(key), key) for key in columns)} |")
    return lines


def _cell(figure: Sequence[float] | None, key: str) -> str:
    if figure is None:
        return "-"
    digits = 3 if "auprc" in key else 1 if key.startswith("in ") else 0
    value, low, high = (f"{one:,.{digits}f}" for one in figure)
    return f"{value} ({low}-{high})"


if __name__ == "__main__":
    main()
