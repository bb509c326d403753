"""Films that somebody sent to review, and that no item shows yet."""

from collections.abc import Iterable, Mapping, Sequence

from backend.review.core.item import Item
from backend.review.core.look import Purpose


def films_to_show(sent: Mapping[int, Sequence[str]], items: Iterable[Item]) -> dict[int, list[str]]:
    """Return by batch the films that no item has shown since they were sent.

    All films of a batch are laid out together. So a batch that has items waits for no film: a film
    on none of its items could not be shown, or had left the archive.

    Args:
        sent: batch number -> films that were sent together; batches are numbered in order of time.
        items: all items ever planned for the detector task; items of the grid do not count, because
            they are in no queue.
    """
    last: dict[str, int] = {}
    laid_out = set[int]()
    for item in items:
        if item.purpose is not Purpose.CHOSEN:
            laid_out.add(item.batch_id)
            for film in item.radiograph_ids:
                last[film] = max(last.get(film, -1), item.batch_id)
    waiting: dict[int, list[str]] = {}
    asked: set[str] = set()
    for batch_id, films in sent.items():
        if batch_id in laid_out:
            continue
        fresh = [film for film in films if last.get(film, -1) < batch_id and film not in asked]
        asked.update(fresh)
        if fresh:
            waiting[batch_id] = fresh
    return waiting
