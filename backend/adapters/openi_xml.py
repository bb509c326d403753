"""One report in the XML of OpenI (Indiana University): its parts, MeSH tags and films."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers.expat import ExpatError, ParserCreate

from backend.base.core.errors import RadsieveError

_PART = "AbstractText"
_FIELDS = {"major": "mesh", "automatic": "mesh_automatic", "caption": "captions"}
_FILM = "parentImage"


class BadXmlError(RadsieveError):
    """A file is not such a report; the message says why, and nothing of what it holds."""


@dataclass(frozen=True, slots=True)
class OpeniReport:
    """What is in one file."""

    text: str
    """Each part that is not empty under its label."""
    fields: Mapping[str, str]
    """mesh, mesh_automatic, captions, films: joined by `|`."""


def openi_report(content: bytes) -> OpeniReport:
    """Return the report in a file.

    A declaration of a document type is refused: only there can a file declare entities, which
    grow without measure or reach for other files.

    Raises:
        BadXmlError: the file is not such a report.
    """
    collector = _Collector()
    parser = ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = collector.start
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = collector.text
    try:
        parser.Parse(content, True)
    except (ExpatError, LookupError, ValueError) as error:
        raise BadXmlError("no XML that can be read") from error
    if not collector.has_parts:
        raise BadXmlError(f"no {_PART} in it, so no report of OpenI")
    fields = {name: "|".join(found) for name, found in collector.fields.items()}
    return OpeniReport("\n".join(collector.parts), fields)


def _refuse(*_: object) -> None:
    raise BadXmlError("it declares a document type, which is refused")


@dataclass(slots=True)
class _Collector:
    """Gathers the few elements that matter while the file is read."""

    parts: list[str] = field(default_factory=list)
    fields: dict[str, list[str]] = field(default_factory=dict)
    has_parts: bool = False
    _heading: str = ""
    _inside: str = ""
    _text: list[str] = field(default_factory=list)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == _FILM and "id" in attributes:
            self.fields.setdefault("films", []).append(attributes["id"])
        elif name == _PART or name in _FIELDS:
            self._inside, self._text = name, []
            self._heading = attributes.get("Label", "")

    def text(self, text: str) -> None:
        if self._inside:
            self._text.append(text)

    def end(self, name: str) -> None:
        if name != self._inside:
            return
        self._inside = ""
        text = "".join(self._text).strip()
        if name == _PART:
            self.has_parts = True
            if text:
                self.parts.append(f"{self._heading}: {text}" if self._heading else text)
        elif text:
            self.fields.setdefault(_FIELDS[name], []).append(text)
