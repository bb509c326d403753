"""The cut-offs that people have set in the grid, in one small file of the workspace."""

import json
from pathlib import Path

from backend.base.adapters.files import write_atomically

GRID_FILE = "grid.json"


def read_grid_cut_offs(root: Path) -> dict[str, float]:
    """Return the cut-offs by name; a file that is none of ours counts as empty."""
    try:
        kept = json.loads((root / GRID_FILE).read_text())["cut_offs"]
        return {str(name): float(value) for name, value in kept.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def keep_grid_cut_off(root: Path, name: str, cut_off: float) -> None:
    """Keep one cut-off beside the others; a second one of its name replaces it."""
    kept = read_grid_cut_offs(root) | {name: cut_off}
    write_atomically(root / GRID_FILE, json.dumps({"cut_offs": kept}, indent=1).encode())
