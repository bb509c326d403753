import pytest

from backend.archive.core.header_words import (
    age_in_years,
    says_nothing,
    sex_letter,
    sexes_in_column,
    view_name,
)


@pytest.mark.parametrize(
    ("sex", "words"),
    [
        ("M", "M m male Man MASCULINE männlich maennlich Mann H Hombre varón varon masculino"),
        ("M", "homme Masculin mâle garçon maschio uomo homem mannelijk jongen Junge"),
        ("F", "F f female Woman W weiblich Frau Mädchen Mujer femenino hembra niña"),
        ("F", "femme féminin fille femmina donna mulher feminino vrouw vrouwelijk meisje"),
        ("O", "O other divers otro autre altro outro anders"),
    ],
)
def test_a_sex_is_read_in_seven_languages(sex, words):
    assert {word: sex_letter(word) for word in words.split()} == dict.fromkeys(words.split(), sex)


def test_a_first_letter_is_no_sex():
    words = ["Missing", "Masked", "fehlt", "Fall", "Ms", "Fr", "Other hospital", "mixed", "MF", "V"]
    words += ["0", "1", "2", "9", "U", "D", "X", "K", "M/F", "M?F", "not F", "", None]
    assert {sex_letter(word) for word in words} == {None}


@pytest.mark.parametrize(
    ("column", "meant"),
    [
        ({"M", "F"}, {"M": "M", "F": "F"}),
        ({"M", "W"}, {"M": "M", "W": "F"}),
        ({"H", "F"}, {"H": "M", "F": "F"}),
        ({"H", "M", ""}, {"H": "M", "M": "F", "": None}),
        ({"H", "M", "F"}, {"H": "M", "M": None, "F": "F"}),
        ({"m", "v"}, {"m": None, "v": None}),
        ({"man", "vrouw"}, {"man": "M", "vrouw": "F"}),
        ({"Missing", "M"}, {"Missing": None, "M": "M"}),
    ],
)
def test_what_m_stands_for_the_other_cells_tell(column, meant):
    assert sexes_in_column(column) == meant


@pytest.mark.parametrize("text", ["000Y", "0Y", "00", "000", "000M", "000W", "0 Jahre"])
def test_an_age_of_zeros_is_unknown(text):
    assert age_in_years(text) is None


@pytest.mark.parametrize("text", ["0", "0.0", "0,0", "000D", "0 days"])
def test_an_infant_is_written_as_the_number_zero_or_in_days(text):
    assert age_in_years(text) == 0.0


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("45 years", 45.0),
        ("45 years old", 45.0),
        ("45 y/o", 45.0),
        ("45 Jahre", 45.0),
        ("45 ans", 45.0),
        ("45 años", 45.0),
        ("45 anni", 45.0),
        ("45 anos", 45.0),
        ("45 jaar", 45.0),
        ("6 Monate", 0.5),
        ("6 mois", 0.5),
        ("6 meses", 0.5),
        ("6 mesi", 0.5),
        ("6 maanden", 0.5),
        ("52 semaines", 0.997),
        ("12 Tage", 0.033),
        ("55,5", 55.5),
        ("55.50", 55.5),
        ("125", 125.0),
        ("125.1", None),
        ("90+", None),
        (">89", None),
        ("40-50", None),
        ("-4", None),
        ("45 J", None),
        ("3 years 2 months", None),
        ("1e1", None),
    ],
)
def test_an_age_is_read_with_its_unit_or_not_at_all(text, years):
    assert age_in_years(text) == years


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("pa", "PA"),
        ("p.a.", "PA"),
        ("postero-anterior", "PA"),
        ("AnteroPosterior", "AP"),
        ("a.p. liegend", None),
        ("AP liegend", "AP SUPINE"),
        ("seitlich", "LATERAL"),
        ("de profil", "LATERAL"),
        ("perfil", "LATERAL"),
        ("laterale", "LATERAL"),
        ("zijdelings", "LATERAL"),
        ("de face", "FRONTAL"),
        ("de pie", "ERECT"),
        ("LL", "LL"),
        ("fehlt", None),
        ("unknown", None),
        ("Profile of Jane", None),
    ],
)
def test_a_view_is_read_in_seven_languages(text, view):
    assert view_name(text) == view


def test_words_for_nothing_are_known_in_seven_languages():
    words = "n/a;unknown;fehlt;k.A.;desconocido;no consta;inconnu;non renseigné;sconosciuto"
    words += ";desconhecido;em falta;onbekend;ontbreekt;#N/A;NaN;XXXX;****;-;?"
    assert [word for word in words.split(";") if not says_nothing(word)] == []
    assert not any(says_nothing(word) for word in ("F", "M", "45", "PA", "7", "XX", "X"))
