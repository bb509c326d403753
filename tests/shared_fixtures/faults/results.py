"""What came of the rounds, and the page that tells of it: docs/reliability.md."""

import json
import re
from pathlib import Path

from shared_fixtures.faults.table import CHECKS, FAULTS, WHOLE, round_of

ROOT = Path(__file__).parents[3]
RESULTS, PAGE = ROOT / "tests" / "faults" / "results.json", ROOT / "docs" / "reliability.md"


class Results:
    """Outcomes by seed; each is written down as soon as its round is done."""

    def __init__(self, *, anew):
        self._done = {} if anew else read_results()

    def note(self, seed, wrong, *, skipped=""):
        """Write down what was wrong after a round, by check, or why it was skipped."""
        one = {"fault": round_of(seed).fault.name, "wrong": sorted(wrong), "skipped": skipped}
        self._done[seed] = one
        rows = {str(seed): self._done[seed] for seed in sorted(self._done)}
        RESULTS.write_text(json.dumps(rows, indent=1) + "\n")
        PAGE.write_text(with_results(PAGE.read_text(), self._done))


def read_results():
    """Return by seed what came of each round."""
    return {int(seed): one for seed, one in json.loads(RESULTS.read_text()).items()}


def with_results(page, done):
    """Return the page with its generated parts as they are of these outcomes."""
    counted = sum(not one["skipped"] for one in done.values())
    rows = "\n".join([f"{counted} rounds of {WHOLE} were done.", "", *_table(done)])
    checks = "\n".join(f"- **{name}**: {meaning}." for name, meaning in CHECKS.items())
    return _part(_part(page, "rounds", rows), "checks", checks)


def _part(page, name, text):
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    found = re.compile(re.escape(begin) + ".*" + re.escape(end), re.DOTALL)
    return found.sub(lambda _: f"{begin}{text}\n{end}", page)


def _table(done):
    yield f"| fault | done for real | rounds | {' | '.join(CHECKS)} |"
    yield "|---|---|--:|" + "--:|" * len(CHECKS)
    for fault in FAULTS:
        rows = [one for one in done.values() if one["fault"] == fault.name]
        ran = [one for one in rows if not one["skipped"]]
        held = [_held(ran, check) for check in CHECKS]
        why = "".join(sorted({f"; skipped: {one['skipped']}" for one in rows if one["skipped"]}))
        yield f"| {fault.name} | {fault.done}{why} | {len(ran)} | {' | '.join(held)} |"


def _held(ran, check):
    wrong = sum(check in one["wrong"] for one in ran)
    return f"{len(ran) - wrong}, not {wrong}" if wrong else str(len(ran))
