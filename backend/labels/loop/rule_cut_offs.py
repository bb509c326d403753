"""Show a user where a rule's cut-offs lie among the films of the archive."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.catalogue import files_by_film, films, unreadable_files
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.core.film import Film
from backend.archive.loop.film_measures import COPY_MEASURES, better_copies
from backend.base.adapters.files import write_atomically
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.rule import Check, FilmFacts
from backend.labels.adapters.rule_page import CheckSection, Example, FileList, rule_page
from backend.labels.core.cut_offs import sides_of, spread_of
from backend.labels.loop.apply_rules import archive_facts, rule_cut_offs, rule_of

EXAMPLES = 6
"""Films shown on each side of a cut-off."""


def write_rule_report(workspace: Workspace, task: DetectorTask, out: Path) -> None:
    """Write one self-contained page: per check a histogram, the cut-off and films beside it.

    Raises:
        TaskDefinitionError: the task has no rule.
        InputFileError: `radsieve.toml` sets a cut-off that the rule does not have.
    """
    cut_offs = rule_cut_offs(workspace, task)
    facts = archive_facts(workspace, task)
    archive = films(workspace.database)
    sections = [
        section
        for check in rule_of(task).checks
        if (section := _section(workspace, check, cut_offs[check.cut_off], archive, facts))
    ]
    lists = _file_lists(workspace) if rule_of(task).needs_pixels else []
    write_atomically(out, rule_page(task.name, sections, lists).encode())


def _section(
    workspace: Workspace,
    check: Check,
    cut_off: float,
    archive: Sequence[Film],
    facts: Mapping[str, FilmFacts],
) -> CheckSection | None:
    """Return None where the measure is known of no film."""
    numbers = [facts[film.radiograph_id].number(check.measure) for film in archive]
    known = [film for film, number in zip(archive, numbers, strict=True) if number is not None]
    values = np.array([number for number in numbers if number is not None])
    if not known:
        return None
    sides = sides_of(values, cut_off, check, EXAMPLES)
    flagged = _examples(workspace, known, values, sides.flagged)
    if check.measure in COPY_MEASURES:
        flagged = _beside_their_originals(workspace, known, sides.flagged, flagged)
    return CheckSection(
        check=check,
        cut_off=cut_off,
        spread=spread_of(values, cut_off),
        flagged=flagged,
        passed=_examples(workspace, known, values, sides.passed),
        flagged_count=sides.flagged_count,
        film_count=len(known),
    )


def _examples(
    workspace: Workspace,
    some: Sequence[Film],
    values: NDArray[np.float64],
    chosen: Sequence[int],
) -> list[Example]:
    chosen_films = [some[place] for place in chosen]
    return _shown(workspace, chosen_films, [float(values[place]) for place in chosen])


def _beside_their_originals(
    workspace: Workspace, some: Sequence[Film], chosen: Sequence[int], examples: Sequence[Example]
) -> list[Example]:
    """Return examples of copies, each with what it is a copy of."""
    originals = better_copies(workspace, some, chosen)
    found = []
    for example, original in zip(examples, originals, strict=True):
        shown = _shown(workspace, [original], [0.0])[0] if original else None
        found.append(replace(example, copy_of=shown))
    return found


def _shown(workspace: Workspace, some: Sequence[Film], values: Sequence[float]) -> list[Example]:
    store = ThumbnailStore(workspace.thumbnails)
    pictures = store.read([film.thumbnail_row for film in some])
    return [
        Example(picture, film.width_px, film.height_px, Path(film.path).name, value)
        for film, picture, value in zip(some, pictures, values, strict=True)
    ]


def _file_lists(workspace: Workspace) -> list[FileList]:
    copies = [
        (path, f"the same bytes as {paths[0]}")
        for paths in files_by_film(workspace.database).values()
        for path in paths[1:]
    ]
    unreadable = [(file.path, file.problem) for file in unreadable_files(workspace.database)]
    return [
        FileList("Files that are copies, byte for byte", copies),
        FileList("Files that cannot be read", unreadable),
    ]
