"""The picture and the table of the rooms in docs/architecture.md, made from the code.

`make docs` writes both; a test fails when the code imports across rooms otherwise than shown.
"""

import ast
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BACKEND = Path(__file__).parents[1] / "backend"
PAGE = Path("docs") / "architecture.md"
PICTURE = Path("docs") / "architecture.svg"
ROOMS = (
    "export",
    "certificate",
    "service",
    "review",
    "detectors",
    "phantoms",
    "reports",
    "labels",
    "archive",
    "base",
)
"""From the top of the house to the bottom, as import-linter holds them (pyproject.toml)."""
_STEPS = (3, 12)
"""Numbers of importing files from which a dot is of medium, and of large, size."""
_AREAS = (30, 120, 300)


def room_imports() -> Counter[tuple[str, str]]:
    """Return how many files of a room import another room: (importer, imported) -> files."""
    import grimp  # noqa: PLC0415 - a development tool: what runs the product lacks it

    graph = grimp.build_graph("backend", cache_dir=None)
    pairs = {
        (module, _room(module), _room(imported))
        for module in graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
    }
    return Counter((room, other) for _, room, other in pairs if room != other and room and other)


def room_table() -> str:
    """Return one row per room: its name, its content, and what it may not contain."""
    rows = []
    for room in ROOMS:
        text = ast.get_docstring(ast.parse((BACKEND / room / "__init__.py").read_text())) or ""
        holds, never = (" ".join(part.split()) for part in text.split("\n\n"))
        rows.append(f"| `{room}` | {holds} | {never} |")
    return "\n".join(["| room | holds | may not |", "|---|---|---|", *rows])


def with_room_table(page: str) -> str:
    """Return the page with an up-to-date table of rooms."""
    marked = f"<!-- rooms -->\n{room_table()}\n<!-- end of rooms -->"
    return re.sub(r"<!-- rooms -->.*<!-- end of rooms -->", lambda _: marked, page, flags=re.DOTALL)


def draw(imports: Mapping[tuple[str, str], int], path: Path) -> None:
    """Draw the rooms as a staircase, with a dot where a room uses another one; reproducible.

    Args:
        imports: (importer, imported) -> importing files.
        path: the SVG file to write.
    """
    import matplotlib as mpl  # noqa: PLC0415 - half a second that only this picture needs
    from matplotlib.figure import Figure  # noqa: PLC0415

    with mpl.rc_context({"svg.hashsalt": "radsieve", "svg.fonttype": "none"}):
        figure = Figure(figsize=(8, 5.2), layout="constrained")
        axes = figure.add_subplot()
        _rooms(axes)
        _dots(axes, imports)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _rooms(axes: "Axes") -> None:
    for step, room in enumerate(ROOMS):
        axes.plot([step, len(ROOMS) - 0.5], [step, step], color="#dddddd", linewidth=0.8, zorder=0)
        axes.plot([step, step], [-0.5, step], color="#dddddd", linewidth=0.8, zorder=0)
        box = {"boxstyle": "round,pad=0.4", "facecolor": "#dbe9f6", "edgecolor": "#3b6ea5"}
        axes.text(step, step, room, ha="center", va="center", bbox=box, fontsize=9)
    axes.set_xlim(-0.8, len(ROOMS) - 0.2)
    axes.set_ylim(len(ROOMS) - 0.4, -0.7)
    axes.axis("off")


def _dots(axes: "Axes", imports: Mapping[tuple[str, str], int]) -> None:
    """Put a dot on the line of the importing room, above the imported one."""
    for (room, other), files in sorted(imports.items()):
        area = _AREAS[sum(files >= step for step in _STEPS)]
        dot = axes.scatter(ROOMS.index(other), ROOMS.index(room), s=area, color="#3b6ea5")
        dot.set_gid(f"{room}-uses-{other}")


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


if __name__ == "__main__":
    draw(room_imports(), PICTURE)
    PAGE.write_text(with_room_table(PAGE.read_text()))
