import pytest

from backend.base.core.figures import Figure
from backend.detectors.core.probe.enough_films import Enough, Supply, enough_films
from backend.detectors.core.probe.learning_curve import CurveForecast, Needed, PowerLaw

SIZES = (14, 28, 55, 110, 220)


def curve(value, low, high, *, measured=SIZES, doubts=()):
    return CurveForecast(
        law=PowerLaw(0.0, 1.0, 1.0),
        measured=measured,
        target_error=0.001,
        horizon=2200,
        needed=Needed(value, low, high),
        at={measured[-1]: Figure(0.02, 0.013, 0.031, "")},
        doubts=doubts,
    )


def ask(found, films=200, mix=None):
    return enough_films(found, Supply("films", films, mix or {}))


# what is needed (value, low, high) | films there are | the answer
ANSWERS = {
    "even the upper limit is there": ((100, 50, 200), 200, Enough.YES),
    "the upper limit is not": ((100, 50, 201), 200, Enough.UNCLEAR),
    "the lower limit is just there": ((None, 200, None), 200, Enough.UNCLEAR),
    "not even the lower limit is": ((None, 201, None), 200, Enough.NO),
    "more than can be foreseen": ((None, None, None), 200, Enough.NO),
    "more than can be foreseen, which are there": ((None, None, None), 5000, Enough.UNCLEAR),
    "far more than is needed": ((100, 50, 201), 5000, Enough.YES),
}


@pytest.mark.parametrize(("needed", "films", "answer"), ANSWERS.values(), ids=ANSWERS)
def test_the_answer_follows_from_the_limits(needed, films, answer):
    assert ask(curve(*needed), films).answer is answer


def test_three_sizes_answer_nothing():
    assert ask(curve(20, 14, 30, measured=(14, 28, 55))).answer is Enough.UNCLEAR


def test_one_size_answers_nothing_and_needs_no_number():
    found = ask(None)
    assert (found.answer, found.needed, found.there_are) == (Enough.UNCLEAR, None, 200)
    assert found.reason == "cannot be told: too few films for more than one size"


def test_a_sentence_says_how_many_labels_of_which_kind_and_how_many_there_are():
    found = enough_films(
        curve(85, 53, 170), Supply("labelled films", 200, {"frontal": 0.8, "lateral": 0.2})
    )
    assert found.by_label == {"frontal": 68, "lateral": 17}
    assert found.reason == (
        "yes: by the curve 2 % wrong after 220 films (95 % 1.3 % to 3.1 %); 0.1 % takes 85 "
        "labelled films (68 frontal, 17 lateral), 95 % 53 to 170; there are 200 to train on"
    )


def test_a_sentence_says_what_is_beyond_the_horizon_and_what_is_doubted():
    found = ask(curve(None, 300, None, doubts=("they hardly fall",)), mix={"frontal": 1.0})
    assert found.by_label == {}
    assert found.reason == (
        "no: by the curve 2 % wrong after 220 films (95 % 1.3 % to 3.1 %); 0.1 % takes more than "
        "2200 films, 95 % 300 to more than 2200; there are 200 to train on; they hardly fall"
    )


def test_nothing_is_said_of_fewer_films_than_were_tried():
    assert "14 or fewer films, 95 % 14 or fewer to 60" in ask(curve(14, 14, 60)).reason


def test_limits_that_say_the_same_are_said_once():
    assert "takes more than 2200 films; there" in ask(curve(None, None, None)).reason


def test_plain_values_hold_everything():
    plain = ask(curve(100, 50, 150)).as_json()
    assert plain["needed"] == {"value": 100, "low": 50, "high": 150}
    assert (plain["answer"], plain["what"], plain["there_are"]) == ("yes", "films", 200)
