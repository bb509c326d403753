"""Every printed limit is rounded by `base.core.limits`, toward the side on which it stays true."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROUNDED_TO_THE_NEAREST = re.compile(r"\b(?:low|high|\w+_at_most|\w*recall)\b[\"'\])]*:[-+,]*\.\d")


def test_no_limit_is_rounded_to_the_nearest():
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("backend", "scripts", "tasks")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if ROUNDED_TO_THE_NEAREST.search(line)
    ]
    assert not found, f"{found}: print limits by backend.base.core.limits"
