"""Some thousand sentences of our own, whose label is known, in three languages.

They are tables: `benchmarks/reports/sentences/*.toml`, devices in phrasings in places of a report.
"""

import pytest

from benchmarks.reports.report_sentences import TABLES, known_sentences, wrong_ones

ENOUGH = {"en": 3000, "de": 1500, "es": 1500, "orthopaedic": 400}


AT_ONCE = {"en", "orthopaedic"}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in AT_ONCE else pytest.mark.slow) for name in TABLES],
)
def test_every_sentence_whose_label_is_known_gets_it(name):
    wrong = [
        f"{sentence.text!r} ({sentence.group}): expected {' or '.join(sentence.truth)}, got {label}"
        for sentence, label in wrong_ones(name)
    ]
    assert not wrong, f"{len(wrong)} wrong, such as\n" + "\n".join(wrong[:20])


@pytest.mark.parametrize("name", TABLES)
def test_there_are_enough_sentences_and_none_of_them_has_two_truths(name):
    sentences = known_sentences(name)
    assert len(sentences) >= ENOUGH[name]
    assert len({sentence.text for sentence in sentences}) == len(sentences)


@pytest.mark.parametrize("name", TABLES)
def test_every_label_is_right_for_hundreds_of_sentences(name):
    # Rules that abstain from everything would be right about questions alone.
    only = [next(iter(one.truth)) for one in known_sentences(name) if len(one.truth) == 1]
    assert min(only.count(label) for label in ("present", "absent", "abstain")) >= 200
