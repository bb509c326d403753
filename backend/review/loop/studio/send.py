"""Send planned items to Label Studio; one that is there already is recognised by its key."""

import contextlib
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import study_films
from backend.base.adapters.settings import Settings
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.base.core.errors import FilmsGoneError, LabelStudioError
from backend.base.core.joint_question import suspecting_rules
from backend.detectors.adapters.versions.registry import version_in_use
from backend.detectors.core.boxes.answer import split_answers
from backend.detectors.loop.film_predictions import FilmPredictions, PredictionSource
from backend.reports.loop.report_labels import report_sentence
from backend.review.adapters.batch_store import batch_picks, leave_out, note_pushed, open_items
from backend.review.adapters.label_studio.client import LabelStudio
from backend.review.adapters.label_studio.shapes import NewItem
from backend.review.adapters.screens.contact_sheet import (
    ContactSheet,
    FilmBeside,
    SheetFilm,
    sheet_header,
    sheet_item,
    ticked_films,
)
from backend.review.adapters.screens.item_fields import STAYS
from backend.review.adapters.screens.predicted_fields import (
    by_label,
    sheet_columns,
    single_columns,
)
from backend.review.adapters.screens.sheet_screen import SHEET_TAG
from backend.review.adapters.screens.single_item import SingleFilm, single_item
from backend.review.adapters.screens.single_screen import MOST_STUDY_FILMS, StudyFilm
from backend.review.adapters.screens.tabs import (
    ASKS,
    BATCH,
    FILMS_SHOWN,
    NO,
    PICTURE,
    PURPOSE,
    QUEUE,
    REVIEWER,
    SHOWS,
    SLICES,
    SUPERSEDED,
    purpose_words,
    slice_words,
)
from backend.review.core.asked import what_is_asked
from backend.review.core.item import SHEET, Item
from backend.review.core.look import Purpose
from backend.review.core.queue_order import queue_score
from backend.review.loop.known_answer_films import check_pictures
from backend.review.loop.studio.pictures import (
    large_url,
    make_check_pictures,
    make_review_pictures,
    sheet_url,
    thumb_url,
)
from backend.review.loop.studio.sheet_pictures import make_sheet_pictures, sheet_picture_url
from backend.review.loop.studio.waiting_items import pre_annotation, suspected_on_singles

logger = logging.getLogger(__name__)

_SECOND_LOOK = "A second look: somebody or the detector thinks that these are so."


def send_planned(
    source: PredictionSource,
    settings: Settings,
    task: DetectorTask,
    studio: LabelStudio,
    *,
    pictures: Path,
) -> list[Item]:
    """Import the planned items that are not in Label Studio yet; return those that are now.

    Films that cannot be shown any more are left out, with a warning: nobody can judge them.

    Args:
        source: of what items show before anybody has touched them.
        settings: whether a report's sentence is shown.
        task: the detector task.
        studio: the Label Studio in use.
        pictures: the folder that Label Studio serves the films' pictures from.
    """
    engine = source.database
    _leave_out_gone(engine, pictures, task)
    planned = _planned(engine, task)
    for project in dict.fromkeys(item.project_id for item in planned):
        mine = [item for item in planned if item.project_id == project]
        there = {key: state.item_id for key, state in studio.item_keys(project).items()}
        missing = [item for item in mine if item.item_key not in there]
        contents = _contents(source, settings, task, missing)
        # Least certain first: Label Studio falls back to the order of import in some views.
        order = sorted(contents, key=lambda key: _score(contents[key]))
        new_ids = studio.import_items(project, [contents[key] for key in order])
        there |= dict(zip(order, new_ids, strict=True))
        for item in mine:
            note_pushed(engine, item, there[item.item_key])
    _name_followers(source, settings, task, studio, {item.item_key for item in planned})
    return planned


def _name_followers(
    source: PredictionSource,
    settings: Settings,
    task: DetectorTask,
    studio: LabelStudio,
    new_keys: Collection[str],
) -> None:
    """Tell each earlier sheet which new one follows it, so that its thumbnails are fetched in time.

    When the earlier sheet was sent, the new one was not planned yet.
    """
    waiting = [
        item
        for item in open_items(source.database, task.name)
        if item.kind == SHEET and item.item_id is not None
    ]
    earlier = {item.item_key: item for item in waiting if item.item_key not in new_keys}
    if not earlier or len(earlier) == len(waiting):
        return
    made = _Contents(source, settings, task, waiting)
    sheets = {item.item_key: made.sheet(item) for item in waiting}
    for key, after in _queue(waiting, sheets):
        if key in earlier and after and after not in earlier:
            header = {SHEET_TAG: sheet_header(sheets[key], sheets[after])}
            with contextlib.suppress(LabelStudioError):  # answered and deleted meanwhile
                studio.patch_data(earlier[key].item_id or 0, header)


def _planned(engine: Engine, task: DetectorTask) -> list[Item]:
    return [item for item in open_items(engine, task.name) if item.item_id is None]


def _leave_out_gone(engine: Engine, pictures: Path, task: DetectorTask) -> None:
    planned = _planned(engine, task)
    try:
        make_item_pictures(engine, pictures, task, planned)
    except FilmsGoneError as error:
        logger.warning("%s: left out of the batch: %s", task.name, error)
        for item in planned:
            leave_out(engine, item, error.radiograph_ids)
        _leave_out_gone(engine, pictures, task)


def make_item_pictures(
    engine: Engine, pictures: Path, task: DetectorTask, items: Sequence[Item]
) -> None:
    """Make the pictures that items show and that are missing from the folder.

    Raises:
        FilmsGoneError: films cannot be shown.
    """
    films = [film for item in items for film in item.radiograph_ids]
    make_review_pictures(engine, pictures, films)
    checks = {shown: check for item in items for shown, check in item.checks.items()}
    make_check_pictures(engine, pictures, check_pictures(task, checks))
    make_sheet_pictures(pictures, items)
    with contextlib.suppress(FilmsGoneError):  # they only stand beside what is asked
        make_review_pictures(engine, pictures, beside(engine, items))


def beside(engine: Engine, items: Iterable[Item]) -> set[str]:
    """Return the films that items show beside those that they ask about.

    These are the films that one resembles, and of a single item the others of its study.
    """
    items = list(items)
    return {other for item in items for other in item.beside.values()} | {
        other.radiograph_id
        for item in items
        if item.kind != SHEET
        for film in item.radiograph_ids
        for other in study_films(engine, film, at_most=MOST_STUDY_FILMS)
    }


def _contents(
    source: PredictionSource, settings: Settings, task: DetectorTask, items: Sequence[Item]
) -> dict[str, NewItem]:
    """Return what Label Studio imports, by item key."""
    if not items:
        return {}
    made = _Contents(source, settings, task, items)
    sheets = {item.item_key: made.sheet(item) for item in items if item.kind == SHEET}
    contents = {
        key: sheet_item(sheets[key], sheets[after] if after else None)
        for key, after in _queue(items, sheets)
    }
    contents |= {item.item_key: made.single(item) for item in items if item.kind != SHEET}
    for item in items:
        # The key of the plan, not of the content: the same films may be shown again one day.
        key_field = "sheet_key" if item.kind == SHEET else "item_key"
        contents[item.item_key] = contents[item.item_key].with_data({key_field: item.item_key})
    return contents


def _score(content: NewItem) -> float:
    """Return the confidence of an item's prediction; 0 where it has none."""
    return content.prediction.score if content.prediction else 0.0


def _queue(
    items: Sequence[Item], sheets: Mapping[str, ContactSheet]
) -> Iterator[tuple[str, str | None]]:
    """Yield each sheet's key with that of the sheet that its reviewer will see next.

    Less certain ones come first, and each reviewer's tab is a queue of its own.
    """
    for shard in dict.fromkeys(item.shard for item in items):
        keys = [item.item_key for item in items if item.shard == shard and item.item_key in sheets]
        keys.sort(key=lambda key: sheets[key].confidence)
        yield from zip_longest(keys, keys[1:])


class _Contents:
    """Makes the content of items of one detector task; what they share is read once."""

    def __init__(
        self,
        source: PredictionSource,
        settings: Settings,
        task: DetectorTask,
        items: Sequence[Item],
    ) -> None:
        self._engine, self._settings, self._task = source.database, settings, task
        films = [film for item in items for film in item.radiograph_ids]
        version = version_in_use(source.database, task)
        self._predictions = FilmPredictions(source, task, version, films)
        self._suspected = suspected_on_singles(source, task, items)
        batches = dict.fromkeys(item.batch_id for item in items)
        self._picks = {batch: batch_picks(source.database, batch) for batch in batches}

    def sheet(self, item: Item) -> ContactSheet:
        shown = pre_annotation(self._task, item, self._predictions)
        ticked = ticked_films(shown.result)
        films = len(item.shown_ids)
        return ContactSheet(
            self._task,
            item.shown_label,
            tuple(
                SheetFilm(
                    film,
                    sheet_url(film, films=films),
                    large_url(film),
                    ticked=film in ticked,
                    beside=_beside(item, film),
                )
                for film in item.shown_ids
            ),
            QUEUE,
            queue_score(self._task, item.kind, item.purpose, shown.score),
            note=self._note(item),
            asks=tuple(what_is_asked(self._task, item.covered).details),
            fields={PICTURE: sheet_picture_url(item)}
            | self._tab_fields(item)
            | {SHOWS: self._task.words(item.shown_label), FILMS_SHOWN: films}
            | sheet_columns(self._task, item, shown),
        )

    def single(self, item: Item) -> NewItem:
        task, (film,) = self._task, item.radiograph_ids
        (answer,) = self._predictions.of([film])
        is_box = task.answer is AnswerKind.BOX
        boxes = split_answers(answer)[1] if is_box else None
        probable = by_label(task, answer)
        sureness = min(probable.values()) if is_box else max(probable.values())
        _, reason = self._picks[item.batch_id][film]
        shown = SingleFilm(
            film,
            large_url(film),
            probable,
            QUEUE,
            queue_score(task, item.kind, item.purpose, sureness),
            reason,
            asked=what_is_asked(task, item.covered),
            boxes=boxes,
            report_sentence=report_sentence(self._engine, self._settings, task, film),
            suspected=self._suspected.get(film, {}),
            study_films=_study(self._engine, film, item.beside.get(film)),
            fields={**self._tab_fields(item), **single_columns(task, item, probable)},
        )
        return single_item(task, shown)

    def _note(self, item: Item) -> str:
        rules = {rule.name for rule in suspecting_rules(self._task)}
        suspected_by = rules.intersection(item.covered or ())
        if item.purpose is Purpose.SECOND or not (self._task.rule or suspected_by):
            return _note(self._task, item)
        _, title = self._picks[item.batch_id][item.radiograph_ids[0]]
        if not item.covered:
            return f"{title}:"
        return f"{title}. {what_is_asked(self._task, item.covered).short}"

    def _tab_fields(self, item: Item) -> dict[str, str | int | float]:
        picks = self._picks[item.batch_id]
        return {
            SLICES: slice_words((picks[film][0] for film in item.radiograph_ids), item.purpose),
            PURPOSE: purpose_words(item.purpose),
            ASKS: self._task.display_name,
            REVIEWER: str(item.shard or ""),
            SUPERSEDED: NO,
            BATCH: item.batch_id,
        }


def _note(task: DetectorTask, item: Item) -> str:
    if item.covered:
        return what_is_asked(task, item.covered).short
    return _SECOND_LOOK if item.purpose is Purpose.SECOND else ""


def _beside(item: Item, film: str) -> FilmBeside | None:
    other = item.beside.get(film)
    if other is None:
        return None
    return FilmBeside(sheet_url(other, films=len(item.shown_ids)), large_url(other))


def _study(engine: Engine, film: str, stays: str | None) -> tuple[StudyFilm, ...]:
    """Return the film that this one resembles, then all others of its study.

    The screen shows as many as it has room for.
    """
    like = [StudyFilm(thumb_url(stays), large_url(stays), STAYS)] if stays else []
    return (*like, *_others_of_study(engine, film, stays))


def _others_of_study(engine: Engine, film: str, but_not: str | None) -> tuple[StudyFilm, ...]:
    return tuple(
        StudyFilm(
            thumb_url(other.radiograph_id),
            large_url(other.radiograph_id),
            other.view_position or "",
        )
        for other in study_films(engine, film)
        if other.radiograph_id != but_not
    )
