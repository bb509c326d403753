"""`radsieve seed-reports`, from the file to the tables. All reports here are invented."""

import csv
import html
import json
import logging
import re
import tracemalloc
from pathlib import Path

import pytest
from click.testing import CliRunner
from markupsafe import Markup

from backend.base.adapters.html_page import html_page
from backend.reports.adapters.lexicon_file import load_lexicon
from backend.reports.adapters.report_page import PageFacts, ReportSample
from backend.reports.core.mining.finding import Report, Status
from backend.reports.core.seeded import seeder
from backend.reports.loop.seed_reports import Mining, SeedFiles, seed_reports
from scripts import main
from tasks import detector_task

SHARED = Path(__file__).parents[3] / "shared" / "data" / "reports"
INVENTED = Path(__file__).parents[2] / "docs" / "invented-reports.csv"
STATUSES = {status.value for status in Status}
REPORTS = """id,report
1,"FINDINGS: Surgical clips in the right upper quadrant.
Lungs clear."
2,FINDINGS: The lungs are clear.
3,FINDINGS: Status post CABG.
4,
5,"FINDINGS: Right hip prosthesis, ""intact"". A nasogastric tube."
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to work in, without a workspace."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RADSIEVE_WORKSPACE", raising=False)
    return tmp_path


@pytest.fixture
def reports(folder):
    path = folder / "reports.csv"
    path.write_text(REPORTS)
    return path


def run(*arguments, code=0):
    result = CliRunner().invoke(main, ["seed-reports", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result


def facts_of(result):
    return json.loads(result.stdout.splitlines()[-1])


def rows_of(path):
    with Path(path).open(newline="", encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def test_every_report_gets_one_row_with_its_label_and_why(reports):
    run(reports, "--out", "labels.csv")
    header = Path("labels.csv").read_text().splitlines()[0]
    assert header == "id,label,category,status,span,rule,confidence"
    rows = rows_of("labels.csv")
    assert {key: row["label"] for key, row in rows.items()} == {
        "1": "present",
        "2": "absent",
        "3": "abstain",
        "5": "present",
    }
    assert rows["1"]["category"] == "clip"
    assert rows["1"]["span"] == "FINDINGS: Surgical clips in the right upper quadrant"
    assert (rows["2"]["status"], rows["2"]["span"], rows["2"]["rule"]) == ("not_mentioned", "", "")
    assert rows["3"]["status"] == "implied"
    assert all(row["status"] in STATUSES for row in rows.values())
    assert all(0 <= float(row["confidence"]) <= 1 for row in rows.values())


def test_every_place_that_names_something_gets_a_row_of_hits(reports):
    run(reports, "--out", "labels.csv", "--hits", "hits.csv")
    with Path("hits.csv").open(newline="") as file:
        hits = [row for row in csv.DictReader(file) if row["id"] == "5"]
    assert [(hit["status"], hit["span"]) for hit in hits] == [
        ("present", "Right hip prosthesis"),
        ("line_tube", "nasogastric tube"),
    ]
    text = 'FINDINGS: Right hip prosthesis, "intact". A nasogastric tube.'
    assert text[int(hits[0]["start"]) : int(hits[0]["end"])] == "Right hip prosthesis"
    assert (hits[0]["section"], hits[0]["region"], hits[0]["side"]) == ("findings", "hip", "right")


def test_a_program_gets_the_counts_and_a_person_the_same_in_words(reports):
    facts = facts_of(run(reports, "--out", "labels.csv", "--json"))
    assert (facts["reports"], facts["left_out"]) == (4, 1)
    assert facts["labels"] == {"present": 2, "absent": 1, "abstain": 1}
    assert facts["columns"] == ["id", "report"]
    assert facts["left_out_why"] == [{"reason": "no text", "count": 1, "first": ["line 6"]}]
    assert facts["reports_per_second"] > 0
    text = run(reports, "--out", "labels.csv").output
    assert "4 reports: 2 present, 1 absent, 1 abstain" in text
    assert "left out 1: no text (line 6)" in text


def test_no_workspace_is_needed_and_none_is_made(reports, folder):
    run(reports, "--out", "labels.csv", "--workspace", folder / "workspace")
    assert sorted(path.name for path in folder.iterdir()) == ["labels.csv", "reports.csv"]


def test_no_text_of_a_report_is_said_or_logged(folder, caplog):
    caplog.set_level(logging.DEBUG)
    path = folder / "reports.csv"
    path.write_text('id,report\n1,"Mrs Invented has clips."\n2,Mrs Invented,again\n3,"Mrs Invented')
    result = run(path, "--out", "labels.csv", "--hits", "hits.csv", "--html", "page.html")
    assert "Invented" in Path("labels.csv").read_text()
    assert "Invented" not in result.output + caplog.text


@pytest.mark.parametrize("formula", ["=HYPERLINK(1)", "+clips()", "-clips()", "@clips()"])
def test_a_spreadsheet_runs_nothing_that_stands_in_a_report(folder, formula):
    path = folder / "reports.csv"
    path.write_text(f'id,report\n{formula},"{formula} surgical clips. Lungs clear."\n-17,Clear.\n')
    run(path, "--out", "labels.csv", "--hits", "hits.csv")
    rows = rows_of("labels.csv")
    assert list(rows) == [f"'{formula}", "-17"]
    for name in ("labels.csv", "hits.csv"):
        for row in rows_of(name).values():
            assert not any(re.match(r"[=+@]|-(?!17$)", cell) for cell in row.values())
    (folder / "o.csv").write_text(f"id,label\n'{formula},absent\n")
    facts = facts_of(run(path, "--out", "labels.csv", "--overrides", "o.csv", "--json"))
    assert (facts["overridden"], facts["unknown_overrides"]) == (1, 0)


def test_what_a_reader_says_wins_over_the_rules(reports, folder):
    (folder / "o.csv").write_text(
        "\ufeffid,label,note\n1,absent,a clip outside\n3, Present ,\n2,absent,\n77,absent,\n5,,\n"
    )
    facts = facts_of(run(reports, "--out", "labels.csv", "--overrides", "o.csv", "--json"))
    assert (facts["overridden"], facts["changed"], facts["unknown_overrides"]) == (3, 2, 1)
    rows = rows_of("labels.csv")
    assert {key: (row["label"], row["rule"], row["confidence"]) for key, row in rows.items()} == {
        "1": ("absent", "override", "1.0000"),
        "2": ("absent", "override", "1.0000"),
        "3": ("present", "override", "1.0000"),
        "5": ("present", rows["5"]["rule"], rows["5"]["confidence"]),
    }
    # What the rules found stays beside it.
    assert (rows["1"]["status"], rows["1"]["category"]) == ("present", "clip")


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ("id,label\n1,metal\n", "o.csv, line 2: expected one of present, absent, abstain, got"),
        ("id,label\n1,absent\n2,absent\n1,present\n", "lines 2 and 4 are of one report and dis"),
        ("name,label\n1,absent\n", "expected the columns id,label"),
    ],
)
def test_overrides_that_cannot_be_used_are_refused(reports, folder, overrides, message):
    (folder / "o.csv").write_text(overrides)
    result = run(reports, "--out", "labels.csv", "--overrides", "o.csv", code=1)
    assert message in result.output
    assert not Path("labels.csv").exists()


def test_a_user_adds_terms_without_touching_code(folder):
    path = folder / "reports.csv"
    path.write_text("id,report\n1,FINDINGS: The Dumbo-Mueller device is in place.\n")
    (folder / "terms.csv").write_text(
        "id,terms,category\nmy.dumbo,dumbo-mueller device|dumbo device,other_implant\n"
    )
    (folder / "terms.toml").write_text(
        '[[rule]]\nid = "my.dumbo"\ncategory = "other_implant"\nterms = ["dumbo-mueller device"]\n'
    )
    assert facts_of(run(path, "--out", "labels.csv", "--json"))["labels"]["present"] == 0
    for terms in ("terms.csv", "terms.toml"):
        run(path, "--out", "labels.csv", "--terms", terms)
        assert rows_of("labels.csv")["1"]["rule"] == "my.dumbo"


def test_another_task_gets_what_its_report_hints_suggest(folder):
    path = folder / "reports.csv"
    path.write_text(
        "id,report\n1,EXAMINATION: Single lateral view of the chest.\n2,Nothing of the kind.\n"
    )
    result = run(path, "--task", "projection", "--out", "labels.csv", "--html", "p.html")
    assert "2 reports: 0 frontal, 1 lateral, 0 other, 1 abstain" in result.output
    rows = rows_of("labels.csv")
    assert (rows["1"]["label"], rows["2"]["label"]) == ("lateral", "abstain")
    assert rows["1"]["rule"].startswith("hint.")
    assert "has no report_hints" in run(path, "--task", "mirror", "--out", "l.csv", code=1).output


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (("none.csv",), "no file or folder none.csv", 1),
        (("reports.csv", "--id-column", "nr"), "no column 'nr': it has id, report", 1),
        (("reports.csv", "--language", "xx"), "no lexicon for 'xx'", 1),
        (("reports.csv", "--terms", "none.toml"), "cannot read none.toml", 1),
        (("reports.csv", "--task", "metal"), "no detector task 'metal'", 1),
        (("empty.csv",), "expected at least one report with an id and a text, got none (1 x no", 1),
        (("reports.csv", "--hits", "labels.csv"), "must be files of their own", 2),
        (("labels.csv",), "must be files of their own", 2),
    ],
)
def test_what_goes_wrong_is_one_clear_line_and_writes_nothing(reports, arguments, message, code):
    Path("empty.csv").write_text("id,text\n1,\n")
    result = run(*arguments, "--out", "labels.csv", code=code)
    assert message in result.output
    assert not Path("labels.csv").exists()


def mining(task="metal_implant"):
    found = detector_task(task)
    lexicon = load_lexicon()
    facts = PageFacts(source="r.csv", task=task, labels=("present", "absent", "abstain"))
    return Mining(seeder=seeder(found, lexicon), lexicon=lexicon, facts=facts)


def invented(count):
    for number in range(count):
        yield Report(report_id=str(number), text=f"FINDINGS: Surgical clips, {number} of them.")


def test_an_interrupted_run_leaves_what_was_there_before(tmp_path):
    def interrupted():
        yield from invented(50)
        raise KeyboardInterrupt

    files = SeedFiles(
        labels=tmp_path / "labels.csv", hits=tmp_path / "hits.csv", page=tmp_path / "page.html"
    )
    files.labels.write_text("from before")
    with pytest.raises(KeyboardInterrupt):
        seed_reports(interrupted(), mining(), files)
    assert [path.name for path in tmp_path.iterdir()] == ["labels.csv"]
    assert files.labels.read_text() == "from before"


def test_memory_does_not_grow_with_the_number_of_reports(tmp_path):
    used = mining()

    def peak_bytes(count):
        files = SeedFiles(labels=tmp_path / "labels.csv", hits=tmp_path / "hits.csv")
        tracemalloc.start()
        assert seed_reports(invented(count), used, files).reports == count
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak_bytes(20)
    assert peak_bytes(1000) < peak_bytes(100) + 200_000


def test_a_page_of_very_many_reports_shows_a_fair_draw_in_their_order():
    sample, make = ReportSample(most=200), mining("projection").seeder
    for report in invented(1000):
        sample.add(make(report))
    numbers = [int(one.report.report_id) for one in sample.reports()]
    assert (len(numbers), sample.total) == (200, 1000)
    assert numbers == sorted(numbers)
    # Each report is as likely: of the first half about 100 are there, give or take 5 deviations.
    assert 65 < sum(number < 500 for number in numbers) < 135


def test_the_page_holds_hostile_reports_as_data_only(folder):
    path = folder / "<b>reports.csv"
    hostile = "</script><script>alert(1)</script><!--<script> surgical clips \u2028 &amp; 'x'"
    path.write_text(f'id,report\n"<img src=x onerror=alert(1)>","{hostile}"\n')
    run(path, "--out", "labels.csv", "--html", "page.html")
    page = Path("page.html").read_text()
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page)[1]
    assert not set("<>&\u2028") & set(data)
    assert json.loads(data)["reports"][0][1] == hostile
    assert page.count("<script") == page.count("</script>") == 2
    assert "<img" not in page
    assert "&lt;b&gt;reports.csv" in page


def test_the_page_needs_no_network_and_its_policy_allows_none(reports):
    run(reports, "--out", "labels.csv", "--html", "page.html")
    page = Path("page.html").read_text()
    assert "default-src 'none'" in html.unescape(page)
    assert "unsafe-inline" not in page
    assert not re.search(r"https?://|src=|@import|url\(", page)


def test_a_page_without_a_script_allows_none():
    page = html_page(title="<a>", body=Markup(""), style="b{}")
    assert "script-src 'none'" in html.unescape(page)
    assert "<title>&lt;a&gt;</title>" in page


@pytest.mark.skipif(not SHARED.exists(), reason="the OpenI reports are not here")
def test_real_reports_are_labelled_as_a_reader_labelled_them(folder):
    run(SHARED / "NLMCXR_reports.tgz", "--out", "labels.csv")
    rows = rows_of("labels.csv")
    with (SHARED / "gold_dev.csv").open(newline="") as file:
        gold = {row["uid"]: row["label"] for row in csv.DictReader(file)}
    there = {uid for uid, label in gold.items() if label == "present"}
    found = {uid for uid in gold if rows[uid]["label"] == "present"}
    assert len(there & found) > 0.9 * max(len(there), len(found))
