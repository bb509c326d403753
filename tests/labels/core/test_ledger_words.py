import pytest

from backend.base.core.ledger import Event, EventKind, Head, chained
from backend.labels.core.ledger_words import words_on_film

ANSWER = {
    "annotation": "sheet/1",
    "annotation_updated_at": "2026-01-01",
    "reviewer": "user 1",
    "lead_time_s": 12.0,
    "outcome": "counted",
    "shown": ["a", "b", "c"],
    "called": {"a": "turned_90", "b": "upright"},
    "suggested": None,
}


def told(kind, facts, film="a"):
    (row,) = chained([Event(kind, facts, "rotation")], Head(), "2026-01-01T10:00")
    return words_on_film(row, film)


def test_an_answer_tells_what_one_film_was_called_and_nothing_of_the_others():
    of_a = told(EventKind.ANSWER, ANSWER)
    assert of_a.facts["called"] == "turned_90"
    assert of_a.facts["films"] == 3
    assert "shown" not in of_a.facts
    assert of_a.text == (
        "user 1 answered an item of 3 films after 12.0 s: counted; this one: turned_90"
    )
    assert told(EventKind.ANSWER, ANSWER, "c").text.endswith("counted")


def test_a_rule_tells_its_cut_offs():
    facts = {"source": "RULE", "added": 2, "withdrawn": 1, "cut_offs": {"adult_years": 18.0}}
    assert told(EventKind.LABELLING, facts).text == (
        "labels of source RULE made anew with cut-offs adult_years 18.0: 2 added, 1 withdrawn"
    )


def test_a_label_tells_its_source_and_how_sure_it_is():
    facts = {"label_id": 1, "label": "upright", "source": "REPORT", "reviewer": "silence"}
    facts["answered_at"] = "2026-01-01"
    said = facts | {"denied": True, "confidence": 0.9, "carried_over": True}
    assert told(EventKind.LABEL, said).text == (
        "labelled not upright, REPORT by silence, confidence 0.90, from before there was a ledger"
    )


def test_an_export_tells_only_where_the_film_is_listed():
    facts = {
        "listed": {"exclusions.csv": ["a", "b"], "unproven.csv": ["a"], "boxes.csv": ["b"]},
        "refuted": {"a": "mirror: mirrored after the correction"},
        "arguments": {"predicted": False},
        "radsieve": "0.1",
        "as_of": 7,
    }
    said = told(EventKind.EXPORT, facts)
    assert said.facts["listed_in"] == ["exclusions.csv", "unproven.csv"]
    assert said.text == (
        "export: listed in exclusions.csv, unproven.csv (mirror: mirrored after the correction)"
    )


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_kind_of_row_has_words(kind):
    facts = ANSWER | {
        "labels": 1,
        "source": "RULE",
        "added": 1,
        "withdrawn": 0,
        "label_id": 1,
        "answered_at": "2026-01-01",
        "label": "upright",
        "why": "it was edited",
        "batch_id": 1,
        "seed": 7,
        "slice": "audit",
        "reason": "1 of 9 films",
        "model_version": "tiny-1",
        "listed": {},
        "refuted": {},
        "arguments": {},
        "radsieve": "0.1",
        "as_of": 1,
        "tables": {"labels": [1, "0"]},
    }
    assert told(kind, facts).text
