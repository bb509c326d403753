import pytest

from backend.base.core.errors import LexiconError
from backend.reports.adapters.lexicon_file import languages, load_lexicon
from backend.reports.core.mining.mine import mine


def test_english_comes_with_the_package():
    assert "en" in languages()
    assert load_lexicon().language == "en"


def test_an_unknown_language_is_refused_with_those_that_exist():
    with pytest.raises(LexiconError, match=r"no lexicon for 'xx'; there are .*en"):
        load_lexicon("xx")


def test_terms_of_a_table_are_found(tmp_path):
    terms = tmp_path / "terms.csv"
    terms.write_text(
        "id,terms,category,status,region\n"
        "our.widget,acme widget|acme gadget,joint,,hip\n"
        "our.tag,acme tag,external,external,\n"
    )
    lexicon = load_lexicon(extra=terms)
    hits = mine("Two ACME gadgets. An acme-tag. A hip prosthesis.", lexicon).hits
    found = [(hit.rule, hit.status.value) for hit in hits]
    assert found[:2] == [("our.widget", "present"), ("our.tag", "external")]
    assert found[2] == ("joint.prosthesis", "present")


def test_rules_of_a_toml_file_are_found_and_others_switched_off(tmp_path):
    rules = tmp_path / "rules.toml"
    rules.write_text(
        'off = ["clip.named"]\n'
        '[[rule]]\nid = "our.widget"\ncategory = "joint"\nterms = ["widget"]\n'
    )
    hits = mine("A widget and surgical clips.", load_lexicon(extra=rules)).hits
    assert [hit.rule for hit in hits] == ["our.widget"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("bad.toml", "[[rule]\n", "bad.toml is not TOML"),
        ("bad.csv", "id,terms,category\nx,widget,toy\n", "rule x has category 'toy'"),
        ("bad.csv", "id,terms,category\nx,,joint\n", "rule x has neither terms nor patterns"),
    ],
)
def test_a_bad_file_is_refused_with_the_reason(tmp_path, name, text, message):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(LexiconError, match=message):
        load_lexicon(extra=path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(LexiconError, match=r"cannot read none\.csv"):
        load_lexicon(extra=tmp_path / "none.csv")
