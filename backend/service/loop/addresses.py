"""Where the pages of the ML backend are found."""

from backend.base.adapters.ports import reached
from backend.base.adapters.settings import Settings

START_PATH = "/start"
"""Of the start page."""


def pages_url(settings: Settings) -> str:
    """Return where a browser on this machine finds the backend's pages."""
    return f"http://{reached(settings.host)}:{settings.backend_port}"


def start_url(settings: Settings) -> str:
    """Return where a browser on this machine finds the start page."""
    return f"{pages_url(settings)}{START_PATH}"
