"""Faults for real, and what must be true after each: `make faults` does all, CI a part.

RADSIEVE_FAULTS is `whole`, `rest` (what a whole run that was stopped has not done), or seeds with
commas; without it, a few rounds are done. See docs/reliability.md.
"""

import os
import sqlite3
from contextlib import closing

import pytest
from shared_fixtures.faults.injections import inject
from shared_fixtures.faults.results import Results, read_results
from shared_fixtures.faults.table import WHOLE, first_seeds, round_of, short_seeds

pytestmark = [pytest.mark.slow, pytest.mark.trains, pytest.mark.studio, pytest.mark.timeout(1500)]

ASKED = os.environ.get("RADSIEVE_FAULTS", "")


def asked_seeds():
    if ASKED in {"whole", "rest"}:
        done = read_results() if ASKED == "rest" else {}
        # Each fault once before any comes again, so that a run that is stopped has tried them all.
        seeds = dict.fromkeys([*first_seeds().values(), *range(WHOLE)])
        return [seed for seed in seeds if seed not in done]
    return [int(seed) for seed in ASKED.split(",")] if ASKED else short_seeds()


@pytest.fixture(scope="session")
def results():
    """Where outcomes are written down: those of a whole run only."""
    return Results(anew=ASKED == "whole") if ASKED in {"whole", "rest"} else None


@pytest.mark.parametrize("seed", asked_seeds())
def test_nothing_is_lost_and_all_goes_on_after(seed, site, checks, results):
    one = round_of(seed)
    try:
        wrong = checks.run(inject(site, one))
    except pytest.skip.Exception as reason:
        wrong = {}
        if results:
            results.note(seed, wrong, skipped=str(reason))
        raise
    except AssertionError:
        if results:
            results.note(seed, ["goes on"])
        raise
    if results:
        results.note(seed, wrong)
    assert wrong == {}, f"{one}; alone: make faults SEED={seed}"


def test_a_label_that_is_changed_behind_our_back_is_found(site, checks):
    """None of the checks of labels above could fail, if this did."""
    site.run("pull", "inversion")
    assert checks.other_labels() == []
    with closing(sqlite3.connect(site.root / "radsieve.sqlite3")) as database:
        (label,) = database.execute(_LAST).fetchone()
        for withdrawn_at in ("2026", None):
            database.execute(
                "UPDATE labels SET withdrawn_at = ? WHERE id = ?", (withdrawn_at, label)
            )
            database.commit()
            assert bool(checks.other_labels()) == bool(withdrawn_at)


_LAST = "SELECT max(id) FROM labels WHERE annotation IS NOT NULL AND withdrawn_at IS NULL"
