"""Features that are kept already, read without the network that makes them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def kept_half_features(folder: Path, rows: Sequence[int]) -> NDArray[np.float16] | None:
    """Return the features of all these thumbnail rows, None where any is missing.

    The files are those of `FeatureStore`; where several networks made some, the newest that has all
    of them counts. To import that class takes torch, and torch takes seconds.

    Returns:
        Shape (rows, numbers of a film), still half precision: of 100,000 films 64 MB.
    """
    wanted = np.asarray(rows, dtype=np.int64)
    files = sorted(folder.glob("*.f16"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files if len(wanted) else ():
        done = path.with_suffix(".done")
        width = path.stem.rpartition("-")[2]
        if not done.exists() or not width.isdigit():
            continue
        is_done = np.fromfile(done, np.uint8)
        if wanted.max() < len(is_done) and bool((is_done[wanted] == 1).all()):
            kept = np.memmap(path, np.float16, mode="r").reshape(-1, int(width))
            return np.asarray(kept[wanted])
    return None
