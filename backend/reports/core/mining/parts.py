"""Splits a report into its parts by their headings, and a part into sentences."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

_START = r"(?:(?<=\n)|^|(?<=[.;\n])[ ]+)[ ]*(?:[\d#*•-]{1,3}[.)]?[ ]+)?"
_OTHER = re.compile(r"^[ ]*[A-Z][A-Za-z ,/&()-]{2,50}:", re.M)
_PARAGRAPH = re.compile(r"\n[ ]*\n")


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a report under one heading."""

    name: str
    """Name of the part in the lexicon; empty before the first heading."""
    start: int
    end: int
    is_context: bool = False
    """Whether the part tells the reason for the examination or the history, not what is seen."""


@dataclass(frozen=True, slots=True)
class Headings:
    """The headings of the parts of a report in one language."""

    pattern: re.Pattern[str]
    """Has one named group per part."""
    context: frozenset[str]
    """Names of the parts that tell the history."""

    def sections(self, text: str) -> list[Section]:
        """Return the parts of a normalised text in order; headings belong to no part."""
        headings = [
            (self._name(match), match.start(), match.end()) for match in self.pattern.finditer(text)
        ]
        starts = [("", 0, 0), *headings]
        ends = [start for _, start, _ in headings] + [len(text)]
        sections: list[Section] = []
        for (name, _, start), end in zip(starts, ends, strict=True):
            sections += self._parted(text, name, start, end)
        return [section for section in sections if section.start < section.end]

    def _name(self, heading: re.Match[str]) -> str:
        return (heading.lastgroup or "").rstrip("_")

    def _parted(self, text: str, name: str, start: int, end: int) -> list[Section]:
        """Return one section, or two where the history ends without a known heading."""
        if name not in self.context:
            return [Section(name, start, end)]
        stop = _end_of_context(text, start, end)
        return [Section(name, start, stop, True), Section("", stop, end)]


def headings(names: Mapping[str, Sequence[str]], context: Sequence[str]) -> Headings:
    """Return the headings of a language.

    Args:
        names: name of a part -> headings, as regular expressions in lower case.
        context: names of the parts that say what was known before.
    """
    inline = "|".join(f"(?P<{name}>{'|'.join(forms)})" for name, forms in names.items())
    alone = "|".join(f"(?P<{name}_>{'|'.join(forms)})" for name, forms in names.items())
    with_colon = rf"(?i:{inline})[ ]*(?:\([^)\n]*\))?[ ]*:"
    on_its_line = rf"(?i:{alone})[ ]*(?=\n)"
    pattern = re.compile(rf"{_START}(?:{with_colon}|{on_its_line})")
    return Headings(pattern, frozenset(context))


def _end_of_context(text: str, start: int, end: int) -> int:
    other = _OTHER.search(text, start + 1, end)
    if other:
        return other.start()
    if end < len(text):
        return end
    # No heading follows: the history is one paragraph, not the whole rest.
    written = re.compile(r"\S").search(text, start, end)
    gap = _PARAGRAPH.search(text, written.start(), end) if written else None
    return gap.start() if gap else end


_MAYBE_END = re.compile(r"[.!?;]+|\n+")
_LIST_MARK = re.compile(r"[ ]*(?:\d{1,2}[.)]|[-*•#])[ ]")
_SHORT_LINE = 60
_LONGEST = 1000
"""Characters; a longer sentence is a list and is cut."""
_WORD = re.compile(r"\w")
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
        # A question keeps its mark: it tells what is asked from what is seen.
        yield from _pieces(text, begin, mark.end() if "?" in mark[0] else mark.start())
        begin = mark.end()
    yield from _pieces(text, begin, end)


def _pieces(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a sentence; cut one without an end, as the cost grows with the square of its length."""
    while end - begin > _LONGEST:
        gap = text.rfind(" ", begin, begin + _LONGEST)
        stop = gap if gap > begin else begin + _LONGEST
        yield begin, stop
        begin = stop
    if text[begin:end].strip():
        yield begin, end


def _ends(text: str, begin: int, mark: re.Match[str], short: Collection[str]) -> bool:
    """Return whether a sentence ends at this mark."""
    if mark[0][0] == "\n":
        return _line_ends_sentence(text, begin, mark)
    if mark[0] == "?":
        return not _is_before_what_it_asks(text, begin, mark)
    if mark[0] != ".":
        return True
    return _stop_ends_sentence(text, begin, mark, short)


def _is_before_what_it_asks(text: str, begin: int, mark: re.Match[str]) -> bool:
    """Tell "? pacemaker" and "pain ? fracture" from "Fracture? No" and "Fracture ? No"."""
    before = text[begin : mark.start()]
    if _WORD.search(before):
        return before[-1].isspace() and text[mark.end() :].lstrip(" ")[:1].islower()
    return _WORD.match(text[mark.end() :].lstrip(" ")[:1]) is not None


def _stop_ends_sentence(text: str, begin: int, stop: re.Match[str], short: Collection[str]) -> bool:
    after = text[stop.end() : stop.end() + 2]
    if after and not after[0].isspace():
        # "the mediastinum.There is": a full stop, unlike that of 3.5 or e.g.
        return after[0].isupper() and text[stop.start() - 2 : stop.start()].islower()
    match = _WORD_BEFORE.search(text, begin, stop.start())
    before = match[0].lower() if match else ""
    is_list_mark = before.isdigit() and not text[begin : stop.start() - len(before)].strip()
    is_initial = (
        len(before) == 1 and before.isalpha() and bool(text[begin : stop.start() - 1].strip())
    )
    return not (before in short or is_list_mark or is_initial)


def _line_ends_sentence(text: str, begin: int, gap: re.Match[str]) -> bool:
    """Return whether a line break ends a sentence, and does not just wrap a full line."""
    if len(gap[0]) > 1 or _LIST_MARK.match(text, gap.end()):
        return True
    line = text[max(begin, text.rfind("\n", 0, gap.start()) + 1) : gap.start()].rstrip()
    after = text[gap.end() :].lstrip(" ")[:1]
    if line.endswith((",", " and", " or", " of", " the", "-", " with")):
        return False
    return line.endswith(":") or (len(line) < _SHORT_LINE and (after.isupper() or not after))
