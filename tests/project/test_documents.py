"""What the documents say is what the code does."""

import ast
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import click
import pytest

from benchmarks.ranking.label_tables import FIGURES_FILE, SLIPS_FILE, looks_at_1_in_500, tables_of
from scripts import main
from scripts._architecture import ROOMS, draw, room_imports, with_room_table
from scripts._calibration_plot import calibration_svg
from scripts._detector_pages import calibration_plots, detectors_markdown
from scripts._files_page import files_markdown
from scripts._reference import reference_markdown

TOLD_OF = (
    "radsieve",
    "uncertainty; Label Studio, fresh scores",
    "random; Label Studio, two annotators",
)
"""The arms of which the results tell."""
ROOT = Path(__file__).parents[2]
PAGES = [
    str(path.relative_to(ROOT))
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
    if path.name != "CHANGELOG.md"
]


def test_the_reference_page_is_up_to_date():
    written = (ROOT / "docs" / "reference.md").read_text()
    assert written == reference_markdown(), "run `make docs` and commit docs/reference.md"


def test_the_page_of_files_is_up_to_date():
    written = (ROOT / "docs" / "files.md").read_text()
    assert written == files_markdown(), "run `make docs` and commit docs/files.md"


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


def test_the_results_tell_of_as_many_looks_as_were_measured():
    measured, page = json.loads(FIGURES_FILE.read_text()), _page("docs/results.md")
    assert f"{measured['seeds']} seeds" in " ".join(page.split())
    for arm in TOLD_OF:
        assert f"| {' | '.join(looks_at_1_in_500(measured, arm))} |" in page


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


def test_the_readme_is_one_screen():
    lines = _page("README.md").splitlines()
    assert len(lines) <= 70
    assert sum(line.startswith("|") for line in lines) <= 15


def test_the_picture_of_the_rooms_shows_which_room_uses_which(tmp_path):
    draw(room_imports(), tmp_path / "now.svg")
    shown = re.compile(r'id="(\w+-uses-\w+)"')
    now = set(shown.findall((tmp_path / "now.svg").read_text()))
    assert now
    assert set(shown.findall(_page("docs/architecture.svg"))) == now, "run `make docs`"


def test_the_table_of_the_rooms_says_what_their_packages_say():
    page = _page("docs/architecture.md")
    assert with_room_table(page) == page, "run `make docs` and commit docs/architecture.md"
    assert all(f"| `{room}` |" in page for room in ROOMS)


def test_every_package_says_in_two_sentences_what_lives_there_and_what_may_not():
    for path in (ROOT / "backend").rglob("__init__.py"):
        if path.parent.name != "versions" or path.parents[1].name != "migrations":
            assert len((ast.get_docstring(ast.parse(path.read_text())) or "").splitlines()) >= 3, (
                path
            )


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_a_page_names_exists(page):
    named = set(re.findall(r"(?<![\w/.-])radsieve ([a-z][a-z-]+)\b", _code_of(page)))
    assert named <= set(main.list_commands(click.Context(main)))


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_that_a_page_names_exists(page):
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"\bmake ([a-z-]+)\b", _code_of(page)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page):
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\((?!http)([^)#]+)", text):
        assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}"


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_exists(page):
    for named in re.findall(
        r"`((?:backend|tests|tasks|scripts|benchmarks)/[\w/]+\.\w+)`", _page(page)
    ):
        # docs/adding-a-detector.md adds two files; ROOM stands for any room.
        left_out = named.endswith(("/obscured.py", "/mean_grey.py")) or "ROOM" in named
        assert left_out or (ROOT / named).exists(), f"{page} names {named}"


def _page(page):
    return (ROOT / page).read_text()


def _code_of(page: str) -> str:
    text = (ROOT / page).read_text()
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))


@pytest.mark.parametrize("page", [*PAGES, ".ci/run"])
def test_every_benchmark_that_is_named_is_run_as_a_module_that_exists(page):
    text = (ROOT / page).read_text()
    assert not re.search(r"python benchmarks/", text), "use python -m, as benchmarks share code"
    for name in re.findall(r"-m benchmarks\.([a-z_.]+[a-z_])", text):
        path = ROOT / "benchmarks" / f"{name.replace('.', '/')}.py"
        assert path.exists() or name == "ROOM.NAME", name
