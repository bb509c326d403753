"""Which columns of a table hold the id and the text of a report."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_ID_NAMES = (
    "report id",
    "study id",
    "accession number",
    "accession no",
    "accession",
    "uid",
    "study instance uid",
    "studyinstanceuid",
    "exam id",
    "id",
    "note id",
    "image id",
    "imageid",
    "befund id",
    "auftragsnummer",
    "untersuchungsnummer",
    "id informe",
)
"""The first of these that a table has holds the report id. Names of patient ids are left out."""


def _words_in(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PART_WORDS = _words_in(
    "comparison indication indications history technique findings finding impression impressions "
    "conclusion addendum examination procedure "
    "vergleich indikation anamnese fragestellung technik befund beurteilung nachtrag "
    "comparacion indicacion antecedentes motivo tecnica hallazgos impresion"
)
"""Names of parts of a report; a column of one part is put under its own name as a heading."""
_PART_NAMES = frozenset(
    {
        "clinical information",
        "reason for exam",
        "reason for examination",
        "klinische angaben",
        "datos clinicos",
    }
)
_WHOLE_WORDS = _words_in("report text reporttext narrative bericht befundtext informe texto")
_BESIDE = _words_in("report text txt radiology rad full free section clean body raw the")
"""Words that may stand in the name of a column beside the word that tells what it holds."""
_QUALIFIERS = _words_in("clinical patient final klinische")
_LONGEST_NAME, _MOST_WORDS = 40, 5
_SHOWN = 30


class UnknownColumnsError(ValueError):
    """The columns are not found or cannot be told; the message lists the columns there are."""


@dataclass(frozen=True, slots=True)
class ReportColumns:
    """The columns of a table that hold the id and the text of a report."""

    report_id: str
    texts: tuple[str, ...]
    """Columns of text, in the order in which the text is joined."""
    headings: tuple[str, ...]
    """One for each of `texts`; empty where a column holds a whole report."""

    def text_of(self, cell: Callable[[str], str]) -> str:
        """Return the text of a row, every part under its heading.

        Args:
            cell: gives a column's text, empty where there is none.

        A part that also stands in the column of the whole report is left out.
        """
        full, parts = "", []
        for column, heading in zip(self.texts, self.headings, strict=True):
            text = cell(column).strip()
            if not heading:
                full = f"{full}\n{text}".strip()
            elif text and text not in full:
                parts.append(f"{heading}: {text}")
        return "\n".join([full, *parts] if full else parts)


def find_columns(
    names: Sequence[str], *, id_column: str | None = None, text_columns: Sequence[str] = ()
) -> ReportColumns:
    """Return the columns of a table: those that are asked for, or those with a known name.

    Raises:
        UnknownColumnsError: a column that is asked for is missing, or no name is known.

    >>> find_columns(["uid", "MeSH", "findings", "impression"]).headings
    ('FINDINGS', 'IMPRESSION')
    """
    report_id = _wanted(id_column, names) if id_column else _id_column(names)
    texts = tuple(_wanted(column, names) for column in text_columns) or _text_columns(names)
    if report_id is None or not texts:
        what, option = ("id", "--id-column") if report_id is None else ("text", "--text-column")
        raise UnknownColumnsError(
            f"cannot tell which column holds the {what} of a report: {_listed(names)}; name it "
            f"with {option}"
        )
    return ReportColumns(
        report_id, texts, tuple(_heading(heading, len(texts)) for heading in texts)
    )


def _wanted(column: str, names: Sequence[str]) -> str:
    for even in (str.strip, _even):
        for name in names:
            if even(name) == even(column):
                return name
    raise UnknownColumnsError(f"there is no column {column!r}: {_listed(names)}")


def _id_column(names: Sequence[str]) -> str | None:
    known = {_even(name): name for name in reversed(names)}
    return next((known[name] for name in _ID_NAMES if name in known), None)


def _text_columns(names: Sequence[str]) -> tuple[str, ...]:
    """Return columns of whole reports, then of their parts, each in the order of the table."""
    parts = [name for name in names if _is_part(name)]
    full = [name for name in names if name not in parts and _has(name, _WHOLE_WORDS)]
    return (*full, *parts)


def _is_part(name: str) -> bool:
    return _has(name, _PART_WORDS) or _plain(name) in _PART_NAMES


def _has(name: str, telling: frozenset[str]) -> bool:
    words = set(_words(name))
    return bool(words & telling) and words <= telling | _BESIDE | _QUALIFIERS


def _heading(column: str, count: int) -> str:
    """Return what stands above a column's text: nothing where the text is a whole report."""
    if _is_part(column) or (count > 1 and not _has(column, _WHOLE_WORDS)):
        return _plain(column).upper()
    return ""


def _plain(name: str) -> str:
    return " ".join(word for word in _words(name) if word not in _BESIDE)


def _even(name: str) -> str:
    return " ".join(_words(name))


def _words(name: str) -> list[str]:
    """Return the words of a name, in lower case and without accents.

    >>> _words("Indicación_reportText")
    ['indicacion', 'report', 'text']
    """
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    letters = unicodedata.normalize("NFKD", parted)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.findall(r"[^\W_]+", bare.casefold())


def _listed(names: Sequence[str]) -> str:
    """Return the column names for an error message; none where they may be the text of a report."""
    if not names:
        return "it has no columns"
    if not all(_is_name(name) for name in names):
        return "its first line does not look like names of columns; put some there, as id,report"
    rest = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"it has {', '.join(name.strip() for name in names[:_SHOWN])}{rest}"


def _is_name(text: str) -> bool:
    is_short = len(text) <= _LONGEST_NAME and len(text.split()) <= _MOST_WORDS
    return is_short and text.isprintable() and not text.rstrip().endswith((".", ";"))
