"""The workspace: one folder that holds everything radsieve knows about an archive."""

import contextlib
import json
import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine

from backend.base.adapters.database import open_database
from backend.base.adapters.files import write_atomically
from backend.base.adapters.settings import Settings, load_settings
from backend.base.core.errors import RadsieveError


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made at random when the workspace is; kept in a file that only its owner can read."""

    archive_key: bytes
    """Keys the hashes of patients and the splits; lose it and the splits are lost."""
    backend_password: str
    label_studio_password: str
    label_studio_token: str
    """Legacy token of the Label Studio that `radsieve up` starts."""


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


class Workspace:
    """Paths, settings, secrets and the database of one archive."""

    def __init__(self, root: Path) -> None:
        """Open the workspace, making it where there is none."""
        self.root = root.absolute()
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RadsieveError(
                f"cannot make the workspace {self.root}: {error.strerror}; choose another folder "
                "with --workspace"
            ) from error

    @cached_property
    def settings(self) -> Settings:
        """Settings as they were when the workspace was opened."""
        return load_settings(self.root)

    @cached_property
    def database(self) -> Engine:
        """The database, its tables made where they are missing."""
        return open_database(
            self.settings.database_url or f"sqlite:///{self.root / 'radsieve.sqlite3'}"
        )

    @cached_property
    def secrets(self) -> Secrets:
        """The secrets, made on first use."""
        path = self.root / "secrets.json"
        if not path.exists():
            _write_new_secrets(path)
        stored = json.loads(path.read_text())
        return Secrets(archive_key=bytes.fromhex(stored.pop("archive_key")), **stored)

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
        )

    @property
    def thumbnails(self) -> Path:
        """The memory-mapped thumbnail store."""
        return self.root / "thumbnails.u8"

    @property
    def job_queue(self) -> Path | str:
        """The job queue: an SQLite file in the workspace, or the URL that the settings name."""
        return self.settings.jobs_url or self.root / "jobs.sqlite3"

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


def _write_new_secrets(path: Path) -> None:
    made = {
        "archive_key": _new_archive_key(),
        "backend_password": secrets.token_urlsafe(18),
        "label_studio_password": secrets.token_urlsafe(12),
        "label_studio_token": secrets.token_hex(20),
    }
    # Two programs may start at once on an empty workspace: the first file stays, whole.
    own = path.with_name(f".secrets.{os.getpid()}.json")
    write_atomically(own, json.dumps(made, indent=1).encode(), mode=0o600)
    with contextlib.suppress(FileExistsError):
        os.link(own, path)
    own.unlink()


def _new_archive_key() -> str:
    return secrets.token_hex(32)


def default_workspace() -> Path:
    """Return the workspace named by `RADSIEVE_WORKSPACE`, else `./radsieve-workspace`."""
    return Path(os.environ.get("RADSIEVE_WORKSPACE") or "radsieve-workspace")
