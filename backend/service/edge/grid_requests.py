"""What a browser may ask of the grid, parsed at the door."""

import base64
import binascii
import math
from collections.abc import Mapping, Sequence

import numpy as np
from werkzeug.exceptions import BadRequest

from backend.base.core.detector_task import DetectorTask
from backend.review.adapters.sprites import MOST_IN_SPRITE
from backend.review.core.browse import DECISIONS, REASONS, ArchiveColumns, FilmFilter, FilmOrder
from backend.review.loop.browse import GridQuestion
from backend.review.loop.grid_looks import GridLook

MOST_FILMS_AT_ONCE = 400
MOST_IDS_AT_ONCE = 5000
_MOST_SECONDS = 24 * 3600.0


def grid_question(
    given: Mapping[str, str], task: DetectorTask, archive: ArchiveColumns
) -> GridQuestion:
    """Parse a search; what is empty does not matter.

    Raises:
        BadRequest: it names what there is not.
    """
    order = given.get("order") or FilmOrder.PROBABLE.value
    if order not in set(FilmOrder):
        raise BadRequest(f"expected an order among {', '.join(FilmOrder)}, got {order!r}")
    wanted = FilmFilter(
        label=_number_of(given, "label", task.labels),
        low=_number(given, "low"),
        high=_number(given, "high"),
        decision=_number_of(given, "decision", DECISIONS),
        reason=_number_of(given, "reason", REASONS[1:], first=1),
        sex=_number_of(given, "sex", archive.sexes),
        view=_number_of(given, "view", archive.views),
        youngest=_number(given, "youngest"),
        oldest=_number(given, "oldest"),
    )
    return GridQuestion(task.name, wanted, FilmOrder(order), given.get("like", ""))


def whole_number(given: Mapping[str, str], name: str, most: int) -> int:
    """Parse a number from 0 to `most`.

    Raises:
        BadRequest: it is none.
    """
    text = given.get(name, "")
    if not text.isascii() or not text.isdigit() or int(text) > most:
        raise BadRequest(f"expected {name} from 0 to {most}, got {text!r:.40}")
    return int(text)


def thumbnail_rows(text: str) -> Sequence[int]:
    """Parse the rows of a sprite: 32-bit numbers, the lowest byte first, in base64url.

    Raises:
        BadRequest: they are not, or too many.
    """
    try:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise BadRequest("expected rows in base64url") from error
    if not content or len(content) % 4 or len(content) > 4 * MOST_IN_SPRITE:
        raise BadRequest(f"expected 1 to {MOST_IN_SPRITE} rows of 4 bytes, got {len(content)}")
    rows: list[int] = np.frombuffer(content, "<u4").tolist()
    return rows


def row_text(rows: Sequence[int]) -> str:
    """Return the rows of a sprite as `thumbnail_rows` reads them.

    >>> thumbnail_rows(row_text([0, 70000]))
    [0, 70000]
    """
    content = np.asarray(rows, "<u4").tobytes()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def grid_look(body: object) -> GridLook:
    """Parse what somebody wants to say of films.

    Raises:
        BadRequest: a field is missing or of another kind.
    """
    given = _fields(body, {"task": str, "label": str, "reviewer": str})
    seconds = body.get("seconds") if isinstance(body, dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise BadRequest("expected seconds as a number")
    if not 0 <= seconds <= _MOST_SECONDS:
        raise BadRequest(f"expected 0 to {_MOST_SECONDS:.0f} seconds, got {seconds}")
    return GridLook(given["task"], given["label"], film_list(body), given["reviewer"], seconds)


def film_list(body: object) -> list[str]:
    """Parse the list `films` of radiograph ids.

    Raises:
        BadRequest: it is none.
    """
    films = body.get("films") if isinstance(body, dict) else None
    if not isinstance(films, list) or not all(isinstance(film, str) for film in films):
        raise BadRequest("expected a list `films` of radiograph ids")
    return films


def texts(body: object, *names: str) -> list[str]:
    """Parse fields that are texts, in the order named.

    Raises:
        BadRequest: one is missing or of another kind.
    """
    given = _fields(body, dict.fromkeys(names, str))
    return [given[name] for name in names]


def share(body: object, name: str) -> float:
    """Parse a number from 0 to 1.

    Raises:
        BadRequest: it is none.
    """
    value = body.get(name) if isinstance(body, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise BadRequest(f"expected {name} from 0 to 1")
    return float(value)


def _fields(body: object, kinds: Mapping[str, type]) -> dict[str, str]:
    if not isinstance(body, dict):
        raise BadRequest("expected a JSON object")
    for name, kind in kinds.items():
        if not isinstance(body.get(name), kind):
            raise BadRequest(f"expected a field {name} that is a text")
    return {name: body[name] for name in kinds}


def _number(given: Mapping[str, str], name: str) -> float | None:
    text = given.get(name, "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadRequest(f"expected {name} as a number, got {text!r:.40}")
    return value


def _number_of(
    given: Mapping[str, str], name: str, words: Sequence[str], first: int = 0
) -> int | None:
    """Return the place of a word among those that there are; `unknown` is the empty word."""
    text = given.get(name, "")
    if not text:
        return None
    word = "" if text == "unknown" else text
    if word not in words:
        raise BadRequest(f"expected {name} among {', '.join(words)}, got {text!r:.40}")
    return first + list(words).index(word)
