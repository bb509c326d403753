"""Put films whose answer is known on the sheets of a batch."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from backend.archive.core.identity import RADIOGRAPH_ID_LENGTH
from backend.base.adapters.settings import Settings
from backend.base.core.detector_task import DetectorTask
from backend.base.core.pixel_change import PixelChange
from backend.labels.core.labels import Verdict
from backend.review.core.batch_plan import PlannedSheet
from backend.review.core.known_answer_films import KnownAnswerFilms, draw_checks, places_for_checks
from backend.review.core.look import KnownAnswer, Look
from backend.review.core.second_look import confirmed_bad


def known_answer_films(
    looks: Sequence[Look], known: Mapping[str, Verdict], task: DetectorTask
) -> KnownAnswerFilms:
    """Return the films whose answer is known well enough to judge a reviewer by.

    Args:
        looks: at films of the task; those at films whose answer was known are left out.
        known: by radiograph id, the verdict of the film.
        task: the detector task.
    """
    own = [look for look in looks if not look.check]
    labels = {film: verdict.label for film, verdict in known.items() if verdict.label}
    twice = confirmed_bad(own, task.expected_label)
    ever_bad = {look.radiograph_id for look in own if look.says_bad(task.expected_label)}
    seen = {look.radiograph_id for look in own if look.on_screen}
    return KnownAnswerFilms(
        bad={
            film: labels[film]
            for film in twice
            if labels.get(film, task.expected_label) != task.expected_label
        },
        good=sorted(film for film in seen - ever_bad if labels.get(film) == task.expected_label),
    )


def room_for_films(settings: Settings, known: KnownAnswerFilms) -> int:
    """Return how many films of the batch a sheet holds beside its known-answer films."""
    kept = places_for_checks(settings.hidden_share, settings.sheet_films) if known else 0
    return max(1, settings.sheet_films - kept)


@dataclass(frozen=True, slots=True)
class CheckMixer:
    """Mixes known-answer films into the sheets of one batch."""

    known: KnownAnswerFilms
    settings: Settings
    archive_key: bytes
    """Makes the ids under which they are shown, so that nobody can guess which film it is."""
    seed: int
    """Of the batch."""

    def mixed(self, sheets: Sequence[PlannedSheet], task: DetectorTask) -> list[PlannedSheet]:
        """Return the sheets; those that show the expected label have known-answer films added."""
        rng = np.random.default_rng([self.seed, 1])
        places = places_for_checks(self.settings.hidden_share, self.settings.sheet_films)

        def filled_up(number: int, sheet: PlannedSheet) -> PlannedSheet:
            wanted = self.settings.hidden_share * len(sheet.radiograph_ids) / places
            chance = min(1.0, wanted)
            drawn = draw_checks(self.known, task, places=places, chance=chance, rng=rng)
            return replace(sheet, checks={self._shown_id(number, check): check for check in drawn})

        return [
            filled_up(number, sheet)
            if sheet.shown_label == task.expected_label and places
            else sheet
            for number, sheet in enumerate(sheets)
        ]

    def _shown_id(self, sheet: int, check: KnownAnswer) -> str:
        """Return an id that looks like any film's, and changes every time the film is shown."""
        text = f"check:{self.seed}:{sheet}:{check.radiograph_id}:{check.truth}"
        digest = hmac.new(self.archive_key, text.encode(), hashlib.sha256).hexdigest()
        return digest[:RADIOGRAPH_ID_LENGTH]


def check_pictures(
    task: DetectorTask, checks: Mapping[str, KnownAnswer]
) -> dict[str, tuple[str, PixelChange | None]]:
    """Return by shown id the film a check shows, and what is done to it first."""
    return {
        shown: (check.radiograph_id, task.made_by[check.truth] if check.made else None)
        for shown, check in checks.items()
    }
