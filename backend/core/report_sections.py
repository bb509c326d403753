"""The parts of a report, by their headings."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_START = r"(?:(?<=\n)|^|(?<=[.;\n])[ ]+)[ ]*(?:[\d#*•-]{1,3}[.)]?[ ]+)?"
_OTHER = re.compile(r"^[ ]*[A-Z][A-Za-z ,/&()-]{2,50}:", re.M)
_PARAGRAPH = re.compile(r"\n[ ]*\n")


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a report under one heading."""

    name: str
    """As in the lexicon; empty before the first heading."""
    start: int
    end: int
    is_context: bool = False
    """It says why the film was taken or what was known before, not what is seen on it."""


@dataclass(frozen=True, slots=True)
class Headings:
    """How the parts of a report are called in one language."""

    pattern: re.Pattern[str]
    """Has one group for each name."""
    context: frozenset[str]
    """Names of parts that say what was known before."""

    def sections(self, text: str) -> list[Section]:
        """Return the parts of an even text in its order; headings belong to none."""
        found = [(self._name(one), one.start(), one.end()) for one in self.pattern.finditer(text)]
        starts = [("", 0, 0), *found]
        ends = [start for _, start, _ in found] + [len(text)]
        sections: list[Section] = []
        for (name, _, start), end in zip(starts, ends, strict=True):
            sections += self._parted(text, name, start, end)
        return [one for one in sections if one.start < one.end]

    def _name(self, heading: re.Match[str]) -> str:
        return (heading.lastgroup or "").rstrip("_")

    def _parted(self, text: str, name: str, start: int, end: int) -> list[Section]:
        """Return one section, or two where what was known before stops without a known heading."""
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
    # Nothing follows under a heading: what was known before is one paragraph, not the whole rest.
    written = re.compile(r"\S").search(text, start, end)
    gap = _PARAGRAPH.search(text, written.start(), end) if written else None
    return gap.start() if gap else end
