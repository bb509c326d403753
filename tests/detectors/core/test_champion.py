import pytest

from backend.detectors.core.champion import Record, decide


def record(errors=2, found=(), contradicted=(), views=100):
    return Record(views, errors, frozenset(found), frozenset(contradicted))


# what the champion does | what the challenger does | published?
TABLE = {
    "the same in everything": (record(), record(), True),
    "fewer sealed errors": (record(5), record(4), True),
    "one more sealed error": (record(5), record(6), False),
    "finds what the champion finds, and more": (record(found="ab"), record(found="abc"), True),
    "misses one, though it finds two others": (record(found="ab"), record(found="acd"), False),
    "fewer labels contradicted": (record(contradicted="ab"), record(contradicted="c"), True),
    "as many labels contradicted": (record(contradicted="a"), record(contradicted="b"), True),
    "more labels contradicted": (record(contradicted="a"), record(contradicted="bc"), False),
    "better on sealed films, but misses one": (record(5, "a"), record(0), False),
    "finds more, but worse on sealed films": (record(0), record(1, "a"), False),
}


@pytest.mark.parametrize(("champion", "challenger", "published"), TABLE.values(), ids=TABLE)
def test_a_version_is_published_only_if_it_is_worse_in_nothing(champion, challenger, published):
    assert decide(challenger, champion).publish is published


def test_the_first_version_is_published():
    decision = decide(record(3), None)
    assert decision.publish
    assert decision.reason == "the first version: 3 of 100 sealed views wrong"


def test_a_refusal_names_the_figures_that_decided():
    assert "6 of 100" in decide(record(6), record(5)).reason
    assert "such as b" in decide(record(found="a"), record(found="ab")).reason
    assert "2 confirmed" in decide(record(contradicted="ab"), record()).reason


def test_a_decision_without_sealed_films_says_so():
    reason = "not worse than the version in use: no sealed film was there to judge by"
    assert decide(record(0, views=0), record(0, views=0)).reason == reason


def test_versions_judged_on_different_films_cannot_be_compared():
    with pytest.raises(ValueError, match="same sealed views"):
        decide(record(views=80), record(views=100))
