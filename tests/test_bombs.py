"""No file of up to 10 MB takes a gigabyte or ten seconds; each is read in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from shared_fixtures.measured_bombs import FILMS, REPORTS, TABLES

TESTS = Path(__file__).parent
READ = {
    "jpeg of scans",
    "windows",
    "film of 20 megapixels",
    "blank jpeg 2000 in colour",
    "jpeg 2000 of 49 megapixels",
}
"""Those that are odd, and films all the same."""
MOST_MB, MOST_CPU_S = 1000, 10


@pytest.fixture(scope="module")
def measured():
    """What each took, by its name."""
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "shared_fixtures.measured_bombs"],
        env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    facts = [json.loads(line) for line in done.stdout.splitlines()]
    return {fact["name"]: fact for fact in facts}


@pytest.mark.slow
@pytest.mark.parametrize("name", [*FILMS, *REPORTS, *TABLES])
def test_a_small_file_costs_less_than_a_gigabyte_and_ten_seconds(measured, name):
    took = measured[name]
    is_small = took["bytes"] <= 10_000_000
    assert is_small or name == "film of 20 megapixels"
    assert took["peak_mb"] < MOST_MB, took
    # Of processor time: how long it takes by the clock is up to what else runs.
    assert took["cpu_s"] < MOST_CPU_S, took
    assert "\n" not in took["came"]
    assert (took["came"] == "read") == (name in READ), took
