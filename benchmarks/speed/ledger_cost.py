"""What the ledger costs: CPU seconds to add, replace, check, copy and compare synthetic labels.

Run `python -m benchmarks.speed.ledger_cost [LABELS]`; no film is needed.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import Engine, insert

from backend.base.adapters.database import open_database, radiographs, utc_now
from backend.labels.adapters.label_store import replace_labels
from backend.labels.adapters.ledger_store import (
    check_ledger,
    compare_ledger,
    labels_that_differ,
    write_ledger,
)
from backend.labels.core.labels import Label, LabelSource

LABELS = 100_000


def main(count: int) -> None:
    """Print one line a figure."""
    with tempfile.TemporaryDirectory() as folder:
        database, kept = Path(folder) / "radsieve.sqlite3", Path(folder) / "ledger.jsonl"
        engine = open_database(f"sqlite:///{database}")
        add_films(engine, [_film(row) for row in range(count)])
        for what, text in (("add", "implant"), ("replace", "none")):
            said = _labels(count, text)
            seconds = _cpu_s(lambda: replace_labels(engine, "metal", LabelSource.REPORT, said))  # noqa: B023
            print(f"{what}: {seconds / count * 10_000:.2f} CPU seconds per 10,000 labels")
            print(f"database: {database.stat().st_size / 1e6:.0f} MB")
        print(f"check the chain: {_cpu_s(lambda: check_ledger(engine)):.1f} CPU seconds")
        print(f"compare labels: {_cpu_s(lambda: labels_that_differ(engine)):.1f} CPU seconds")
        print(f"copy: {_cpu_s(lambda: write_ledger(engine, kept)):.1f} CPU seconds")
        print(f"copy: {kept.stat().st_size / 1e6:.0f} MB")
        print(f"compare: {_cpu_s(lambda: compare_ledger(engine, kept)):.1f} CPU seconds")
        engine.dispose()


def _labels(count: int, text: str) -> list[Label]:
    now = utc_now()
    return [
        Label(_film(row), "metal", text, LabelSource.REPORT, now, confidence=0.9, rule="a rule")
        for row in range(count)
    ]


def _film(row: int) -> str:
    return f"{row:020x}"


def add_films(engine: Engine, radiograph_ids: Sequence[str]) -> None:
    """Put films of which there are no pixels into the index, all of one patient."""
    same = {
        "width_px": 9,
        "height_px": 9,
        "file_format": "PNG",
        "normalisation": [],
        "dicom_tags": {},
        "patient_key": "p",
        "patient_source": "film",
        "indexed_at": utc_now(),
    }
    rows = [
        {"radiograph_id": film, "thumbnail_row": row, **same}
        for row, film in enumerate(radiograph_ids)
    ]
    with engine.begin() as connection:
        connection.execute(insert(radiographs), rows)


def _cpu_s(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else LABELS)
