"""Films that somebody sent to review, and that no item shows yet."""

from collections.abc import Iterable, Mapping, Sequence

from backend.review.core.item import Item
from backend.review.core.look import Purpose


def films_to_show(sent: Mapping[int, Sequence[str]], items: Iterable[Item]) -> dict[int, list[str]]:
    """Return by batch the films of it that were on no item since they were sent.

    All films of a batch are laid out at one time. So of a batch that has items none is waited for
    any more: what is on none of them could not be shown, or had left the archive.

    Args:
        sent: by the number of its batch, the films that were sent at one time; batches are
            numbered in the order of time.
        items: all that were ever planned for the detector task. Those of the grid itself do not
            count: they are in no queue.
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
