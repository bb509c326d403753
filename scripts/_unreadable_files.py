"""Lines of `radsieve index` on files that it cannot read as films."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.archive.adapters.catalogue import UnreadableFile
from backend.archive.adapters.metadata_table import looks_like_metadata
from backend.archive.adapters.pixels.film_reader import NO_IMAGE
from backend.archive.core.unreadable import whole_sentence
from backend.base.core.words import counted, listed

_SHOWN = 10
_TABLES_OPENED, _TABLES = 5, ("csv", "gz", "tsv", "xlsx")


@dataclass(frozen=True, slots=True)
class UnreadableFiles:
    """Files that could not be read: images, and other files."""

    images: Sequence[UnreadableFile]
    """Images that are damaged or of an unsupported form."""
    others: Sequence[UnreadableFile]
    """Files that are no images, neither by name nor by content."""
    roots: Sequence[Path]
    """The files, folders and globs that were indexed."""

    @classmethod
    def among(cls, files: Iterable[UnreadableFile], paths: Iterable[str]) -> "UnreadableFiles":
        """Divide files that could not be read into images and others.

        Args:
            files: all files that could not be read.
            paths: the files, folders and globs that were indexed.
        """
        by_kind: tuple[list[UnreadableFile], list[UnreadableFile]] = ([], [])
        for file in files:
            by_kind[file.problem == NO_IMAGE].append(file)
        return cls(*by_kind, roots=[_folder(Path(path).absolute()) for path in paths])

    def lines(self, *, paths: bool) -> Iterator[str]:
        """Yield lines for a person at the terminal.

        Args:
            paths: whether to name files, by their path below the indexed folder; otherwise files
                are counted by problem.
        """
        if self.others:
            yield self.others_sentence()
        if self.images and not paths:
            yield from self._by_problem()
            return
        if self.images:
            yield "images that cannot be read:"
        for file in self.images[:_SHOWN]:
            yield f"  {self._name(Path(file.path))}: {whole_sentence(file.problem)}"
        if len(self.images) > _SHOWN:
            more = len(self.images) - _SHOWN
            yield f"  and {more} more; `radsieve paths --unreadable` names all"

    def _by_problem(self) -> Iterator[str]:
        yield "images that cannot be read (`radsieve paths --unreadable` names them):"
        by_problem = Counter(file.problem for file in self.images).most_common()
        for problem, count in by_problem[:_SHOWN]:
            yield f"  {counted(count, 'file')}: {whole_sentence(problem)}"
        if len(by_problem) > _SHOWN:
            yield f"  and {len(by_problem) - _SHOWN} more problems"

    def others_sentence(self) -> str:
        """Return how many files are no images, by file name ending; empty where all are images."""
        if not self.others:
            return ""
        endings = Counter(_ending(file.path) for file in self.others)
        counts = listed([f"{count} {ending}" for ending, count in endings.most_common()])
        are = "is no image" if len(self.others) == 1 else "are no images"
        return f"{counted(len(self.others), 'file')} {are} ({counts})"

    def tables(self) -> list[str]:
        """Return the names of tables that may hold ages, sexes, views or patients."""
        named = [Path(file.path) for file in self.others if _ending(file.path) in _TABLES]
        return [self._name(path) for path in named[:_TABLES_OPENED] if looks_like_metadata(path)]

    def _name(self, path: Path) -> str:
        """Return the path below the indexed folder; for a file elsewhere, the end of its path."""
        for root in self.roots:
            if path.is_relative_to(root):
                return str(path.relative_to(root))
        return str(Path("...", *path.parts[-2:]))


def _folder(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _ending(path: str) -> str:
    return Path(path).suffix.lower().removeprefix(".") or "without ending"
