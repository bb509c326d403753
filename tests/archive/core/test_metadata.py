from backend.archive.core.metadata import MetadataRow, match_rows

FILES = [
    ("/archive/a/x.png", "film-1"),
    ("/archive/b/x.png", "film-2"),
    ("/backup/b/x.png", "film-2"),
    ("/archive/b/y.png", "film-3"),
]


def test_a_base_name_of_one_film_is_enough():
    match = match_rows([MetadataRow("y.png", "P")], FILES)
    assert match.by_film == {"film-3": [MetadataRow("y.png", "P")]}


def test_a_base_name_of_two_films_is_reported_and_not_used():
    match = match_rows([MetadataRow("x.png", "P")], FILES)
    assert match.by_film == {}
    assert [row.file for row in match.ambiguous] == ["x.png"]


def test_two_copies_of_one_film_are_not_ambiguous():
    match = match_rows([MetadataRow("b/x.png", "P")], FILES)
    assert set(match.by_film) == {"film-2"}
    assert match.ambiguous == ()


def test_rows_that_give_more_of_the_path_outweigh_those_that_give_less():
    rows = [MetadataRow("b/y.png", "1"), MetadataRow("y.png", "2"), MetadataRow("b/y.png", "3")]
    assert [row.patient_id for row in match_rows(rows, FILES).by_film["film-3"]] == ["1", "3"]


def test_a_name_must_match_whole_folders():
    assert match_rows([MetadataRow("chive/b/y.png")], FILES).without_film == 1


def test_an_absolute_path_matches():
    assert set(match_rows([MetadataRow("/archive/a/x.png")], FILES).by_film) == {"film-1"}


def test_a_letter_with_an_accent_may_be_one_sign_or_two():
    files = [("/archive/e\u0301.png", "film-1"), ("/archive/\u00fc.png", "film-2")]
    match = match_rows([MetadataRow("\u00e9.png", "1"), MetadataRow("u\u0308.png", "2")], files)
    assert {film: rows[0].patient_id for film, rows in match.by_film.items()} == {
        "film-1": "1",
        "film-2": "2",
    }


def test_other_capitals_fit_where_one_film_alone_does():
    files = [("/a/One.PNG", "film-1"), ("/a/two.png", "film-2"), ("/b/TWO.png", "film-3")]
    rows = [MetadataRow("one.png"), MetadataRow("A/Two.png"), MetadataRow("Two.png")]
    match = match_rows(rows, files)
    assert set(match.by_film) == {"film-1", "film-2"}
    assert [row.file for row in match.ambiguous] == ["Two.png"]


def test_other_capitals_do_not_fit_a_film_that_another_row_names_as_it_is():
    rows = [MetadataRow("Y.png", "1"), MetadataRow("y.png", "2")]
    match = match_rows(rows, FILES)
    assert [row.patient_id for row in match.by_film["film-3"]] == ["2"]
    assert [row.file for row in match.rows_without_film] == ["Y.png"]
