"""What is filled into a page is text, and every hole of a template is filled."""

import re
from pathlib import Path

import jinja2
import pytest
from markupsafe import Markup

from backend.base.adapters.html_page import html_page, rendered

BACKEND = Path(__file__).parents[3] / "backend"
SHELL = "backend.base.adapters/page.html"
FILLED = {"policy": "", "style": "", "script": "", "data": "", "body": Markup("<p></p>")}
HOSTILE = """'"><script>alert(1)</script>&amp;{{ policy }}{% raw %}"""


def test_text_is_escaped_once_and_what_it_says_is_never_run_as_a_template():
    page = rendered(SHELL, **FILLED, title=HOSTILE)
    assert "<script>" not in page
    assert "{{ policy }}{% raw %}" in page
    assert "&amp;amp;" in page
    assert "<p></p>" in page


def test_a_template_that_uses_a_name_without_a_value_is_an_error():
    with pytest.raises(jinja2.UndefinedError, match="title"):
        rendered(SHELL, **FILLED)


def test_data_cannot_end_the_script_that_holds_it():
    page = html_page(title="", body=Markup(""), style="", data=["</script><script>alert(1)"])
    assert page.count("</script>") == 1


def test_no_template_lets_text_through_unescaped():
    templates = [path for path in BACKEND.rglob("*.html") if ".venv" not in path.parts]
    assert len(templates) >= 6
    for path in templates:
        assert not re.search(r"\|\s*safe\b|autoescape", path.read_text()), path
