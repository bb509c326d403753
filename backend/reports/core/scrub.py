"""A sentence of a report without what may name a person, a date or an examination.

A reviewer needs the words that say what is on the film, and nothing else. Where it is in doubt
whether something is a name, a date or a number that identifies, it goes. A name that nothing
announces ("seen with Miller") is told by being no word that reports use: `only_known` leaves
such words out. A name that is such a word as well (Young, Wire) may remain.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from re import IGNORECASE, Match, Pattern

LONGEST = 300
"""Characters; a longer sentence is cut at a word."""
_READ = 2000
"""Characters; text after the first so many is dropped."""

OFTEN = 5
"""A word counts as a word of reports when so many reports use it in lower case."""
LEFT_OUT = "[...]"
_WORD = re.compile(r"[^\W\d_]{2,}")
_MARK = re.compile(r"\[[^\]]*\]|[^\W\d_]{2,}")

DATE, TIME, NUMBER, NAME = "[date]", "[time]", "[number]", "[name]"
MAIL, LINK = "[e-mail]", "[link]"

_MONTHS = (
    r"(?:jan(?:uary|uar|\.)?|jän(?:ner|\.)?|ene(?:ro|\.)|feb(?:ruary|ruar|rero|\.)?|mar(?:ch|zo|\.)?"
    r"|märz?|apr(?:il|\.)?|abr(?:il|\.)?|mayo?|mai|june?|jun[io]o?|july?|jul[io]o?|aug(?:ust|\.)?"
    r"|ago(?:sto|\.)?|sept?(?:ember|iembre|\.)?|set(?:iembre)?|o[ck]t(?:ober|ubre|\.)?"
    r"|nov(?:ember|iembre|\.)?|de[cz](?:ember|\.)?|dic(?:iembre|\.)?)"
)
_DAY = r"\d{1,2}(?:\.|st|nd|rd|th|º|°)?[\s/-]*(?:of\s+|de\s+)?"

# "BWK 11/12", "ribs 3/4" and "grade 1/6" are no dates, "T10-T12" and "S1-S2" no numbers of a case.
_LEVEL = (
    r"(?:[BHLS]W[KS]|(?-i:Th|[TLCDS])|ribs?|rippen?|costillas?|level|höhe|grade|grad|grado)\.?\s*"
)
_VERTEBRA = r"(?:[BHLS]W[KS]|Th|[TLCDS])"
_SPINE = re.compile(rf"{_VERTEBRA}\d{{1,2}}(?:[-/]{_VERTEBRA}?\d{{1,2}})*", IGNORECASE)
_LENGTH = r"\d{1,3}(?:[.,]\d{1,2})?"
_MEASURE = re.compile(
    rf"{_LENGTH}(?:x{_LENGTH}){{0,2}}(?:mm|cm|m|ml|cc|mg|kg|g|kv|mmhg|fr|ch|%|°)?", IGNORECASE
)

_CAPITAL = r"[^\W\d_a-zß-ÿ]"
_CAPITALISED = rf"{_CAPITAL}(?:\.|[\w'-]*)"
_WORD_OF_NAME = rf"{_CAPITAL}[a-zß-ÿ'][\w'-]+"
"""No abbreviation: CT is none."""
_TITLES = (
    r"(?:[Dd]r(?:es|a)?|DRA?|[Pp]rof|PROF|M(?:r|rs|x|s|iss)|MRS|M[RS](?=\.)|Sr(?:a|ta)?|SRA|SR(?=\.)"
    r"|[Dd]oña|Don|Herrn?|Frau|Hr|(?<![\d\]]\s)Fr|[Dd]octora?|[Dd]oktor|[Pp]rofess?or(?:a|in)?"
    r"|PD(?=\s+Dr)|[Ss]eñor(?:a|ita)?|[Nn]urse|[Ss]chwester|[Pp]fleger|[Ee]nfermer[oa])(?!\w)\.?"
)
_DEGREES = r"(?:med|univ|dent|phil|habil|rer|nat|h\.?\s?c)\."
_AFTER = r"(?:M\.D\.|MD\b|MBBS\b|FRCR\b|Ph\.?D\b)"
_PARTICLES = r"(?:von|van|vom|zu|zur|der|den|de|del|la|las|los|y|da|di|dos|el|al|bin|ibn|ter|ten)"
_NAME = (
    rf"(?:(?:{_PARTICLES}|{_DEGREES})\s+|{_TITLES}\s*)*{_CAPITALISED}"
    rf"(?:\s+(?:{_PARTICLES}\s+){{0,3}}{_CAPITALISED}){{0,3}}"
)
_BY = (
    r"(?:dictated|signed|reported|read|reviewed|interpreted|verified|approved|transcribed|befundet"
    r"|diktiert|gezeichnet|unterschrieben|vidiert|informado|firmado|dictado|validado)"
    r"\s+(?:by|von|durch|por)"
)
_LABELS = (
    r"(?:(?:(?:first|last|full|family|sur|given|patient(?:'s)?|patienten?)[\s-]*)?(?:names?|initials)"
    r"|pat(?:ient(?:in|en)?|\.)?|nombres?|apellidos?|paciente|(?:vor|nach|familien)name"
    r"|geb(?:\.|oren|urtsdatum)?|dob|d\.o\.b\.|date\s+of\s+birth|fecha\s+de\s+nacimiento|mrn|nhc|dni"
    r"|ssn|pid|id|acc(?:ession)?(?:\s*(?:no|number|nr|\#))?\.?|case(?:\s+(?:no|number))?\.?"
    r"|fall(?:-?(?:nr|nummer))?\.?|address|adresse|anschrift|dirección|tel(?:efon|éfono|ephone)?\.?"
    r"|phone|fax|mobile|móvil|handy|physician|doctor|radiologist|radiologe|radiólog[oa]|arzt|ärztin"
    r"|médic[oa]|technologist|signed|firma|unterschrift|referrer|überweiser)"
)
_NUMBERED = (
    r"(?:mrn|nhc|dni|ssn|pid|id|acc(?:ession)?|case|fall|room|zimmer|habitación|bed|bett|cama|ext"
    r"|no\.|nr|nº|\#)"
)
_REST = r"[^,;]*?(?=(?<=[\w\]][\w\]][\w\]])\.(?:\s|$)|[,;]|$)"
"""Up to a comma or the end of the sentence; `Q.` and `Dr.` end none."""
_ONE_MORE = rf"(?-i:{_CAPITALISED})(?=[,;.]|$)"
"""The first name after the family name."""


def _kept_if_level(match: Match[str]) -> str:
    return match[0] if match["level"] else DATE


def _unless_code(match: Match[str]) -> str:
    """Replace a word with three or more digits that is no measure and no part of the spine."""
    word = match[0].rstrip(".")
    numbers = word.replace("-", "").replace("/", "").replace(".", "")
    digits = sum(sign.isdigit() for sign in word)
    if digits < 3 or numbers.isdigit() or _SPINE.fullmatch(word) or _MEASURE.fullmatch(word):
        return match[0]
    return NUMBER + match[0][len(word) :]


_PATTERNS: tuple[tuple[str, int, str | Callable[[Match[str]], str]], ...] = (
    (r"[\w.+-]+\s?@\s?[\w-]+(?:\.[\w-]+)*", IGNORECASE, MAIL),
    (r"(?:https?://|www\.)\S+", IGNORECASE, LINK),
    (r"\w+\^[\w^]*", 0, NAME),
    (rf"(?<!\w){_TITLES}\s*{_NAME}", 0, NAME),
    (r"(?<!\w)(?:[Dd]r|[Pp]rof|[Mm]rs?|[Ss]r)\.\s*\w[\w'-]*", 0, NAME),
    (rf"{_CAPITALISED}(?:\s+{_CAPITALISED}){{0,3}},?\s+{_AFTER}", 0, NAME),
    (rf"(?<!\w){_LABELS}\s*[:=]\s*{_REST}(?:,\s*{_ONE_MORE})?", IGNORECASE, NAME),
    (rf"(?<!\w)({_BY})\s+{_REST}", IGNORECASE, rf"\1 {NAME}"),
    (rf"(?<!\w)(by|por)\s+{_WORD_OF_NAME}(?:\s+{_CAPITALISED}){{0,3}}", 0, rf"\1 {NAME}"),
    (
        rf"(?<!\w)((?i:patient|paciente|patientin))\s+{_WORD_OF_NAME}\s+{_WORD_OF_NAME}",
        0,
        rf"\1 {NAME}",
    ),
    (r"(?<![\w.])\d{4}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d{1,2}(?!\d)", 0, DATE),
    (r"(?<![\w.])\d{1,2}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?(?:\d{4}|\d{2})(?!\d)", 0, DATE),
    (
        rf"(?<!\w)(?:{_DAY})?{_MONTHS}[\s,./-]*(?:del?\s+)?"
        r"(?:\d{1,4}(?:st|nd|rd|th)?(?:,?\s*\d{4})?|'\d\d)(?!\w)",
        IGNORECASE,
        DATE,
    ),
    (rf"(?<!\w){_DAY}{_MONTHS}(?!\w)", IGNORECASE, DATE),
    (r"(?<!\w)(?:0?[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2])\.(?!\d)", 0, DATE),
    (
        rf"(?<!\w)(?P<level>{_LEVEL})?(?<![\d./])\d{{1,2}}/\d{{1,4}}(?![\d/])",
        IGNORECASE,
        _kept_if_level,
    ),
    (r"(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\.?(?!\w))?", IGNORECASE, TIME),
    (
        r"(?<![\w/])\d{1,2}(?:[.:]\d{2})?\s?"
        r"(?:Uhr|hrs|hours|h\d{2}|horas|[ap]\.m\.|(?:[ap]m|[AP]M)(?!\w|\s+\[?\w*\d|\s+\[))",
        0,
        TIME,
    ),
    (r"(?<![\w.])\+?\(?\d(?:[\s()./-]{0,2}\d){6,}", 0, NUMBER),
    (r"(?<!\w)\d+(?:-\d+){2,}", 0, NUMBER),
    (rf"(?<!\w)({_NUMBERED})[\s.:#]*\d[\w-]*", IGNORECASE, rf"\1 {NUMBER}"),
    (r"(?<![\w.,])\d{1,3}(?:[., ']\d{3})+(?!\d)", 0, NUMBER),
    (r"\w[\w./#-]*", 0, _unless_code),
    (r"\d{4,}", 0, NUMBER),
)
_RULES: tuple[tuple[Pattern[str], str | Callable[[Match[str]], str]], ...] = tuple(
    (re.compile(pattern, flags), replacement) for pattern, flags, replacement in _PATTERNS
)


def scrubbed(text: str) -> str:
    """Return a sentence as a reviewer may see it, in one line; doing it twice changes nothing.

    >>> scrubbed("Seen by Dr. Miller on 12.03.2021: sternal wires, acc. CR1234567.")
    'Seen by [name] on [date]: sternal wires, acc. [number].'
    >>> scrubbed("Harrington rods from T4 to L1, 8 Fr drain, 2.5 cm apart.")
    'Harrington rods from T4 to L1, 8 Fr drain, 2.5 cm apart.'
    """
    plain = _one_line(text[:_READ])
    for pattern, replacement in _RULES:
        plain = pattern.sub(replacement, plain)
    return _shortened(plain)


def only_known(text: str, known: Collection[str]) -> str:
    """Return text without the words that reports do not use.

    >>> only_known("Sternal wires, seen with Miller and Abel on [date].",
    ...            {"sternal", "wires", "seen", "with", "and", "on"})
    'Sternal wires, seen with [...] and [...] on [date].'

    Args:
        text: one sentence; what `scrubbed` put into brackets stays.
        known: words in small letters.
    """

    def kept(match: Match[str]) -> str:
        word = match.group()
        return word if word.startswith("[") or word.lower() in known else LEFT_OUT

    return _shortened(_MARK.sub(kept, text))


def words_in(text: str) -> set[str]:
    """Return the words of a text, in lower case."""
    return {word.lower() for word in _WORD.findall(text)}


def words_used_often(texts: Iterable[str], least: int = OFTEN) -> set[str]:
    """Return the words that so many texts use in lower case, as nobody writes a name."""
    counts = Counter(word for text in texts for word in set(_WORD.findall(text)) if word.islower())
    return {word for word, count in counts.items() if count >= least}


def _one_line(text: str) -> str:
    """Return text in one line, with plain dashes and apostrophes, without invisible signs."""
    signs = (_plain(sign) for sign in unicodedata.normalize("NFKC", text))
    return " ".join("".join(signs).split())


def _plain(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind == "Cf":  # a soft hyphen or a joiner would hide the number or the name it stands in
        return ""
    if kind[0] in "CZ":
        return " "
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    same = {"Pd": "-"}.get(kind, sign)
    return "'" if same in "\u2018\u2019\u02bc" else same


def _shortened(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    kept = text[: LONGEST - 1]
    return f"{kept.rpartition(' ')[0] or kept}…"
