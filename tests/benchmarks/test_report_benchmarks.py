"""The comparisons of report mining run, on invented reports, and say what they should."""

import io
import json
import subprocess
import tarfile

import numpy as np
import pytest

from benchmarks.reports import labelling_model, report_gold, report_tools

PRESENT, ABSENT = "present", "not_mentioned"
REPORTS = {
    "1": ("Sternal wires are intact.", PRESENT),
    "2": ("Surgical clips in the right upper abdomen.", PRESENT),
    "3": ("Left chest pacemaker with leads in place. Endotracheal tube in place.", PRESENT),
    "4": ("The thoracic spine is normal.", ABSENT),
    "5": ("The lungs are clear.", ABSENT),
    "6": ("Endotracheal tube above the carina.", "line_tube"),
    "7": ("Median sternotomy.", "implied"),
}


@pytest.fixture
def files(tmp_path):
    """Return paths of an archive in the form of OpenI and of what a reader says of it."""
    reports, gold = tmp_path / "reports.tgz", tmp_path / "gold.csv"
    with tarfile.open(reports, "w:gz") as archive:
        for name, (findings, _) in REPORTS.items():
            content = _openi(findings).encode()
            member = tarfile.TarInfo(f"ecgen-radiology/{name}.xml")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    rows = [f"{name},{label},,," for name, (_, label) in REPORTS.items()]
    gold.write_text("\n".join(["uid,label,categories,span,note", *rows]) + "\n")
    return [str(reports), str(gold)]


def _openi(findings):
    return (
        f'<eCitation><Abstract><AbstractText Label="FINDINGS">{findings}</AbstractText></Abstract>'
        '<parentImage id="CXR1"><caption>Chest</caption></parentImage></eCitation>'
    )


@pytest.fixture
def compared(files, tmp_path, capsys):
    report_tools.main([*files, "--figures", str(tmp_path)])
    written = (tmp_path / "report_tools.json").read_text()
    return capsys.readouterr().out, written


def test_rules_and_keywords_are_compared_on_the_same_reports(compared):
    rows = json.loads(compared[1])["tables"][0]["rows"]
    found = {row[0]: tuple(map(int, row[4:8])) for row in rows}
    assert found == {
        "radsieve": (3, 3, 3, 3),
        # `pin` is in `spine`; sternotomy only implies metal, so it counts in the last figure alone.
        "25 keywords as substrings, whole report": (3, 4, 3, 5),
        "25 keywords as words, whole report": (3, 3, 3, 4),
        "25 keywords as words, findings and impression": (3, 3, 3, 4),
    }


def test_a_tool_that_is_missing_is_named_with_how_to_install_it(compared):
    for tool in ("medspacy", "negspacy"):
        assert f"{tool} is not compared" in compared[0]
        assert f"--{tool} ENV/bin/python" in compared[0]


def test_no_text_of_a_report_is_printed_or_written(compared):
    for findings, _ in REPORTS.values():
        assert all(findings not in one for one in compared)


def test_a_tool_that_fails_stops_the_comparison(tmp_path):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(subprocess.CalledProcessError):
        report_tools.tool_runs("medspacy", str(broken), [])


def test_limits_of_f1_are_those_of_the_share_found():
    figure = report_gold.Scores(found=3, called=4, there=5).f1_with_limits
    assert figure.value == pytest.approx(report_gold.Scores(found=3, called=4, there=5).f1)
    # 3 of 6: exact limits .1181 and .8819.
    assert (figure.low, figure.high) == pytest.approx((0.2112, 0.9372), abs=1e-4)


def test_the_labelling_model_is_compared_with_the_plain_rules(files, capsys):
    labelling_model.main(files)
    lines = capsys.readouterr().out.splitlines()
    (plain, *_) = [line for line in lines if line.startswith("| plain rules")]
    assert plain.startswith("| plain rules | 1.000 (.292-1.000) | 1.000 (.292-1.000)")
    assert lines[-1].startswith("Keep the plain rules")


def _votes(accuracies, reports=2000):
    """Return the truth, and votes of rules that are right that often and silent on every third."""
    rng = np.random.default_rng(4)
    truth = rng.choice([-1, 1], reports)
    right = rng.random((reports, len(accuracies))) < accuracies
    votes = np.where(right, truth[:, None], -truth[:, None])
    votes[rng.random(votes.shape) < 1 / 3] = 0
    return truth > 0, votes.astype(np.int8)


@pytest.mark.parametrize("learn", [labelling_model.data_programming, labelling_model.dawid_skene])
def test_agreement_alone_tells_good_rules_from_those_that_guess(learn):
    truth, votes = _votes([0.95, 0.9, 0.55, 0.52, 0.5])
    shares = [((one(votes) > 0.5) == truth).mean() for one in (learn, labelling_model.majority)]
    assert shares[0] > shares[1] + 0.05


@pytest.mark.parametrize(
    "learn",
    [labelling_model.majority, labelling_model.data_programming, labelling_model.dawid_skene],
)
def test_a_report_on_which_all_rules_are_silent_is_not_present(learn):
    votes = np.array([[1, 1], [1, 0], [0, 0], [0, 0], [0, 0], [-1, 0]], np.int8)
    assert (learn(votes) > 0.5)[:5].tolist() == [True, True, False, False, False]


def test_a_model_is_used_only_where_it_beats_the_rules_by_more_than_chance():
    gold = {str(one): report_gold.Gold("present", frozenset(), False) for one in range(20)}
    judged, everything = labelling_model.Judged(gold, gold.keys()), frozenset(gold)
    for missed, said in ((5, "Keep"), (6, "Use")):
        plain = frozenset(list(gold)[missed:])
        assert labelling_model.verdict(judged, plain, {"model": everything}).startswith(said)


def test_the_exact_test_counts_only_reports_on_which_one_alone_is_right():
    assert labelling_model.p_of(0, 0) == 1
    assert labelling_model.p_of(0, 6) == pytest.approx(2 / 64)
