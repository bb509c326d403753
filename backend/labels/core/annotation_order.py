"""Which of two states of one annotation is later, by the time that Label Studio gave each."""

from datetime import UTC, datetime


def is_later(updated_at: str, than: str) -> bool:
    """Return whether a state was made after another.

    What is no time is a name of the state (the label of a film in a folder): any other is later.

    >>> is_later("2026-01-01T10:00:00.5Z", than="2026-01-01T10:00:00+00:00")
    True
    >>> is_later("2026-01-01T10:00:00Z", than="2026-01-01T11:00:00+01:00")
    False
    """
    try:
        return _time(updated_at) > _time(than)
    except ValueError:
        return updated_at != than


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
