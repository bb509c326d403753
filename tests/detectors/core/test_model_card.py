import json

import pytest

from backend.detectors.core.model_card import HeadCard, ModelCard, TrainingFacts

STORED = {
    "heads": {
        "mirror": {
            "labels": ["as_taken", "mirrored"],
            "expected_label": "as_taken",
            "temperature": 1.5,
            "threshold": 0.5,
            "catch_all": None,
            "change": {"turns_ccw": 0, "mirror": True, "invert": False},
        }
    },
    "training": {
        "fingerprint": "abc",
        "films": 40,
        "patients": 30,
        "confirmed_films": 2,
        "suspects": {"mirror": ["a"], "rotation": []},
        "out_of_fold": {"mirror": {"temperature": 1.5}, "rotation": {}},
        "strength": 0.01,
        "what_an_earlier_version_wrote": [1, 2],
    },
    "figures": {"mirror": {"errors": 3}},
    "trunk": "a network",
    "input_px": 192,
    "initial_weights": "frozen",
    "weights_sha256": "0" * 64,
}
"""As an earlier radsieve wrote it: neither doubts nor the hash of a list of films."""


def test_a_card_is_written_as_it_was_read():
    card = ModelCard.from_json(STORED)
    written = json.loads(json.dumps(card.as_json()))
    assert written == STORED | {"learnt_from_sha256": ""}
    assert ModelCard.from_json(written) == card


def test_what_the_code_reads_of_a_training_are_fields():
    training = ModelCard.from_json(STORED).training
    assert (training.fingerprint, training.films, training.doubts) == ("abc", 40, None)
    assert training.more == {"strength": 0.01, "what_an_earlier_version_wrote": [1, 2]}


def test_the_facts_of_one_task_leave_out_those_of_the_others():
    facts = ModelCard.from_json(STORED).training.of_task("mirror")
    assert facts["suspects"] == ["a"]
    assert facts["out_of_fold"] == {"temperature": 1.5}
    assert facts["strength"] == 0.01


@pytest.mark.parametrize("stated", [{}, {"films": 0, "doubts": {}}])
def test_what_is_not_known_is_not_on_the_card(stated):
    assert TrainingFacts(**stated).as_json() == stated


def test_labels_of_a_head_come_back_in_order():
    (head,) = ModelCard.from_json(STORED).heads.values()
    assert head == HeadCard(
        ("as_taken", "mirrored"), "as_taken", 1.5, change=STORED["heads"]["mirror"]["change"]
    )
