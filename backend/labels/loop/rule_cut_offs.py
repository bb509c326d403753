"""Show a user where a rule's cut-offs lie among the films of the archive."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from backend.archive.adapters.catalogue import films, unreadable_files
from backend.archive.adapters.film_names import film_names
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.core.film import Film
from backend.archive.core.shown_names import archive_root, below
from backend.archive.loop.film_measures import COPY_MEASURES, better_copies, measure_store
from backend.base.adapters.files import write_atomically
from backend.base.adapters.settings import Settings
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.rule import Check, FilmFacts
from backend.labels.adapters.rule_page import CheckSection, Example, FileList, rule_page
from backend.labels.core.cut_off_in_force import CutOffInForce, cut_offs_in_force
from backend.labels.core.cut_offs import sides_of, spread_of
from backend.labels.loop.apply_rules import judge_archive, rule_of

EXAMPLES = 6
"""Films shown on each side of a cut-off."""


def write_rule_report(workspace: Workspace, task: DetectorTask, out: Path) -> None:
    """Write one self-contained page: per check a histogram, the cut-off and films beside it.

    Raises:
        TaskDefinitionError: the task has no rule.
        InputFileError: `radsieve.toml` sets a cut-off that the rule does not have.
    """
    judged = judge_archive(workspace, task)
    cut_offs, facts = judged.cut_offs, judged.facts
    names = film_names(workspace.database, paths=workspace.settings.paths)
    # The page shows no path but these names.
    archive = [
        replace(film, path=names[film.radiograph_id][0]) for film in films(workspace.database)
    ]
    in_force = {one.label: one for one in cut_offs_in_force(judged.suspicions)}
    sections = [
        replace(section, set_by=_what_follows(in_force.get(check.label)))
        for check in rule_of(task).checks
        if (section := _section(workspace, task, check, cut_offs[check.cut_off], archive, facts))
    ]
    needs_pixels = rule_of(task).needs_pixels
    lists = _file_lists(workspace.database, names, workspace.settings) if needs_pixels else []
    write_atomically(out, rule_page(task.display_name, sections, lists).encode())


def _what_follows(in_force: CutOffInForce | None) -> str:
    """Return what follows for films beyond a cut-off, and why it lies there; None: of a policy."""
    if in_force is None:
        return "Films beyond it are excluded, and nobody has to look."
    return f"Films beyond it are shown to people. {in_force.explanation}"


def _section(  # noqa: PLR0913, PLR0917 - what one check is shown by
    workspace: Workspace,
    task: DetectorTask,
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
    flagged = _examples(workspace.thumbnails, known, values, sides.flagged)
    if check.measure in COPY_MEASURES:
        flagged = _beside_their_originals(workspace, known, sides.flagged, flagged)
    return CheckSection(
        check=check,
        words=task.words(check.label),
        cut_off=cut_off,
        spread=spread_of(values, cut_off),
        flagged=flagged,
        passed=_examples(workspace.thumbnails, known, values, sides.passed),
        flagged_count=sides.flagged_count,
        film_count=len(known),
    )


def _examples(
    thumbnails: Path,
    measured: Sequence[Film],
    values: NDArray[np.float64],
    chosen: Sequence[int],
) -> list[Example]:
    """Return the chosen films, by their indexes, as the page shows them."""
    chosen_films = [measured[index] for index in chosen]
    return _shown(thumbnails, chosen_films, [float(values[index]) for index in chosen])


def _beside_their_originals(
    workspace: Workspace,
    measured: Sequence[Film],
    chosen: Sequence[int],
    examples: Sequence[Example],
) -> list[Example]:
    """Return examples of copies, each with what it is a copy of."""
    store = measure_store(workspace.measures, workspace.thumbnails)
    originals = better_copies(store, measured, chosen)
    return [
        replace(example, copy_of=_shown(workspace.thumbnails, [original], [0.0])[0])
        if original
        else example
        for example, original in zip(examples, originals, strict=True)
    ]


def _shown(thumbnails: Path, shown: Sequence[Film], values: Sequence[float]) -> list[Example]:
    pictures = ThumbnailStore(thumbnails).read([film.thumbnail_row for film in shown])
    return [
        Example(picture, film.width_px, film.height_px, film.path, value)
        for film, picture, value in zip(shown, pictures, values, strict=True)
    ]


def _file_lists(
    engine: Engine, names: Mapping[str, Sequence[str]], settings: Settings
) -> list[FileList]:
    copies = [
        (name, f"the same bytes as {of_film[0]}")
        for of_film in names.values()
        for name in of_film[1:]
    ]
    found = unreadable_files(engine)
    root = archive_root(file.path for file in found)
    unreadable = [
        (below(root, file.path) if settings.paths else f"file {number}", file.problem)
        for number, file in enumerate(found, start=1)
    ]
    return [
        FileList("Files that are copies, byte for byte", copies),
        FileList("Files that cannot be read; radsieve paths --unreadable names them", unreadable),
    ]
