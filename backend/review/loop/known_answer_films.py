"""Put films whose answer is known on the sheets of a batch."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from backend.archive.core.identity import RADIOGRAPH_ID_LENGTH
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.pixel_change import PixelChange
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import verdicts
from backend.review.core.batch_plan import PlannedSheet
from backend.review.core.known_answer_films import KnownAnswerFilms, draw_checks, places_for_checks
from backend.review.core.look import KnownAnswer
from backend.review.core.second_look import confirmed_bad
from backend.review.loop.looks import looks


def known_answer_films(workspace: Workspace, task: DetectorTask) -> KnownAnswerFilms:
    """Return the films whose answer is known well enough to judge a reviewer by."""
    made = [look for look in looks(workspace, task) if not look.check]
    known = verdicts(standing_labels(workspace.database, task.name), task)
    labels = {film: found.label for film, found in known.items() if found.label}
    twice = confirmed_bad(made, task.expected_label)
    ever_bad = {look.radiograph_id for look in made if look.says_bad(task.expected_label)}
    seen = {look.radiograph_id for look in made if look.seconds is not None}
    return KnownAnswerFilms(
        bad={
            film: labels[film]
            for film in twice
            if labels.get(film, task.expected_label) != task.expected_label
        },
        good=sorted(film for film in seen - ever_bad if labels.get(film) == task.expected_label),
    )


def room_for_films(workspace: Workspace, known: KnownAnswerFilms) -> int:
    """Return how many films of the batch a sheet holds, when checks take their places too."""
    settings = workspace.settings
    kept = places_for_checks(settings.hidden_share, settings.sheet_films) if known else 0
    return max(1, settings.sheet_films - kept)


def with_checks(
    workspace: Workspace,
    task: DetectorTask,
    sheets: Sequence[PlannedSheet],
    known: KnownAnswerFilms,
    seed: int,
) -> list[PlannedSheet]:
    """Return the sheets, those of the expected label with checks among their films."""
    settings, rng = workspace.settings, np.random.default_rng([seed, 1])
    places = places_for_checks(settings.hidden_share, settings.sheet_films)

    def filled_up(number: int, sheet: PlannedSheet) -> PlannedSheet:
        wanted = settings.hidden_share * len(sheet.radiograph_ids) / places
        drawn = draw_checks(known, task, places=places, chance=min(1.0, wanted), rng=rng)
        named = {_shown_id(workspace, f"{seed}:{number}", one): one for one in drawn}
        return replace(sheet, checks=named)

    return [
        filled_up(number, sheet) if sheet.shown_label == task.expected_label and places else sheet
        for number, sheet in enumerate(sheets)
    ]


def check_pictures(
    task: DetectorTask, checks: Mapping[str, KnownAnswer]
) -> dict[str, tuple[str, PixelChange | None]]:
    """Return by shown id the film a check shows, and what is done to it first."""
    return {
        shown: (check.radiograph_id, task.made_by[check.truth] if check.made else None)
        for shown, check in checks.items()
    }


def _shown_id(workspace: Workspace, where: str, check: KnownAnswer) -> str:
    """Return an id that looks like any film's, and changes every time the film is shown."""
    text = f"check:{where}:{check.radiograph_id}:{check.truth}"
    key = workspace.secrets.archive_key
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:RADIOGRAPH_ID_LENGTH]
