"""Reports in RTF and HTML, as report systems export them. All are invented."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_fixtures.lexicons import lexicon_of

from backend.reports.core.markup import without_markup
from backend.reports.core.mining.finding import Report, report_or_reason
from backend.reports.core.mining.mine import mine


def words(text):
    """Return a text without doubled spaces."""
    return " ".join(without_markup(text).split())


@pytest.mark.parametrize(
    ("rtf", "plain"),
    [
        (r"{\rtf1\ansi FINDINGS: \b No\b0  clips.\par Clear.}", "FINDINGS: No clips. Clear."),
        (r"{\rtf1\ansi\ansicpg1252 H\'fcft-TEP links.}", "Hüft-TEP links."),
        (r"{\rtf1\ansi\uc1 Pr\u243?tesis.}", "Prótesis."),
        (r"{\rtf1{\fonttbl{\f0\fswiss Nail;}}{\colortbl;\red0\blue0;}\f0 No plate.}", "No plate."),
        (r"{\rtf1{\*\generator Clip 2.0;}{\info{\title Stent}}No screw.}", "No screw."),
        (r"{\rtf1 A \{clip\} \\ here}", r"A {clip} \ here"),
        (r"{\rtf1{\field{\*\fldinst{ HYPERLINK pacemaker }}{\fldrslt No clip}}.}", "No clip."),
        (r"A: {\rtf1 No plate.\par}" "\n" r"B: {\rtf1 Normal.}", "A: No plate. B: Normal."),
        (r"{\rtf1 Not closed", "Not closed"),
    ],
)  # fmt: skip
def test_rtf_is_read_by_its_words(rtf, plain):
    assert words(rtf) == plain


@pytest.mark.parametrize(
    ("page", "plain"),
    [
        ("<p>No <b>pacemaker</b>.</p>", "No pacemaker."),
        ("<html><head><title>Clip</title></head><body>No plate.</body></html>", "No plate."),
        ("<html><head><title>Clip</title><body>No plate.</body></html>", "No plate."),
        ("<html><head><title>Clip<p>No plate.</p></html>", "No plate."),
        ("<style>.screw{}</style>No plate.", "No plate."),
        ("No plate in <HEAD> or neck.", "No plate in <HEAD> or neck."),
        ("<DIV CLASS='nail'>H&uuml;ft-TEP<BR/>links</DIV>", "Hüft-TEP links"),
        ("No <!-- pacemaker --> clips<br>", "No clips"),
        ("&lt;p&gt;No plate&lt;/p&gt;", "No plate"),
        ("H&uuml;fte &amp; Knie", "Hüfte & Knie"),
        ("<ul><li>No clips</li><li>No wires</li></ul>", "- No clips - No wires"),
        ("Seen by <NAME> on <DATE>.<br>No plate.", "Seen by <NAME> on <DATE>. No plate."),
        ("A gap <3 mm, angle >5 <br> a plate", "A gap <3 mm, angle >5 a plate"),
        ("<script>pacemaker()</script><p>Normal</p>", "Normal"),
    ],
)  # fmt: skip
def test_html_is_read_by_its_words(page, plain):
    assert words(page) == plain


@pytest.mark.parametrize(
    "text", ["A gap of <3 mm, >2 mm.", "<NAME> was told.", "T&A; H&P", "{rtf} is none", "a < b", ""]
)  # fmt: skip
def test_text_that_only_looks_like_markup_stays_as_it_is(text):
    assert without_markup(text) == text


@pytest.mark.parametrize(
    "wrapped",
    [
        "<p>{}</p>",
        "<div><span style='x'>{}</span></div>",
        r"{{\rtf1\ansi\deff0 {}\par}}",
        "<table><tr><td>{}</td></tr></table>",
    ],
)
@pytest.mark.parametrize(
    ("sentence", "label"),
    [("No pacemaker.", "absent"), ("Pacemaker in place.", "present"), ("Pacemaker?", "abstain")],
)
def test_markup_does_not_change_what_a_report_says(wrapped, sentence, label):
    report = report_or_reason("1", wrapped.format(sentence))
    assert mine(report.text, lexicon_of("en")).label == label


def test_headings_of_a_page_are_headings_of_the_report():
    page = "<h2>HISTORY</h2><p>Pacemaker.</p><h2>FINDINGS</h2><p>Normal heart.</p>"
    report = report_or_reason("1", page)
    assert mine(report.text, lexicon_of("en")).status == "history_only"


@pytest.mark.parametrize(
    "text", [r"{\rtf1\ucx\u99999999999 No plate here}", r"{\rtf1{\*\all of this is hidden text}}"]
)
def test_rtf_that_cannot_be_read_is_refused_by_its_name(text):
    assert report_or_reason("1", text) == "RTF that cannot be read; save it as text"


@pytest.mark.parametrize("text", [r"{\rtf1\ansi}", "<p></p>", "<br>&nbsp;"])
def test_markup_without_words_is_no_text(text):
    assert report_or_reason("1", text) == "no text"


@pytest.mark.parametrize(
    "text",
    [
        r"{\field{\*\fldinst{" * 3000,
        r"\f1" * 20_000,
        r"{\fonttbl" + r"\f1" * 20_000 + "}",
        "{" * 60_000,
        r"\'e4" * 20_000,
    ],
    ids=["links", "fonts", "table of fonts", "braces", "letters"],
)
def test_hostile_rtf_is_read_to_its_end(text):
    start = time.process_time()
    report_or_reason("1", r"{\rtf1 No plate. " + text + "}")
    assert time.process_time() - start < 10


@pytest.mark.parametrize("text", ["<p>" * 30_000, "<p " * 30_000, "<!--" * 20_000, "&lt;" * 20_000])
def test_hostile_html_is_read_to_its_end(text):
    start = time.process_time()
    report_or_reason("1", "<p>No plate.</p>" + text)
    assert time.process_time() - start < 10


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="{}\\<>&;/!-prtfb1'* \n\u00e4u", max_size=60))
def test_no_text_breaks_the_reading(text):
    for start in ("", r"{\rtf1 ", "<p>"):
        assert isinstance(report_or_reason("1", start + text), str | Report)
