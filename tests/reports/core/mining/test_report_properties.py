"""What must hold for any report made of known sentences, whatever they say."""

import unicodedata
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_fixtures.lexicons import lexicon_of

from backend.reports.adapters.lexicon_file import languages
from backend.reports.core.mining.mine import mine
from benchmarks.reports.report_sentences import known_sentences

FEW = settings(max_examples=60, deadline=None)
ASKED_OR_DENIED = {
    "en": ("Rule out pacemaker.", "No pacemaker.", "Pacemaker?", "Pacemaker: not identified."),
    "de": ("Ausschluss Herzschrittmacher.", "Kein Herzschrittmacher.", "Herzschrittmacher?"),
    "es": ("Descartar marcapasos.", "Sin marcapasos.", "¿Marcapasos?"),
}


def plain_sentences(language):
    """Return known sentences of one line, which end as sentences do."""
    texts = [one.text for one in known_sentences(language)]
    return [text for text in texts if "\n" not in text and text.endswith((".", "?"))]


SENTENCES = {language: plain_sentences(language) for language in languages()}


@st.composite
def reports(draw):
    """Draw a language and some sentences of it."""
    language = draw(st.sampled_from(languages()))
    return language, draw(st.lists(st.sampled_from(SENTENCES[language]), min_size=1, max_size=4))


def said(text, language):
    """Return what is said of each device, in the order of the text."""
    return [
        (text[hit.start : hit.end].lower(), hit.rule, hit.status)
        for hit in mine(text, lexicon_of(language)).hits
    ]


@FEW
@given(reports(), st.data())
def test_a_question_about_one_device_changes_nothing_that_is_said_of_others(report, data):
    language, sentences = report
    added = data.draw(st.sampled_from(ASKED_OR_DENIED[language]))
    place = data.draw(st.integers(0, len(sentences)))
    whole = [*sentences[:place], added, *sentences[place:]]
    alone = [said(sentence, language) for sentence in whole]
    assert said(" ".join(whole), language) == list(chain.from_iterable(alone))
    del alone[place]
    assert said(" ".join(sentences), language) == list(chain.from_iterable(alone))


@FEW
@given(reports(), st.randoms(use_true_random=False))
def test_the_order_of_sentences_does_not_matter(report, rng):
    language, sentences = report
    other = list(sentences)
    rng.shuffle(other)
    first, second = (mine(" ".join(each), lexicon_of(language)) for each in (sentences, other))
    assert (first.label, first.status) == (second.label, second.status)
    assert sorted(said(" ".join(sentences), language)) == sorted(said(" ".join(other), language))


@FEW
@given(reports())
def test_capitals_do_not_matter(report):
    language, sentences = report
    text = " ".join(sentences)
    assert said(text.upper().replace("ẞ", "SS"), language) == said(text.upper().lower(), language)
    assert mine(text.upper(), lexicon_of(language)).label == mine(text, lexicon_of(language)).label


@FEW
@given(
    reports(), st.sampled_from(["  ", "\t", "\u00a0", " \u00a0 "]), st.sampled_from(["\n", "\r\n"])
)
def test_kinds_of_spaces_and_line_breaks_do_not_matter(report, space, line_break):
    language, sentences = report
    label = mine(" ".join(sentences), lexicon_of(language)).label
    assert mine(space.join(sentences), lexicon_of(language)).label == label
    assert mine(line_break.join(sentences), lexicon_of(language)).label == label
    spaced = " ".join(sentences).replace(" ", space)
    assert mine(spaced, lexicon_of(language)).label == label


@FEW
@given(reports())
def test_accents_may_be_letters_of_their_own(report):
    language, sentences = report
    text = unicodedata.normalize("NFC", " ".join(sentences))
    apart = unicodedata.normalize("NFD", text)
    found = [(unicodedata.normalize("NFC", words), *rest) for words, *rest in said(apart, language)]
    assert found == said(text, language)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_a_place_in_a_report_is_one_of_the_report_as_it_was_written(form):
    text = unicodedata.normalize(form, "Señal. Prótesis de cadera, fémur, prtesis y marcapasos.")
    words = [text[hit.start : hit.end] for hit in mine(text, lexicon_of("es")).hits]
    assert unicodedata.normalize("NFC", words[0]) == "Prótesis de cadera"
    assert words[-1] == "marcapasos"
