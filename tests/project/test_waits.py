"""No browser test waits by Playwright's way, which our pages' content policy breaks at random."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
BREAKS_AT_THE_SECOND_LOOK = "wait_for_" + "function("


def test_waits_for_a_state_of_a_page_look_from_outside():
    found = [
        str(path.relative_to(ROOT))
        for folder in ("tests", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if BREAKS_AT_THE_SECOND_LOOK in path.read_text(encoding="utf-8")
    ]
    assert not found, f"{found}: wait by benchmarks.review.page_state.wait_until"
