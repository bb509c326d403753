"""Lexicons as files: those that come with the package, and a user's own terms."""

import csv
import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from backend.base.core.errors import LexiconError
from backend.reports.core.mining.lexicon import Lexicon, lexicon_from
from backend.reports.core.scrub import words_in

_FOLDER = "backend.reports.core.lexicons"
_LISTS = ("terms", "examples", "counter")


def languages() -> list[str]:
    """Return the languages that come with the package, such as en."""
    files = (file.name for file in resources.files(_FOLDER).iterdir())
    return sorted(
        name.removesuffix(".toml")
        for name in files
        if name.endswith(".toml") and not name.endswith("_confidence.toml")
    )


def load_lexicon(language: str = "en", extra: Path | None = None) -> Lexicon:
    """Return the lexicon of a language, with the user's terms if there are any.

    Args:
        language: one of `languages()`.
        extra: a TOML file of the form of a lexicon, or a CSV file with the columns `id`, `terms`
            (several are parted by `|`), `category` and, if wanted, `status` and `region`.

    Raises:
        LexiconError: no such language, or a rule that cannot be used, by its name.
    """
    if language not in languages():
        raise LexiconError(f"no lexicon for {language!r}; there are {', '.join(languages())}")
    lexicon = _packaged_lexicon(language)
    return lexicon if extra is None else lexicon.extended(_user_terms(extra))


@cache
def _packaged_lexicon(language: str) -> Lexicon:
    """Return a lexicon as it comes with the package; compiling its expressions takes a while."""
    data = {**_packaged(language), "confidence": _packaged(f"{language}_confidence")}
    return lexicon_from(data)


@cache
def lexicon_words() -> frozenset[str]:
    """Return every word, in small letters, that the lexicons of all languages know."""
    folder = resources.files(_FOLDER)
    texts = ((folder / f"{name}.toml").read_text(encoding="utf-8") for name in languages())
    return frozenset().union(*(words_in(text) for text in texts))


def _packaged(name: str) -> dict[str, Any]:
    file = resources.files(_FOLDER) / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def _user_terms(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LexiconError(f"cannot read {path.name}: {error}") from error
    if path.suffix.lower() == ".csv":
        return {"rule": [_row_rule(row) for row in csv.DictReader(text.splitlines())]}
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LexiconError(f"{path.name} is not TOML: {error}") from error


def _row_rule(row: dict[str, Any]) -> dict[str, Any]:
    return {
        column: [word.strip() for word in value.split("|")] if column in _LISTS else value.strip()
        for column, value in row.items()
        if isinstance(column, str) and isinstance(value, str) and value.strip()
    }
