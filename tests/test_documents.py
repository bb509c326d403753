"""What the documents say is what the code does."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import click
import pytest

from benchmarks.ranking.label_tables import FIGURES_FILE, SLIPS_FILE, looks_at_1_in_500, tables_of
from scripts import main
from scripts._calibration_plot import calibration_svg
from scripts._detector_pages import calibration_plots, detectors_markdown
from scripts._reference import reference_markdown, task_table

TOLD_OF = (
    "radsieve",
    "uncertainty; Label Studio, fresh scores",
    "random; Label Studio, two annotators",
)
"""The arms of which the README tells."""
ROOT = Path(__file__).parents[1]


def test_the_reference_page_is_up_to_date():
    written = (ROOT / "docs" / "reference.md").read_text()
    assert written == reference_markdown(), "run `make docs` and commit docs/reference.md"


def test_the_page_of_detectors_is_up_to_date():
    written = (ROOT / "docs" / "detectors.md").read_text()
    assert written == detectors_markdown(), "run `make docs` and commit docs/detectors.md"


def test_the_plots_of_calibration_are_up_to_date_and_none_is_left_over():
    folder = ROOT / "docs" / "figures"
    written = {path.name: path.read_text() for path in folder.glob("*-calibration.svg")}
    assert written == calibration_plots(), "run `make docs` and commit docs/figures"


@pytest.mark.parametrize("measured", [FIGURES_FILE, SLIPS_FILE], ids=["careful", "slips"])
def test_the_tables_of_looks_are_what_was_measured(measured):
    written = (ROOT / "docs" / "ranking.md").read_text()
    for table in tables_of(json.loads(measured.read_text())):
        assert table in written, (
            "run `python -m benchmarks.ranking.label_tables`, correct docs/ranking.md"
        )


def test_the_readme_tells_of_as_many_looks_as_were_measured():
    measured, readme = json.loads(FIGURES_FILE.read_text()), (ROOT / "README.md").read_text()
    assert f"{measured['seeds']} seeds" in " ".join(readme.split())
    for arm in TOLD_OF:
        assert f"| {' | '.join(looks_at_1_in_500(measured, arm))} |" in readme


def test_a_calibration_plot_shows_every_bin_with_its_exact_interval():
    found = {"confidence": [0.55, 0.95], "share_right": [0.5, 1.0], "count": [4, 100]}
    plot = ElementTree.fromstring(calibration_svg("rotation", found))
    circles = list(plot.iter("{http://www.w3.org/2000/svg}circle"))
    heights = [float(circle.get("cy")) for circle in circles]
    assert len(heights) == 2
    assert heights[0] > heights[1]
    # Of 2 right among 4 the exact interval is 0.0676 to 0.9324.
    ends = {float(line.get("y1")) for line in plot.iter("{http://www.w3.org/2000/svg}line")}
    middle = heights[0]
    assert {round(middle + 98.6, 1), round(middle - 98.6, 1)} <= ends
    texts = {text.text for text in plot.iter("{http://www.w3.org/2000/svg}text")}
    assert {"4", "100"} <= texts


def test_the_readme_has_the_table_of_tasks():
    assert task_table() in (ROOT / "README.md").read_text()


def test_every_command_that_the_readme_names_exists():
    context = click.Context(main)
    named = set(re.findall(r"\bradsieve ([a-z][a-z-]+)\b", _code_of("README.md")))
    assert named <= set(main.list_commands(context))


def test_every_make_target_that_the_readme_names_exists():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"\bmake ([a-z]+)\b", _code_of("README.md")):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("page", ["README.md", *[f"docs/{p.name}" for p in ROOT.glob("docs/*.md")]])
def test_links_between_pages_lead_somewhere(page):
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\((?!http)([^)#]+)", text):
        assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}"


def _code_of(page: str) -> str:
    text = (ROOT / page).read_text()
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))


@pytest.mark.parametrize("page", ["README.md", ".ci/run", "docs/detectors.md", "docs/probe.md"])
def test_every_benchmark_that_is_named_is_run_as_a_module_that_exists(page):
    text = (ROOT / page).read_text()
    assert not re.search(r"python benchmarks/", text), "use python -m, as benchmarks share code"
    for name in re.findall(r"-m benchmarks\.(\w+)", text):
        assert (ROOT / "benchmarks" / f"{name}.py").exists(), name
