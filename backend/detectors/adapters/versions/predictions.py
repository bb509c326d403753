"""Predictions on disk: one Parquet file per detector task and model version.

A sweep writes numbered parts as it goes and joins them at the end, so that it can be interrupted at
any moment: what is done stays done, and the joined file is the same as without the interruption.
Who writes has the turn of the version (`turn_to_predict`); who reads needs none.
"""

import hashlib
import logging
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from backend.base.adapters.lock import in_turn
from backend.base.adapters.written_files import TRIES, WrittenFiles
from backend.base.core.errors import ChangedEvidenceError, RadsieveError
from backend.detectors.core.boxes.answer import split_answers
from backend.detectors.core.uncertainty import margin_uncertainty
from backend.labels.core.box import SIDES

logger = logging.getLogger(__name__)

RULE = "rule"
"""Versions of a rule, whose scores are kept as predictions, are named so, with a hash behind it."""
ID_COLUMN = "radiograph_id"
_NO_ROWS = pa.table({ID_COLUMN: pa.array([], pa.string())})


@dataclass(frozen=True)
class PredictionTable:
    """All predictions of one model version for one detector task."""

    detector_task: str
    model_version: str
    labels: tuple[str, ...]
    frame: pd.DataFrame
    """Columns `radiograph_id`, `p_<label>` ..., `predicted`, `uncertainty`; of boxes, whose
    probability is that of being right, also `<label>_left` and so on as shares of the film."""

    def probabilities(self, radiograph_ids: Sequence[str]) -> NDArray[np.float32]:
        """Return shape (ids, labels); a film without a prediction gets a row of NaN."""
        columns = [f"p_{label}" for label in self.labels]
        found = self._by_id.reindex(list(radiograph_ids))[columns]
        return found.to_numpy(dtype=np.float32)

    def answers(self, radiograph_ids: Sequence[str]) -> NDArray[np.float32]:
        """Return probabilities, shape (ids, labels), or box answers, shape (ids, labels, 5)."""
        sides = [f"{label}_{side}" for label in self.labels for side in SIDES]
        if not set(sides) <= set(self.frame.columns):
            return self.probabilities(radiograph_ids)
        columns = [
            column
            for label in self.labels
            for column in (f"p_{label}", *(f"{label}_{side}" for side in SIDES))
        ]
        found = self._by_id.reindex(list(radiograph_ids))[columns].to_numpy(dtype=np.float32)
        return found.reshape(len(radiograph_ids), len(self.labels), 1 + len(SIDES))

    @cached_property
    def radiograph_ids(self) -> frozenset[str]:
        """The films that have a prediction."""
        return frozenset(self.frame[ID_COLUMN])

    @cached_property
    def _by_id(self) -> pd.DataFrame:
        return self.frame.set_index(ID_COLUMN)


@contextmanager
def turn_to_predict(root: Path, model_versions: Collection[str]) -> Iterator[None]:
    """Wait until no other program writes predictions of these versions, and keep others out.

    Of two that write the same part, one would give its name to what the other has half written.

    Args:
        root: the folder of all predictions.
        model_versions: whose predictions the block writes.
    """
    root.mkdir(parents=True, exist_ok=True)
    with ExitStack() as turns:
        for version in sorted(set(model_versions)):  # in one order: no two wait for each other
            turns.enter_context(in_turn(root / f"{version}.lock"))
        yield


class PredictionFile:
    """The place of one (detector task, model version), while it grows and when it is whole."""

    def __init__(
        self,
        root: Path,
        detector_task: str,
        model_version: str,
        record: WrittenFiles | None = None,
    ) -> None:
        """Name the place; nothing is made until something is written.

        Args:
            root: the folder of all predictions.
            detector_task: what they answer.
            model_version: whose they are.
            record: keeps the digests of what is written, and compares what is read with them; None
                where nothing that rests on it is certified.
        """
        self._task, self._version, self._record = detector_task, model_version, record
        self.path = root / detector_task / f"{model_version}.parquet"
        self._parts = self.path.with_suffix(".parts")

    def known_ids(self) -> set[str]:
        """Return the films already predicted, finished sweep or not.

        What is damaged, or not as it was written, is set aside, to be made again.
        """
        if self._record and self._is_lost():
            self._record.forget(self.path)
        known: set[str] = set()
        for path in self._written():
            table = self._read(path, [ID_COLUMN])
            if table is None:
                self._set_aside(path)
            else:
                known.update(table[ID_COLUMN].to_pylist())
                if self._record and not self._record.knows(path):
                    self._record.note_as_found(path)
        return known

    def _read(self, path: Path, columns: list[str] | None = None) -> pa.Table | None:
        """Read a file once, whole; None where it is damaged or not as it was written.

        Its pages have checksums, so that damage is seen where no digest is on record.
        """
        try:
            content = self._as_written(path)
        except FileNotFoundError:  # joined meanwhile by another sweep
            return _NO_ROWS
        if content is None:
            return None
        try:
            with pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True) as file:
                whole = file.read()
                return whole.select(columns) if columns else whole
        except OSError as error:
            if error.errno is not None:  # a fault of the machine, and not of the file
                raise
            return None
        except (pa.ArrowException, ValueError, KeyError):
            return None

    def _as_written(self, path: Path) -> bytes | None:
        """Return what a file holds; None where that is not what was written."""
        for _ in range(TRIES):  # another program may write it between the two questions
            content = path.read_bytes()
            if not self._record or self._record.is_as_written(path, _sha256(content)):
                return content
        return None

    def _set_aside(self, path: Path) -> None:
        """Rename what cannot be used, so that it is made again."""
        path.replace(path.with_suffix(".damaged"))
        if self._record:
            self._record.forget(path)
        logger.warning("set aside as damaged, to be made again: %s", path.name)

    def _take_place(self, temporary: Path, target: Path) -> None:
        if self._record:
            self._record.take_place(temporary, target, for_ever=target == self.path)
        else:
            temporary.replace(target)

    def write_part(
        self,
        radiograph_ids: Sequence[str],
        labels: Sequence[str],
        answers: NDArray[np.float32],
    ) -> None:
        """Add the predictions of some films; whole or not at all.

        Args:
            radiograph_ids: the films.
            labels: of the detector task.
            answers: probabilities, shape (films, labels), or boxes, shape (films, labels, 5).
        """
        make_frame = box_frame if answers.ndim == 3 else prediction_frame
        frame = make_frame(radiograph_ids, labels, answers)
        self._parts.mkdir(parents=True, exist_ok=True)
        number = 1 + max((int(path.stem) for path in self._part_files()), default=-1)
        temporary = self._parts / f"{number:06d}.tmp"
        table = pa.Table.from_pandas(frame, preserve_index=False)
        pq.write_table(table, temporary, write_page_checksum=True)
        self._take_place(temporary, self._parts / f"{number:06d}.parquet")

    def join(self) -> None:
        """Put all parts into the one file, part by part, so that memory stays constant."""
        if not self._part_files():
            return
        temporary = self.path.with_suffix(".tmp")
        schema = pq.read_schema(self._written()[0])
        with pq.ParquetWriter(temporary, schema, write_page_checksum=True) as writer:
            for group in _new_rows(self._written()):
                writer.write_table(group.cast(schema))
        self._take_place(temporary, self.path)
        parts = self._part_files()
        shutil.rmtree(self._parts)
        if self._record:
            self._record.forget(*parts)

    def load(self) -> PredictionTable:
        """Read everything predicted so far.

        Raises:
            ChangedEvidenceError: something else than radsieve wrote or removed it.
            RadsieveError: nothing was predicted yet, or a file of it is damaged.
        """
        self.refuse_lost()
        for _ in range(TRIES):  # parts that a sweep joins meanwhile are in the whole file then
            tables = [self._whole(path) for path in self._written()]
            if all(table is not _NO_ROWS for table in tables):
                break
        frames = [table.to_pandas() for table in tables if table is not _NO_ROWS]
        if not frames:
            raise RadsieveError(
                f"no predictions of {self._version} for {self._task}; make them with {self._maker}"
            )
        frame = pd.concat(frames, ignore_index=True)
        frame = frame.drop_duplicates(ID_COLUMN, ignore_index=True)
        labels = tuple(name[2:] for name in frame.columns if name.startswith("p_"))
        return PredictionTable(self._task, self._version, labels, frame)

    def refuse_lost(self) -> None:
        """Refuse to go on without a file that was written.

        Raises:
            ChangedEvidenceError: it is not there.
        """
        if self._is_lost():
            raise self._changed("none")

    def _is_lost(self) -> bool:
        gone = self._record is not None and not self.path.exists()
        return gone and not self._record.is_as_written(self.path, None)  # type: ignore[union-attr]

    def _whole(self, path: Path) -> pa.Table:
        table = self._read(path)
        if table is not None:
            return table
        if self._record and self._record.knows(path):
            raise self._changed("others")
        self._set_aside(path)
        raise RadsieveError(
            f"predictions of {self._version} for {self._task} are damaged and were set aside; "
            f"make them again with {self._maker}"
        )

    def _changed(self, came: str) -> ChangedEvidenceError:
        return ChangedEvidenceError(
            f"expected the predictions of {self._version} for {self._task} as they were written, "
            f"got {came}; make them again with "
            f"{self._maker}"
        )

    @property
    def _maker(self) -> str:
        """The command that makes these predictions."""
        command = "rules" if self._version.startswith(f"{RULE}-") else f"sweep {self._task}"
        return f"`radsieve {command}`"

    def exists(self) -> bool:
        """Whether anything was predicted yet."""
        return bool(self._written())

    def _written(self) -> list[Path]:
        whole = [self.path] if self.path.exists() else []
        return whole + self._part_files()

    def _part_files(self) -> list[Path]:
        return sorted(self._parts.glob("*.parquet"))


def load_predictions(root: Path, detector_task: str, model_version: str) -> PredictionTable:
    """Read the predictions of one model version.

    Raises:
        RadsieveError: there are none yet.
    """
    return PredictionFile(root, detector_task, model_version).load()


def prediction_frame(
    radiograph_ids: Sequence[str], labels: Sequence[str], probabilities: NDArray[np.float32]
) -> pd.DataFrame:
    """Return predictions as a table: probabilities, the most probable label, the uncertainty."""
    columns: dict[str, object] = {ID_COLUMN: list(radiograph_ids)}
    for index, label in enumerate(labels):
        columns[f"p_{label}"] = probabilities[:, index].astype(np.float32)
    columns["predicted"] = [labels[index] for index in probabilities.argmax(axis=1)]
    columns["uncertainty"] = margin_uncertainty(probabilities.astype(np.float64)).astype(np.float32)
    return pd.DataFrame(columns)


def box_frame(
    radiograph_ids: Sequence[str], labels: Sequence[str], answers: NDArray[np.float32]
) -> pd.DataFrame:
    """Return boxes (`detectors.core.boxes.answer`) as a table, with the least sure box."""
    sure, boxes = split_answers(answers)
    columns: dict[str, object] = {ID_COLUMN: list(radiograph_ids)}
    columns |= {f"p_{label}": sure[:, place] for place, label in enumerate(labels)}
    for place, label in enumerate(labels):
        columns |= {f"{label}_{side}": boxes[:, place, k] for k, side in enumerate(SIDES)}
    columns["predicted"] = labels[0]
    columns["uncertainty"] = 1 - sure.min(axis=1)
    return pd.DataFrame(columns)


def _new_rows(paths: Sequence[Path]) -> Iterator[pa.Table]:
    # A join that was killed at the end has left parts that are in the whole file already.
    seen: set[str] = set()
    for path in paths:
        file = pq.ParquetFile(path)
        for index in range(file.num_row_groups):
            rows = file.read_row_group(index)
            ids = rows[ID_COLUMN].to_pylist()
            yield rows.filter([radiograph_id not in seen for radiograph_id in ids])
            seen.update(ids)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


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
