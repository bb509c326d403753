"""Text in tables that people open in a spreadsheet, which would run it if it looks like a formula.

Such a cell begins with =, +, -, @ or a tab. It gets an apostrophe in front, which spreadsheets take
as "this is text"; reading takes it away again, so nothing is lost on the way there and back.
"""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[\d.,]+")


def safe_cell(text: str) -> str:
    """Return the text as it may stand in a table.

    >>> safe_cell("=HYPERLINK(1)"), safe_cell("-17"), safe_cell("clips")
    ("'=HYPERLINK(1)", '-17', 'clips')
    """
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def plain_cell(text: str) -> str:
    """Return what was written with `safe_cell`.

    >>> plain_cell("'=HYPERLINK(1)"), plain_cell("'tis"), plain_cell("''@")
    ('=HYPERLINK(1)', "'tis", "'@")
    """
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
