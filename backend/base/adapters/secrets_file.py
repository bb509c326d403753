"""The secrets of a workspace: made at random once, in a file that only its owner can read."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from backend.base.adapters.files import write_atomically
from backend.base.core.errors import LostPartError

SECRETS_FILE = "secrets.json"


@dataclass(frozen=True, slots=True)
class Secrets:
    """Keys, passwords and tokens of one workspace."""

    archive_key: bytes
    """Keys the hashes of patients and the splits; lose it and the splits are lost."""
    backend_password: str
    label_studio_password: str
    label_studio_token: str
    """Legacy token of the Label Studio that `radsieve up` starts."""


def read_secrets(path: Path) -> Secrets:
    """Read secrets.

    Raises:
        LostPartError: there is no such file, or what it holds is not whole.
    """
    try:
        stored = dict(json.loads(path.read_text()))
        return Secrets(archive_key=bytes.fromhex(stored.pop("archive_key")), **stored)
    except FileNotFoundError:
        came = "there is none"
    except OSError as error:
        came = f"it cannot be read: {error.strerror}"
    except (ValueError, TypeError, KeyError):
        came = "it is empty" if not path.stat().st_size else "it is not whole"
    raise LostPartError(
        f"expected the secrets of the workspace in {path}, but {came}; put the file back from a "
        "backup: without its archive key no patient is known again"
    )


def write_new_secrets(path: Path) -> None:
    """Make secrets and write them."""
    made = {
        "archive_key": _new_archive_key(),
        "backend_password": secrets.token_urlsafe(18),
        "label_studio_password": secrets.token_urlsafe(12),
        "label_studio_token": secrets.token_hex(20),
    }
    write_atomically(path, json.dumps(made, indent=1).encode(), mode=0o600)


def _new_archive_key() -> str:
    return secrets.token_hex(32)
