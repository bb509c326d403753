"""Work that cannot be trusted with our memory and time: done by a child that has little of both.

python -m backend.base.adapters.bounded_child MODULE:FUNCTION MEMORY_BYTES SECONDS
"""

import importlib
import resource
import subprocess
import sys
from pathlib import Path

from backend.base.core.errors import RadsieveError

_START_S = 60.0
"""A busy machine takes so long to start a program, at worst."""


class ChildLimitError(RadsieveError):
    """The work took more memory or time than it was given, or failed."""


def run_bounded(function: str, content: bytes, *, memory_bytes: int, seconds: int) -> bytes:
    """Let a child call `function(content)`, which returns bytes, and return them.

    Args:
        function: as `module:name`.
        content: what it works on.
        memory_bytes: that it may take besides what it needs to start.
        seconds: of processor time; it is ended after as many more that it waits.

    Raises:
        ChildLimitError: it took too much, or failed.
    """
    limits = [str(memory_bytes), str(seconds)]
    command = [sys.executable, "-m", __name__, function, *limits]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=_START_S + seconds, check=True
        )
    except subprocess.SubprocessError as error:
        raise ChildLimitError(
            f"more than {memory_bytes / 1e6:,.0f} MB or {seconds} s, or damaged"
        ) from error
    return done.stdout


def _main(function: str, memory_bytes: int, seconds: int) -> None:
    module, name = function.split(":")
    work = getattr(importlib.import_module(module), name)
    content = sys.stdin.buffer.read()
    resource.setrlimit(resource.RLIMIT_AS, (_address_space() + memory_bytes,) * 2)
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = int(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.buffer.write(work(content))


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
