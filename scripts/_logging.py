"""Show radsieve's own log lines to a person; those of libraries only with `--verbose`."""

import logging
import sys

_OURS = ("backend", "scripts", "tasks")
_FORMAT = "%(levelname)s %(name)s: %(message)s"


def set_up_logging(*, verbose: bool) -> None:
    """Send log lines to standard error; no other function does so.

    Python warnings of libraries become log lines, too.

    Args:
        verbose: whether to show lines of libraries, and all lines for debugging.
    """
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _Terminal)]:
        root.removeHandler(handler)
    terminal = _Terminal(sys.stderr)
    terminal.setFormatter(logging.Formatter(_FORMAT))
    if not verbose:
        terminal.addFilter(_is_ours)
    root.addHandler(terminal)
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    logging.captureWarnings(True)


class _Terminal(logging.StreamHandler):  # type: ignore[type-arg]
    """Our handler: a second command of the same process replaces it."""


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in _OURS
