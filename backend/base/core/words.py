"""Numbers and lists in sentences for people."""

from collections.abc import Sequence


def counted(count: int, singular: str = "film") -> str:
    """Return a count with its word.

    >>> counted(1), counted(1200), counted(2, "person")
    ('1 film', '1,200 films', '2 people')
    """
    several = "people" if singular == "person" else f"{singular}s"
    return f"{count:,} {singular if count == 1 else several}"


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence.

    >>> listed(["age", "sex", "view"]), listed(["age", "sex"]), listed(["age"]), listed([])
    ('age, sex and view', 'age and sex', 'age', '')
    """
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
