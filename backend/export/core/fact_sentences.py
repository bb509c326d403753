"""The facts of a review in sentences; every page and command uses these sentences.

A film is "confirmed" only where two looks called it bad. "Nobody has looked" at a film only where
nobody saw it for any detector task.
"""

from collections.abc import Iterator, Mapping

from backend.base.core.words import counted, listed
from backend.export.core.facts import BadFilms, Basis, Seen, Suspected

_BASIS = {
    Basis.TWO_LOOKS: "confirmed by two looks",
    Basis.ONE_LOOK: "called bad, but not yet confirmed by a second look",
    Basis.POLICY: "by policy",
}


def part_of(count: int, of: int, singular: str = "film") -> str:
    """Return a part of a whole in words.

    >>> part_of(1, 400), part_of(0, 400), part_of(400, 400), part_of(1, 1)
    ('1 of 400 films', 'none of 400 films', 'all 400 films', 'the only film')
    """
    if of == 1 and count == 1:
        return f"the only {singular}"
    if of and count == of:
        return f"all {counted(of, singular)}"
    return f"{count:,} of {counted(of, singular)}" if count else f"none of {counted(of, singular)}"


def looked_sentence(seen: Seen, *, of_one_task: bool = False) -> str:
    """Return how many films people looked at, in all or for one detector task, as a sentence."""
    if not seen.looks:
        return f"Nobody has looked at any film{' for this question' * of_one_task}."
    where = [
        counted(count, item)
        for count, item in ((seen.sheets, "contact sheet"), (seen.singles, "single film"))
        if count
    ]
    return (
        f"{counted(seen.reviewers, 'person')} looked at {part_of(seen.looked_at, seen.films)}: "
        f"{counted(seen.looks, 'look')} on {listed(where)}, {_pace(seen.seconds_per_film)} a film."
    )


def look_notes(seen: Seen, *, of_one_task: bool = False) -> Iterator[str]:
    """Yield sentences on hidden films, shared looks, items without a look and withdrawn answers.

    Args:
        seen: the counts of items, films and looks.
        of_one_task: whether to name looks that answered other detector tasks as well.
    """
    if seen.hidden:
        yield (
            f"{_are(seen.hidden, 'of these looks')} at hidden films whose answer is known, to "
            "measure slips."
        )
    if of_one_task and seen.joint:
        answered = "answers" if seen.joint == 1 else "answer"
        yield f"{seen.joint:,} of these looks {answered} other questions as well."
    if seen.in_bulk:
        item = "item was" if seen.in_bulk == 1 else "items were"
        yield f"{seen.in_bulk:,} {item} accepted in bulk, without a look."
    if seen.withdrawn:
        answer = "answer was" if seen.withdrawn == 1 else "answers were"
        yield f"{seen.withdrawn:,} {answer} taken back and not counted."


def looked_words(seen: Seen, *, of_one_task: bool = False) -> str:
    """Return `looked_sentence` with its notes."""
    sentence = looked_sentence(seen, of_one_task=of_one_task)
    return " ".join([sentence, *look_notes(seen, of_one_task=of_one_task)])


def drawn_sentence(seen: Seen) -> str:
    """Return how many films were drawn at random, and how many of them people looked at."""
    if not seen.drawn:
        return "No film was drawn at random."
    if seen.drawn == 1:
        was = "was looked at" if seen.drawn_looked_at else "was not looked at yet"
        return f"1 film was drawn at random, and it {was}."
    were = {0: "none was looked at yet", seen.drawn: "all were looked at"}.get(
        seen.drawn_looked_at, f"{_are(seen.drawn_looked_at, 'of them')} looked at"
    )
    return f"{seen.drawn:,} films were drawn at random, and {were}."


def bad_sentence(bad: BadFilms, *, named: int | None = None) -> str:
    """Return how many films are bad, and how that is known.

    Args:
        bad: the bad films of the archive, or of one detector task.
        named: where the detector task asks for any problem at all, the further bad films, whose
            problem is named: other detector tasks count them.
    """
    if named:
        return _any_problem_sentence(bad, named)
    if not bad.films:
        return "No film is known to be bad."
    if bad.films == 1:
        (words,) = (words for basis, words in _BASIS.items() if _by_basis(bad)[basis])
        return f"1 film is bad: {words.replace('called bad', 'called so')}."
    return f"{bad.films:,} films are bad: {basis_words(bad)}."


def _any_problem_sentence(bad: BadFilms, named: int) -> str:
    """Say of all bad films how many are named, so that all pages tell the same number."""
    films = f"{counted(bad.films + named)} {'is' if bad.films + named == 1 else 'are'} bad"
    if not bad.films:
        each = "it" if named == 1 else "each"
        return f"{films}: what is wrong is named, and {each} counts under its own question."
    return (
        f"{films}: for {named:,} what is wrong is named, and counts under its own question; for "
        f"{bad.films:,} nobody has named it yet ({basis_words(bad)})."
    )


def basis_words(bad: BadFilms) -> str:
    """Return the number of bad films by basis, in words; see `bases_in_words`."""
    return bases_in_words(_by_basis(bad))


def _by_basis(bad: BadFilms) -> dict[Basis, int]:
    return {
        Basis.TWO_LOOKS: bad.two_looks,
        Basis.ONE_LOOK: bad.one_look,
        Basis.POLICY: bad.policy,
    }


def bases_in_words(films: Mapping[Basis, int]) -> str:
    """Return the number of bad films for each basis on which they are known to be bad, in words.

    >>> bases_in_words({Basis.TWO_LOOKS: 3, Basis.ONE_LOOK: 0, Basis.POLICY: 1})
    '3 confirmed by two looks; 1 by policy'
    """
    return "; ".join(
        f"{count:,} {words}" for basis, words in _BASIS.items() if (count := films.get(basis, 0))
    )


def correction_sentence(bad: BadFilms) -> str:
    """Return how many of the bad films can be corrected, as a sentence; empty where none is bad."""
    if bad.films == 1:
        return _correction_of_one(bad)
    parts = []
    if bad.correctable:
        parts.append(f"{bad.correctable:,} can be corrected by turning, inverting or mirroring")
    if bad.lasting:
        parts.append(f"{bad.lasting:,} cannot be corrected{_in_part(bad.in_part)}")
    if bad.unnamed:
        parts.append(f"for {bad.unnamed:,} the exact problem is not known yet")
    return f"Of these, {'; '.join(parts)}." if parts else ""


def _correction_of_one(bad: BadFilms) -> str:
    """Return whether the only bad film can be corrected, as a sentence."""
    if bad.correctable:
        return "It can be corrected by turning, inverting or mirroring."
    if bad.unnamed:
        return "Its exact problem is not known yet."
    return f"It cannot be corrected{' (it also has another problem)' * bad.in_part}."


def suspected_sentence(suspected: Suspected | None) -> str:
    """Return how many films are suspected, and how many of them nobody has looked at."""
    if suspected is None:
        return "Nothing suspects any film yet."
    if not suspected.films:
        return "No undecided film is suspected."
    if suspected.films == 1:
        looked = "it was looked at without deciding it"
        seen = "nobody has looked at it" if suspected.unseen else looked
        return f"1 undecided film is suspected: {seen}."
    are = f"{suspected.films:,} undecided films are suspected"
    if not suspected.seen:
        return f"{are}: nobody has looked at them."
    looked = "was looked at" if suspected.seen == 1 else "were looked at"
    seen = f"{suspected.seen:,} {looked} without deciding it"
    unseen = f"nobody has looked at {suspected.unseen:,} of them, and " if suspected.unseen else ""
    return f"{are}: {unseen}{seen}."


def _are(count: int, of: str) -> str:
    return f"{count:,} {of} {'was' if count == 1 else 'were'}"


def _pace(seconds: float | None) -> str:
    return "not timed for" if seconds is None else f"{seconds:.2g} s"


def _in_part(films: int) -> str:
    is_, has = ("is", "has") if films == 1 else ("are", "have")
    words = f"{films:,} {is_} turned, inverted or mirrored and also {has} another problem"
    return f" ({words})" if films else ""
