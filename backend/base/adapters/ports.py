"""Where a server listens: is the port free, and where is it reached?"""

import socket

from backend.base.core.errors import PortTakenError


def reached(host: str) -> str:
    """Return where a server that listens on an address is reached from this machine."""
    return "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host


def refuse_taken_port(host: str, port: int, who: str, setting: str) -> None:
    """Check that `who` can listen on a port.

    Raises:
        PortTakenError: another program has it; the message names the setting to change.
    """
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
        # Bound elsewhere, e.g. on all addresses: bind() alone may succeed on some systems.
        with socket.socket() as probe:
            taken = probe.connect_ex(("127.0.0.1", port)) == 0
    except OSError as error:
        raise _error(host, port, who, setting, error.strerror or str(error)) from error
    if taken:
        raise _error(host, port, who, setting, "another program answers there")


def _error(host: str, port: int, who: str, setting: str, cause: str) -> PortTakenError:
    return PortTakenError(
        f"{who} cannot have port {port} of {host}: {cause}; stop that program, or choose another "
        f"port with {setting}"
    )
