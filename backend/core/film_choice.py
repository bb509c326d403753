"""Which films to train on when there are more than are needed."""

import hashlib
import hmac
from collections.abc import Sequence


def choose_films(
    films: Sequence[tuple[str, str]], count: int, *, purpose: str, archive_key: bytes
) -> list[int]:
    """Return positions of films spread over as many patients as possible, in their old order.

    Every patient gives a first film before any gives a second. The choice is by keyed hash: it
    depends neither on the order of the films nor, but for the last places, on films added later.

    Args:
        films: (radiograph id, patient key) of each film.
        count: at most so many are chosen.
        purpose: choices for different purposes are independent.
        archive_key: the workspace's secret.

    >>> films = [("a", "Ann"), ("b", "Ann"), ("c", "Bob")]
    >>> chosen = choose_films(films, 2, purpose="train", archive_key=b"key")
    >>> sorted({films[position][1] for position in chosen})
    ['Ann', 'Bob']
    """
    drawn = [_keyed_hash(f"{purpose}:{film}", archive_key) for film, _ in films]
    turns: dict[str, int] = {}
    places = []
    for position in sorted(range(len(films)), key=drawn.__getitem__):
        patient = films[position][1]
        turns[patient] = turns.get(patient, 0) + 1
        places.append((turns[patient], drawn[position], position))
    return sorted(position for _, _, position in sorted(places)[:count])


def _keyed_hash(text: str, key: bytes) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
