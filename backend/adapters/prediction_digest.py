"""Digests of predictions: which ones a list was made of, and whether they are still there."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from backend.adapters.predictions import PredictionFile, PredictionTable


def file_sha256(path: Path) -> str | None:
    """Return SHA-256 of a file's bytes, in hex; None where there is no such file."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def rows_sha256(table: PredictionTable) -> str:
    """Return SHA-256, in hex, of all rows in order, however they lie in files."""
    digest = hashlib.sha256()
    for name in table.frame.columns:
        digest.update(f"{name}\n".encode())
        digest.update(_column_bytes(table.frame[name]))
    return digest.hexdigest()


def first_rows(file: PredictionFile, rows: int) -> PredictionTable | None:
    """Return the first rows of a file, which grows at its end when films are added.

    Returns:
        None where the file is gone or has fewer rows.
    """
    if not file.exists():
        return None
    table = file.load()
    if len(table.frame) < rows:
        return None
    return replace(table, frame=table.frame.head(rows).reset_index(drop=True))


def _column_bytes(column: "pd.Series[Any]") -> bytes:
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype="<f8").tobytes()
    return "\n".join(map(str, column)).encode()
