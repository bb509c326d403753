"""Columns and addresses of pictures, which the data of every kind of item holds."""

import re
from collections.abc import Mapping

from backend.base.core.errors import LabelStudioError

# The address becomes a link in Label Studio's own page: no scripts, no other host by `//`.
_PICTURE_URL = re.compile(r"/(?!/)|https?://")

QUESTION_FIELD = "question"
"""What is asked, in the words of the detector task's file."""

WHY = "why"
"""Of a single film: why a person should look, in words."""

STAYS = "like this one, which stays"
"""What stands on a film that is shown beside one that resembles it."""

Fields = Mapping[str, str | int | float]
"""Plain values by name, for the columns, filters and order of Label Studio's Data Manager."""


def check_picture_url(name: str, url: str) -> None:
    """Refuse an address that could run code, or that is no path or http(s) address.

    Raises:
        LabelStudioError: it is neither a path on Label Studio's host nor an http(s) address.
    """
    if not _PICTURE_URL.match(url):
        raise LabelStudioError(
            f"{name} must be a path on Label Studio's host (/...) or an http(s) address, "
            f"got {url[:20]!r}..."
        )


def with_fields(data: Mapping[str, object], fields: Fields) -> dict[str, object]:
    """Return an item's data with more columns.

    Raises:
        ValueError: a column has a name that the item needs for itself.
    """
    taken = sorted(data.keys() & fields.keys())
    if taken:
        raise ValueError(f"fields must not be called {taken}: the item needs these; rename them")
    return {**data, **fields}
