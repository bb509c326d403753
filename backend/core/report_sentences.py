"""The sentences of a report, the way radiologists write them: lists, fragments, broken lines."""

import re
from collections.abc import Collection, Iterator

_MAYBE_END = re.compile(r"[.!?;]+|\n+")
_LIST_MARK = re.compile(r"[ ]*(?:\d{1,2}[.)]|[-*•#])[ ]")
_SHORT_LINE = 60
_LONGEST = 1000
"""Characters; whoever writes more in one sentence lists things."""
_WORD_BEFORE = re.compile(r"[\w./-]+$")


def sentences(text: str, start: int, end: int, short: Collection[str]) -> Iterator[tuple[int, int]]:
    """Yield where each sentence starts and ends.

    Args:
        text: an even text.
        start: of the stretch to split.
        end: of the stretch to split.
        short: abbreviations in lower case, without their last full stop.
    """
    begin = start
    for mark in _MAYBE_END.finditer(text, start, end):
        if mark.start() < begin or not _ends(text, begin, mark, short):
            continue
        yield from _pieces(text, begin, mark.start())
        begin = mark.end()
    yield from _pieces(text, begin, end)


def _pieces(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a sentence, one without an end in pieces: its cost grows with its length squared."""
    while end - begin > _LONGEST:
        gap = text.rfind(" ", begin, begin + _LONGEST)
        stop = gap if gap > begin else begin + _LONGEST
        yield begin, stop
        begin = stop
    if text[begin:end].strip():
        yield begin, end


def _ends(text: str, begin: int, mark: re.Match[str], short: Collection[str]) -> bool:
    """Say whether a sentence ends at this mark."""
    if mark[0][0] == "\n":
        return _line_ends_sentence(text, begin, mark)
    if mark[0] != ".":
        return True
    return _stop_ends_sentence(text, begin, mark, short)


def _stop_ends_sentence(text: str, begin: int, stop: re.Match[str], short: Collection[str]) -> bool:
    after = text[stop.end() : stop.end() + 2]
    if after and not after[0].isspace():
        # "the mediastinum.There is": a full stop, unlike that of 3.5 or e.g.
        return after[0].isupper() and text[stop.start() - 2 : stop.start()].islower()
    found = _WORD_BEFORE.search(text, begin, stop.start())
    before = found[0].lower() if found else ""
    is_list_mark = before.isdigit() and not text[begin : stop.start() - len(before)].strip()
    is_initial = (
        len(before) == 1 and before.isalpha() and bool(text[begin : stop.start() - 1].strip())
    )
    return not (before in short or is_list_mark or is_initial)


def _line_ends_sentence(text: str, begin: int, gap: re.Match[str]) -> bool:
    """Say whether a line break is more than a line that was full."""
    if len(gap[0]) > 1 or _LIST_MARK.match(text, gap.end()):
        return True
    line = text[max(begin, text.rfind("\n", 0, gap.start()) + 1) : gap.start()].rstrip()
    after = text[gap.end() :].lstrip(" ")[:1]
    if line.endswith((",", " and", " or", " of", " the", "-", " with")):
        return False
    return line.endswith(":") or (len(line) < _SHORT_LINE and (after.isupper() or not after))
