"""What `make up` passes on to the program that it starts."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PROGRAM = f"""#!{sys.executable}
import signal, sys, time
from pathlib import Path
here = Path(__file__).parent
def stop(*_):
    (here / "stopped").touch()
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
(here / "started").touch()
time.sleep(60)
"""


def test_make_waits_until_what_it_was_told_to_stop_has_stopped(tmp_path):
    program = tmp_path / "radsieve"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    make = subprocess.Popen(
        ["make", "--old-file=setup", "up", f"RADSIEVE={program}"],
        cwd=Path(__file__).parents[2],
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "started").exists():
        assert time.monotonic() < deadline and make.poll() is None
        time.sleep(0.05)
    make.send_signal(signal.SIGTERM)
    make.wait(60)
    assert (tmp_path / "stopped").exists()
