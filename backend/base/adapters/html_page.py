"""Pages that are one file: nothing is fetched, and nothing in them runs but our own script.

Every page is a Jinja2 template beside the code that fills it. A template is named by its package
and file, "backend.base.adapters/page.html". What is filled in is escaped unless it is `Markup`,
and a name that was not filled in is an error.
"""

import base64
import hashlib
import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from jinja2 import Environment

_SHELL = "backend.base.adapters/page.html"
_IN_SCRIPT = str.maketrans(
    {"<": r"\u003c", ">": r"\u003e", "&": r"\u0026", "\u2028": r"\u2028", "\u2029": r"\u2029"}
)
"""What would end a script's element early."""


def html_page(
    *,
    title: str,
    body: Markup,
    style: str,
    script: str = "",
    data: Any = None,  # noqa: ANN401
) -> str:
    """Return a page that a browser lets run its own script and style only, and fetch nothing.

    Args:
        title: of the page, escaped here.
        body: as `rendered` returns it.
        style: CSS.
        script: JavaScript, run when the body is there.
        data: for the script, as JSON in the element `data`.
    """
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return rendered(
        _SHELL,
        policy=policy,
        title=title,
        body=body,
        style=Markup(style),
        script=Markup(script),
        data=_json(data),
    )


def rendered(template: str, /, **values: Any) -> Markup:  # noqa: ANN401
    """Return a filled template, which may be filled into another one without being escaped again.

    Args:
        template: "package/file".
        values: by the names that the template uses; plain text is escaped.

    Raises:
        jinja2.UndefinedError: the template uses a name that has no value.
    """
    return Markup(_environment().get_template(template).render(values))


def page_file(name: str) -> str:
    """Return the text of a style or script that lies beside a template, by "package/file"."""
    package, file = name.split("/")
    return (resources.files(package) / file).read_text(encoding="utf-8")


@cache
def _environment() -> "Environment":
    # Imported here: most commands make no page.
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415

    return Environment(
        loader=FunctionLoader(page_file),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _hash(code: str) -> str:
    if not code:
        return "'none'"
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _json(data: Any) -> Markup:  # noqa: ANN401
    if data is None:
        return Markup("")
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(_IN_SCRIPT))
