from backend.archive.core.metadata import MetadataRow, match_rows

FILES = [
    ("/archive/a/x.png", "film-1"),
    ("/archive/b/x.png", "film-2"),
    ("/backup/b/x.png", "film-2"),
    ("/archive/b/y.png", "film-3"),
]


def test_a_base_name_of_one_film_is_enough():
    match = match_rows([MetadataRow("y.png", "P")], FILES)
    assert match.by_film == {"film-3": MetadataRow("y.png", "P")}


def test_a_base_name_of_two_films_is_reported_and_not_used():
    match = match_rows([MetadataRow("x.png", "P")], FILES)
    assert match.by_film == {}
    assert [row.file for row in match.ambiguous] == ["x.png"]


def test_two_copies_of_one_film_are_not_ambiguous():
    match = match_rows([MetadataRow("b/x.png", "P")], FILES)
    assert set(match.by_film) == {"film-2"}
    assert match.ambiguous == ()


def test_more_of_the_path_outweighs_less_and_later_outweighs_earlier():
    rows = [MetadataRow("b/y.png", "1"), MetadataRow("y.png", "2"), MetadataRow("b/y.png", "3")]
    assert match_rows(rows, FILES).by_film["film-3"].patient_id == "3"


def test_a_name_must_match_whole_folders():
    assert match_rows([MetadataRow("chive/b/y.png")], FILES).without_film == 1


def test_an_absolute_path_matches():
    assert set(match_rows([MetadataRow("/archive/a/x.png")], FILES).by_film) == {"film-1"}
