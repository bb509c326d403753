"""The lists of an export, without the files that are no longer what was indexed.

What is known is known of a film, which is its bytes; a list names files. Where a file holds
something else by now, or is gone, a row would speak of what nobody has looked at.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import files_of_films
from backend.archive.adapters.changed_files import changed_files
from backend.export.loop.lists import ExportLists, Known, Refute, export_lists


@dataclass(frozen=True, slots=True)
class ChangedFilms:
    """Files that are no longer what was indexed, and films that have no other file."""

    files: int = 0
    films: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CheckedLists:
    """The lists, what they were made of, and the files that they leave out."""

    known: Known
    """With the archive as the lists have it: without the changed files."""
    lists: ExportLists
    changed: Mapping[str, str] = field(default_factory=dict)
    """File of a listed film that is no longer what was indexed -> what is the matter."""
    uncopied: Mapping[str, str] = field(default_factory=dict)
    """Those of them that a copy would have been made of."""
    films: ChangedFilms = ChangedFilms()
    """The same for the report, which knows films."""

    def without(self, changed: Mapping[str, str]) -> "CheckedLists":
        """Return the lists without more files; no detector is asked again."""
        if not changed:
            return self
        whole, refuted = self.known.archive, self.lists.refuted
        known = replace(self.known, archive=whole.without(changed))
        to_copy, film_of = {row.file for row in self.lists.copied}, whole.films
        gone = {film_of[file] for file in changed} - known.archive.files.keys()
        return CheckedLists(
            known,
            export_lists(known, lambda wanted: refuted),
            {**self.changed, **changed},
            {**self.uncopied, **{file: why for file, why in changed.items() if file in to_copy}},
            ChangedFilms(self.films.files + len(changed), self.films.films | gone),
        )


def checked_lists(engine: Engine, known: Known, refute: Refute) -> CheckedLists:
    """Make the lists, and make them again without the files that have changed.

    Of each listed film all files are checked: a second copy is one only while the first is there.

    Args:
        engine: the database, which says what was indexed.
        known: what the lists are made of.
        refute: see `export_lists`.
    """
    lists, film_of = export_lists(known, refute), known.archive.films
    named = {film_of[file] for files in lists.rows().values() for file in files}
    of_named = {file: film for film in named for file in known.archive.files[film]}
    return CheckedLists(known, lists).without(changed_files(engine, of_named))


def changed_films(engine: Engine, films: Iterable[str]) -> ChangedFilms:
    """Return which of these films have files that are no longer what was indexed."""
    paths = files_of_films(engine, films)
    changed = changed_files(engine, {path: film for film, own in paths.items() for path in own})
    gone = {film for film, own in paths.items() if changed.keys() >= set(own)}
    return ChangedFilms(len(changed), frozenset(gone))
