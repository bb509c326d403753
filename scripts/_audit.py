"""`make audit`: known weaknesses of the packages in `requirements.lock`.

The list of weaknesses is on the network, so no check of a change depends on it: without pip-audit
or without the network the audit is left out, and its message says why.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "requirements.lock"
_WITHIN_S = 300
_COMMAND = ("pip-audit", "--disable-pip", "--no-deps", "--progress-spinner=off", "--format=json")


def audit(lock: Path, command: str = _COMMAND[0]) -> tuple[int, str]:
    """Return an exit code, 1 where a weakness is known, and a message for a person.

    Args:
        lock: packages with their versions and hashes.
        command: the program pip-audit.
    """
    if shutil.which(command) is None:
        return 0, "audit left out: pip-audit is not installed (`pip install pip-audit`)"
    try:
        done = subprocess.run(
            [command, *_COMMAND[1:], "--requirement", str(lock)],
            capture_output=True,
            text=True,
            check=False,
            timeout=_WITHIN_S,
        )
        packages = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return 0, f"audit left out: no answer within {_WITHIN_S} s"
    except (ValueError, KeyError, TypeError):
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return 0, f"audit left out: pip-audit could not ask: {last}"
    weaknesses = [line for package in packages for line in _lines(package)]
    none = f"{len(packages)} packages have no known weakness"
    return int(bool(weaknesses)), "\n".join(weaknesses or [none])


def _lines(package: Mapping[str, Any]) -> list[str]:
    return [
        f"{package['name']} {package['version']}: {weakness['id']}; "
        f"mended in {', '.join(weakness['fix_versions']) or 'no version yet'}"
        for weakness in package.get("vulns", ())
    ]


if __name__ == "__main__":
    code, message = audit(LOCK)
    print(message)
    sys.exit(code)
