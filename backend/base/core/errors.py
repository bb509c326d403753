"""Errors a caller may want to catch; each says what was expected, what came, and what to do."""

from collections.abc import Collection


class RadsieveError(Exception):
    """Base of every error this project raises on purpose; commands print it as one line."""


def reason_of(error: Exception) -> str:
    """Return why something failed; of an error of the system without the path that it names."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error)


class TaskDefinitionError(RadsieveError):
    """A file in `tasks/` describes an impossible detector task."""


class UnknownTaskError(RadsieveError):
    """Asked for a detector task that no file in `tasks/` defines."""


class NoWorkspaceError(RadsieveError):
    """Asked to work in a workspace that is not there."""


class LostPartError(RadsieveError):
    """A part of a workspace is missing or empty, or belongs to another workspace."""


class ChangedEvidenceError(RadsieveError):
    """A table or a file is not as the ledger says it was left: nothing is certified with it."""


class EmptyDatabaseError(RadsieveError):
    """A database that should hold something has no tables; the message says it, without a cure."""


class UnreadableFilmError(RadsieveError):
    """A file cannot be turned into a radiograph; the message is the reason, on one line."""


class FilmChangedError(UnreadableFilmError):
    """The file of an indexed film is gone, or holds something else than what was indexed."""


class FilmsGoneError(UnreadableFilmError):
    """Films of the index cannot be shown any more."""

    def __init__(self, message: str, radiograph_ids: Collection[str]) -> None:
        """Say why, and which films."""
        super().__init__(message)
        self.radiograph_ids = frozenset(radiograph_ids)


class InputFileError(RadsieveError):
    """A table the user gave (metadata, labels) is not of the form that is asked for."""


class NotEnoughFilmsError(RadsieveError):
    """Too few films, patients or labels to train or to judge."""


class NothingPublishedError(RadsieveError):
    """A detector task has no published model version, so there is nothing to sweep or push."""


class UnknownModelVersionError(RadsieveError):
    """Asked for a model version that is not in the workspace."""


class UnknownRadiographError(RadsieveError):
    """Asked for a film that is not in the index."""


class LabelStudioError(RadsieveError):
    """Label Studio is not reachable, refuses us, or is set up so that the loop cannot work."""


class PortTakenError(RadsieveError):
    """A port that we need is used by another program."""


class LexiconError(RadsieveError):
    """A rule of a lexicon cannot be used; the message names the rule."""
