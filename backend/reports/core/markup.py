"""Takes RTF and HTML out of reports: only their words are read."""

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from backend.base.core.errors import RadsieveError


class MarkupError(RadsieveError):
    """A report is in a form that cannot be turned into text; the message names it."""


UNREADABLE_RTF = "RTF that cannot be read; save it as text"


def without_markup(text: str) -> str:
    """Return the words of a report that may be in RTF or HTML, or hold parts that are.

    >>> without_markup("<p>No <b>pacemaker</b>.</p>").strip()
    'No pacemaker.'

    Raises:
        MarkupError: it cannot be read.
    """
    if _RTF in text:
        text = "".join(_without_rtf(text))
    if "&" in text and not _TAG.search(text):
        # "&uuml;" by itself, or tags that were written as text: "&lt;p&gt;".
        text = html.unescape(text)
    return _without_tags(text) if "<" in text and _TAG.search(text) else text


_RTF = "{\\rtf"
_FONTS = "{\\fonttbl"
_LONGEST_FONTS = 12_000
"""Characters; what reads them takes time with the square of their number."""
_BRACE = re.compile(r"\\[\\{}]|[{}]")


def _without_rtf(text: str) -> Iterator[str]:
    """Yield what stands around documents in RTF, and the words of those."""
    done = 0
    while (start := text.find(_RTF, done)) >= 0:
        yield text[done:start]
        done = _end_of_group(text, start)
        yield _words_of_rtf(text[start:done])
    yield text[done:]


def _end_of_group(text: str, start: int) -> int:
    """Return where the group that starts here ends; the end of the text where it is not closed."""
    depth = 0
    for brace in _BRACE.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if depth == 0:
            return brace.end()
    return len(text)


def _words_of_rtf(rtf: str) -> str:
    # Loaded where it is needed: hardly any report is in RTF.
    from striprtf.striprtf import rtf_to_text  # noqa: PLC0415

    fonts = rtf.find(_FONTS)
    if fonts >= 0 and _end_of_group(rtf, fonts) - fonts > _LONGEST_FONTS:
        raise MarkupError(UNREADABLE_RTF)
    try:
        # Links are looked for with an expression that may take very long; their words stay.
        plain: str = rtf_to_text(rtf.replace(r"{\field{", r"{\linked{"), errors="replace")
    except (ValueError, LookupError, TypeError, OverflowError) as error:
        raise MarkupError(UNREADABLE_RTF) from error
    if not plain.strip() and re.search(r"[^\W\d_]{3} [^\W\d_]", rtf):
        raise MarkupError(UNREADABLE_RTF)
    return plain


_BREAKS = {
    "br": "\n", "tr": "\n", "div": "\n", "pre": "\n", "hr": "\n", "dt": "\n", "dd": "\n", "td": " ",
    "th": " ", "li": "\n- ", "p": "\n\n", "ul": "\n\n", "ol": "\n\n", "table": "\n\n",
    "section": "\n\n", "h1": "\n\n", "h2": "\n\n", "h3": "\n\n", "h4": "\n\n", "h5": "\n\n",
    "h6": "\n\n", "body": "\n\n", "center": "\n",
}  # fmt: skip
"""Tag -> what stands for it in the text."""
_SILENT = frozenset({"script", "style", "head", "title"})
"""Tags whose words are not shown."""
_INLINE = frozenset(
    [
        *("a", "b", "big", "code", "em", "font", "html", "i", "img", "link", "meta", "s", "small"),
        *("span", "strong", "sub", "sup", "u", "tbody", "thead"),
    ]
)
_KNOWN = _BREAKS.keys() | _SILENT | _INLINE
# Anything else in such brackets is text, as <NAME> where a name was taken out.
_WHOLE_TAG = rf"</?(?:{'|'.join(sorted(_KNOWN))})(?:\s[^<>]*)?/?>"
_TAG = re.compile(rf"{_WHOLE_TAG}|<!--", re.IGNORECASE)
_NO_TAG = re.compile(rf"<(?!{_WHOLE_TAG.removeprefix('<')})", re.IGNORECASE)


def _without_tags(text: str) -> str:
    parser = _Words()
    parser.feed(_NO_TAG.sub("&lt;", _without_comments(text)))
    parser.close()
    # A tag that hides what follows, and is never closed, is a word of the report: <HEAD>.
    return text if parser.is_silent else "".join(parser.pieces)


def _without_comments(text: str) -> str:
    first, *others = text.split("<!--")
    return first + "".join(
        other.partition("-->")[2] if "-->" in other else other for other in others
    )


class _Words(HTMLParser):
    """Gathers the text of a page that has none but known tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = 0

    @property
    def is_silent(self) -> bool:
        """Whether what comes next is not shown."""
        return self._silent > 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "body" or tag in _BREAKS:
            self._silent = 0  # `</head>` may be left out
        self._silent += tag in _SILENT
        self._add(_BREAKS.get(tag, ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._add(_BREAKS.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0
        self._add(_BREAKS.get(tag, "").rstrip("- "))

    def handle_data(self, data: str) -> None:
        self._add(data)

    def _add(self, text: str) -> None:
        if not self._silent:
            self.pieces.append(text)
