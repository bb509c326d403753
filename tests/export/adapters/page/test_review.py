"""The tables of the report that say how carefully films were looked at."""

import html
import re

import numpy as np
import pytest

from backend.base.adapters.html_page import rendered
from backend.export.adapters.page.review import reviewed_tasks
from backend.export.core.facts import ReviewMaterial, review_facts
from backend.export.core.report import DetectorSection, TaskReport
from backend.review.core.look import Call, KnownAnswer, Look, Purpose
from backend.review.core.meters import review_meters
from tasks.rotation import TASK

GOOD, BAD = "upright", "turned_90"
_NOTHING = ReviewMaterial(
    tasks={"rotation": TASK},
    films=set(),
    answered=[],
    withdrawn=[],
    draws=[],
    wrong={},
    settled={},
    corrections=set(),
    suspects={},
)
NOTHING_SEEN = review_facts(_NOTHING).by_task["rotation"]


def hidden(truth, count, passed, *, ticked):
    """Return looks at hidden films that are truly so, of which some were passed as good."""
    for number in range(count):
        film = f"{truth} {ticked} {number}"
        called, suggested = GOOD if number < passed else BAD, BAD if ticked else GOOD
        yield look(film, called, suggested, KnownAnswer(film, truth, ticked=ticked))


def look(film, called, suggested, check=None):
    facts = (
        "sheet",
        "r1",
        "2026-01-01T08:00:00Z",
        Call(called),
        Call(suggested),
        Purpose.FIRST,
        "",
        1,
        0.5,
    )
    return Look(film, *facts, check=check)


@pytest.fixture
def said():
    """Return the words of the tables about some looks, as a reader sees them."""

    def words(*looks):
        meters = review_meters(looks, [], GOOD, rng=np.random.default_rng(0))
        task = TaskReport(
            name="rotation",
            question="Which way up?",
            expected_label=GOOD,
            facts=NOTHING_SEEN,
            with_verdict=0,
            undecided=0,
            waiting=0,
            found=[],
            audited=None,
            not_audited="nothing was drawn at random yet",
            meters=meters,
            detector=DetectorSection([], [], [], [], None),
        )
        tables = rendered(
            "backend.export.adapters.page/review.html", reviewed=reviewed_tasks([task])
        )
        text = re.sub(r"<[^>]*>", " ", tables)
        return " ".join(html.unescape(text).split())

    return words


def test_how_far_ticks_are_followed_is_told_with_both_sides_and_their_difference(said):
    text = said(
        *hidden(GOOD, 20, 12, ticked=True),
        *hidden(GOOD, 20, 19, ticked=False),
        *hidden(BAD, 10, 6, ticked=False),
        *hidden(BAD, 10, 1, ticked=True),
    )
    for row in (
        "Good film, wrongly ticked: the tick was believed 8 of 20: 40.0 % (19.1 % to 64.0 %)",
        "Good film without a tick: called bad all the same 1 of 20: 5.0 % (0.1 % to 24.9 %)",
        "Difference: false alarms that the wrong tick adds 35.0 % (",
        "Bad film, its tick missing: left as good 6 of 10: 60.0 % (26.2 % to 87.9 %)",
        "Bad film, rightly ticked: the tick was taken away 1 of 10: 10.0 % (0.2 % to 44.6 %)",
        "Difference: slips that the missing tick adds 50.0 % (",
    ):
        assert row in text
    assert "a coin decides" in text


def test_what_was_not_measured_of_the_ticks_has_no_row(said):
    text = said(*hidden(BAD, 5, 1, ticked=False))
    assert "Bad film, its tick missing: left as good 1 of 5" in text
    assert "Good film, wrongly ticked" not in text
    assert "rightly ticked" not in text
    assert "Difference" not in text


def test_without_hidden_films_nothing_is_said_of_the_ticks(said):
    text = said(look("a", GOOD, GOOD))
    assert "Speed and slips" in text
    assert "tick" not in text
