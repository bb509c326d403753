"""Measures of all films in Parquet: computed once, added part by part."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.base.adapters.lock import in_turn
from backend.base.core.chunks import in_chunks
from backend.base.core.progress import Progress

MEASURING_CODE = 1
"""Raise it when a measure changes: kept measures of older code are passed over."""
ID_COLUMN = "radiograph_id"
_PART_FILMS = 2048
"""Films measured between two saves: about ten seconds of work."""


class MeasureStore:
    """One row a film, in numbered parts; a run that is killed loses the part in hand."""

    def __init__(self, folder: Path, thumbnails: ThumbnailStore) -> None:
        """Name the folder; it is made when the first measures are kept."""
        self._folder, self._thumbnails = folder / f"v{MEASURING_CODE}", thumbnails

    def read(
        self, films: Sequence[tuple[str, int]], *, progress: Progress | None = None
    ) -> pd.DataFrame:
        """Return the measures of films in the order asked for, measuring those that are new.

        Args:
            films: radiograph id and thumbnail row of each.
            progress: told after every part.

        Returns:
            Indexed by radiograph id; the columns are those of `FilmMeasures`.

        Raises:
            RadsieveError: a thumbnail is missing.
        """
        known = self._kept()
        missing = [film for film in films if film[0] not in known.index]
        if missing:
            self._folder.mkdir(parents=True, exist_ok=True)
            with in_turn(self._folder / "measures.lock"):
                known = self._kept()
                self._add((film for film in missing if film[0] not in known.index), progress)
            known = self._kept()
        return known.loc[[film for film, _ in films]]

    def kept(self, films: Sequence[str]) -> pd.DataFrame:
        """Return the measures of those of the films that were measured before, in their order."""
        known = self._kept()
        return known.loc[[film for film in films if film in known.index]]

    def _kept(self) -> pd.DataFrame:
        parts = [pd.read_parquet(path) for path in sorted(self._folder.glob("*.parquet"))]
        if not parts:
            return pd.DataFrame({ID_COLUMN: pd.Series(dtype=str)}).set_index(ID_COLUMN)
        return pd.concat(parts, ignore_index=True).set_index(ID_COLUMN)

    def _add(self, films: Iterable[tuple[str, int]], progress: Progress | None) -> None:
        # Only where something is measured: imagehash takes a second to import.
        from backend.archive.adapters.film_measures import measure_film  # noqa: PLC0415

        to_do = list(films)
        done = 0
        for some in in_chunks(to_do, _PART_FILMS):
            rows = []
            for film, thumbnail_row in some:
                measures = measure_film(self._thumbnails.read([thumbnail_row])[0])
                rows.append({ID_COLUMN: film, **asdict(measures)})
                done += 1
                if progress:
                    progress(done, len(to_do))
            self._keep(rows)

    def _keep(self, rows: Sequence[dict[str, object]]) -> None:
        number = sum(1 for _ in self._folder.glob("*.parquet"))
        temporary = self._folder / f"{number:06d}.tmp"
        pq.write_table(pa.Table.from_pylist(list(rows)), temporary)
        temporary.replace(temporary.with_suffix(".parquet"))
