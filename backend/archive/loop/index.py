"""Find the films of an archive, read each once, keep its thumbnail and what is known about it.

Many threads read and decode; this one writes, film after film in the order of the files. First the
thumbnail, then the row in the database: when the process is killed, the films in hand are read
again by the next run, and nothing else.
"""

import logging
import os
from collections import Counter, deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import islice
from pathlib import Path

import numpy as np
from sqlalchemy import Engine

from backend.archive.adapters import catalogue_writer as writer
from backend.archive.adapters.archive_files import (
    FoundFile,
    begins_like_a_film,
    count_files,
    expand,
    find_files,
    read_content,
    read_indexed,
)
from backend.archive.adapters.catalogue import PatientCounts, files_of_films, patient_counts
from backend.archive.adapters.metadata_table import read_metadata
from backend.archive.adapters.pixels.dicom_header import study_uid_of
from backend.archive.adapters.pixels.film_reader import read_film, thumbnail_of
from backend.archive.adapters.thumbnail_store import THUMBNAIL_PX, ThumbnailStore, thumbnail_digest
from backend.archive.core.decoded_film import DecodedFilm, HeaderFacts
from backend.archive.core.identity import patient_key, radiograph_id, study_key
from backend.archive.core.patients import patient_hint, study_name
from backend.archive.loop.apply_metadata import MetadataReport, apply_metadata
from backend.base.adapters.identity import mark_thumbnails
from backend.base.adapters.lock import exclusive_lock
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import InputFileError, UnreadableFilmError
from backend.base.core.progress import Progress
from backend.base.core.words import counted

logger = logging.getLogger(__name__)


_FILES_LOOKED_UP = 256
"""Files whose known state is asked for at once."""
_ALL_ZERO = thumbnail_digest(np.zeros((THUMBNAIL_PX, THUMBNAIL_PX), np.uint8))
"""What a file system leaves where a thumbnail was lost; it may be that of a film, too."""


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an index run did; the first four add up to the files found."""

    indexed: int
    """New films."""
    already: int
    """Files that were in the index before, unchanged."""
    unreadable: int
    """Files that are no film to us, new or known."""
    duplicates: int
    """New files with the content of a film that another file holds."""
    moved: int
    """Files taken off the list whose film was found in another place."""
    gone: int
    """Files taken off the list because they are no longer there."""
    patients: PatientCounts
    """In the whole catalogue."""
    changed: Mapping[str, str | None]
    """By its id, each film that has been overwritten in its place, with the id of the film that is
    there now; None where that cannot be read. One that has another file is not among them."""
    metadata: MetadataReport | None


class _Outcome(Enum):
    INDEXED = auto()
    ALREADY = auto()
    UNREADABLE = auto()
    DUPLICATE = auto()


@dataclass(frozen=True, slots=True)
class _Read:
    """A file after a worker had it; `film` holds its thumbnail as pixels, None where known."""

    found: FoundFile
    radiograph_id: str = ""
    film: DecodedFilm | None = None
    problem: str | None = None
    before: str | None = None
    """Id of the film that the file held when it was read last."""


def index(
    workspace: Workspace,
    paths: Sequence[Path | str],
    metadata_csv: Path | None = None,
    *,
    progress: Progress | None = None,
) -> IndexReport:
    """Bring the catalogue up to date with the files of an archive.

    Args:
        workspace: where the catalogue is kept.
        paths: files, folders (searched to the bottom) and globs.
        metadata_csv: see `read_metadata`; also applied to films that were indexed before.
        progress: told after every file.

    Raises:
        InputFileError: no file is found, or the table is not of the form asked for.
        RadsieveError: another index run uses the workspace.
    """
    table = read_metadata(metadata_csv) if metadata_csv else None
    roots = _roots(paths)
    leave_out = _left_out(workspace.root, metadata_csv)
    to_do = count_files(roots, leave_out)
    if not to_do:
        raise _no_film(roots, to_do)
    busy = f"another `radsieve index` is using {workspace.root}; wait until it is done"
    engine, archive_key = workspace.database, workspace.secrets.archive_key
    with exclusive_lock(workspace.root / "index.lock", busy):
        counts: Counter[_Outcome] = Counter()
        indexer = _Indexer(engine, archive_key, workspace.thumbnails)
        for outcome in indexer.run(find_files(roots, leave_out)):
            counts[outcome] += 1
            if progress:
                progress(counts.total(), to_do)
        missing = _forget_missing(engine, set(roots), counts.total())
        metadata = apply_metadata(engine, archive_key, table, set(roots)) if table else None
        mark_thumbnails(engine, workspace.thumbnails)
    return IndexReport(
        indexed=counts[_Outcome.INDEXED],
        already=counts[_Outcome.ALREADY],
        unreadable=counts[_Outcome.UNREADABLE],
        duplicates=counts[_Outcome.DUPLICATE],
        moved=sum(film in indexer.moved for film in missing),
        gone=sum(film not in indexer.moved for film in missing),
        patients=patient_counts(engine),
        changed=_without_file(engine, indexer.replaced),
        metadata=metadata,
    )


def refuse_no_film(root: Path, paths: Sequence[Path | str], metadata_csv: Path | None) -> None:
    """Refuse paths below which nothing begins like a film, before anything is made for them.

    Args:
        root: the folder of the workspace, which may be missing.
        paths: see `index`.
        metadata_csv: see `index`.

    Raises:
        InputFileError: there is no film, or the table is not of the form asked for.
    """
    if metadata_csv:
        read_metadata(metadata_csv)
    roots, leave_out = _roots(paths), _left_out(root.absolute(), metadata_csv)
    if not any(map(begins_like_a_film, find_files(roots, leave_out))):
        raise _no_film(roots, count_files(roots, leave_out))


def _left_out(root: Path, metadata_csv: Path | None) -> set[str]:
    return {str(root), str((metadata_csv or root).absolute())}


def _no_film(roots: Sequence[str], files: int) -> InputFileError:
    came = f"{counted(files, 'file')}, of which none begins like one" if files else "no file at all"
    return InputFileError(
        f"expected films (PNG, JPEG, TIFF or DICOM) below {', '.join(roots)}, got {came}; correct "
        "the path"
    )


def _roots(paths: Sequence[Path | str]) -> list[str]:
    for path in paths:
        if not expand([str(path)]):
            raise InputFileError(f"no file or folder matches {str(path)!r}; correct the path")
    return expand([str(path) for path in paths])


class _Indexer:
    """Reads with many threads, writes with one."""

    def __init__(self, engine: Engine, archive_key: bytes, thumbnails: Path) -> None:
        self._engine, self._archive_key = engine, archive_key
        self._store = ThumbnailStore(thumbnails)
        self._next_row = writer.next_thumbnail_row(self._engine)
        self.moved: set[str] = set()
        """Ids of known films that were found in a new place, and in none that was known."""
        self.replaced: dict[str, str | None] = {}
        """By the id of the film that a file held, that of the film it holds; None for none."""
        self._respelled: set[str] = set()
        """Keys that an earlier radsieve gave, and that nobody has any more."""

    def run(self, found: Iterator[FoundFile]) -> Iterator[_Outcome]:
        workers = os.cpu_count() or 1
        with ThreadPoolExecutor(workers, "read") as pool:
            try:
                for read in _in_order(self._outcomes(found, pool), in_hand=2 * workers + 2):
                    yield read if isinstance(read, _Outcome) else self._write(read)
            finally:
                pool.shutdown(cancel_futures=True)

    def _outcomes(
        self, found: Iterator[FoundFile], pool: ThreadPoolExecutor
    ) -> Iterator[_Outcome | Future[_Read]]:
        while chunk := list(islice(found, _FILES_LOOKED_UP)):
            known = writer.known_files(self._engine, [file.path for file in chunk])
            self._fill_studies(chunk, known)
            whole = self._whole_thumbnails(known.values(), pool)
            for file in chunk:
                before = known.get(file.path)
                outcome = self._known_outcome(file, before, whole)
                yield outcome or pool.submit(
                    self._read, file, before.radiograph_id if before else None
                )

    def _fill_studies(
        self, chunk: Iterable[FoundFile], known: Mapping[str, writer.KnownFile]
    ) -> None:
        """Find the studies of films of an older index; no pixel is decoded for it."""
        keys: dict[str, str] = {}
        for file in chunk:
            before = known.get(file.path)
            if before and before.lacks_study and before.is_unchanged(file):
                film = before.radiograph_id or ""
                with suppress(UnreadableFilmError):
                    _, content = read_indexed(film, [file.path])
                    header = HeaderFacts(study_uid=study_uid_of(content))
                    keys[film] = self._study_key(header, file)
        writer.fill_studies(self._engine, keys)

    def _study_key(self, header: HeaderFacts, found: FoundFile) -> str:
        study = study_name(header, found.study_folder)
        return study_key(study, self._archive_key) if study else ""

    @staticmethod
    def _known_outcome(
        found: FoundFile, known: writer.KnownFile | None, whole: Container[int | None]
    ) -> _Outcome | None:
        """Return the outcome for a file that need not be read; None where it must be read.

        Args:
            found: the file.
            known: what the index knows of it.
            whole: rows of thumbnails that are what was made of their films.
        """
        if known is None or not known.is_unchanged(found):
            return None
        if known.problem:
            return _Outcome.UNREADABLE
        return _Outcome.ALREADY if known.thumbnail_row in whole else None

    def _whole_thumbnails(
        self, known: Iterable[writer.KnownFile], pool: ThreadPoolExecutor
    ) -> set[int]:
        """Return rows that hold what was made of their films; keep digests an older index lacks."""
        files = {file.thumbnail_row: file for file in known if file.thumbnail_row is not None}
        found = dict(zip(files, pool.map(self._digest, files), strict=True))
        first = {
            row: digest
            for row, digest in found.items()
            if digest not in (None, _ALL_ZERO) and files[row].thumbnail_digest is None
        }
        if first:
            films = {files[row].radiograph_id or "": digest for row, digest in first.items()}
            writer.note_thumbnails(self._engine, films)
        return {
            row
            for row, digest in found.items()
            if digest and (row in first or digest == files[row].thumbnail_digest)
        }

    def _digest(self, row: int) -> str | None:
        """Return the digest of a thumbnail; None of one that is lost."""
        # The store may have been deleted, or have lost its end with the power.
        if row >= len(self._store):
            return None
        return thumbnail_digest(self._store.read([row])[0])

    def _is_whole(self, known: writer.KnownThumbnail) -> bool:
        return known.digest is not None and known.digest == self._digest(known.row)

    def _read(self, found: FoundFile, before: str | None) -> _Read:
        """Read, name and decode a file; runs in a worker thread."""
        return replace(self._read_now(found), before=before)

    def _read_now(self, found: FoundFile) -> _Read:
        try:
            content = read_content(found)
            film_id = radiograph_id(content)
            known = writer.thumbnail_of_film(self._engine, film_id)
            if known and self._is_whole(known):
                return _Read(found, film_id)
            film = read_film(content, found.path, at_least_px=THUMBNAIL_PX)
            return _Read(found, film_id, replace(film, pixels=thumbnail_of(film)))
        except UnreadableFilmError as error:
            return _Read(found, problem=str(error))

    def _write(self, read: _Read) -> _Outcome:
        if read.before and read.before != read.radiograph_id:
            self.replaced[read.before] = read.radiograph_id or None
        if read.problem:
            writer.add_problem(self._engine, read.found, read.problem)
            return _Outcome.UNREADABLE
        known = writer.thumbnail_of_film(self._engine, read.radiograph_id)
        if known is None and read.film:
            self._add(read, read.film)
            return _Outcome.INDEXED
        if read.film and known is not None:
            self._write_anew(read.radiograph_id, known.row, read.film)
        others = writer.paths_of(self._engine, read.radiograph_id)
        writer.add_file(self._engine, read.found, read.radiograph_id)
        if any(Path(other).exists() for other in others if other != read.found.path):
            return _Outcome.ALREADY if read.found.path in others else _Outcome.DUPLICATE
        if read.found.path not in others:
            self.moved.add(read.radiograph_id)
        return _Outcome.ALREADY

    def _write_anew(self, film_id: str, row: int, film: DecodedFilm) -> None:
        self._store.write(row, film.pixels)
        writer.note_thumbnails(self._engine, {film_id: thumbnail_digest(film.pixels)})

    def _join_spellings(self, before: str, key: str) -> None:
        """Give a patient whom an earlier radsieve told apart by the spelling the one key."""
        if before not in self._respelled:
            writer.rename_patient(self._engine, before, key)
            self._respelled.add(before)

    def _add(self, read: _Read, film: DecodedFilm) -> None:
        hint = patient_hint(film.header, read.found.study_folder, read.radiograph_id)
        key = patient_key(hint.text, self._archive_key)
        if hint.as_written:
            self._join_spellings(patient_key(hint.as_written, self._archive_key), key)
        place = writer.FilmPlace(
            read.radiograph_id,
            self._next_row,
            key,
            hint.source,
            self._study_key(film.header, read.found),
        )
        self._store.write(place.thumbnail_row, film.pixels)
        writer.add_film(self._engine, film, place, read.found)
        self._next_row += 1


def _in_order(work: Iterable[_Outcome | Future[_Read]], in_hand: int) -> Iterator[_Outcome | _Read]:
    """Yield results in the order of the work, with a bounded number of films in memory."""
    waiting: deque[_Outcome | Future[_Read]] = deque()
    for piece in work:
        waiting.append(piece)
        if len(waiting) >= in_hand:
            yield _result(waiting.popleft())
    yield from map(_result, waiting)


def _result(piece: _Outcome | Future[_Read]) -> _Outcome | _Read:
    return piece.result() if isinstance(piece, Future) else piece


def _forget_missing(engine: Engine, roots: set[str], found: int) -> list[str | None]:
    """Take files off the list that are not where they were; return their radiograph ids."""
    listed = sum(1 for _ in writer.files_below(engine, roots))
    if listed <= found:  # nothing is missing; asking the disk about each file would take minutes
        return []
    below = writer.files_below(engine, roots)
    missing = {path: film for path, film in below if not os.path.lexists(path)}
    writer.forget_files(engine, list(missing))
    return list(missing.values())


def _without_file(engine: Engine, replaced: Mapping[str, str | None]) -> dict[str, str | None]:
    """Leave out films that have a file still, or again."""
    there = files_of_films(engine, replaced)
    return {film: now for film, now in replaced.items() if film not in there}
