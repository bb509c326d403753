"""The sentences on bad films are true of each detector task, and read well for every count."""

import pytest

from backend.export.core.fact_sentences import bad_sentence, correction_sentence
from backend.export.core.facts import BadFilms


def bad_films(*, two_looks=0, correctable=0, unnamed=0, in_part=0):
    return BadFilms(
        two_looks=two_looks,
        one_look=0,
        policy=0,
        correctable=correctable,
        unnamed=unnamed,
        in_part=in_part,
    )


def test_a_question_for_any_problem_does_not_deny_bad_films_that_other_questions_count():
    # Another question has named the problem of each film that was called a problem.
    assert bad_sentence(bad_films()) == "No film is known to be bad."
    assert bad_sentence(bad_films(), named=31) == (
        "31 films are bad: what is wrong is named, and each counts under its own question."
    )
    assert bad_sentence(bad_films(), named=1) == (
        "1 film is bad: what is wrong is named, and it counts under its own question."
    )


def test_any_problem_says_the_number_of_all_bad_films_and_which_of_them_it_counts_itself():
    assert bad_sentence(bad_films(two_looks=1, unnamed=1), named=30) == (
        "31 films are bad: for 30 what is wrong is named, and counts under its own question; for 1 "
        "nobody has named it yet (1 confirmed by two looks)."
    )
    assert bad_sentence(bad_films(), named=0) == "No film is known to be bad."
    assert bad_sentence(bad_films(two_looks=2, unnamed=2), named=0) == (
        "2 films are bad: 2 confirmed by two looks."
    )


@pytest.mark.parametrize(
    ("films", "sentence"),
    [
        (bad_films(), ""),
        (
            bad_films(two_looks=1, correctable=1),
            "It can be corrected by turning, inverting or mirroring.",
        ),
        (bad_films(two_looks=1, unnamed=1), "Its exact problem is not known yet."),
        (
            bad_films(two_looks=1, in_part=1),
            "It cannot be corrected (it also has another problem).",
        ),
        (
            bad_films(two_looks=9, correctable=5, unnamed=1, in_part=1),
            "Of these, 5 can be corrected by turning, inverting or mirroring; 3 cannot be "
            "corrected (1 is turned, inverted or mirrored and also has another problem); for 1 the "
            "exact problem is not known yet.",
        ),
    ],
)
def test_a_sentence_says_which_bad_films_can_be_corrected(films, sentence):
    assert correction_sentence(films) == sentence
