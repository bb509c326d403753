"""A sex, an age or a view, in the words that headers and tables have for it in seven languages.

English, German, Spanish, French, Italian, Portuguese and Dutch. Whole words are looked up in lists,
and what stands in no list is unknown: a first letter proves nothing (`Missing`, `Mujer`).
"""

import re
import unicodedata
from collections.abc import Collection, Iterable

from backend.archive.core.kept_tags import may_be_kept

OLDEST_YEARS = 125.0
"""Public archives hold ages such as 411; nobody has lived beyond 122."""


def compared_word(text: str | None) -> str:
    """Return a text as lists hold it: small letters and digits alone, without accents.

    >>> compared_word(" n/a "), compared_word("Männlich"), compared_word("?")
    ('na', 'mannlich', '')
    """
    if not text:
        return ""
    apart = text if text.isascii() else unicodedata.normalize("NFKD", text)
    return "".join(filter(str.isalnum, apart.casefold()))


def _listed(words: str) -> frozenset[str]:
    return frozenset(compared_word(word) for word in words.replace("\n", ",").split(",")) - {""}


_NOTHING = _listed("""
n/a, na, nan, none, null, nil, unknown, unk, not known, unspecified, not specified, undefined,
undetermined, missing, masked, hidden, removed, deleted, redacted, withheld, blank, empty,
not available, not applicable, not given, not stated, not recorded, no data, confidential,
#N/A, #REF!, #VALUE!, #NAME?, #NULL!, #DIV/0!, #NUM!
unbekannt, fehlt, fehlend, fehlende Angabe, keine, keine Angabe, k.A., ohne Angabe, o.A., leer,
nicht bekannt, nicht angegeben, nicht verfügbar, entfernt, gelöscht, geschwärzt, unbestimmt
desconocido, desconocida, no consta, sin datos, sin dato, no disponible, no especificado, faltante,
ausente, ninguno, vacío, eliminado, oculto, enmascarado, no informado, no aplica
inconnu, inconnue, manquant, manquante, non renseigné, non précisé, non spécifié, non disponible,
masqué, masquée, supprimé, vide, aucun, indéterminé, non applicable
sconosciuto, sconosciuta, ignoto, ignota, mancante, non noto, non specificato, assente, vuoto,
nessuno, mascherato, rimosso, non applicabile, n.d.
desconhecido, desconhecida, em falta, faltando, faltante, não informado, não disponível, sem dados,
ignorado, ignorada, vazio, nenhum, mascarado, removido, não se aplica
onbekend, ontbreekt, ontbrekend, geen, niet bekend, niet beschikbaar, verwijderd, leeg, gemaskeerd,
niet van toepassing
""")
_SEXES = {
    "M": _listed("""
m, male, man, men, boy, masculine, männlich, maennlich, männl., Mann, Junge, Knabe
h, hombre, varón, masculino, macho, niño, homme, masculin, mâle, garçon
maschio, maschile, uomo, maschi, homem, menino, mannelijk, jongen
"""),
    "F": _listed("""
f, female, woman, women, girl, feminine, w, weiblich, weibl., Frau, Mädchen, Maedchen
mujer, femenino, femenina, hembra, niña, femme, féminin, femelle, fille
femmina, femminile, donna, mulher, feminino, feminina, fêmea, menina, vrouw, vrouwelijk, meisje
"""),
    "O": _listed("""
o, other, diverse, non-binary, intersex, intersexual, divers, andere, anderes
otro, otra, intersexuado, autre, intersexe, altro, diverso, outro, anders
"""),
}
_SEX_OF = {word: sex for sex, words in _SEXES.items() for word in words}
_YEARS_PER_UNIT = {
    1.0: _listed("""
y, yr, yrs, year, years, yo, y/o, years old, year old, yrs old, Jahr, Jahre, Jahren, Jahre alt
año, años, an, ans, anno, anni, ano, anos, jaar, jaren
"""),
    1 / 12: _listed("""
m, mo, mos, mon, month, months, months old, Monat, Monate, Monaten, mes, meses, mois
mese, mesi, mês, maand, maanden
"""),
    7 / 365.25: _listed("""
w, wk, wks, week, weeks, weeks old, Woche, Wochen, semana, semanas, semaine, semaines
settimana, settimane, weken
"""),
    1 / 365.25: _listed("""
d, day, days, days old, Tag, Tage, Tagen, día, días, jour, jours, giorno, giorni, dia, dias
dag, dagen
"""),
}
_UNIT_OF = {"": 1.0} | {word: years for years, words in _YEARS_PER_UNIT.items() for word in words}
_ONE_DAY, _NO_YEARS = 1 / 365.25, ("0", "0.0", "0,0")
_WHOLE_VIEWS = {
    **dict.fromkeys(_listed("p.a., postero-anterior, posteroanteriore, dorsoventral"), "PA"),
    **dict.fromkeys(_listed("a.p., antero-posterior, anteroposteriore, ventrodorsal"), "AP"),
    **dict.fromkeys(_listed("voor-achterwaarts"), "AP"),
    **dict.fromkeys(_listed("achter-voorwaarts"), "PA"),
}
_VIEW_WORDS = {
    "LATERAL": _listed("""
seitlich, Seitenaufnahme, perfil, profil, laterale, latero-laterale, lateraal, zijdelings, dwars
"""),
    "FRONTAL": _listed("frontale, face, frente, frontaal"),
    "SUPINE": _listed("liegend, supino, supina, acostado, couché, deitado, liggend"),
    "ERECT": _listed("stehend, pie, bipedestación, debout, piedi, pé, ortostatismo, staand"),
    "SITTING": _listed("sitzend, sentado, assis, seduto, zittend"),
    "PORTABLE": _listed("Bettaufnahme, portátil, portatile, au lit"),
    "DECUBITUS": _listed("decúbito, decubito"),
    "OBLIQUE": _listed("schräg, oblicua, oblicuo, obliqua, obliquo, schuin"),
    "": _listed("de, in, im, en, em, di"),
}
_VIEW_WORD_OF = {word: view for view, words in _VIEW_WORDS.items() for word in words}


def says_nothing(text: str | None) -> bool:
    """Whether a text stands for a value that is not known, or was masked.

    >>> [says_nothing(text) for text in ("", "?", "fehlt", "XXXXX", "***", "F")]
    [True, True, True, True, True, False]
    """
    word = compared_word(text)
    return not word or word in _NOTHING or re.fullmatch("x{3,}", word) is not None


def sex_letter(text: str | None) -> str | None:
    """Return `M`, `F` or `O` (DICOM's other), or None.

    >>> sex_letter("male"), sex_letter("F "), sex_letter("Mujer"), sex_letter("weiblich")
    ('M', 'F', 'F', 'F')
    >>> sex_letter("Missing"), sex_letter("fehlt"), sex_letter("?"), sex_letter(None)
    (None, None, None, None)
    """
    return _SEX_OF.get(compared_word(text))


def sexes_in_column(cells: Iterable[str]) -> dict[str, str | None]:
    """Return the sex that each cell of a column means; what M stands for the others tell.

    Beside `H` (hombre, homem) it is a woman. Beside `V` it may be a man (vrouw) or a woman (varón).

    >>> sexes_in_column(["M", "F"]), sexes_in_column(["M", "H"]), sexes_in_column(["M", "V"])
    ({'M': 'M', 'F': 'F'}, {'M': 'F', 'H': 'M'}, {'M': None, 'V': None})
    """
    words = {cell: compared_word(cell) for cell in dict.fromkeys(cells)}
    m = _meaning_of_m(set(words.values()))
    return {cell: m if word == "m" else _SEX_OF.get(word) for cell, word in words.items()}


def _meaning_of_m(words: Collection[str]) -> str | None:
    if "v" in words:
        return None
    if "h" not in words:
        return "M"
    others = [word for word in words if word in _SEX_OF and word not in ("h", "m")]
    return None if others else "F"


def age_in_years(text: str | None) -> float | None:
    """Read an age: a number of years, DICOM's `045Y`, `006M`, `002W`, `012D`, or `45 Jahre`.

    Decimals stand after a point or a comma. `000Y` is unknown, because zeros fill the field of
    de-identified headers; the number 0 is an infant, as in NIH ChestX-ray14, and so is `000D`.

    Returns:
        Years, or None where nothing, nonsense or an impossible age was written.

    >>> age_in_years("045Y"), age_in_years("62"), age_in_years("006M"), age_in_years("3 Monate")
    (45.0, 62.0, 0.5, 0.25)
    >>> age_in_years("012D"), age_in_years("55,5"), age_in_years("000Y"), age_in_years("000D")
    (0.033, 55.5, None, 0.0)
    >>> age_in_years(""), age_in_years(None), age_in_years("411"), age_in_years("adult")
    (None, None, None, None)
    """
    match = re.fullmatch(r"(\d+(?:[.,]\d+)?)((?:[^\W\d]|[\s./-])*)", (text or "").strip())
    unit = _UNIT_OF.get(compared_word(match[2])) if match else None
    if not match or unit is None:
        return None
    years = float(match[1].replace(",", ".")) * unit
    is_known = years > 0 or unit == _ONE_DAY or match[0] in _NO_YEARS
    return round(years, 3) if is_known and years <= OLDEST_YEARS else None


def view_name(text: str | None) -> str | None:
    """Return a view position in capitals (`PA`, `LATERAL`); None where it is no view.

    >>> view_name(" p.a. "), view_name("AP liegend"), view_name("de profil"), view_name("")
    ('PA', 'AP SUPINE', 'LATERAL', None)
    >>> view_name("left lateral decubitus"), view_name("Doe, Jane"), view_name("unknown")
    ('LEFT LATERAL DEC', None, None)
    """
    if says_nothing(text):
        return None
    if whole := _WHOLE_VIEWS.get(compared_word(text)):
        return whole
    words = (_in_english(word) for word in (text or "").upper().split())
    view = " ".join(word for word in words if word)
    return view[:16].rstrip() if view and may_be_kept("ViewPosition", view) else None


def _in_english(word: str) -> str:
    return _VIEW_WORD_OF.get(compared_word(word), word)
