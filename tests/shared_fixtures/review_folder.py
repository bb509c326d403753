"""What tests ask of a folder of films that are reviewed in a file explorer."""

from backend.labels.adapters.label_store import standing_labels
from backend.review.core.folder_review import film_of_file
from backend.review.loop.folder_review import PutOut

PLAIN = PutOut()
"""Copies of the films, without those that have been judged."""


def pictures(folder):
    return sorted(path for path in folder.rglob("*") if film_of_file(path.name))


def one_of(folder):
    """Return the first film, and another label's folder of the same task."""
    film = pictures(folder)[0]
    other = next(path for path in sorted(film.parent.parent.iterdir()) if path != film.parent)
    return film, other


def nothing_saved(workspace):
    return not standing_labels(workspace.database, "rotation")
