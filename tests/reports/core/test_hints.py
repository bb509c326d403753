import pytest
from shared_fixtures.lexicons import lexicon_of

from backend.reports.core.hints import hints_in, label_of_hints
from tasks import load_detector_tasks

PHRASES = {
    "single lateral": "lateral",
    "lateral": "lateral",
    "oblique": "other",
    "portable ap": "frontal",
    "pa view": "frontal",
}


@pytest.fixture(scope="module")
def headings():
    return lexicon_of("en").headings


@pytest.fixture
def label(headings):
    return lambda text: label_of_hints(hints_in(text, PHRASES, headings))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EXAM: Single lateral view of the chest.", "lateral"),
        ("TECHNIQUE: Portable-AP chest.\nFINDINGS: Clear lungs.", "frontal"),
        ("FINDINGS: PA\nview of the chest. Clear.", "frontal"),
        ("FINDINGS: Clear lungs.", None),
    ],
)
def test_the_description_of_the_examination_suggests_a_label(label, text, expected):
    assert label(text) == expected


def test_two_labels_decide_nothing(label):
    assert label("EXAM: PA view and lateral of the chest.") is None


def test_what_the_examination_says_outweighs_the_findings(label):
    assert label("EXAM: Portable AP chest.\nFINDINGS: A lateral rib fracture.") == "frontal"


def test_earlier_films_and_the_reason_for_the_examination_suggest_nothing(label):
    text = "INDICATION: Lateral pain.\nCOMPARISON: Oblique film of May.\nFINDINGS: Clear."
    assert label(text) is None


@pytest.mark.parametrize("text", ["No lateral view was taken.", "AP rather than lateral view."])
def test_a_film_that_was_not_taken_suggests_nothing(label, text):
    assert label(f"FINDINGS: {text}") is None


def test_a_phrase_within_a_word_is_not_found(label):
    assert label("FINDINGS: Bilateral effusions.") is None


def test_the_longest_phrase_is_found_with_its_place(headings):
    text = "EXAM: Single lateral view."
    (hint,) = hints_in(text, PHRASES, headings)
    assert text[hint.start : hint.end] == "Single lateral"
    assert hint.phrase == "single lateral"


def test_a_task_without_phrases_finds_nothing(headings):
    assert hints_in("EXAM: Single lateral view.", {}, headings) == []


@pytest.mark.parametrize("task", load_detector_tasks().values(), ids=lambda task: task.name)
def test_every_phrase_of_every_task_is_found_when_a_report_says_it(task, headings):
    for phrase, label in task.report_hints.items():
        assert phrase == phrase.lower()
        assert label_of_hints(hints_in(f"EXAM: {phrase}.", task.report_hints, headings)) == label
