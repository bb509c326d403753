"""The workspace: one folder that holds everything radsieve knows about an archive."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from backend.base.adapters.identity import (
    DATABASE_FILE,
    JOBS_FILE,
    THUMBNAILS_FILE,
    Parts,
    forget_unused,
    open_or_make_parts,
    open_parts,
)
from backend.base.adapters.rights import private_files
from backend.base.adapters.settings import Settings, load_settings
from backend.base.adapters.written_files import WrittenFiles
from backend.base.core.errors import RadsieveError


@dataclass(frozen=True, slots=True)
class SealTerms:
    """What decides which patients are sealed, besides who was sealed before."""

    archive_key: bytes
    """Keys the hash of a patient."""
    sealed_share: float
    """Expected share of sealed patients, 0 to 1."""


@dataclass(frozen=True, slots=True)
class DetectorFiles:
    """What versions read and write, and the device on which they run."""

    models: Path
    """One folder per version."""
    predictions: Path
    """One folder per detector task, in it one file per version."""
    thumbnails: Path
    """The memory-mapped thumbnail store."""
    features: Path
    """Kept features of the films, from the frozen network."""
    device: str
    """`auto`, `cpu` or `cuda`."""
    written: WrittenFiles
    """The digests of predictions, as they were written."""


class Workspace:
    """Paths, settings, secrets and the database of one archive."""

    def __init__(self, root: Path) -> None:
        """Open a workspace that is there.

        Raises:
            NoWorkspaceError: there is none; none is made.
            LostPartError: a part of it is missing or empty, or belongs to another workspace.
        """
        self._take(root, open_parts)

    @classmethod
    def open_or_make(cls, root: Path) -> "Workspace":
        """Open a workspace, or make one where there is none.

        Raises:
            LostPartError: what is left of a workspace is not taken for a new one.
            RadsieveError: the folder cannot be made.
        """
        try:
            if not root.exists():
                root.parent.mkdir(parents=True, exist_ok=True)
            root.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise RadsieveError(
                f"cannot make the workspace {root.absolute()}: {error.strerror}; choose another "
                "folder with --workspace"
            ) from error
        workspace = cls.__new__(cls)
        with private_files():
            workspace._take(root, open_or_make_parts)
        return workspace

    def _take(self, root: Path, opener: Callable[[Path, str], Parts]) -> None:
        self.root = root.absolute()
        own = f"sqlite:///{self.root / DATABASE_FILE}"
        parts = opener(self.root, load_settings(self.root).database_url or own)
        self.identity, self.is_new = parts.number, parts.is_new
        self.database, self.secrets = parts.database, parts.secrets

    def forget_if_new_and_unused(self) -> None:
        """Remove the workspace if it was made just now and nothing was kept in it since."""
        if self.is_new:
            forget_unused(self.root, self.database)

    @cached_property
    def settings(self) -> Settings:
        """Settings as they were when they were first asked for."""
        return load_settings(self.root)

    @property
    def seal_terms(self) -> SealTerms:
        """What decides which patients are sealed."""
        return SealTerms(self.secrets.archive_key, self.settings.sealed_share)

    @property
    def detector_files(self) -> DetectorFiles:
        """What versions read and write."""
        return DetectorFiles(
            models=self.models,
            predictions=self.predictions,
            thumbnails=self.thumbnails,
            features=self.root / "features",
            device=self.settings.device,
            written=self.written,
        )

    @property
    def written(self) -> WrittenFiles:
        """The digests of files that certificates rest on."""
        return WrittenFiles(self.database, self.root)

    @property
    def thumbnails(self) -> Path:
        """The memory-mapped thumbnail store."""
        return self.root / THUMBNAILS_FILE

    @property
    def job_queue(self) -> Path | str:
        """The job queue: an SQLite file in the workspace, or the URL that the settings name."""
        return self.settings.jobs_url or self.root / JOBS_FILE

    @property
    def sketches(self) -> Path:
        """Small copies of the thumbnails, to compare films by."""
        return self.root / "sketches.u8"

    @property
    def measures(self) -> Path:
        """Kept measures of the films' pixels, for the rules."""
        return self.root / "measures"

    @property
    def models(self) -> Path:
        """One folder per model version."""
        return self.root / "models"

    @property
    def predictions(self) -> Path:
        """One folder per detector task, in it one per model version."""
        return self.root / "predictions"

    @property
    def probes(self) -> Path:
        """One folder per detector task that was probed."""
        return self.root / "probes"

    @property
    def exports(self) -> Path:
        """Certificates and reports of exports, as they were; see `base.adapters.files`."""
        return self.root / "exports"

    @property
    def label_studio(self) -> Path:
        """The data folder of the Label Studio that `radsieve up` starts."""
        return self.root / "label-studio"

    @property
    def review(self) -> Path:
        """Pictures of the films in the review batch; Label Studio serves this folder."""
        return self.root / "served" / "review"

    @property
    def logs(self) -> Path:
        """Logs of the servers that `radsieve up` starts."""
        return self.root / "logs"


def default_workspace() -> Path:
    """Return the workspace named by `RADSIEVE_WORKSPACE`, else `./radsieve-workspace`."""
    return Path(os.environ.get("RADSIEVE_WORKSPACE") or "radsieve-workspace")
