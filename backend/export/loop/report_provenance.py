"""The provenance section of the report: versions, seeds, settings and digests to reproduce it."""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from importlib.metadata import version
from typing import Literal, get_origin

from backend.base.adapters.settings import Settings
from backend.base.core.ledger import LedgerRow, canonical
from backend.export.core.report import BatchSeed, Provenance
from backend.export.loop.reading import ArchiveReading
from backend.export.loop.report_detector import CURVE_SEED
from backend.export.loop.report_reading import ReportReading

_DISTRIBUTION = "radsieve"
_DAY = len("2026-01-31")
NOT_SHOWN = "set (not shown)"


def provenance(
    reading: ArchiveReading,
    report: ReportReading,
    settings: Settings,
    archive_key: bytes,
    *,
    at: str,
) -> Provenance:
    """Return what is needed to reproduce the figures.

    Args:
        reading: the films and labels that the figures are made of.
        report: what only the report says.
        settings: those that are not as usual are shown.
        archive_key: only a hash of it is shown, to tell workspaces apart.
        at: when the report is made, UTC, ISO 8601.
    """
    check = report.ledger.check
    fault = f"row {check.fault.seq} {check.fault.problem}" if check.fault else ""
    return Provenance(
        at=at,
        radsieve=version(_DISTRIBUTION),
        films_digest=_sha256("\n".join(sorted(reading.films)).encode()),
        workspace=_workspace_hash(archive_key),
        settings=changed_settings(settings),
        seeds={"intervals of the curves": CURVE_SEED},
        batches=list(_batches(report.ledger.batches, reading.by_task.keys())),
        predictions=report.predictions,
        overrides=[
            f"{row.at[:_DAY]}, row {row.seq} of the ledger says why"
            for row in report.ledger.overrides
        ],
        ledger_rows=check.head.seq,
        ledger_head=check.head.digest,
        ledger_fault=fault,
    )


def changed_settings(settings: Settings) -> dict[str, str]:
    """Return the settings that differ from their defaults; free text is only said to be set.

    Addresses, folders, logins and tokens are free text. So a new setting is not shown unless it is
    a number or one of a few words.
    """
    changed = {}
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if value != field.default:
            is_word = get_origin(field.annotation) is Literal
            is_told = is_word or isinstance(value, bool | int | float | dict)
            changed[name] = canonical(value).strip('"') if is_told else NOT_SHOWN
    return changed


def _workspace_hash(archive_key: bytes) -> str:
    return hashlib.blake2b(b"archive report", key=archive_key[:64], digest_size=8).hexdigest()


def _batches(rows: Iterable[LedgerRow], tasks: Collection[str]) -> Iterator[BatchSeed]:
    for row in rows:
        name, facts = row.detector_task, row.facts
        if name in tasks and name is not None:
            yield BatchSeed(name, facts["batch_id"], row.at, facts["model_version"], facts["seed"])


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
