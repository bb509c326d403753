"""Contact sheets: one Label Studio item that shows many films of one predicted label.

The answer is the set of films that do not belong. A film's verdict is its tick, turned round where
the reviewer swapped the whole sheet. Format measured against Label Studio 1.23.2.
"""

import hashlib
import html
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from backend.base.core.detector_task import DetectorTask
from backend.base.core.errors import LabelStudioError
from backend.labels.core.labels import Label, LabelSource
from backend.review.adapters.label_studio.shapes import (
    ItemData,
    NewItem,
    Prediction,
    Result,
    ResultRegion,
    chosen,
)
from backend.review.adapters.screens.item_fields import (
    QUESTION_FIELD,
    STAYS,
    Fields,
    check_picture_url,
    with_fields,
)
from backend.review.adapters.screens.sheet_screen import (
    FILMS_CONTROL,
    FILMS_FIELD,
    SHEET_TAG,
    SWAP_CHOICE,
    SWAP_CONTROL,
)

# A key nobody types: without one, Label Studio puts 1..9, q, w, e ... on the first 33 films.
_NEVER_TYPED = "f19"
_HELP = (
    "Click a film to flag it; click again to take that back.",
    "A flag means: this film is not what the sheet says, or something else is wrong with it. What "
    "is wrong is asked later, on a large picture.",
    "Point at the corner of a film to see it large; click the corner for a page of its own.",
    "x swaps the whole sheet. Ctrl+Z takes the last change back.",
    "Ctrl+Enter: done, next sheet. Ctrl+Space: skip this sheet.",
    "With keys alone: Tab goes to the next film, Shift+Tab back. Space flags the film or takes "
    "that back. Tab again goes to its corner and shows it large. On a film itself Label Studio "
    "hears neither Ctrl+Enter nor x: press Tab once more first.",
    "When no sheet is left, the films that you clicked wait in the project of single films.",
)


@dataclass(frozen=True, slots=True)
class FilmBeside:
    """A film that one of a sheet resembles: shown smaller beside it, and not answered for."""

    thumb_url: str
    large_url: str

    def __post_init__(self) -> None:
        for name in ("thumb_url", "large_url"):
            check_picture_url(name, getattr(self, name))


@dataclass(frozen=True, slots=True)
class SheetFilm:
    """One cell of a contact sheet."""

    radiograph_id: str
    thumb_url: str
    large_url: str
    """Shown over the other half of the screen while the cell's corner is pointed at."""
    caption: str = ""
    """Shown while the cell is pointed at; plain text."""
    ticked: bool = False
    """A suspect: shown as not belonging until the reviewer unticks it."""
    beside: FilmBeside | None = None

    def __post_init__(self) -> None:
        for name in ("thumb_url", "large_url"):
            check_picture_url(name, getattr(self, name))


@dataclass(frozen=True, slots=True)
class ContactSheet:
    """Films that a detector puts in one class, for one look."""

    task: DetectorTask
    shown_label: str
    films: tuple[SheetFilm, ...]
    model_version: str
    confidence: float
    """0 to 1; Label Studio shows the sheet with the lowest first."""
    note: str = ""
    """Where these films come from, if not from the detector; plain text, shown above them."""
    asks: tuple[str, ...] = ()
    """What is asked of these films and what is not, in sentences; plain text, in the help."""
    fields: Fields = field(default_factory=dict)
    """Columns for the Data Manager."""

    @property
    def key(self) -> str:
        """Hash of task, shown label and films in order, by which the same sheet is recognised.

        What may change between two model versions (ticks, confidence, columns) is not part of it.
        """
        return sheet_key(
            self.task.name, self.shown_label, [film.radiograph_id for film in self.films]
        )


@dataclass(frozen=True, slots=True)
class SheetAnswer:
    """A reviewer's answer to a contact sheet."""

    shown_label: str
    radiograph_ids: tuple[str, ...]
    """All films of the sheet, in its order."""
    flagged: frozenset[str]
    """Those of them that do not have the shown label."""


def sheet_key(detector_task: str, shown_label: str, radiograph_ids: Sequence[str]) -> str:
    """Return the stable id of a sheet, 20 hex digits."""
    content = json.dumps([SHEET_TAG, detector_task, shown_label, list(radiograph_ids)])
    return hashlib.sha256(content.encode()).hexdigest()[:20]


def sheet_item(sheet: ContactSheet, next_sheet: ContactSheet | None = None) -> NewItem:
    """Return the item to import: data and one prediction.

    Args:
        sheet: what to show.
        next_sheet: the one that will most likely follow; its thumbnails are fetched while this
            one is looked at, which halves the wait. A wrong guess costs nothing but the fetch.

    Raises:
        ValueError: one of the sheet's `fields` has a name that the item needs for itself.
    """
    film_ids = [film.radiograph_id for film in sheet.films]
    suspects = {film.radiograph_id for film in sheet.films if film.ticked}
    data = {
        "sheet_key": sheet.key,
        "detector_task": sheet.task.name,
        QUESTION_FIELD: sheet.task.question,
        "shown_label": sheet.shown_label,
        SHEET_TAG: sheet_header(sheet, next_sheet),
        FILMS_FIELD: [_film_choice(*film) for film in enumerate(sheet.films, start=1)],
    }
    result = sheet_result(film_ids, suspects)
    prediction = Prediction(sheet.model_version, sheet.confidence, result)
    return NewItem(with_fields(data, sheet.fields), prediction)


def sheet_header(sheet: ContactSheet, next_sheet: ContactSheet | None) -> str:
    """Return the line above a sheet as HTML; hidden in it are the thumbnails of the next sheet."""
    following = next_sheet.films if next_sheet else ()
    shown = [each for film in following for each in (film, film.beside) if each]
    urls = [html.escape(each.thumb_url) for each in shown]
    prefetch = "".join(f'<img fetchpriority="low" alt="" src="{url}">' for url in urls)
    help_lines = "".join(f"<p>{html.escape(line)}</p>" for line in (*sheet.asks, *_HELP))
    return (
        f"{_ask_html(sheet)}; Ctrl+Enter = done "
        f'<span class="h" tabindex="0" aria-label="help">?<span>{help_lines}</span></span>'
        f'<span style="display:none">{prefetch}</span>'
    )


def sheet_result(radiograph_ids: Sequence[str], suspects: Collection[str]) -> Result:
    """Return a prediction's `result` for a sheet: its suspects ticked, in the sheet's order.

    Without suspects there is no region, as Label Studio itself stores it.
    """
    ticked = tuple(film for film in radiograph_ids if film in suspects)
    return (ResultRegion(FILMS_CONTROL, SHEET_TAG, ticked),) if ticked else ()


def ticked_films(result: Iterable[ResultRegion]) -> frozenset[str]:
    """Return the films that a `result` of `sheet_result` ticks."""
    return frozenset(film for region in result for film in region.choices or ())


def sheet_radiograph_ids(data: ItemData) -> tuple[str, ...]:
    """Return the films of a sheet, in order, from its item's data.

    Raises:
        LabelStudioError: the data is not that of a contact sheet.
    """
    if data.films is None:
        raise LabelStudioError(
            "expected the data of a contact sheet with a list `films` of {value, html}, got the "
            f"fields {sorted(data.names)}; delete this item in Label Studio and push again"
        )
    return data.films


def read_sheet_answer(data: ItemData, result: Result, task: DetectorTask) -> SheetAnswer:
    """Read a submitted sheet: a film is flagged if it is ticked, unless the sheet is swapped.

    Args:
        data: the item's data, which alone says which films the sheet shows.
        result: the annotation's `result`; empty means that every film belongs.
        task: the detector task the sheet asks about.

    Raises:
        LabelStudioError: data or result are not those of a contact sheet of this task.
    """
    films = sheet_radiograph_ids(data)
    shown_label = _shown_label(data, task)
    # Earlier versions of radsieve named the control after the task.
    ticked = chosen(result, FILMS_CONTROL) | chosen(result, task.name)
    strangers = ticked - set(films)
    if strangers:
        raise LabelStudioError(
            f"expected ticks among the sheet's {len(films)} films, got {len(strangers)} others; "
            "the item's data was changed after it was answered: delete the item and push again"
        )
    swapped = SWAP_CHOICE in chosen(result, SWAP_CONTROL)
    return SheetAnswer(shown_label, films, frozenset(films) - ticked if swapped else ticked)


def labels_from_sheet(
    answer: SheetAnswer, task: DetectorTask, *, answered_at: str, reviewer: str
) -> list[Label]:
    """Return one reviewer's label per film: it has the shown label, or is known not to."""
    return [
        Label(
            radiograph_id=film,
            detector_task=task.name,
            label=answer.shown_label,
            source=LabelSource.REVIEWER,
            answered_at=answered_at,
            reviewer=reviewer,
            denied=film in answer.flagged,
        )
        for film in answer.radiograph_ids
    ]


def _shown_label(data: ItemData, task: DetectorTask) -> str:
    name, shown_label = (data.texts.get(field) for field in ("detector_task", "shown_label"))
    if name != task.name or shown_label not in task.labels:
        raise LabelStudioError(
            f"expected a sheet of task {task.name!r} showing one of {list(task.labels)}, got task "
            f"{name!r} showing {shown_label!r}; delete this item in Label Studio and push again"
        )
    return str(shown_label)


def _film_choice(number: int, film: SheetFilm) -> dict[str, str]:
    thumb, large = (html.escape(url) for url in (film.thumb_url, film.large_url))
    caption = html.escape(film.caption)
    markup = (
        f'<img class="t" src="{thumb}" alt="{caption or f"film {number}"}">'
        f'<span class="c">{caption}</span>'
        f'<a class="z" style="--i:{number - 1}" href="{large}" target="_blank" rel="noopener" '
        f'aria-label="film {number}, large">'
        f'<img class="l" loading="lazy" src="{large}" alt=""></a>'
        f"{_beside_html(number, film.beside) if film.beside else ''}"
    )
    return {"value": film.radiograph_id, "hotkey": _NEVER_TYPED, "html": markup}


def _beside_html(number: int, beside: FilmBeside) -> str:
    """Return a link, which Label Studio does not take for a click on the film itself."""
    thumb, large = (html.escape(url) for url in (beside.thumb_url, beside.large_url))
    return (
        f'<a class="y" style="--i:{number - 1}" href="{large}" target="_blank" rel="noopener" '
        f'aria-label="film {number} is {STAYS}"><img class="o" src="{thumb}" alt="{STAYS}">'
        f'<span>{STAYS}</span><img class="l" loading="lazy" src="{large}" alt=""></a>'
    )


def _ask_html(sheet: ContactSheet) -> str:
    shown = html.escape(sheet.task.signed_words(sheet.shown_label))
    note = html.escape(sheet.note)
    count = len(sheet.films)
    films = "1 film" if count == 1 else f"{count} films"
    if note:
        start = f'<span class="note" title="{note}">{note}</span> {films}: '
        return f"{start}click every film that is NOT <b>{shown}</b>"
    return f"{films} predicted <b>{shown}</b>: click every film that is NOT"
