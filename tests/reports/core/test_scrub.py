"""Sentences of reports lose what names somebody and keep what is on the film (all invented)."""

import re
import tarfile
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from backend.reports.core.scrub import LONGEST, only_known, scrubbed, words_used_often

HAS_DIGIT = re.compile(r"\d").search
OPENI = Path(__file__).parents[4] / "shared" / "data" / "reports" / "NLMCXR_reports.tgz"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "Compared to 03/12/2021, the wires are unchanged.",
            "Compared to [date], the wires are unchanged.",
        ),
        ("Film of 2021-03-12.", "Film of [date]."),
        ("Film of 12-3-21: clips.", "Film of [date]: clips."),
        ("Compared to 3/12.", "Compared to [date]."),
        ("Since March 12, 2021 unchanged.", "Since [date] unchanged."),
        ("Seen on 3rd of May.", "Seen on [date]."),
        ("Implanted Jan. 2019.", "Implanted [date]."),
        ("Film of 12-Mar-2021.", "Film of [date]."),
        ("ICD implanted in 2014; 3 leads.", "ICD implanted in [number]; 3 leads."),
        ("Voraufnahme vom 12.03.2021 liegt vor.", "Voraufnahme vom [date] liegt vor."),
        ("Voraufnahme vom 12.03. liegt vor.", "Voraufnahme vom [date] liegt vor."),
        ("Am 3. März 2019 implantiert.", "Am [date] implantiert."),
        ("OP Okt. 2018.", "OP [date]."),
        ("Operado el 12 de marzo de 2021.", "Operado el [date]."),
        ("Control de enero de 2020.", "Control de [date]."),
        ("Control del 3 de abril.", "Control del [date]."),
    ],
)
def test_dates_go(text, wanted):
    assert scrubbed(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Called at 14:35.", "Called at [time]."),
        ("Called at 2:30 pm today.", "Called at [time] today."),
        ("Called at 10 a.m. today", "Called at [time] today"),
        ("At 10am.", "At [time]."),
        ("Um 14.35 Uhr besprochen.", "Um [time] besprochen."),
        ("Um 14 Uhr besprochen.", "Um [time] besprochen."),
        ("Informado a las 10:30.", "Informado a las [time]."),
        ("A las 17 horas.", "A las [time]."),
    ],
)
def test_times_go(text, wanted):
    assert scrubbed(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Accession 20210312-0017.",
        "Acc. no. CR1234567 was read.",
        "See XR20-000123.",
        "Study A12B345 shows clips.",
        "Fall-Nr. 2021/004711.",
        "Case 12 345 678.",
        "Numbers 1,234,567 and 1.234.567.",
        "MRN 77123.",
        "Call 555-123-4567.",
        "Tel. +49 (0)89 1234-567.",
        "Llame al 91 123 45 67.",
        "Pager 44 71 12 9.",
        "Arabic digits \u0661\u0662\u0663\u0664 and full width \uff11\uff12\uff13\uff14.",
        "A soft hyphen 12\u00ad34 and a joiner 12\u200b34.",
        "Glued: film1234 and 1234film.",
    ],
)
def test_numbers_that_identify_go(text):
    said = scrubbed(text)
    assert "[number]" in said
    assert not re.search(r"\d{3,}", said.replace("[number]", ""))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Seen by Dr. Miller.", "Seen by [name]."),
        ("Dr Miller was told of the clips.", "[name] was told of the clips."),
        ("dr. miller was told.", "[name] was told."),
        ("DR. MILLER, chest film.", "[name], chest film."),
        ("Told Prof. Dr. med. Jane A. Miller-Smith.", "Told [name]."),
        ("Mr. O'Brien has wires.", "[name] has wires."),
        ("Mrs Mary Jones has wires.", "[name] has wires."),
        ("Ms. Lee: clips.", "[name]: clips."),
        ("Nurse Joy was told.", "[name] was told."),
        ("Read by Jane Doe, MD.", "Read by [name]."),
        ("Jane Doe MD reviewed the film.", "[name] reviewed the film."),
        ("Placed by Smith last week.", "Placed by [name] last week."),
        ("Smith^John^Q has wires.", "[name] has wires."),
        ("Name: John Smith, sternal wires.", "[name], sternal wires."),
        ("Patient: Smith, John; wires.", "[name]; wires."),
        ("Name : SMITH JOHN", "[name]"),
        ("The patient John Smith has wires.", "The patient [name] has wires."),
        ("DOB: 1 May 1950, wires.", "[name], wires."),
        ("Physician: Prof. Miller. Clips present.", "[name]. Clips present."),
        ("Then signed by Jane Q. Public. Clips.", "Then signed by [name]. Clips."),
        ("Frau Müller hat Drahtcerclagen.", "[name] hat Drahtcerclagen."),
        ("Rücksprache mit Herrn von der Heide.", "Rücksprache mit [name]."),
        ("Befundet von Dr. Öztürk.", "Befundet von [name]."),
        ("Hr. Groß, Metallclips.", "[name], Metallclips."),
        ("Nachname: Müller; Vorname: Anna; Clips.", "[name]; [name]; Clips."),
        ("Schwester Anna informiert.", "[name] informiert."),
        ("La Dra. María del Carmen López fue avisada.", "La [name] fue avisada."),
        ("El Sr. Pérez García tiene grapas.", "El [name] tiene grapas."),
        ("Don José tiene grapas.", "[name] tiene grapas."),
        ("Paciente: Ana Núñez, grapas.", "[name], grapas."),
        ("Operado por García Pérez.", "Operado por [name]."),
        ("Informado por la Dra. Ruiz.", "Informado por [name]."),
    ],
)  # fmt: skip
def test_names_that_something_announces_go(text, wanted):
    assert scrubbed(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Write to jane.doe@example.org now.",
        "Write to jane.doe @ example.org now.",
        "See https://example.org/film?id=7 now.",
        "See www.example.org/film now.",
    ],
)
def test_addresses_go(text):
    said = scrubbed(text)
    assert "example" not in said and "doe" not in said
    assert said.endswith(" now.")


@pytest.mark.parametrize(
    "text",
    [
        "Sternotomy wires and surgical clips are present.",
        "Harrington rods from T4 to L1, 8 Fr drain, 2.5 cm apart.",
        "Hickman catheter, Swan-Ganz, St. Jude valve, Greenfield filter.",
        "Fusion L5-S1 and T10-T12; fracture at T11/T12.",
        "Three of 12 clips, 5mm, 120mm, 3.5x2.0cm.",
        "Fractures of ribs 3/4 and 10-11.",
        "The patient has MS and OA; MR Thorax advised.",
        "A 56-year-old with a pacemaker.",
        "Dual lead ICD. No pneumothorax.",
        "Don't rotate. Right-sided port in place.",
        "Z.n. Spondylodese BWK 11/12 mit Pedikelschrauben.",
        "Drahtcerclagen nach Sternotomie, Clips in Projektion auf den Oberbauch.",
        "Hüft-TEP rechts, Schrittmacher links.",
        "Suturas de esternotomía y grapas quirúrgicas.",
        "Prótesis de cadera derecha, tornillos en L4 y L5.",
        "The lateral may be rotated; march fracture.",
        "",
    ],
)
def test_what_is_on_the_film_stays(text):
    assert scrubbed(text) == text


def test_control_characters_and_line_breaks_go():
    assert scrubbed("Clips\x00\x07\r\n  in\tthe\u2028abdomen.\x1b[2J") == (
        "Clips in the abdomen. [2J"
    )


def test_a_long_sentence_is_cut_at_a_word():
    said = scrubbed("sternotomy wires " * 100)
    assert len(said) <= LONGEST
    assert said.endswith((" wires…", " sternotomy…"))
    assert len(scrubbed("x" * 10_000)) == LONGEST


def test_a_number_at_the_cut_leaves_nothing_of_itself():
    for before in range(LONGEST - 20, LONGEST + 20):
        said = scrubbed("x" * (before - 1) + " 123456789 and more words that follow")
        assert not re.search(r"\d", said)


PIECES = (
    "Dr. Miller 12.03.2021 14:35 [name] patient: by signed MRN 77123 clips, wires. T4 L1/L2 "
    "Frau Müller de la 3 März 2019 + ( ) - / 12 345 a@b.c Smith^J XR20-000123 am pm Uhr ; No. "
    "10 8 Fr Name : = [date] por García 2.5 cm MD Prof. Hr. befundet von Don id # nr"
)


def test_doing_it_twice_changes_nothing():
    words = PIECES.split()
    rng = np.random.default_rng(4)
    for _ in range(3000):
        once = scrubbed(" ".join(rng.choice(words, rng.integers(1, 25))))
        assert scrubbed(once) == once
        assert not re.search(r"\d{4,}", once) and len(once) <= LONGEST


def test_hostile_text_takes_no_time_to_speak_of():
    for text in ("a@" * 5000, "1-" * 5000, "Dr. " * 5000, "A" * 10_000, "by A " * 3000, "[" * 9999):
        assert len(scrubbed(text)) <= LONGEST


@pytest.mark.skipif(not OPENI.exists(), reason="the OpenI reports are not here")
def test_no_number_of_four_digits_survives_in_any_real_report():
    sentences = 0
    with tarfile.open(OPENI) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            if file is None:
                continue
            for node in ET.parse(file).iter("AbstractText"):
                for sentence in filter(HAS_DIGIT, (node.text or "").split(". ")):
                    said = scrubbed(sentence)
                    sentences += 1
                    assert not re.search(r"\d{4,}", said)
                    assert len(said) <= LONGEST and said.isprintable()
    assert sentences > 500


def test_a_name_that_nothing_announces_is_no_word_that_reports_use():
    reports = ["Sternal wires, seen with Miller."] * 9 + ["Wires seen."] * 9
    known = words_used_often(reports)
    assert known == {"wires", "seen", "with"}
    assert only_known(reports[0], known | {"sternal"}) == "Sternal wires, seen with [...]."


def test_a_word_of_few_reports_is_not_one_that_reports_use():
    assert words_used_often(["seen wires"] * 4 + ["SEEN WIRES"] * 9) == set()
