"""The German lexicon on sentences of our own: no report of a patient was ever read with it.

What these tests show is that the rules do what they were written for, not how often they are right
on real reports. The examples of every rule run in `test_report_lexicon.py`.
"""

import unicodedata

import pytest
from shared_fixtures.lexicons import lexicon_of

from backend.reports.core.mining.mine import mine

SENTENCES = [
    ("Hüft-TEP rechts in regelrechter Lage.", "present"),
    ("Einliegende Hueft-TEP links ohne Lockerungszeichen.", "present"),
    ("Kein Hinweis auf Lockerung der Hüft-TEP.", "present"),
    ("Ohne Anhalt für Lockerung oder Bruch der Knieprothese links.", "present"),
    ("Keine periprothetische Fraktur.", "present"),
    ("Kein Materialbruch.", "present"),
    ("Z. n. Knie-TEP bds., keine Dislokation der Komponenten.", "present"),
    ("Inverse Schulterprothese links, regelrecht.", "present"),
    ("Duokopfprothese rechts.", "present"),
    ("Herzschrittmacheraggregat links pektoral.", "present"),
    ("Schrittmachersonde in Projektion auf den rechten Ventrikel.", "present"),
    ("Kein Pneumothorax nach Schrittmacherimplantation.", "present"),
    ("Kein Erguss, kein Pneumothorax, Herzschrittmacher in situ.", "present"),
    ("ICD-Aggregat links mit einer Sonde im rechten Ventrikel.", "present"),
    ("Z.n. Sternotomie mit intakten Drahtcerclagen.", "present"),
    ("Sternalcerclagen unverändert.", "present"),
    ("Liegender Marknagel im Femur.", "present"),
    ("Plattenosteosynthese am distalen Radius.", "present"),
    ("Winkelstabile Platte an der Klavikula, achsgerecht.", "present"),
    ("Pedikelschrauben in L4 und L5.", "present"),
    ("Cage in Höhe C5/6.", "present"),
    ("Clips nach Cholezystektomie.", "present"),
    ("Metallclips in der rechten Axilla.", "present"),
    ("Fixateur externe am Unterschenkel.", "present"),
    ("Zwei Kirschner-Drähte im Mittelhandknochen.", "present"),
    ("Z.n. Mitralklappenersatz.", "present"),
    ("Koronarstent im RIVA.", "present"),
    ("Cavafilter in Höhe von L2.", "present"),
    ("Cochlea-Implantat rechts.", "present"),
    ("Zahnfüllungen im Oberkiefer.", "present"),
    ("Osteosynthesematerial bis auf eine gebrochene Schraube entfernt.", "present"),
    ("Herzschrittmacer links.", "present"),
    ("Z.n. Metallentfernung am Unterschenkel.", "removed"),
    ("Zustand nach Schraubenentfernung.", "removed"),
    ("Die Platte wurde zwischenzeitlich entfernt.", "removed"),
    ("Z.n. Explantation der Hüft-TEP.", "removed"),
    ("Schrittmacheraggregat links pektoral entfernt.", "removed"),
    ("K-Drähte nicht mehr nachweisbar.", "removed"),
    ("Keine Metallimplantate.", "negated"),
    ("Kein Herzschrittmacher.", "negated"),
    ("Kein Nachweis von Osteosynthesematerial.", "negated"),
    ("Weder Schrittmacher noch ICD.", "negated"),
    ("Kein Fremdkörpernachweis.", "negated"),
    ("Ohne Schrauben oder Platten.", "negated"),
    ("Implantate sind nicht nachweisbar.", "negated"),
    ("Geplante Hüft-TEP rechts.", "planned"),
    ("Indikation zur Knie-TEP.", "planned"),
    ("Schrittmacherimplantation ist geplant.", "planned"),
    ("Fragestellung: Vor Hüft-TEP links.", "planned"),
    ("Metallentfernung geplant.", "implied"),
    ("Z.n. Sternotomie.", "implied"),
    ("Z.n. Spondylodese L4/5.", "implied"),
    ("Z.n. Cholezystektomie.", "implied"),
    ("Anamnestisch Herzschrittmacher.", "history_only"),
    ("Klinische Angaben: Z.n. Hüft-TEP rechts.", "history_only"),
    ("Möglicher Clip in der Axilla.", "uncertain"),
    ("Metalldichte Struktur über dem Becken.", "uncertain"),
    ("Clip oder Verkalkung rechts hilär.", "uncertain"),
    ("ZVK über die V. jugularis interna rechts.", "line_tube"),
    ("Portkatheter rechts, Spitze in der V. cava superior.", "line_tube"),
    ("Magensonde und Tubus regelrecht.", "line_tube"),
    ("EKG-Elektroden in Projektion auf den Thorax.", "external"),
    ("Hautklammern ventral.", "external"),
    ("Halskette überlagert die Lungenspitzen.", "external"),
    ("Unterschenkelprothese bei Z.n. Amputation.", "external"),
    ("Mammaprothese links.", "nonmetal_implant"),
    ("Beidseits Brustimplantate.", "nonmetal_implant"),
    ("Z.n. Vertebroplastie LWK 1.", "nonmetal_implant"),
    ("Granatsplitter im linken Oberschenkel.", "foreign_metal"),
    ("Metalldichter Fremdkörper im Daumen.", "foreign_metal"),
    ("Sklerose der Endplatten.", "not_implant"),
    ("Deckplatteneinbruch von LWK 1.", "not_implant"),
    ("Plattenatelektasen links basal.", "not_implant"),
    ("Plattenepithelkarzinom bekannt.", "not_implant"),
    ("Verletzung am Nagelbett des Daumens.", "not_implant"),
    ("Werte in Klammern von der Voraufnahme.", "not_implant"),
    ("Bekannte Erregungsleitungsstörung.", "not_implant"),
    ("Wachstumsfugen offen.", "not_mentioned"),
    ("Persistierende Verschattung, konsistent mit Infiltrat.", "not_mentioned"),
    ("Kein Frakturnachweis, regelrechte Stellung im Gelenk.", "not_mentioned"),
    ("Synthese der Befunde, Defizit der Beweglichkeit.", "not_mentioned"),
]

REPORTS = [
    (
        "Klinische Angaben: Sturz auf die rechte Hüfte.\n"
        "Befund: Einliegende zementierte Hüft-TEP rechts. Keine Fraktur.\n"
        "Beurteilung: Kein Hinweis auf Lockerung.",
        "present",
    ),
    (
        "Fragestellung: Lagekontrolle nach Schrittmacherimplantation\n"
        "Befund: Aggregat links pektoral, Sonden in Vorhof und Ventrikel. Kein Pneumothorax.",
        "present",
    ),
    (
        "Röntgen Thorax in zwei Ebenen\n\nBefund:\nZ.n. Sternotomie, Drahtcerclagen intakt. "
        "Herz nicht vergrößert. ZVK rechts.\n\nBeurteilung:\nKeine Stauung.",
        "present",
    ),
    (
        "Indikation: Z.n. Plattenosteosynthese am Radius, jetzt Z.n. ME.\n"
        "Befund: Knöchern konsolidierte Fraktur. Das Osteosynthesematerial wurde entfernt.",
        "absent",
    ),
    (
        "Befund: Z.n. Metallentfernung. Fraktur knöchern durchbaut.\n"
        "Beurteilung: Regelrechte Stellung.",
        "absent",
    ),
    (
        "Anamnese: Husten.\nBefund: Herz und Lunge unauffällig. Kein Infiltrat, kein Erguss.\n"
        "Beurteilung: Unauffälliger Befund.",
        "absent",
    ),
    (
        "Indikation: Vor Hüft-TEP rechts.\nTechnik: Beckenübersicht.\n"
        "Befund: Ausgeprägte Coxarthrose rechts.\nBeurteilung: Coxarthrose.",
        "abstain",
    ),
    (
        "Klinische Angaben: Bekannter Herzschrittmacher.\n"
        "Befund: Sprunggelenk in zwei Ebenen ohne Fraktur.",
        "abstain",
    ),
    (
        "Befund: Tubus und Magensonde in regelrechter Lage. EKG-Kabel über dem Thorax. "
        "Plattenatelektase links.\nBeurteilung: Kein Pneumothorax.",
        "absent",
    ),
    (
        "Vergleich: Voraufnahme vom 3.5.2020.\n"
        "Befund: Deckplatten glatt begrenzt. Keine Metallimplantate.\n"
        "Beurteilung: Altersentsprechender Befund.",
        "absent",
    ),
]


def _misses(table, wanted_of):
    """Return a line for each text of a table that does not come out as the table says."""
    findings = [(text, wanted, mine(text, lexicon_of("de"))) for text, wanted in table]
    return [
        f"{text!r}: expected {wanted}, got {wanted_of(finding)} from {finding.hits}"
        for text, wanted, finding in findings
        if wanted_of(finding) != wanted
    ]


def test_a_german_sentence_has_the_status_a_reader_would_give():
    misses = _misses(SENTENCES, lambda finding: finding.status)
    assert not misses, "\n".join(misses)


def test_a_german_report_has_the_label_a_reader_would_give():
    misses = _misses(REPORTS, lambda finding: finding.label)
    assert not misses, "\n".join(misses)


@pytest.mark.parametrize(
    ("sentence", "category", "region", "side"),
    [
        ("Hüft-TEP rechts.", "joint", "hip", "right"),
        ("Knieprothese links.", "joint", "knee", "left"),
        ("Pedikelschrauben L4.", "spine", "spine", ""),
        ("Schraube im LWK 4.", "spine", "spine", ""),
        ("Sternalcerclagen.", "sternal_wire", "chest", ""),
        ("Beidseitige Knie-TEP.", "joint", "knee", "both"),
        ("Platte am distalen Radius rechts.", "fixation", "wrist", "right"),
    ],
)
def test_kind_place_and_side_are_told_in_german(sentence, category, region, side):
    hits = mine(sentence, lexicon_of("de")).hits
    assert [(hit.category, hit.region, hit.side) for hit in hits] == [(category, region, side)]


PAIRS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def test_umlauts_may_be_written_out():
    plain = [(sentence.translate(PAIRS), status) for sentence, status in SENTENCES]
    # A sentence that has no umlaut is read above already.
    misses = _misses([row for row in plain if row not in SENTENCES], lambda finding: finding.status)
    assert not misses, "\n".join(misses)


def test_nothing_of_the_german_lexicon_claims_to_be_measured():
    assert lexicon_of("de").confidence.rules == {}
    assert lexicon_of("de").confidence.unseen == 0.5
    assert {mine(text, lexicon_of("de")).confidence for text, _ in REPORTS} == {0.0, 0.5}


def test_no_part_of_a_german_word_hides_a_shorter_one():
    parts = [word.strip("*") for word in lexicon_of("de").by_word if word.startswith("*")]
    assert not [(one, other) for one in parts for other in parts if one != other and one in other]


def test_every_german_cue_has_examples_and_counter_examples():
    assert not [cue.id for cue in lexicon_of("de").cues if not cue.examples or not cue.counter]


def test_the_german_lexicon_names_the_same_kinds_of_device_as_the_english_one():
    assert lexicon_of("de").categories == lexicon_of("en").categories
    assert lexicon_of("de").no_implants == lexicon_of("en").no_implants


def test_german_words_are_written_in_one_form_of_unicode():
    assert all(unicodedata.is_normalized("NFC", word) for word in lexicon_of("de").by_word)
