"""Reports that are files of their own: OpenI XML and text, in folders and archives."""

import os
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Self
from xml.parsers.expat import ExpatError, ParserCreate

from backend.base.adapters.packed_file import DAMAGED, bounded_stream
from backend.base.core.errors import InputFileError, RadsieveError
from backend.reports.adapters.text_source import decoded
from backend.reports.core.mining.finding import Report, report_or_reason

_PART = "AbstractText"
_FIELDS = {"major": "mesh", "automatic": "mesh_automatic", "caption": "captions"}
_FILM = "parentImage"


class BadXmlError(RadsieveError):
    """A file is not a report in OpenI XML; the message says why, without any of its text."""


@dataclass(frozen=True, slots=True)
class OpeniReport:
    """What one OpenI file holds."""

    text: str
    """Label of a part -> its text; empty parts are left out."""
    fields: Mapping[str, str]
    """The fields mesh, mesh_automatic, captions and films; several values are joined by `|`."""


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
    fields = {name: "|".join(texts) for name, texts in collector.fields.items()}
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


ENDINGS = (".xml", ".txt", ".rtf", ".html", ".htm")
ARCHIVES = (".tgz", ".tar.gz", ".tar", ".tar.bz2", ".tar.xz")
MOST_BYTES = 4_000_000
"""Bytes; a larger file is not taken for a single report."""
_LONG_HEADERS = frozenset(
    {
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
    }
)
"""Kinds of headers that are read whole: long names, and extended attributes."""
_LONGEST_HEADER_BYTES = 1 << 16
_TOO_LARGE = f"more than {MOST_BYTES:,} bytes"


def is_archive(path: Path) -> bool:
    """Tell an archive of files by its name."""
    return path.name.lower().endswith(ARCHIVES)


def report_names(path: Path) -> Iterator[str]:
    """Yield the names of the files that `file_reports` gives, without reading them.

    Raises:
        InputFileError: the archive is damaged.
    """
    if is_archive(path):
        yield from (member.name for _, member in _members(path))
    elif path.is_dir():
        yield from (str(file.relative_to(path)) for file in _files(path))
    else:
        yield path.name


def file_reports(path: Path) -> Iterator[tuple[str, Report | str]]:
    """Yield the name of each file of a folder or archive, and its report or what is wrong.

    A report's id is the name of its file without the ending. An archive is read from its beginning
    to its end, and nothing of it is unpacked to disk.

    Raises:
        InputFileError: the archive is damaged.
    """
    if is_archive(path):
        yield from _archived(path)
    elif path.is_dir():
        for file in _files(path):
            yield str(file.relative_to(path)), _report_in(file)
    else:
        yield path.name, _report_in(path)


def report_id_of(name: str) -> str:
    """Return the id of the report in a file of this name.

    >>> report_id_of("ecgen-radiology/1.xml")
    '1'
    """
    return PurePosixPath(name).stem


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders.sort()
        yield from (Path(parent, name) for name in sorted(files) if _is_report(name))


def _is_report(name: str) -> bool:
    # Archives made on a Mac have a hidden ._1.xml beside each 1.xml.
    return name.lower().endswith(ENDINGS) and not name.startswith(".")


def _report_in(path: Path) -> Report | str:
    try:
        if not path.is_file():
            return "no file"
        if path.stat().st_size > MOST_BYTES:
            return _TOO_LARGE
        return _report(path.read_bytes(), path.name)
    except OSError as error:
        return error.strerror or "cannot be read"


def _archived(path: Path) -> Iterator[tuple[str, Report | str]]:
    for archive, member in _members(path):
        if member.size > MOST_BYTES:
            yield member.name, _TOO_LARGE
            continue
        content = archive.extractfile(member)
        yield member.name, _report(content.read() if content else b"", member.name)


class _ShortHeader(tarfile.TarInfo):
    """A header that is not read where it says that a name is longer than any."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        header = super().frombuf(buf, encoding, errors)
        if header.type in _LONG_HEADERS and header.size > _LONGEST_HEADER_BYTES:
            raise tarfile.ReadError(f"a name of {header.size:,} bytes in it")
        return header


def _members(path: Path) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    try:
        # A stream, so that neither what is unpacked nor the headers of files are kept.
        with (
            bounded_stream(path) as plain,
            tarfile.open(fileobj=plain, mode="r|", tarinfo=_ShortHeader) as archive,
        ):
            while member := archive.next():
                if member.isfile() and _is_report(PurePosixPath(member.name).name):
                    yield archive, member
                # It would keep every member for ever.
                archive.members = []  # type: ignore[attr-defined]
    except (tarfile.TarError, *DAMAGED) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputFileError(f"cannot read {path}: {reason}; pack it again") from error


def _report(content: bytes, name: str) -> Report | str:
    if not name.lower().endswith(".xml"):
        return report_or_reason(report_id_of(name), decoded(content))
    try:
        report = openi_report(content)
    except BadXmlError as error:
        return str(error)
    return report_or_reason(report_id_of(name), report.text, report.fields)
