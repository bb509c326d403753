"""What an export reads of the archive, and a digest that shows whether it is still the same."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Engine, select

from backend.archive.adapters.catalogue import files_by_film, polarity_tags
from backend.archive.core.shown_names import names_of_files
from backend.base.adapters.database import files, radiographs


@dataclass(frozen=True, slots=True)
class ArchiveState:
    """The readable files of the archive, and what is known of their films."""

    files: Mapping[str, Sequence[str]]
    """Radiograph id -> the files that hold it, sorted."""
    tags: Mapping[str, str]
    """Radiograph id -> what its header says of black and white, of films where one does."""
    sizes_px: Mapping[str, tuple[int, int]]
    """Radiograph id -> width and height."""

    @property
    def films(self) -> dict[str, str]:
        """Return the radiograph id by file."""
        return {path: film for film, paths in self.files.items() for path in paths}

    def without(self, files: Collection[str]) -> "ArchiveState":
        """Return the archive as it is without these files."""
        return replace(self, files=_without(self.files, files)) if files else self

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the files, tags and sizes, in hex."""
        digest = hashlib.sha256()
        for film in sorted(self.files):
            facts = (film, *self.files[film], self.tags.get(film, ""), self.sizes_px[film])
            digest.update(repr(facts).encode() + b"\n")
        return digest.hexdigest()

    def names(self, *, paths: bool) -> dict[str, str]:
        """Return by file what it is called outside this machine, see `shown_names`."""
        return names_of_files(self.files, paths=paths)


def archive_state(engine: Engine, *, indexed_by: str | None = None) -> ArchiveState:
    """Return the archive as it is in the index.

    Args:
        engine: the database.
        indexed_by: paths indexed later (UTC, ISO 8601) are left out; None: all are kept.
    """
    columns = radiographs.c
    sizes = select(columns.radiograph_id, columns.width_px, columns.height_px)
    listed: Mapping[str, Sequence[str]] = files_by_film(engine)
    with engine.connect() as connection:
        sizes_px = {film: (width, height) for film, width, height in connection.execute(sizes)}
        if indexed_by is not None:
            later = select(files.c.path).where(files.c.indexed_at > indexed_by)
            listed = _without(listed, set(connection.execute(later).scalars()))
    return ArchiveState(listed, polarity_tags(engine), sizes_px)


def _without(
    listed: Mapping[str, Sequence[str]], files: Collection[str]
) -> dict[str, Sequence[str]]:
    left = {film: [path for path in paths if path not in files] for film, paths in listed.items()}
    return {film: paths for film, paths in left.items() if paths}
