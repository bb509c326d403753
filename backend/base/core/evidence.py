"""What the ledger says of whole tables: how many rows each has, and one digest of all of them.

The digest is that of a multiset: the sum, modulo 2**256, of a keyed hash of each row. A row that is
added adds its hash, a row that is changed takes its old hash away and adds its new one. So what a
change costs depends on the rows that it touches, and not on the table.

Why a sum is enough. The hash (BLAKE2b) is keyed with a secret of the workspace. An accident, and
whoever has the database alone, can compute no row's hash, so they cannot choose rows whose hashes
add up to the sum that is on record. Whoever has the key as well can, with much computing, find such
rows, or simply write tables and ledger anew. Against them helps what they cannot reach: a copy of
the ledger, or its last digest, kept elsewhere.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from backend.base.core.ledger import Facts, canonical

_MODULUS = 2**256
_BYTES = 32
_EMPTY = ",null"


@dataclass(frozen=True, slots=True)
class RowsDigest:
    """How many rows there are, and the sum of their hashes.

    >>> one, other = ('[1,"a"]',), ('[2,"b"]',)
    >>> two = rows_digest("t", [one, other], b"key")
    >>> two == rows_digest("t", [other, one], b"key")
    True
    >>> two - rows_digest("t", [one], b"key") == rows_digest("t", [('[2,"b",null]', None)], b"key")
    True
    """

    rows: int = 0
    total: int = 0

    def __add__(self, other: "RowsDigest") -> "RowsDigest":
        """Return the digest of these rows and others."""
        return RowsDigest(self.rows + other.rows, (self.total + other.total) % _MODULUS)

    def __sub__(self, other: "RowsDigest") -> "RowsDigest":
        """Return the digest of these rows without others, which are among them."""
        return RowsDigest(self.rows - other.rows, (self.total - other.total) % _MODULUS)

    def as_json(self) -> list[object]:
        """Return plain values."""
        return [self.rows, f"{self.total:064x}"]

    @classmethod
    def from_json(cls, values: Sequence[object]) -> Self:
        """Return what plain values stand for."""
        rows, total = values
        return cls(int(str(rows)), int(str(total), 16))


def rows_digest(table: str, rows: Iterable[Sequence[Any]], key: bytes) -> RowsDigest:
    """Return the digest of rows; in which order they come does not matter.

    Empty values at the end of a row do not count: a column that is added at the end of a table
    leaves the digest of the rows that are there as it was.

    Args:
        table: its name; the same row of another table has another hash.
        rows: of each, a JSON array of all values but numbers with a fraction, and those numbers.
        key: the secret of the workspace.
    """
    begun = hashlib.blake2b(digest_size=_BYTES, key=key, person=table.encode())
    count = total = 0
    for row in rows:
        one = begun.copy()
        one.update(_text(*row).encode())
        total += int.from_bytes(one.digest())
        count += 1
    return RowsDigest(count, total % _MODULUS)


def _text(values: str, *numbers: float | None) -> str:
    """Return the text of a row, without empty values at the end."""
    text = values[:-1]
    while text.endswith(_EMPTY):
        text = text.removesuffix(_EMPTY)
    known = list(numbers)
    while known and known[-1] is None:
        known.pop()
    return f"{text}]{known}" if known else text


@dataclass(frozen=True, slots=True)
class EvidenceState:
    """The digests of all tables after the latest change, and where the ledger tells of them."""

    tables: Mapping[str, RowsDigest]
    told_in: Mapping[str, int] = field(default_factory=dict)
    """By table, the row of the ledger that tells of it as it is; what changed since has none."""
    last: int = 0
    """The last row of the ledger that tells of tables."""

    @property
    def untold(self) -> list[str]:
        """The tables that changed since the ledger told of them, by name."""
        return sorted(self.tables.keys() - self.told_in.keys())

    def changed(self, changes: Mapping[str, RowsDigest]) -> "EvidenceState":
        """Return the state in which some tables have other digests, not told of yet."""
        told = {name: seq for name, seq in self.told_in.items() if name not in changes}
        return replace(self, tables={**self.tables, **changes}, told_in=told)

    def told(self, seq: int) -> "EvidenceState":
        """Return the state in which a row of the ledger tells of all that it did not tell of."""
        return replace(self, told_in={**dict.fromkeys(self.untold, seq), **self.told_in}, last=seq)

    def facts(self) -> Facts:
        """Return what the ledger is to tell: the digests of the tables that it has not told of."""
        return {"tables": {name: self.tables[name].as_json() for name in self.untold}}

    def as_text(self) -> str:
        """Return the state as JSON; the same state has the same text."""
        tables = {name: digest.as_json() for name, digest in self.tables.items()}
        return canonical({"tables": tables, "told_in": dict(self.told_in), "last": self.last})

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return what a text stands for."""
        stored = json.loads(text)
        tables = {name: RowsDigest.from_json(one) for name, one in stored["tables"].items()}
        return cls(tables, stored["told_in"], stored["last"])


def proof_of(text: str, key: bytes) -> str:
    """Return what only who has the secret of the workspace can write beside a state."""
    return hmac.digest(key, text.encode(), "sha256").hex()


def is_proven(text: str, proof: str, key: bytes) -> bool:
    """Return whether radsieve wrote a state."""
    return hmac.compare_digest(proof_of(text, key), proof)
