"""How many films an exclusion list leaves out, and for how many reasons: rows are neither."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.base.core.words import counted, listed
from backend.export.core.rows import Exclusion


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What an exclusion list leaves out of an archive."""

    films: int
    """Films of which no file is left."""
    copies: int
    """Files that are left out though another file with the same bytes stays."""
    reasons: int
    """Reasons, each counted once for a film, however many files hold it."""


def left_out(exclusions: Sequence[Exclusion], files: Mapping[str, Sequence[str]]) -> LeftOut:
    """Count what the rows of an exclusion list leave out.

    Args:
        exclusions: a row for each file and reason.
        files: radiograph id -> all files that hold the film.
    """
    film_of = {path: film for film, paths in files.items() for path in paths}
    gone = {row.file for row in exclusions}
    films = {film_of[file] for file in gone}
    wholly = {film for film in films if gone.issuperset(files[film])}
    return LeftOut(
        films=len(wholly),
        copies=sum(film_of[file] not in wholly for file in gone),
        reasons=len({(film_of[row.file], row.detector_task, row.reason) for row in exclusions}),
    )


def left_out_words(out: LeftOut) -> str:
    """Return what is left out, and for how many reasons, as the beginning of a sentence.

    >>> left_out_words(LeftOut(31, 0, 41)), left_out_words(LeftOut(0, 1, 1))
    ('31 films are left out, for 41 reasons', '1 second copy is left out, for 1 reason')
    >>> left_out_words(LeftOut(16, 2, 18))
    '16 films and 2 second copies of films that stay are left out, for 18 reasons'
    """
    if not (out.films or out.copies):
        return "no film is left out"
    second = "1 second copy" if out.copies == 1 else f"{out.copies:,} second copies"
    stays = " of a film that stays" if out.copies == 1 else " of films that stay"
    copies = [f"{second}{stays if out.films else ''}"] if out.copies else []
    what = listed([*([counted(out.films)] if out.films else ()), *copies])
    are = "is" if out.films + out.copies == 1 else "are"
    return f"{what} {are} left out, for {counted(out.reasons, 'reason')}"
