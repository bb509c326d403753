"""What a report costs does not run away, whatever somebody wrote into it."""

import pytest
from shared_fixtures.lexicons import lexicon_of

from backend.reports.core.mining.mine import mine
from backend.reports.core.mining.parts import sentences


@pytest.fixture(scope="module")
def lexicon():
    return lexicon_of("en")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("clips " * 4000, id="devices", marks=pytest.mark.slow),
        pytest.param("[**" * 8000, id="open blanks"),
        pytest.param("a" * 200_000, id="one word"),
        pytest.param("no evidence of " * 2000, id="denials"),
        pytest.param("(" * 20_000, id="brackets"),
    ],
)
def test_hostile_text_is_read_to_its_end(lexicon, text):
    # Every one of these ran for minutes or filled the memory once; pytest's timeout would tell.
    finding = mine(f"FINDINGS: {text}. The pacemaker is unchanged.", lexicon)
    assert "cardiac_device" in {hit.category for hit in finding.hits}


def test_a_sentence_without_an_end_is_read_in_pieces_that_leave_nothing_out():
    text = "clips " * 1000
    pieces = list(sentences(text, 0, len(text), ()))
    assert "".join(text[start:end] for start, end in pieces).strip() == text.strip()
    assert max(end - start for start, end in pieces) <= 1000
