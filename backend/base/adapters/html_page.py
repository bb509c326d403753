"""Pages that are one file: nothing is fetched, and nothing in them runs but our own script."""

import base64
import hashlib
import json
from html import escape
from typing import Any

_IN_SCRIPT = str.maketrans(
    {"<": r"\u003c", ">": r"\u003e", "&": r"\u0026", "\u2028": r"\u2028", "\u2029": r"\u2029"}
)
"""What would end a script's element early."""


def html_page(*, title: str, body: str, style: str, script: str = "", data: Any = None) -> str:  # noqa: ANN401
    """Return a page that a browser lets run its own script and style only, and fetch nothing.

    Args:
        title: of the page, escaped here.
        body: HTML; whoever made it has escaped what is in it.
        style: CSS.
        script: JavaScript, run when the body is there.
        data: for the script, as JSON in the element `data`.
    """
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body>{body}"
        f"{_data(data)}{f'<script>{script}</script>' if script else ''}</body></html>"
    )


def _hash(code: str) -> str:
    if not code:
        return "'none'"
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _data(data: Any) -> str:  # noqa: ANN401
    if data is None:
        return ""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_IN_SCRIPT)
    return f'<script type="application/json" id="data">{text}</script>'
