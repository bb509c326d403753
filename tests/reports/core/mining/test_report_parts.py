"""Sections, sentences, spelling and typography of reports."""

import pytest
from shared_fixtures.lexicons import lexicon_of

from backend.reports.core.mining.mine import mine
from backend.reports.core.mining.parts import sentences
from backend.reports.core.mining.reading import BLANK, even, spelled, speller


def _sections(text):
    found = lexicon_of("en").headings.sections(text)
    return [(one.name, text[one.start : one.end].strip(), one.is_context) for one in found]


def _names(text):
    return [name for name, written, _ in _sections(text) if written]


def _split(text):
    return [
        text[a:b].strip() for a, b in sentences(text, 0, len(text), lexicon_of("en").abbreviations)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "INDICATION: Pain.\nFINDINGS: Normal.\nIMPRESSION: Normal.",
        "Indication: Pain. Findings: Normal. Impression: Normal.",
        "indication: pain.\nfindings: normal.\nimpression: normal.",
        "INDICATION\nPain.\nFINDINGS\nNormal.\nIMPRESSION\nNormal.",
        "1. INDICATION: Pain.\n2. FINDINGS: Normal.\n3. IMPRESSION: Normal.",
        "CLINICAL HISTORY: Pain.\nFINDINGS:\nNormal.\nCONCLUSION: Normal.",
        "Reason for exam: Pain.\nREPORT: Normal.\nOPINION: Normal.",
        "HISTORY : Pain.\n  FINDINGS : Normal.\n  IMPRESSION (final): Normal.",
        "CLINICAL INFORMATION: Pain\nFINDINGS: Normal\nSUMMARY: Normal",
    ],
)
def test_usual_headings_are_understood(text):
    assert _names(text) == ["history", "findings", "impression"]


def test_everything_but_the_headings_is_in_some_section():
    text = "XR HIP\nHISTORY: Fall.\nCOMPARISON: None.\nFINDINGS: Normal."
    written = "".join(text[one.start : one.end] for one in lexicon_of("en").headings.sections(text))
    assert written.split() == ["XR", "HIP", "Fall.", "None.", "Normal."]


def test_a_report_without_headings_is_one_unnamed_section():
    assert _sections("Normal hip.") == [("", "Normal hip.", False)]


def test_what_was_known_before_is_context_and_what_is_seen_is_not():
    text = "COMPARISON: None.\nTECHNIQUE: Two views.\nHISTORY: Pain.\nFINDINGS: Normal."
    assert [context for _, _, context in _sections(text)] == [True, True, True, False]


def test_words_of_headings_inside_a_sentence_are_none():
    assert _names("There is a history of pain and the findings are normal.") == [""]


def test_history_without_a_following_heading_ends_with_its_paragraph():
    text = "HISTORY: Pain after a fall.\n\nThere is a hip prosthesis."
    assert _sections(text)[-1] == ("", "There is a hip prosthesis.", False)


def test_an_unknown_heading_ends_the_history():
    text = "HISTORY: Fall.\nPELVIS AND LEFT HIP: There is a hip prosthesis."
    assert mine(text, lexicon_of("en")).status == "present"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No fracture. No effusion.", ["No fracture", "No effusion"]),
        ("Seen by Dr. Smith today.", ["Seen by Dr. Smith today"]),
        ("Gas vs. clip is seen.", ["Gas vs. clip is seen"]),
        ("Patient s/p. surgery is well.", ["Patient s/p. surgery is well"]),
        ("A 3.5 mm screw is seen.", ["A 3.5 mm screw is seen"]),
        ("1. Hip screw. 2. No fracture.", ["1. Hip screw", "2. No fracture"]),
        ("The total hip\nprosthesis is intact.", ["The total hip\nprosthesis is intact"]),
        ("Right hip prosthesis\nNo fracture", ["Right hip prosthesis", "No fracture"]),
        ("- Clips\n- Wires", ["- Clips", "- Wires"]),
        ("The mediastinum.There is a clip.", ["The mediastinum", "There is a clip"]),
        ("Plate removed; screws remain", ["Plate removed", "screws remain"]),
        ("Clips..", ["Clips"]),
        ("", []),
    ],
)
def test_sentences_are_split_as_radiologists_write_them(text, expected):
    assert _split(text) == expected


@pytest.mark.parametrize("blank", ["XXXX", "[**Name 12**]", "___", "<NAME>", "xxxx", "[REDACTED]"])
def test_every_kind_of_blank_is_made_the_same_and_keeps_its_length(blank):
    assert even(f"The {blank} is") == f"The {BLANK * len(blank)} is"


@pytest.mark.parametrize("blank", ["XXXX", "[**Hospital**]", "____", "<NAME>"])
def test_a_device_with_a_blacked_out_noun_is_understood(blank):
    for text in (f"{blank} sternotomy {blank} are intact.", f"Surgical {blank} are noted."):
        assert mine(text, lexicon_of("en")).status == "present"


def test_typographic_hyphens_spaces_and_line_breaks_do_not_matter():
    texts = [
        "Two K-wires.",
        "Two K\u2013wires.",
        "Two\u00a0K wires.",
        "Two K\r\nwires.",
        "Two kwires.",
    ]
    assert {mine(text, lexicon_of("en")).status for text in texts} == {"present"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("pacemker", "pacemaker"),
        ("pacemaaker", "pacemaker"),
        ("pacemeker", "pacemaker"),
        ("paecmaker", "pacemaker"),
        ("prothesis", "prosthesis"),
        ("arthoplasty", "arthroplasty"),
        ("sternotmy", "sternotomy"),
        ("defibrilator", "defibrillator"),
    ],
)
def test_one_wrong_letter_in_a_long_word_is_put_right(written, meant):
    assert lexicon_of("en").speller.correct(written) == meant


@pytest.mark.parametrize(
    "word",
    [
        *("external", "eternal", "infection", "trachea", "expanded", "occluded", "simulator"),
        *(
            "pacemaker",
            "pacemakers",
            "clip",
            "clips",
            "clap",
            "lung",
            "pelvis",
            "mailing",
            "bullae",
        ),
        *("placing", "staying", "implanted", "sutured", "futures", "surgeries", "angular"),
    ],
)
def test_other_words_stay_as_they_are(word):
    assert lexicon_of("en").speller.correct(word) is None


def _one_letter_away(word):
    """Return what is one letter added, left out, changed or swapped away from a word."""
    cuts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    letters = "abcdefghijklmnopqrstuvwxyz"
    return {
        *(head + letter + tail for head, tail in cuts for letter in letters),
        *(head + letter + tail[1:] for head, tail in cuts if tail for letter in letters),
        *(head + tail[1:] for head, tail in cuts if tail),
        *(head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1),
    } - {word}


def test_every_misspelling_of_a_word_is_put_right_to_a_word_one_letter_away():
    words = set(lexicon_of("en").speller.words)
    for word in ("pacemaker", "prosthesis", "sternotomy", "replacement", "staples"):
        for written in _one_letter_away(word) - lexicon_of("en").speller.right:
            near = {other for other in _one_letter_away(written) if other in words}
            other_forms = {
                one for one in near if one.startswith(written) or written.startswith(one)
            }
            meant = lexicon_of("en").speller.correct(written)
            assert (meant in near) if len(written) > 6 and not other_forms else meant is None


def test_short_words_are_never_put_right():
    assert speller(["screw"], ()).correct("scrw") is None


def test_a_hit_behind_misspellings_lies_where_it_was_written():
    text = "A pacemker is seen, a defibrilator, and surgical clips."
    found = [text[hit.start : hit.end] for hit in mine(text, lexicon_of("en")).hits]
    assert found == ["pacemker", "defibrilator", "surgical clips"]


def test_a_reading_leads_back_to_the_report():
    text = "a pacemker then"
    reading = spelled(text, speller(["pacemaker"], ()))
    assert reading.low == "a pacemaker then"
    assert [reading.origin(reading.low.index(word)) for word in ("a", "pace", "then")] == [0, 2, 11]
