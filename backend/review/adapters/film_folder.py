"""Folders of films for a file explorer: TASK/LABEL/FILE, and a manifest that is written last.

While a round is put out a marker lies in the folder; a folder with a marker and no manifest was
interrupted, and what is in it can be thrown away.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.base.adapters.files import write_atomically
from backend.base.core.errors import RadsieveError
from backend.review.core.folder_review import (
    FolderFilm,
    FolderTask,
    Place,
    Round,
    film_of_file,
    is_clutter,
)

MANIFEST = "radsieve-review.json"
_MARKER = ".radsieve-review-unfinished"
_TEMPORARY = f".{MANIFEST}."
_FORMAT = 1
_QUALITY = 88


class FilmFolder:
    """One folder that holds, at most, one round."""

    def __init__(self, root: Path, archive_key: bytes) -> None:
        """Name the folder; nothing is made yet.

        Args:
            root: the folder.
            archive_key: the workspace's secret, which seals the manifest.
        """
        self.root = root.absolute()
        self._key = archive_key
        self._manifest, self._marker = self.root / MANIFEST, self.root / _MARKER

    @property
    def archive(self) -> str:
        """What stands for the workspace's archive in a manifest."""
        return hmac.new(self._key, b"review-folder archive", hashlib.sha256).hexdigest()[:20]

    def has_round(self) -> bool:
        """Whether a manifest is there."""
        return self._manifest.is_file()

    def read_round(self) -> Round:
        """Return the round that lies here.

        Raises:
            RadsieveError: there is none, it is damaged, or it is of another workspace.
        """
        if not self.has_round():
            why = "which was left unfinished" if self._marker.exists() else "which has none"
            raise RadsieveError(
                f"expected a folder with {MANIFEST}, got {self.root}, {why}; make one with "
                f"`radsieve review-folder out {self.root}`"
            )
        try:
            stored = json.loads(self._manifest.read_bytes())
            round_ = _parsed(stored)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise self._damaged("it cannot be read") from error
        if round_.archive != self.archive:
            raise RadsieveError(
                f"expected a round of this workspace, got one of another in {self._manifest}; name "
                "its workspace with --workspace"
            )
        if not hmac.compare_digest(str(stored["seal"]), self._seal(round_)):
            raise self._damaged("it was changed")
        return round_

    def write_round(self, round_: Round) -> None:
        """Write the manifest, whole or not at all; this finishes a round."""
        stored = {"format": _FORMAT, "seal": self._seal(round_)} | asdict(round_)
        with clear_errors(self.root):
            write_atomically(self._manifest, json.dumps(stored, indent=1).encode())
            self._marker.unlink(missing_ok=True)

    def begin(self) -> None:
        """Empty the folder for a new round: files of an earlier round are removed.

        Raises:
            RadsieveError: there are things in it that are not ours.
        """
        ours = self.has_round() or self._marker.exists()
        foreign = [path for path in self._paths() if not (ours and film_of_file(path.name))]
        if foreign:
            raise RadsieveError(
                f"expected an empty folder or one of an earlier round, got {self.root} with "
                f"{self._name(foreign[0])} in it; name another folder, or move that elsewhere"
            )
        with clear_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            self._marker.touch()
            self._manifest.unlink(missing_ok=True)
            for path in self._paths():
                path.unlink()

    def make_folders(self, tasks: Mapping[str, FolderTask]) -> None:
        """Make a folder for every label, and remove the empty ones of tasks that are not asked."""
        with clear_errors(self.root):
            for folder in sorted(self.folders(), reverse=True):
                if not any((self.root / folder).iterdir()):
                    (self.root / folder).rmdir()
            for task, of in tasks.items():
                for label in of.labels:
                    (self.root / task / label).mkdir(parents=True, exist_ok=True)

    def write_picture(self, path: str, pixels: NDArray[np.uint8]) -> str:
        """Write a film as JPEG, without metadata; return the SHA-256 of the file, in hex.

        Args:
            path: below the folder.
            pixels: shape (height, width).
        """
        _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        content = encoded.tobytes()
        with clear_errors(self.root):
            (self.root / path).write_bytes(content)
        return hashlib.sha256(content).hexdigest()

    def link(self, path: str, original: Path) -> None:
        """Link to a film's own file.

        Args:
            path: below the folder.
            original: absolute.
        """
        with clear_errors(self.root, "; without --link pictures are made instead"):
            (self.root / path).symlink_to(original)

    def folders(self) -> list[str]:
        """Return every folder below this one, with `/`."""
        return [self._name(path) for path in self._walk() if _is_folder(path)]

    def places(self) -> list[Place]:
        """Return every file, clutter left out."""
        with clear_errors(self.root):
            return [Place(self._name(path), _sha256(path)) for path in self._paths()]

    def _paths(self) -> list[Path]:
        return [path for path in self._walk() if not _is_folder(path)]

    def _walk(self) -> Iterator[Path]:
        own = {self._manifest, self._marker}
        for path in sorted(self.root.rglob("*")):
            left_over = path.parent == self.root and path.name.startswith(_TEMPORARY)
            if path not in own and not left_over and not is_clutter(path.name):
                yield path

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _seal(self, round_: Round) -> str:
        content = json.dumps(asdict(round_), sort_keys=True).encode()
        return hmac.new(self._key, b"review-folder round:" + content, hashlib.sha256).hexdigest()

    def _damaged(self, what: str) -> RadsieveError:
        return RadsieveError(
            f"expected {MANIFEST} as radsieve wrote it, got {self._manifest}, which is damaged "
            f"({what}); put back a copy of it, or put the films out anew into another folder"
        )


@contextmanager
def clear_errors(
    root: Path, do: str = "; check its rights and the space on its disk"
) -> Iterator[None]:
    """Say in one line what the disk refuses.

    Args:
        root: the folder that is worked on.
        do: what the user can do.

    Raises:
        RadsieveError: the disk refused.
    """
    try:
        yield
    except OSError as error:
        raise RadsieveError(f"cannot work in {root}: {error.strerror or error}{do}") from error


def _parsed(stored: Mapping[str, Any]) -> Round:
    if stored["format"] != _FORMAT:
        raise ValueError(f"expected format {_FORMAT}")
    values = {name: stored[name] for name in Round.__dataclass_fields__}
    values["films"] = tuple(FolderFilm(**film) for film in stored["films"])
    values["tasks"] = {
        name: FolderTask(task["model_version"], tuple(task["labels"]))
        for name, task in stored["tasks"].items()
    }
    return Round(**values)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _sha256(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
