"""The lexicons that come with the package, read where a test asks for one and not before."""

import functools

from backend.reports.adapters.lexicon_file import load_lexicon


@functools.cache
def lexicon_of(language):
    """Return the lexicon of a language: to read one takes half a second."""
    return load_lexicon(language)
