"""What of the log a person sees: our own lines; those of libraries only with `--verbose`."""

import logging
import sys

_OURS = ("backend", "scripts", "tasks")
_FORMAT = "%(levelname)s %(name)s: %(message)s"


def set_up_logging(*, verbose: bool) -> None:
    """Send log lines to standard error; the one place that does so.

    Warnings that libraries raise in Python are log lines too.

    Args:
        verbose: let libraries speak as well, and everybody of what is only of use for debugging.
    """
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, _Terminal)]:
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
