import random
import re

import pytest
from shared_fixtures.lexicons import lexicon_of

from backend.base.core.errors import LexiconError
from backend.reports.adapters.lexicon_file import languages
from backend.reports.core.mining.lexicon import lexicon_from
from backend.reports.core.mining.mine import mine
from backend.reports.core.mining.rules import HIT, OTHER


def _rows(lexicon, kind):
    """Return (rule or cue, whether it has to be found, sentence), one for every sentence of it."""
    return [
        (each, is_example, text)
        for each in getattr(lexicon, kind)
        for is_example in (True, False)
        for text in (each.examples if is_example else each.counter)
    ]


def _misses(language, kind, is_hit):
    """Return a line for each sentence that a rule or cue of the language misreads.

    Args:
        language: whose lexicon.
        kind: "rules" or "cues".
        is_hit: takes a hit and a rule or cue, and tells whether the hit is its work.
    """
    lexicon = lexicon_of(language)
    misses = []
    for each, is_example, text in _rows(lexicon, kind):
        hits = mine(text, lexicon).hits
        if any(is_hit(hit, each) for hit in hits) != is_example:
            wanted = "found" if is_example else "left alone"
            got = [(hit.rule, hit.cue, hit.status.value) for hit in hits]
            misses.append(f"{each.id} in {text!r}: expected {wanted}, got {got}")
    return misses


def _is_found_by(hit, rule):
    return (hit.rule, hit.status) == (rule.id, rule.status)


def _is_told_by(hit, cue):
    return hit.cue == cue.id


@pytest.mark.parametrize("language", languages())
def test_a_rule_finds_its_examples_and_leaves_its_counter_examples_alone(language):
    misses = _misses(language, "rules", _is_found_by)
    assert not misses, "\n".join(misses)


@pytest.mark.parametrize("language", languages())
def test_a_cue_speaks_in_its_examples_and_is_silent_in_its_counter_examples(language):
    misses = _misses(language, "cues", _is_told_by)
    assert not misses, "\n".join(misses)


@pytest.mark.parametrize("language", languages())
def test_every_rule_has_examples_and_counter_examples(language):
    lexicon = lexicon_of(language)
    assert not [rule.id for rule in lexicon.rules if not rule.examples or not rule.counter]


@pytest.mark.parametrize("language", languages())
def test_every_region_of_a_rule_is_a_region_of_the_lexicon(language):
    lexicon = lexicon_of(language)
    known = {name for name, _ in lexicon.places.regions} | {""}
    assert {rule.region for rule in lexicon.rules} <= known


@pytest.mark.parametrize("language", languages())
def test_no_pattern_gets_lost_in_its_own_words(language):
    # One that can split the same words in many ways would run into the time limit of the tests.
    lexicon = lexicon_of(language)
    rng = random.Random(3)
    for rule in [*lexicon.rules, *lexicon.cues]:
        words = sorted(set(re.findall(r"[^\W\d_]{2,}", rule.pattern.pattern)))
        for count in (2, 3, 5, 10):
            some = rng.sample(words, min(count, len(words)))
            text = " ".join(rng.choices([*some, HIT, OTHER], k=40))
            assert len(list(rule.pattern.finditer(text))) <= 40


BASE = {
    "category": [{"name": "joint"}],
    "rule": [{"id": "joint.spacer", "category": "joint", "terms": ["spacer"]}],
}


def _with_rule(**entries):
    return {**BASE, "rule": [{"id": "mine", "category": "joint", "terms": ["widget"], **entries}]}


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"category": "toy"}, "rule mine has category 'toy'; use one of joint"),
        ({"status": "there"}, "rule mine has status 'there'"),
        ({"terms": []}, "rule mine has neither terms nor patterns"),
        ({"patterns": ["a(b"], "words": ["a"]}, "rule mine: 'a\\(b' is not a regular expression"),
        ({"patterns": ["{nowhere} x"], "words": ["x"]}, "rule mine: .*no piece called {nowhere}"),
        ({"patterns": ["x"]}, "rule mine has patterns but no words"),
        ({"colour": "red"}, "rule mine has unknown entries colour"),
    ],
)
def test_a_bad_rule_is_refused_by_its_name(entries, message):
    with pytest.raises(LexiconError, match=message):
        lexicon_from(_with_rule(**entries))


def test_a_rule_without_an_id_is_refused():
    with pytest.raises(LexiconError, match="no id"):
        lexicon_from({**BASE, "rule": [{"category": "joint", "terms": ["x"]}]})


def test_two_rules_of_one_name_are_refused():
    with pytest.raises(LexiconError, match=r"two rules called joint\.spacer"):
        lexicon_from({**BASE, "rule": [*BASE["rule"], *BASE["rule"]]})


def test_a_cue_without_patterns_is_refused():
    with pytest.raises(LexiconError, match="cue gone has no patterns"):
        lexicon_from({**BASE, "cue": [{"id": "gone", "status": "removed"}]})


def test_an_unknown_table_is_refused():
    with pytest.raises(LexiconError, match="no table rules"):
        lexicon_from({**BASE, "rules": []})


def test_a_lexicon_can_be_extended_by_new_rules():
    more = lexicon_from(BASE).extended(_with_rule())
    text = "A widget beside the spacer."
    assert [hit.rule for hit in mine(text, more).hits] == ["mine", "joint.spacer"]


def test_extending_leaves_the_first_lexicon_as_it_was():
    lexicon = lexicon_from(BASE)
    lexicon.extended(_with_rule())
    assert mine("A widget.", lexicon).hits == ()


def test_a_rule_of_a_known_name_replaces_the_old_one():
    rule = {"id": "joint.spacer", "category": "joint", "terms": ["shim"]}
    more = lexicon_from(BASE).extended({"rule": [rule]})
    assert (mine("A spacer.", more).hits, len(mine("A shim.", more).hits)) == ((), 1)


def test_a_rule_can_be_switched_off():
    assert mine("A spacer.", lexicon_from(BASE).extended({"off": ["joint.spacer"]})).hits == ()


def test_a_plural_with_es_is_found():
    mesh = _with_rule(terms=["mesh"])
    hits = mine("Two meshes.", lexicon_from(mesh)).hits
    assert [(hit.rule, hit.start, hit.end) for hit in hits] == [("mine", 4, 10)]


def test_a_cue_may_be_about_words_in_another_sense_and_speaks_of_those_alone():
    data = {
        "category": [{"name": "joint"}, {"name": "none"}],
        "rule": [
            *BASE["rule"],
            {"id": "sense", "category": "none", "status": "not_implant", "terms": ["growth plate"]},
        ],
        "cue": [
            {
                "id": "open",
                "status": "negated",
                "on": ["present", "not_implant"],
                "patterns": ["open {hit}"],
            }
        ],
    }
    hits = mine("An open growth plate above the spacer.", lexicon_from(data)).hits
    assert [(hit.rule, hit.cue, hit.status.value) for hit in hits] == [
        ("sense", "open", "negated"),
        ("joint.spacer", "joint.spacer", "present"),
    ]


def test_a_word_part_is_found_inside_a_compound():
    german = _with_rule(terms=[], patterns=[r"\w*prothesen?\w*"], words=["*prothes*"])
    hits = mine("Hüftgelenksprothese rechts.", lexicon_from(german)).hits
    assert [(hit.start, hit.end) for hit in hits] == [(0, 19)]


def test_the_same_word_may_be_a_device_of_another_kind_in_another_region():
    data = {
        "category": [{"name": "fixation", "in_region": {"spine": "spine"}}, {"name": "spine"}],
        "region": [{"name": "spine", "terms": ["lumbar"]}, {"name": "knee", "terms": ["knee"]}],
        "rule": [{"id": "screw", "category": "fixation", "terms": ["screw"]}],
    }
    hits = mine("Lumbar screws. A screw at the knee.", lexicon_from(data)).hits
    assert [(hit.category, hit.region) for hit in hits] == [
        ("spine", "spine"),
        ("fixation", "knee"),
    ]
